//! The checker against a naive reference, on random systems and on systems that everybody knows.

mod certificate;
mod classics;
mod cut;
mod known;
mod random;
mod reference;
mod symmetric;
mod system;
