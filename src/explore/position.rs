//! A position: the way to a state, as a link can hold it.
//!
//! `0.3.1` is the fourth step of the first beginning and then the second step: numbers from 0 in the fixed order of the
//! model. A mark of the state follows, `0.3.1-5f3a9c21`, so that a link that was made before the scenario changed is
//! found out rather than shown as something else.

use std::fmt;
use std::str::FromStr;

/// The way to a state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Position {
    /// Which beginning.
    pub start: usize,
    /// Which of the enabled steps, one after another.
    pub steps: Vec<usize>,
    /// The mark of the state, if the link has one.
    pub mark: Option<u32>,
}

/// Why a position cannot be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// It is no position at all.
    #[error(
        "not a position: numbers with dots between them are expected, such as 0.3.1 for a beginning and two steps, and \
         at most {MOST_STEPS} steps"
    )]
    Malformed,
    /// There is no such beginning.
    #[error("no run has the beginning {asked}: the scenario has {known}, counted from 0")]
    NoBeginning {
        /// The number.
        asked: usize,
        /// How many there are.
        known: usize,
    },
    /// There is no such step.
    #[error("step {} of the way cannot be number {asked}: {known} are possible there, counted from 0", after + 1)]
    NoStep {
        /// How many steps were taken before.
        after: usize,
        /// The number.
        asked: usize,
        /// How many there are.
        known: usize,
    },
    /// The way leads elsewhere now.
    #[error("this way leads to another state than when the link was made: the scenario has changed since")]
    Changed,
}

/// More steps than any walk by hand has; a link cannot keep the server busy.
pub const MOST_STEPS: usize = 2000;

impl Position {
    /// The position after one more step; the mark is that of another state and falls.
    pub fn then(&self, step: usize) -> Position {
        Position { start: self.start, steps: [&self.steps[..], &[step]].concat(), mark: None }
    }

    /// The position as a link, with the mark of its state.
    pub fn marked(mut self, mark: u32) -> Position {
        self.mark = Some(mark);
        self
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.start)?;
        self.steps.iter().try_for_each(|step| write!(formatter, ".{step}"))?;
        self.mark.map_or(Ok(()), |mark| write!(formatter, "-{mark:08x}"))
    }
}

impl FromStr for Position {
    type Err = PositionError;

    /// Nothing at all is the first beginning.
    fn from_str(text: &str) -> Result<Position, PositionError> {
        if text.is_empty() {
            return Ok(Position::default());
        }
        let (way, mark) = match text.split_once('-') {
            Some((way, mark)) => (way, Some(hexadecimal(mark)?)),
            None => (text, None),
        };
        let mut numbers = way.split('.').map(decimal);
        let start = numbers.next().ok_or(PositionError::Malformed)??;
        let steps = numbers.take(MOST_STEPS + 1).collect::<Result<Vec<_>, _>>()?;
        if steps.len() > MOST_STEPS { Err(PositionError::Malformed) } else { Ok(Position { start, steps, mark }) }
    }
}

/// Digits alone: what [`str::parse`] takes beyond them, a sign, would give two links to one position.
fn decimal(digits: &str) -> Result<usize, PositionError> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain).ok_or(PositionError::Malformed)
}

fn hexadecimal(digits: &str) -> Result<u32, PositionError> {
    let plain = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| plain).ok_or(PositionError::Malformed)
}
