//! The command `poolproof`.

fn main() {}
