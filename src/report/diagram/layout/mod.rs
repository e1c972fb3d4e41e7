//! Places states and arrows on a plane, in layers from top to bottom.
//!
//! The classic steps: every state gets a rank ([`rank`]); arrows that span ranks are cut into pieces, one
//! of which is wide enough for the labels ([`layers`]); the pieces of each layer are ordered for few
//! crossings ([`order`]) and then moved apart and towards their neighbours ([`place`]). Since labels take
//! part as boxes of their own, no label ever lies on a state, on another label, or under a foreign arrow.
//!
//! Invariant: no two boxes overlap; no arrow passes through a box that is not its own.
//! Cost: a few milliseconds for the machines of this crate; about the cube of the number of arrows.

mod layers;
mod order;
mod place;
mod rank;
#[cfg(test)]
mod tests;

/// Space between two boxes of a layer.
const GAP: f64 = 18.0;

/// What is to be placed.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub states: Vec<State>,
    /// Arrows between different states.
    pub arrows: Vec<Arrow>,
    /// The state that belongs on top.
    pub initial: usize,
}

/// The size of a state.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    pub width: f64,
    pub height: f64,
    /// Space to the right of the box, for an arrow back to itself and its labels.
    pub beside: f64,
}

/// An arrow with the size of its labels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrow {
    pub from: usize,
    pub to: usize,
    pub width: f64,
    pub height: f64,
}

/// A point, in pixels; `y` grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub x: f64,
    pub y: f64,
}

/// A piece of an arrow's course; both kinds begin where the last one ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Piece {
    /// A straight line.
    Line(Point),
    /// A curve that leaves and arrives vertically.
    Curve(Point),
}

/// The course of an arrow.
#[derive(Debug, Clone)]
pub(super) struct Course {
    pub start: Point,
    pub pieces: Vec<Piece>,
    /// The centre of the labels.
    pub label: Point,
}

/// Where everything is.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub width: f64,
    pub height: f64,
    /// The centres of the states' boxes.
    pub states: Vec<Point>,
    /// The courses of the arrows, in their order.
    pub courses: Vec<Course>,
}

/// Places a graph.
pub(super) fn layout(graph: &Graph) -> Layout {
    let ranks = rank::ranks(graph);
    let mut layers = layers::Layers::new(graph, &ranks);
    order::untangle(&mut layers);
    let xs = place::columns(&layers);
    let rows = rows(&layers, &xs);
    let left = layers.items.iter().zip(&xs).map(|(item, x)| x - item.left).fold(f64::INFINITY, f64::min);
    let right = layers.items.iter().zip(&xs).map(|(item, x)| x + item.right).fold(0.0, f64::max);
    let xs: Vec<_> = xs.iter().map(|x| x - left.min(right)).collect();
    Layout {
        width: (right - left).max(0.0),
        height: rows.last().map_or(0.0, |row| row.bottom),
        states: (0..graph.states.len())
            .map(|state| Point { x: xs[state], y: rows[layers.layer_of[state]].middle() })
            .collect(),
        courses: courses(graph, &layers, &xs, &rows),
    }
}

/// The vertical extent of a layer.
#[derive(Debug, Clone, Copy)]
struct Row {
    top: f64,
    bottom: f64,
}

impl Row {
    fn middle(self) -> f64 {
        (self.top + self.bottom) / 2.0
    }
}

/// The layers from top to bottom. Where arrows go far to the side there is more space for them to bend.
fn rows(layers: &layers::Layers, xs: &[f64]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (layer, members) in layers.order.iter().enumerate() {
        let height = members.iter().map(|item| layers.items[*item].height).fold(0.0, f64::max);
        let sideways = members
            .iter()
            .flat_map(|item| layers.above[*item].iter().map(|above| (xs[*item] - xs[*above]).abs()))
            .fold(0.0, f64::max);
        let gap = if layer == 0 { 0.0 } else { 20.0 + (sideways * 0.14).min(44.0) };
        let top = rows.last().map_or(0.0, |row| row.bottom) + gap;
        rows.push(Row { top, bottom: top + height });
    }
    rows
}

fn courses(graph: &Graph, layers: &layers::Layers, xs: &[f64], rows: &[Row]) -> Vec<Course> {
    let ports = ports(graph, layers, xs);
    let course = |(arrow, chain): (usize, &layers::Chain)| {
        let (upper, lower) = (chain.items[0], chain.items[chain.items.len() - 1]);
        let half = |state: usize| graph.states[state].height / 2.0;
        let begin = Point { x: ports[arrow].0, y: rows[layers.layer_of[upper]].middle() + half(upper) };
        let end = Point { x: ports[arrow].1, y: rows[layers.layer_of[lower]].middle() - half(lower) };
        let mut points = vec![begin];
        for item in &chain.items[1..chain.items.len() - 1] {
            let row = rows[layers.layer_of[*item]];
            points.extend([Point { x: xs[*item], y: row.top }, Point { x: xs[*item], y: row.bottom }]);
        }
        points.push(end);
        let label = chain.items[chain.label];
        let label = Point { x: xs[label], y: rows[layers.layer_of[label]].middle() };
        if chain.reversed {
            points.reverse();
        }
        Course { start: points[0], pieces: pieces(&points), label }
    };
    layers.chains.iter().enumerate().map(course).collect()
}

/// Points in pairs of a layer's top and bottom, joined by curves between layers and lines within them.
fn pieces(points: &[Point]) -> Vec<Piece> {
    let piece = |pair: &[Point]| match (pair[0].x - pair[1].x).abs() < 0.5 {
        true => Piece::Line(pair[1]),
        false => Piece::Curve(pair[1]),
    };
    points.windows(2).map(piece).collect()
}

/// Where each arrow leaves its upper and reaches its lower state: side by side, in the order in which the
/// arrows go on, so that they do not cross at the box.
fn ports(graph: &Graph, layers: &layers::Layers, xs: &[f64]) -> Vec<(f64, f64)> {
    let mut ports = vec![(0.0, 0.0); layers.chains.len()];
    for state in 0..graph.states.len() {
        for upper in [true, false] {
            let neighbour = |chain: &layers::Chain| {
                let items = &chain.items;
                if upper { items[1] } else { items[items.len() - 2] }
            };
            let ends_here = |chain: &layers::Chain| {
                let items = &chain.items;
                state == if upper { items[0] } else { items[items.len() - 1] }
            };
            let mut arrows: Vec<_> =
                (0..layers.chains.len()).filter(|arrow| ends_here(&layers.chains[*arrow])).collect();
            arrows.sort_by(|a, b| xs[neighbour(&layers.chains[*a])].total_cmp(&xs[neighbour(&layers.chains[*b])]));
            let space = (graph.states[state].width - 28.0).max(0.0);
            let step = if arrows.len() > 1 { (space / (arrows.len() - 1) as f64).min(26.0) } else { 0.0 };
            let first = xs[state] - step * (arrows.len().saturating_sub(1)) as f64 / 2.0;
            for (position, arrow) in arrows.into_iter().enumerate() {
                let x = first + step * position as f64;
                if upper { ports[arrow].0 = x } else { ports[arrow].1 = x }
            }
        }
    }
    ports
}
