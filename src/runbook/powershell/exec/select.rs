//! `switch`.

use super::{Flow, Outcome, Reader, State};
use crate::runbook::powershell::ast::{BinaryOp, Block, Clause, Expr, Label, Matching, Prepared, Span, Test};
use crate::runbook::powershell::value::{Formula, Value};

/// The clauses of a `switch`, and how they compare.
pub(super) struct Clauses<'a> {
    pub(super) label: &'a Label,
    pub(super) matching: Matching,
    pub(super) cased: bool,
    pub(super) list: &'a [(Clause, Block)],
}

impl Reader<'_> {
    /// Every clause that matches runs, in order, until a `break`; `default` if none did.
    pub(super) fn switch(
        &mut self,
        clauses: &Clauses,
        subject: &Prepared,
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        let mut left = Vec::new();
        for (state, value) in self.prepare(subject, state, out) {
            let items = match value {
                // Nothing at all passes the clauses by, and `$null` is compared with them: which it is, is not known.
                Value::Null => vec![(Formula::Unknown, Value::Null)],
                Value::Unknown => vec![(Formula::True, Value::Unknown)],
                value => self.elements(&value).unwrap_or_else(|| vec![(Formula::True, Value::Unknown)]),
            };
            let mut live = vec![state];
            for (when, item) in items {
                let mut next = Vec::new();
                for state in live {
                    let (entering, passing) = self.branch(&when, state, span);
                    next.extend(passing);
                    for mut state in entering {
                        let outer = state.env.own("_");
                        state.env.set("_", item.clone());
                        for (flow, mut state) in self.switch_item(clauses, &item, span, state) {
                            state.env.restore("_", outer.clone());
                            let own = |to: &Label| to.is_none() || to == clauses.label;
                            match flow {
                                Flow::Next => next.push(state),
                                Flow::Break(ref to, _) if own(to) => left.push(state),
                                Flow::Continue(ref to, _) if own(to) => next.push(state),
                                other => out.push((other, state)),
                            }
                        }
                    }
                }
                live = self.joined(next);
            }
            left.extend(live);
        }
        out.extend(self.joined(left).into_iter().map(|state| (Flow::Next, state)));
    }

    fn switch_item(&mut self, clauses: &Clauses, item: &Value, span: Span, state: State) -> Vec<Outcome> {
        let mut ended = Vec::new();
        // Evaluations with whether a clause has matched.
        let mut live = vec![(false, state)];
        for (clause, block) in clauses.list {
            let mut after = Vec::new();
            for (matched, state) in live {
                let formula = self.clause_matches(clauses, clause, item, matched, &state);
                let (yes, no) = self.branch(&formula, state, span);
                after.extend(no.into_iter().map(|state| (matched, state)));
                for (flow, state) in if yes.is_empty() { Vec::new() } else { self.run(block, yes) } {
                    match flow {
                        Flow::Next => after.push((true, state)),
                        other => ended.push((other, state)),
                    }
                }
            }
            live = after;
        }
        ended.extend(live.into_iter().map(|(_, state)| (Flow::Next, state)));
        ended
    }

    fn clause_matches(
        &self,
        clauses: &Clauses,
        clause: &Clause,
        item: &Value,
        matched: bool,
        state: &State,
    ) -> Formula {
        let test = match clauses.matching {
            Matching::Exact => Test::Equal,
            Matching::Wildcard => Test::Like,
            Matching::Regex => Test::Match,
        };
        match clause {
            Clause::Default => Formula::known(!matched),
            Clause::Value(expr) => {
                let op = BinaryOp::Compare { test, negated: false, cased: clauses.cased };
                let compared = Expr::Binary(op, Box::new(Expr::Literal(item.clone())), Box::new(expr.clone()));
                self.truth(&self.eval(&compared, &state.env))
            }
            Clause::Block(block) => match self.predicate(*block, item, &state.env) {
                Some(value) => self.truth(&value),
                None => Formula::Unknown,
            },
        }
    }
}
