//! When to stop, and how large the whole may be.

use super::options::Options;
use super::outcome::{Forecast, Limit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The limits of a run, as the threads see them.
pub(crate) struct Limits {
    /// When the run began.
    pub(crate) start: Instant,
    deadline: Option<Instant>,
    interrupt: Option<Arc<AtomicBool>>,
    /// Bytes.
    pub(crate) memory: usize,
    /// States.
    pub(crate) states: usize,
    /// Transitions from an initial state.
    pub(crate) depth: usize,
}

impl Limits {
    /// The limits that the options set, from now on.
    pub(crate) fn new(options: &Options) -> Limits {
        let start = Instant::now();
        Limits {
            start,
            deadline: options.timeout.and_then(|timeout| start.checked_add(timeout)),
            interrupt: options.interrupt.clone(),
            memory: options.memory.unwrap_or(usize::MAX),
            states: options.max_states.unwrap_or(usize::MAX),
            depth: options.max_depth.unwrap_or(usize::MAX),
        }
    }

    /// Whether time is up or the user wants to stop.
    pub(crate) fn urgent(&self) -> Option<Limit> {
        if self.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Some(Limit::Interrupted);
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(Limit::Time)
    }
}

/// Extrapolates the layers: their growth factor goes on changing as it did over the last complete layers.
///
/// `None` if the layers are too few, or grow ever faster.
pub(crate) fn forecast(layers: &[usize]) -> Option<Forecast> {
    const WINDOW: usize = 6;
    let complete = &layers[..layers.len().saturating_sub(1)];
    if complete.len() < 4 || complete.contains(&0) {
        return None;
    }
    let window = &complete[complete.len().saturating_sub(WINDOW)..];
    let factors: Vec<f64> = window.windows(2).map(|pair| pair[1] as f64 / pair[0] as f64).collect();
    let (first, last) = (factors[0], *factors.last()?);
    let change = (last / first).powf(1.0 / (factors.len() - 1).max(1) as f64).min(1.0);
    if last >= 1.0 && change > 0.999 {
        return None;
    }
    let mut states: f64 = complete.iter().map(|&layer| layer as f64).sum();
    let mut layer = *complete.last()? as f64;
    let mut factor = last;
    let mut depth = complete.len() - 1;
    while layer >= 1.0 && depth < complete.len() + 100_000 {
        factor *= change;
        layer *= factor;
        states += layer;
        depth += 1;
    }
    states.is_finite().then_some(Forecast { states, depth })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forecast_of_a_binomial_growth_has_the_right_order_of_magnitude() {
        let binomial = [1, 20, 190, 1140, 4845, 15504, 38760, 77520, 125_970, 167_960];
        let forecast = forecast(&binomial).unwrap();
        assert!(forecast.states > 5e5 && forecast.states < 2e6, "{forecast:?}");
        assert!(forecast.depth > 14 && forecast.depth < 30, "{forecast:?}");
    }

    #[test]
    fn growth_without_an_end_has_no_forecast() {
        assert_eq!(forecast(&[1, 2, 4, 8, 16, 32, 64]), None);
        assert_eq!(forecast(&[1, 2]), None);
    }
}
