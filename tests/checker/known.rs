//! Systems that everybody knows.
