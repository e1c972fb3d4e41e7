//! The column of each item.
//!
//! Every item wants to be at the weighted mean of its neighbours; the order and the widths of its layer
//! bind it. For one layer the best compromise is known (a regression under an order), and sweeps over the
//! layers bring all of them together.
//!
//! Invariant: items of a layer keep their order and at least [`super::GAP`] between them.
//! Cost: a fixed number of sweeps, each linear in the items and arrows.

use super::GAP;
use super::layers::Layers;

/// How often to go over the layers.
const SWEEPS: usize = 240;
/// How many of these sweeps make squares of distances small; the others make the distances themselves small.
const SQUARES: usize = 40;
/// A distance that is as good as none, at first; by what it shrinks in a sweep.
const CLOSE: f64 = 40.0;
const SHRINK: f64 = 0.976;

/// The columns of all items.
pub(super) fn columns(layers: &Layers) -> Vec<f64> {
    let mut xs = vec![0.0; layers.items.len()];
    for layer in &layers.order {
        let wanted = vec![(0.0, 1.0); layer.len()];
        settle(layers, layer, &wanted, &mut xs);
    }
    let mut close_by = CLOSE;
    for sweep in 0..SWEEPS {
        let close = (sweep >= SQUARES).then_some(close_by);
        close_by *= if close.is_some() { SHRINK } else { 1.0 };
        for step in 0..layers.order.len() {
            let layer = if sweep % 2 == 0 { step } else { layers.order.len() - 1 - step };
            let wanted: Vec<_> = layers.order[layer].iter().map(|item| wish(layers, *item, &xs, close)).collect();
            settle(layers, &layers.order[layer], &wanted, &mut xs);
        }
    }
    xs
}

/// Where an item wants to be, and how much. Long arrows want to be straight above all.
///
/// Least squares spread a long way to the side over all pieces of an arrow, which looks like a staircase.
/// Least distances put it into one piece. They are found by dividing each weight by the distance that it
/// left in the sweep before; `close` keeps the quotient finite, and shrinks lest the first sweeps freeze it.
fn wish(layers: &Layers, item: usize, xs: &[f64], close: Option<f64>) -> (f64, f64) {
    let (mut sum, mut weights) = (0.0, 0.0);
    for neighbour in layers.above[item].iter().chain(&layers.below[item]) {
        let weight = match (layers.items[item].is_state, layers.items[*neighbour].is_state) {
            (true, true) => 1.0,
            (false, false) => 6.0,
            _ => 2.0,
        };
        let distance = (xs[item] - xs[*neighbour]).abs();
        let weight = close.map_or(weight, |close| weight / (distance + close));
        sum += weight * xs[*neighbour];
        weights += weight;
    }
    if weights == 0.0 { (xs[item], 0.01) } else { (sum / weights, weights) }
}

/// Puts the items of a layer where the squares of the distances from their wishes are least, under the
/// condition that they keep their order and do not overlap.
///
/// With the widths taken out this is a regression under an order: items that want to pass one another form
/// a block that stands at the mean of their wishes.
fn settle(layers: &Layers, layer: &[usize], wanted: &[(f64, f64)], xs: &mut [f64]) {
    struct Block {
        sum: f64,
        weight: f64,
        members: usize,
    }
    let mut offsets = Vec::with_capacity(layer.len());
    let mut offset = 0.0;
    for (at, item) in layer.iter().enumerate() {
        if at > 0 {
            offset += layers.items[layer[at - 1]].right + GAP + layers.items[*item].left;
        }
        offsets.push(offset);
    }
    let mut blocks: Vec<Block> = Vec::new();
    for ((x, weight), offset) in wanted.iter().zip(&offsets) {
        let mut block = Block { sum: (x - offset) * weight, weight: *weight, members: 1 };
        while let Some(last) = blocks.pop_if(|last| last.sum / last.weight >= block.sum / block.weight) {
            block.sum += last.sum;
            block.weight += last.weight;
            block.members += last.members;
        }
        blocks.push(block);
    }
    let places = blocks.iter().flat_map(|block| std::iter::repeat_n(block.sum / block.weight, block.members));
    for ((item, place), offset) in layer.iter().zip(places).zip(offsets) {
        xs[*item] = place + offset;
    }
}
