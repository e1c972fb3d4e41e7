//! The boxes of each layer: states, the labels of arrows, and the points at which long arrows pass.
//!
//! States stand on even layers, labels on odd ones.
//!
//! Invariant: every arrow is a chain of items on consecutive layers, from its upper to its lower state; the
//! first items are the states, in their order.
//! Cost: one item for each layer that an arrow passes.

use super::Graph;

/// A box of a layer, around a column in which arrows enter and leave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub left: f64,
    pub right: f64,
    pub height: f64,
    pub is_state: bool,
}

/// The items that an arrow passes.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// From the upper state to the lower one.
    pub items: Vec<usize>,
    /// Which of them carries the labels.
    pub label: usize,
    /// Whether the arrow points upwards.
    pub reversed: bool,
}

/// All layers.
#[derive(Debug, Clone)]
pub(super) struct Layers {
    pub items: Vec<Item>,
    pub layer_of: Vec<usize>,
    /// The items of each layer from left to right.
    pub order: Vec<Vec<usize>>,
    /// For each item, what it is joined to in the layer above and below.
    pub above: Vec<Vec<usize>>,
    pub below: Vec<Vec<usize>>,
    /// One for each arrow.
    pub chains: Vec<Chain>,
}

impl Layers {
    /// Cuts the arrows of a graph into pieces.
    pub fn new(graph: &Graph, ranks: &[usize]) -> Layers {
        let states = graph.states.iter().map(|state| Item {
            left: state.width / 2.0,
            right: state.width / 2.0 + state.beside,
            height: state.height,
            is_state: true,
        });
        let mut layers = Layers {
            items: states.collect(),
            layer_of: ranks.iter().map(|rank| 2 * rank).collect(),
            order: Vec::new(),
            above: Vec::new(),
            below: Vec::new(),
            chains: Vec::new(),
        };
        for arrow in &graph.arrows {
            let reversed = ranks[arrow.from] > ranks[arrow.to];
            let (upper, lower) = if reversed { (arrow.to, arrow.from) } else { (arrow.from, arrow.to) };
            let (top, bottom) = (2 * ranks[upper], 2 * ranks[lower]);
            // The odd layer next to the middle; towards the start of the arrow if there are two.
            let middle = (top + bottom) / 2;
            let label = if middle % 2 == 1 {
                middle
            } else if reversed {
                middle + 1
            } else {
                middle - 1
            };
            let mut chain = vec![upper];
            for layer in top + 1..bottom {
                chain.push(layers.items.len());
                let (half, height) = if layer == label { (arrow.width / 2.0, arrow.height) } else { (0.0, 0.0) };
                layers.items.push(Item { left: half, right: half, height, is_state: false });
                layers.layer_of.push(layer);
            }
            chain.push(lower);
            layers.chains.push(Chain { items: chain, label: label - top, reversed });
        }
        layers.order = vec![Vec::new(); layers.layer_of.iter().max().map_or(0, |last| last + 1)];
        layers.above = vec![Vec::new(); layers.items.len()];
        layers.below = vec![Vec::new(); layers.items.len()];
        for item in 0..layers.items.len() {
            layers.order[layers.layer_of[item]].push(item);
        }
        for pair in layers.chains.iter().flat_map(|chain| chain.items.windows(2)) {
            layers.below[pair[0]].push(pair[1]);
            layers.above[pair[1]].push(pair[0]);
        }
        layers
    }
}
