//! No box on another, no arrow through a foreign box, whatever the graph.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
struct Rectangle {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Rectangle {
    fn around(centre: Point, left: f64, right: f64, height: f64) -> Rectangle {
        let (top, bottom) = (centre.y - height / 2.0, centre.y + height / 2.0);
        Rectangle { left: centre.x - left, top, right: centre.x + right, bottom }
    }

    fn overlaps(self, other: Rectangle) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Whether a point lies inside, not on the edge.
    fn contains(self, point: Point) -> bool {
        let slack = 0.01;
        self.left + slack < point.x
            && point.x < self.right - slack
            && self.top + slack < point.y
            && point.y < self.bottom - slack
    }
}

/// Points along the course, as the picture draws it.
fn sampled(course: &Course) -> Vec<Point> {
    let mut points = vec![course.start];
    for piece in &course.pieces {
        let from = points[points.len() - 1];
        for step in 1..=40 {
            let t = f64::from(step) / 40.0;
            points.push(match *piece {
                Piece::Line(to) => Point { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t },
                Piece::Curve(to) => {
                    let middle = (from.y + to.y) / 2.0;
                    let [a, b, c, d] =
                        [(1.0 - t).powi(3), 3.0 * t * (1.0 - t).powi(2), 3.0 * t * t * (1.0 - t), t.powi(3)];
                    Point { x: (a + b) * from.x + (c + d) * to.x, y: a * from.y + (b + c) * middle + d * to.y }
                }
            });
        }
    }
    points
}

fn check(graph: &Graph) {
    let layout = layout(graph);
    let state = |index: usize| {
        let size = graph.states[index];
        Rectangle::around(layout.states[index], size.width / 2.0, size.width / 2.0 + size.beside, size.height)
    };
    let label = |index: usize| {
        let size = graph.arrows[index];
        Rectangle::around(layout.courses[index].label, size.width / 2.0, size.width / 2.0, size.height)
    };
    let boxes: Vec<_> = (0..graph.states.len()).map(state).chain((0..graph.arrows.len()).map(label)).collect();
    for (index, one) in boxes.iter().enumerate() {
        assert!(one.left >= -0.01 && one.right <= layout.width + 0.01, "{one:?} is inside");
        assert!(one.top >= -0.01 && one.bottom <= layout.height + 0.01, "{one:?} is inside");
        for other in &boxes[..index] {
            assert!(!one.overlaps(*other), "{one:?} and {other:?}");
        }
    }
    for (index, (arrow, course)) in graph.arrows.iter().zip(&layout.courses).enumerate() {
        let points = sampled(course);
        let last = points[points.len() - 1];
        let touches = |state: usize, point: Point| {
            let size = graph.states[state];
            let centre = layout.states[state];
            (point.x - centre.x).abs() <= size.width / 2.0
                && ((point.y - centre.y).abs() - size.height / 2.0).abs() < 0.01
        };
        assert!(touches(arrow.from, course.start), "{index} begins at its state");
        assert!(touches(arrow.to, last), "{index} ends at its state");
        assert!(points.iter().any(|point| label(index).contains(*point)), "{index} passes its label");
        for (other, rectangle) in boxes.iter().enumerate() {
            if other != graph.states.len() + index {
                assert!(!points.iter().any(|point| rectangle.contains(*point)), "{index} passes through {other}");
            }
        }
    }
}

fn any_graph() -> impl Strategy<Value = Graph> {
    let state = (40.0..180.0, 30.0..60.0, prop_oneof![Just(0.0), 40.0..120.0])
        .prop_map(|(width, height, beside)| State { width, height, beside });
    proptest::collection::vec(state, 1..8).prop_flat_map(|states| {
        let count = states.len();
        let arrow = (0..count, 0..count, 20.0..200.0, 15.0..60.0).prop_map(|(from, to, width, height)| Arrow {
            from,
            to,
            width,
            height,
        });
        (Just(states), proptest::collection::vec(arrow, 0..14), 0..count).prop_map(|(states, mut arrows, initial)| {
            arrows.retain(|arrow| arrow.from != arrow.to);
            Graph { states, arrows, initial }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..Default::default() })]

    #[test]
    fn any_graph_is_drawn_without_collisions(graph in any_graph()) {
        check(&graph);
    }
}

#[test]
fn the_machines_are_drawn_without_collisions() {
    for drawing in crate::lifecycle::drawings() {
        check(&crate::report::diagram::svg::graph_of(&drawing));
    }
}

#[test]
fn nothing_and_a_single_state_are_drawn() {
    check(&Graph { states: Vec::new(), arrows: Vec::new(), initial: 0 });
    check(&Graph { states: vec![State { width: 50.0, height: 30.0, beside: 0.0 }], arrows: Vec::new(), initial: 0 });
}

#[test]
fn the_same_graph_is_always_drawn_the_same() {
    for drawing in crate::lifecycle::drawings() {
        assert_eq!(crate::report::diagram::svg(&drawing), crate::report::diagram::svg(&drawing));
    }
}
