//! "Did you mean": the name that a user most probably meant.
//!
//! Cost: one edit distance per candidate; candidates are the few dozen names of a scenario.

/// The candidate that is nearest to `name`, if one is near enough to be meant.
///
/// Case and the choice between `-`, `_` and blank do not count. A third of the letters may differ.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(name);
    let tolerated = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= tolerated && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to write instead of `name`: the nearest candidate, or all of them under the heading `all`.
pub fn suggestion(name: &str, all: &str, candidates: &[&str]) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("{all}: {}", list(candidates)),
    }
}

/// Names as a list for a sentence: `a`, `b`, `c`; what is too long to read is cut, and says so.
pub fn list(names: &[&str]) -> String {
    const SHOWN: usize = 24;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

fn plain(name: &str) -> String {
    // Longer names cannot be near to anything, and an edit distance is quadratic.
    name.chars().take(80).map(|c| if c == '_' || c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["front-ends", "back-end", "upgrade-domains", "name"];
        for (typed, meant) in [
            ("frontends", Some("front-ends")),
            ("Front_Ends", Some("front-ends")),
            ("backend", Some("back-end")),
            ("nmae", Some("name")),
            ("update-domains", Some("upgrade-domains")),
            ("sql", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, names), meant, "{typed}");
        }
    }

    #[test]
    fn a_single_letter_matches_nothing_of_one_letter() {
        assert_eq!(nearest("x", ["y", "z"]), None);
    }
}
