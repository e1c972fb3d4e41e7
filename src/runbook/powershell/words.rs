//! The nearest word to a misspelt one.

/// The word among `words` that is nearest to `wrong`, if it is near enough to be meant.
pub(super) fn nearest<'a>(wrong: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_ascii_lowercase();
    let most = 1 + wrong.len() / 8;
    words
        .filter(|word| word.len().abs_diff(wrong.len()) <= most)
        .map(|word| (distance(&wrong, &word.to_ascii_lowercase()), word))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// How many letters have to be inserted, left out or replaced.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let cost = (diagonal + usize::from(a != *b)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_enough_or_nothing() {
        let words = ["Stop-CsWindowsService", "Start-CsWindowsService", "Get-CsPool"];
        assert_eq!(nearest("stop-cswindowsservices", words.into_iter()), Some("Stop-CsWindowsService"));
        assert_eq!(nearest("Invoke-Something", words.into_iter()), None);
    }
}
