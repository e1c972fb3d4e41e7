//! The nearest word to a misspelt one.

/// The word among `words` that is nearest to `wrong`, if it is near enough to be meant.
pub(super) fn nearest<'a>(wrong: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_ascii_lowercase();
    let most = 1 + wrong.len() / 8;
    words
        .filter(|word| word.len().abs_diff(wrong.len()) <= most)
        .map(|word| (strsim::levenshtein(&wrong, &word.to_ascii_lowercase()), word))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
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
