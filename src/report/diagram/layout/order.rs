//! The order of the items of each layer, so that few arrows cross.
//!
//! Sweeps from top to bottom and back put every item at the mean position of its neighbours; then
//! neighbours change places as long as that removes crossings. That finds a good order from a good start,
//! so there are many starts, drawn from a fixed sequence: the drawing of a table is always the same.
//!
//! Invariant: the result has no more crossings than the order that came in.
//! Cost: a fixed number of starts, each about the square of the number of items.

use super::layers::Layers;

/// How many orders to start from.
const STARTS: usize = 60;
/// How often to sweep from each.
const SWEEPS: usize = 12;

/// Orders the items of each layer.
pub(super) fn untangle(layers: &mut Layers) {
    let mut best = layers.order.clone();
    let mut least = price(layers, &best);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for start in 0..STARTS {
        let mut order = layers.order.clone();
        if start > 0 {
            order.iter_mut().for_each(|layer| shuffle(layer, &mut random));
        }
        for sweep in 0..SWEEPS {
            align(layers, &mut order, sweep % 2 == 0);
            exchange(layers, &mut order);
            let price = price(layers, &order);
            if price < least {
                (least, best) = (price, order.clone());
            }
        }
    }
    layers.order = best;
}

/// The crossings, and then how far apart the neighbours of one item are: of two orders with as many
/// crossings the one whose arrows spread less is the better one.
fn price(layers: &Layers, order: &[Vec<usize>]) -> (usize, usize) {
    let position = positions(layers, order);
    let crossings = order.windows(2).map(|pair| crossings(layers, &pair[0], &position)).sum();
    let spread = |item: usize| {
        let of = |neighbours: &[usize]| {
            let columns = neighbours.iter().map(|neighbour| position[*neighbour]);
            columns.clone().max().unwrap_or(0) - columns.min().unwrap_or(0)
        };
        of(&layers.above[item]) + of(&layers.below[item])
    };
    (crossings, (0..layers.items.len()).map(spread).sum())
}

fn positions(layers: &Layers, order: &[Vec<usize>]) -> Vec<usize> {
    let mut position = vec![0; layers.items.len()];
    for layer in order {
        for (at, item) in layer.iter().enumerate() {
            position[*item] = at;
        }
    }
    position
}

/// Crossings between a layer and the one below it.
fn crossings(layers: &Layers, upper: &[usize], position: &[usize]) -> usize {
    let mut count = 0;
    for (at, left) in upper.iter().enumerate() {
        for right in &upper[at + 1..] {
            count += inversions(&layers.below[*left], &layers.below[*right], position);
        }
    }
    count
}

/// How many pairs stand in the other order than their owners.
fn inversions(left: &[usize], right: &[usize], position: &[usize]) -> usize {
    let pairs = left.iter().flat_map(|one| right.iter().map(move |other| (*one, *other)));
    pairs.filter(|(one, other)| position[*one] > position[*other]).count()
}

/// One sweep: every layer is sorted by the mean position of its neighbours in the layer before.
fn align(layers: &Layers, order: &mut [Vec<usize>], downwards: bool) {
    let count = order.len();
    for step in 0..count {
        let layer = if downwards { step } else { count - 1 - step };
        let position = positions(layers, order);
        let mean = |item: usize| {
            let neighbours = if downwards { &layers.above[item] } else { &layers.below[item] };
            match neighbours.len() {
                0 => position[item] as f64,
                some => neighbours.iter().map(|other| position[*other] as f64).sum::<f64>() / some as f64,
            }
        };
        order[layer].sort_by(|one, other| mean(*one).total_cmp(&mean(*other)));
    }
}

/// Exchanges neighbours as long as that removes crossings.
fn exchange(layers: &Layers, order: &mut [Vec<usize>]) {
    loop {
        let mut improved = false;
        for layer in 0..order.len() {
            let position = positions(layers, order);
            for at in 1..order[layer].len() {
                let (left, right) = (order[layer][at - 1], order[layer][at]);
                let count = |one: usize, other: usize| {
                    inversions(&layers.above[one], &layers.above[other], &position)
                        + inversions(&layers.below[one], &layers.below[other], &position)
                };
                if count(right, left) < count(left, right) {
                    order[layer].swap(at - 1, at);
                    improved = true;
                }
            }
        }
        if !improved {
            return;
        }
    }
}

/// Shuffles with a fixed sequence of numbers (xorshift).
fn shuffle(items: &mut [usize], random: &mut u64) {
    for last in (1..items.len()).rev() {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        items.swap(last, (*random % (last as u64 + 1)) as usize);
    }
}
