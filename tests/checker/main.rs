//! The checker against a naive reference, on random systems and on systems that everybody knows.

mod known;
mod random;
mod reference;
mod system;
