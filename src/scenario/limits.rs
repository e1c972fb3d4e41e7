//! How large a scenario may be: what is larger does not fit the fields of a state and is refused here.
//!
//! Invariant: a scenario that passes can be compiled for exploration; no number in it is cut off.

use super::file::OperatorTable;
use super::located::Located;
use super::read::Reader;
use super::{Scenario, named};
use crate::runbook::Procedure;
use crate::topology::ServerId;
use std::ops::Range;

/// Operators: a state notes the holder of a lock in a byte.
pub(super) const MOST_OPERATORS: usize = 254;
/// Tests that one shell remembers: a bit each in a word.
pub(super) const MOST_REGISTERS: usize = 64;
/// Steps of one procedure: a position is 16 bits, and one of them says that the shell died.
pub(super) const MOST_NODES: usize = 65_535;
/// Commands of one menu: the key by which symmetric servers are ordered has 12 bits for one.
pub(super) const MOST_ITEMS: usize = 4_095;
/// Servers of the pools that a scenario touches.
pub(super) const MOST_SERVERS: usize = 32;

/// Refuses a procedure that is too large; `at` is where the scenario names it.
pub(super) fn procedure(reader: &mut Reader<'_>, procedure: &Procedure, at: &Range<usize>) {
    if procedure.registers.len() > MOST_REGISTERS {
        let message = format!("the procedure remembers {} tests on the state of a pool", procedure.registers.len());
        let problem = reader.mistake("too-large", at, message, format!("expected at most {MOST_REGISTERS}"));
        reader.report(problem.help("check a part of it, or fewer servers: each server of a loop has tests of its own"));
    }
    if procedure.nodes.len() > MOST_NODES {
        let message = format!("the procedure has {} steps once its loops are written out", procedure.nodes.len());
        let problem = reader.mistake("too-large", at, message, format!("expected at most {MOST_NODES}"));
        reader.report(problem.help("check a part of it, or fewer servers"));
    }
}

/// Refuses a menu that is too large.
pub(super) fn menu(reader: &mut Reader<'_>, items: usize, at: &Range<usize>) {
    if items > MOST_ITEMS {
        let message = format!("the menu has {items} commands, counting each server that one may strike");
        let problem = reader.mistake("too-large", at, message, format!("expected at most {MOST_ITEMS}"));
        reader.report(problem.help("name fewer `servers`, or leave commands out"));
    }
}

/// Refuses more operators than a lock can tell apart.
pub(super) fn operators(reader: &mut Reader<'_>, tables: &[Located<OperatorTable>]) {
    if let Some(first) = tables.get(MOST_OPERATORS) {
        let message = format!("the scenario has {} operators", tables.len());
        let span = reader.header(&first.span);
        let label = format!("expected at most {MOST_OPERATORS}");
        reader.report(reader.mistake("too-large", &span, message, label));
    }
}

/// Refuses more shells than a lock can tell apart, jobs included; `at` is the operator that has one too many.
pub(super) fn jobs(reader: &mut Reader<'_>, shells: usize, at: &Range<usize>) {
    if shells > MOST_OPERATORS {
        let message = format!("with the jobs that they start, there are {shells} shells up to here");
        let span = reader.header(at);
        reader.report(reader.mistake("too-large", &span, message, format!("expected at most {MOST_OPERATORS}")));
    }
}

/// Refuses a scenario that touches more servers than a state has room for; `at` is the deployment.
pub(super) fn servers(reader: &mut Reader<'_>, scenario: &Scenario, at: &Range<usize>) {
    let deployment = &scenario.deployment;
    let pools = named::pools(scenario);
    let servers: Vec<ServerId> = pools.iter().flat_map(|pool| deployment.pools[pool.0].members.clone()).collect();
    if servers.len() > MOST_SERVERS {
        let names: Vec<&str> = pools.iter().map(|pool| deployment.pools[pool.0].fqdn.as_str()).collect();
        let message = format!("the pools that the scenario touches have {} servers", servers.len());
        let problem = reader.mistake("too-large", at, message, format!("expected at most {MOST_SERVERS}"));
        reader.report(problem.help(format!(
            "touch fewer pools; these are named by a step, a query, a fault or the beginning: {}",
            super::nearest::list(&names)
        )));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{Node, Op, Place, Source};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    /// The reader of PowerShell gives up earlier; another reader need not.
    #[test]
    fn a_position_of_a_shell_fits_its_field() {
        let source = Arc::new(Source::new("a", "runbook = 'a.ps1'"));
        let files = BTreeMap::<String, Vec<u8>>::new();
        for (nodes, refused) in [(MOST_NODES, 0), (MOST_NODES + 1, 1)] {
            let place = Place { source: Arc::clone(&source), offset: 0, length: 0 };
            let node = Node { op: Op::End { failed: false }, place, bindings: vec![], rounds: None };
            let large = Procedure { nodes: vec![node; nodes], registers: vec![], remarks: vec![], jobs: vec![] };
            let mut reader = Reader::new(Arc::clone(&source), &files);
            procedure(&mut reader, &large, &(10..17));
            assert_eq!(reader.problems.len(), refused, "{nodes} nodes");
        }
        assert_eq!(u16::try_from(MOST_NODES), Ok(u16::MAX));
    }
}
