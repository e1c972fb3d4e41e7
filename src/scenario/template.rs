//! The scenario that `poolproof init` writes, and the runbook that it names.

/// What the scenario of [`template`] calls its runbook.
pub const TEMPLATE_RUNBOOK_NAME: &str = "patch.ps1";

/// A commented scenario to start from: four front ends, one script that patches them, one crash.
pub fn template() -> String {
    include_str!("template/scenario.toml").to_owned()
}

/// The runbook of [`template`], to be saved beside it as [`TEMPLATE_RUNBOOK_NAME`].
pub fn template_runbook() -> String {
    include_str!("template/patch.ps1").to_owned()
}
