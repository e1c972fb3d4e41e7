//! A state machine as a picture that needs no other program.
//!
//! Invariant: the picture is self-contained (no script, no font, no reference to anything outside), follows
//! the colour scheme of its reader, and says in words what it shows.
//! Cost: that of the layout.

use super::arrows::{Arrow, arrows, initial};
use super::layout::{self, Course, Graph, Layout, Piece, Point, State};
use crate::lifecycle::{Drawing, DrawnRow};
use std::fmt::Write;

/// Space around the drawing; above there is more, for the mark of the initial state.
const MARGIN: f64 = 24.0;
const ABOVE: f64 = 62.0;
const STATE_SIZE: f64 = 14.0;
const LABEL_SIZE: f64 = 12.0;
const LABEL_LINE: f64 = 15.0;
/// How far an arrow from a state to itself stands out.
const LOOP: f64 = 30.0;

const STYLE: &str = "
    .machine .page { fill: #ffffff; }
    .machine text { font-family: 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif; }
    .machine .state rect { fill: #eaf1fb; stroke: #2f66b1; stroke-width: 1.5; }
    .machine .state text { fill: #10243f; font-size: 14px; font-weight: 600; text-anchor: middle; }
    .machine .state .detail { font-size: 12px; font-weight: 400; }
    .machine .state.initial rect { fill: #2f66b1; }
    .machine .state.initial text { fill: #ffffff; }
    .machine .line { fill: none; stroke: #66758a; stroke-width: 1.4; }
    .machine .head, .machine .start { fill: #66758a; }
    .machine .label rect { fill: #ffffff; }
    .machine .label text { fill: #27303d; font-size: 12px; text-anchor: middle; }
    .machine .label.loop text { text-anchor: start; }
    .machine .caption { fill: #66758a; font-size: 13px; }
    @media (prefers-color-scheme: dark) {
      .machine .page, .machine .label rect { fill: #0f141b; }
      .machine .state rect { fill: #1b2a40; stroke: #7eb0f2; }
      .machine .state text { fill: #e6eefa; }
      .machine .state.initial rect { fill: #7eb0f2; }
      .machine .state.initial text { fill: #0b1420; }
      .machine .line { stroke: #94a3b8; }
      .machine .head, .machine .start, .machine .caption { fill: #94a3b8; }
      .machine .label text { fill: #d5dde8; }
    }
  ";

/// The drawing as a picture in SVG.
///
/// ```
/// use poolproof::{lifecycle, report::diagram};
/// let picture = diagram::svg(&lifecycle::drawing::<lifecycle::pool::Pool>());
/// assert!(picture.starts_with("<svg "));
/// ```
pub fn svg(drawing: &Drawing) -> String {
    let (loops, arrows) = split(drawing);
    let graph = graph(drawing, &arrows, &loops);
    let layout = layout::layout(&graph);
    let mut out = String::new();
    begin(&mut out, drawing, &layout);
    let head = format!("url(#{}-head)", escaped(drawing.name));
    for course in &layout.courses {
        let d = path(course);
        let _ = writeln!(out, "    <path class=\"line\" d=\"{d}\" marker-end=\"{head}\"/>");
    }
    for (index, name) in drawing.states.iter().enumerate() {
        let is_initial = initial(drawing) == Some(index);
        state(&mut out, &head, name, &graph.states[index], layout.states[index], is_initial);
    }
    for (arrow, course) in arrows.iter().zip(&layout.courses) {
        labels(&mut out, drawing, arrow, course.label);
    }
    for arrow in &loops {
        around(&mut out, &head, drawing, arrow, &graph.states[arrow.from], layout.states[arrow.from]);
    }
    out.push_str("  </g>\n</svg>\n");
    out
}

/// The arrows from a state to itself, and the others.
fn split(drawing: &Drawing) -> (Vec<Arrow>, Vec<Arrow>) {
    arrows(drawing).into_iter().partition(Arrow::is_loop)
}

/// What the layout of a drawing starts from.
#[cfg(test)]
pub(super) fn graph_of(drawing: &Drawing) -> Graph {
    let (loops, arrows) = split(drawing);
    graph(drawing, &arrows, &loops)
}

fn graph(drawing: &Drawing, arrows: &[Arrow], loops: &[Arrow]) -> Graph {
    let state = |(index, name): (usize, &&str)| {
        let own = loops.iter().find(|arrow| arrow.from == index);
        let beside = own.map_or(0.0, |own| LOOP + 8.0 + label_width(own));
        let height = if name.contains(": ") { 50.0 } else { 40.0_f64 };
        let height = own.map_or(height, |own| height.max(label_height(own) + 4.0));
        let lines = name.split(": ").enumerate();
        let width = lines.map(|(line, text)| width(text, if line == 0 { STATE_SIZE * 1.07 } else { LABEL_SIZE }));
        State { width: width.fold(60.0, f64::max) + 32.0, height, beside }
    };
    let arrow = |arrow: &Arrow| layout::Arrow {
        from: arrow.from,
        to: arrow.to,
        width: label_width(arrow),
        height: label_height(arrow),
    };
    Graph {
        states: drawing.states.iter().enumerate().map(state).collect(),
        arrows: arrows.iter().map(arrow).collect(),
        initial: initial(drawing).unwrap_or(0),
    }
}

fn begin(out: &mut String, drawing: &Drawing, layout: &Layout) {
    let (width, height) = ((layout.width + 2.0 * MARGIN).ceil(), (layout.height + ABOVE + MARGIN).ceil());
    let name = escaped(drawing.name);
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" class=\"machine\" role=\"img\" aria-labelledby=\"{name}-title {name}-desc\">"
    );
    let _ = writeln!(out, "  <title id=\"{name}-title\">State machine: {name}</title>");
    let _ = writeln!(out, "  <desc id=\"{name}-desc\">{}</desc>", escaped(&in_words(drawing)));
    let _ = writeln!(out, "  <style>{STYLE}</style>");
    let _ = writeln!(
        out,
        "  <defs><marker id=\"{name}-head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"head\" d=\"M 0 0.8 L 10 5 L 0 9.2 z\"/></marker></defs>"
    );
    let _ = writeln!(out, "  <rect class=\"page\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>");
    let _ = writeln!(out, "  <text class=\"caption\" x=\"{MARGIN}\" y=\"26\">{name}</text>");
    let _ = writeln!(out, "  <g transform=\"translate({MARGIN} {ABOVE})\">");
}

/// What the picture shows, for readers who do not see it.
fn in_words(drawing: &Drawing) -> String {
    let mut text = format!("{} states, {} transitions. ", drawing.states.len(), drawing.rows.len());
    let _ = write!(text, "Begins in {}.", drawing.initial);
    for row in &drawing.rows {
        let _ = write!(text, " {}, {}: {}.", row.from, row.event, row.to);
    }
    text
}

fn state(out: &mut String, head: &str, name: &str, size: &State, centre: Point, is_initial: bool) {
    let (x, y) = (centre.x - size.width / 2.0, centre.y - size.height / 2.0);
    let class = if is_initial { "state initial" } else { "state" };
    if is_initial {
        let _ = writeln!(out, "    <circle class=\"start\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\"/>", centre.x, y - 30.0);
        let _ = writeln!(
            out,
            "    <path class=\"line\" d=\"M {0:.1} {1:.1} V {2:.1}\" marker-end=\"{head}\"/>",
            centre.x,
            y - 26.0,
            y - 1.0
        );
    }
    let _ = write!(
        out,
        "    <g class=\"{class}\"><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"9\"/>",
        size.width, size.height
    );
    match name.split_once(": ") {
        None => text(out, "", centre.x, centre.y + 5.0, name),
        Some((first, second)) => {
            text(out, "", centre.x, centre.y - 3.0, first);
            text(out, " class=\"detail\"", centre.x, centre.y + 14.0, second);
        }
    }
    out.push_str("</g>\n");
}

/// The labels of an arrow, centred on a point of its course.
fn labels(out: &mut String, drawing: &Drawing, arrow: &Arrow, centre: Point) {
    let (width, height) = (label_width(arrow), label_height(arrow));
    let _ = write!(
        out,
        "    <g class=\"label\"><rect x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"4\"/>",
        centre.x - width / 2.0,
        centre.y - height / 2.0
    );
    lines(out, drawing, arrow, centre.x, centre.y);
    out.push_str("</g>\n");
}

/// An arrow from a state to itself, to the right of its box, with its labels beside it.
fn around(out: &mut String, head: &str, drawing: &Drawing, arrow: &Arrow, size: &State, centre: Point) {
    let x = centre.x + size.width / 2.0;
    let (top, bottom, far) = (centre.y - 9.0, centre.y + 9.0, x + LOOP * 1.3);
    let _ = writeln!(
        out,
        "    <path class=\"line\" d=\"M {x:.1} {top:.1} C {far:.1} {:.1} {far:.1} {:.1} {:.1} {bottom:.1}\" marker-end=\"{head}\"/>",
        top - 8.0,
        bottom + 8.0,
        x + 1.0
    );
    out.push_str("    <g class=\"label loop\">");
    lines(out, drawing, arrow, x + LOOP + 4.0, centre.y);
    out.push_str("</g>\n");
}

/// The labels of an arrow, a line each, with their reasons for the pointer that rests on them.
fn lines(out: &mut String, drawing: &Drawing, arrow: &Arrow, x: f64, centre: f64) {
    let first = centre - LABEL_LINE * (arrow.labels.len() as f64 - 1.0) / 2.0 + LABEL_SIZE * 0.35;
    for (line, label) in arrow.labels.iter().enumerate() {
        let row = drawing.rows.iter().find(|row| {
            row.event == *label && drawing.states[arrow.from] == row.from && drawing.states[arrow.to] == row.to
        });
        let reason = row.map(reason).unwrap_or_default();
        let y = first + LABEL_LINE * line as f64;
        let _ =
            write!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\">{}<title>{}</title></text>", escaped(label), escaped(&reason));
    }
}

fn reason(row: &DrawnRow) -> String {
    format!("{} to {}: {} ({})", row.from, row.to, row.why, row.facts.join(", "))
}

fn text(out: &mut String, attributes: &str, x: f64, y: f64, text: &str) {
    let _ = write!(out, "<text{attributes} x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(text));
}

fn path(course: &Course) -> String {
    let mut out = format!("M {:.1} {:.1}", course.start.x, course.start.y);
    let mut at = course.start;
    for piece in &course.pieces {
        let to = match piece {
            Piece::Line(to) => {
                let _ = write!(out, " L {:.1} {:.1}", to.x, to.y);
                *to
            }
            Piece::Curve(to) => {
                let middle = (at.y + to.y) / 2.0;
                let _ = write!(out, " C {:.1} {middle:.1} {:.1} {middle:.1} {:.1} {:.1}", at.x, to.x, to.x, to.y);
                *to
            }
        };
        at = to;
    }
    out
}

fn label_width(arrow: &Arrow) -> f64 {
    arrow.labels.iter().map(|label| width(label, LABEL_SIZE)).fold(0.0, f64::max) + 10.0
}

fn label_height(arrow: &Arrow) -> f64 {
    LABEL_LINE * arrow.labels.len() as f64 + 4.0
}

/// The width of a text, rather too much than too little: which font a reader has is not known.
fn width(text: &str, size: f64) -> f64 {
    let letter = |c: char| match c {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | ' ' | ',' | '.' | '\'' | '-' | ':' => 0.4,
        'm' | 'w' | 'M' | 'W' => 0.95,
        c if c.is_ascii_lowercase() => 0.62,
        c if c.is_ascii() => 0.72,
        _ => 1.0,
    };
    text.chars().map(letter).sum::<f64>() * size
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
