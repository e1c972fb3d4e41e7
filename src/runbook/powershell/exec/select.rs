//! `switch`.

use super::{Flow, Outcome, Reader, State};
use crate::runbook::powershell::ast::{BinaryOp, Block, Clause, Expr, Label, Matching, Prepared, Span, Test};
use crate::runbook::powershell::value::{Formula, Value};

impl Reader<'_> {
    /// Every clause that matches runs, in order, until a `break`; `default` if none did.
    #[expect(clippy::too_many_arguments, reason = "the parts of the statement")]
    pub(super) fn switch(
        &mut self,
        label: &Label,
        subject: &Prepared,
        matching: Matching,
        clauses: &[(Clause, Block)],
        span: Span,
        state: State,
        out: &mut Vec<Outcome>,
    ) {
        let mut left = Vec::new();
        for (state, value) in self.prepare(subject, state, out) {
            let items = self.elements(&value).unwrap_or_else(|| vec![(Formula::Unknown, Value::Unknown)]);
            let mut live = vec![state];
            for (when, item) in items {
                let mut next = Vec::new();
                for state in live {
                    let (entering, passing) = match when {
                        Formula::Unknown => (vec![state], Vec::new()),
                        _ => self.branch(&when, state, span),
                    };
                    next.extend(passing);
                    for state in entering {
                        self.switch_item(label, &item, matching, clauses, span, state, &mut next, &mut left, out);
                    }
                }
                live = self.joined(next);
            }
            left.extend(live);
        }
        out.extend(self.joined(left).into_iter().map(|state| (Flow::Next, state)));
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of the statement")]
    fn switch_item(
        &mut self,
        label: &Label,
        item: &Value,
        matching: Matching,
        clauses: &[(Clause, Block)],
        span: Span,
        mut state: State,
        next: &mut Vec<State>,
        left: &mut Vec<State>,
        out: &mut Vec<Outcome>,
    ) {
        let outer = state.env.own("_");
        state.env.set("_", item.clone());
        // Evaluations with whether a clause has matched.
        let mut live = vec![(false, state)];
        for (clause, block) in clauses {
            let mut after = Vec::new();
            for (matched, state) in live {
                let formula = self.clause_matches(clause, item, matching, matched, &state);
                let (yes, no) = self.branch(&formula, state, span);
                after.extend(no.into_iter().map(|state| (matched, state)));
                for (flow, state) in if yes.is_empty() { Vec::new() } else { self.run(block, yes) } {
                    match flow {
                        Flow::Next => after.push((true, state)),
                        Flow::Break(ref to, _) if to.is_none() || to == label => left.push(state),
                        Flow::Continue(ref to, _) if to.is_none() || to == label => next.push(state),
                        other => out.push((other, state)),
                    }
                }
            }
            live = after;
        }
        next.extend(live.into_iter().map(|(_, mut state)| {
            state.env.restore("_", outer.clone());
            state
        }));
    }

    fn clause_matches(
        &self,
        clause: &Clause,
        item: &Value,
        matching: Matching,
        matched: bool,
        state: &State,
    ) -> Formula {
        let test = match matching {
            Matching::Exact => Test::Equal,
            Matching::Wildcard => Test::Like,
            Matching::Regex => Test::Match,
        };
        match clause {
            Clause::Default => Formula::known(!matched),
            Clause::Value(expr) => {
                let op = BinaryOp::Compare { test, negated: false, cased: false };
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
