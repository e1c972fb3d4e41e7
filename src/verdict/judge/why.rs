//! Why a property is broken: the clauses of it that are false at the end of a story, with what they read.
//!
//! Invariant: a clause is listed only if it is false in the last state of the replayed run, by the same judgement that
//! the predicates of the model are made of. Cost: one look at one state.

use super::changes::votes;
use super::moments::name;
use super::story::caption;
use crate::check::Witness;
use crate::lifecycle::{Words, pool};
use crate::model::Maintenance;
use crate::model::state::State;
use crate::model::step::Action;
use crate::model::turn::Judge;
use crate::scenario::property::PropertyName;
use crate::verdict::Clause;

/// The false clauses of a property at the end of a story; none where what is violated is the absence of any run.
pub fn why(model: &Maintenance, property: PropertyName, witness: Option<&Witness<State, Action>>) -> Vec<Clause> {
    let Some(witness) = witness else { return Vec::new() };
    let end = End { model, judge: Judge::new(model.instance(), witness.last()) };
    match property {
        PropertyName::PoolQuorum => end.pools(End::lost_quorum),
        PropertyName::RoutingGroupQuorum => end.group_quorum(0).into_iter().collect(),
        PropertyName::SurvivesOneMoreCrash => {
            end.pools(End::one_vote_to_spare).into_iter().chain(end.group_quorum(1)).collect()
        }
        PropertyName::NoStrandedRoutingGroup => end.stranded(),
        PropertyName::OneOutAtATime => end.pools(End::several_out),
        PropertyName::Capacity => end.pools(End::too_few),
        PropertyName::FullService => end.pools(End::no_full_service),
        PropertyName::IsolatedWhilePatched => end.patched_in_service(),
        PropertyName::OneManagementStore => end.two_masters(),
        PropertyName::NoCutCalls => last_step(model, witness, "no step ends a live conversation by force"),
        PropertyName::NoFailedStep => {
            last_step(model, witness, "no runbook goes on after a cmdlet that ended in an error")
        }
        PropertyName::NoLostData => last_step(model, witness, "no step gives up data that are not copied yet"),
        PropertyName::ReturnsToService | PropertyName::Recoverable => end.out_of_service(property),
        PropertyName::RunbookCompletes => end.not_ended(),
        PropertyName::CanComplete => Vec::new(),
    }
}

fn clause(clause: impl Into<String>, read: Vec<String>) -> Clause {
    Clause { clause: clause.into(), read }
}

/// The last step, which did what must not be done.
fn last_step(model: &Maintenance, witness: &Witness<State, Action>, never: &str) -> Vec<Clause> {
    let Some((index, (action, _))) = witness.steps.iter().enumerate().next_back() else { return Vec::new() };
    let before = index.checked_sub(1).map_or(&witness.initial, |index| &witness.steps[index].1);
    vec![clause(never, vec![format!("step {}: {}", index + 1, caption(model, before, action))])]
}

/// The last state of a story.
struct End<'a> {
    model: &'a Maintenance,
    judge: Judge<'a>,
}

impl End<'_> {
    fn pools(&self, falsified: impl Fn(&Self, usize) -> Option<Clause>) -> Vec<Clause> {
        (0..self.judge.instance.pools.len()).filter_map(|pool| falsified(self, pool)).collect()
    }

    fn fqdn(&self, pool: usize) -> &str {
        let instance = self.judge.instance;
        &instance.deployment.pools[instance.pools[pool].id.0].fqdn
    }

    fn names(&self, servers: impl IntoIterator<Item = usize>) -> String {
        let names: Vec<&str> = servers.into_iter().map(|server| name(self.model, server)).collect();
        if names.is_empty() { "none".into() } else { names.join(", ") }
    }

    /// The servers of a pool for which something is so.
    fn those(&self, pool: usize, so: impl Fn(usize) -> bool) -> String {
        self.names(self.judge.instance.pools[pool].servers.iter().copied().filter(|server| so(*server)))
    }

    /// Who votes in a pool, and how many of them are needed.
    fn ballot(&self, pool: usize) -> Vec<String> {
        let counted = self.judge.votes(pool);
        let voters = || self.judge.instance.pools[pool].servers.iter().copied().take(counted.voters);
        let mut read = vec![
            format!("voters up: {}", self.names(voters().filter(|server| self.judge.node_up(*server)))),
            format!("voters down: {}", self.names(voters().filter(|server| !self.judge.node_up(*server)))),
        ];
        if counted.sql_votes {
            read.push(format!("the vote of SQL Server: {}", if counted.sql { "up" } else { "down" }));
        }
        read.push(format!("votes: {}", votes(&self.judge, pool)));
        read
    }

    fn lost_quorum(&self, pool: usize) -> Option<Clause> {
        let info = &self.judge.instance.pools[pool];
        let state = self.judge.state.pools[pool].state;
        let lost = state == pool::State::QuorumLost || (state == pool::State::Stopped && !info.stopped_initially);
        (info.fabric && lost).then(|| {
            let mut read = self.ballot(pool);
            read.push(format!("state of the pool: {}", state.words()));
            clause(format!("{} has as many votes up as it needs", self.fqdn(pool)), read)
        })
    }

    fn one_vote_to_spare(&self, pool: usize) -> Option<Clause> {
        let state = self.judge.state.pools[pool].state;
        let counted = self.judge.votes(pool);
        let risks = self.judge.instance.pools[pool].fabric && !state.users_away();
        let fewer = usize::from(counted.up > 0);
        let spare = state != pool::State::QuorumLost && counted.suffice_without(fewer);
        (risks && !spare)
            .then(|| clause(format!("{} has one vote more than it needs", self.fqdn(pool)), self.ballot(pool)))
    }

    /// That the tracked routing group has `spare` replicas more than its majority.
    fn group_quorum(&self, spare: usize) -> Option<Clause> {
        let group = self.judge.group();
        (self.judge.tracks() && group.up < group.quorum + spare).then(|| {
            let more =
                if spare == 0 { "a majority of its replicas up" } else { "one replica more up than its majority" };
            clause(format!("every routing group has {more}"), self.replicas())
        })
    }

    fn replicas(&self) -> Vec<String> {
        use crate::lifecycle::routing_group::State;
        let group = self.judge.group();
        let pool = usize::from(self.judge.state.tracked_pool);
        let on =
            |states: &[State]| self.those(pool, |server| states.contains(&self.judge.state.servers[server].replica));
        vec![
            format!("replicas up: {}", on(&[State::Primary, State::Secondary])),
            format!("replicas down: {}", on(&[State::Down])),
            format!("{} up, {} needed", group.up, group.quorum),
        ]
    }

    fn stranded(&self) -> Vec<Clause> {
        let pool = usize::from(self.judge.state.tracked_pool);
        let mut read = self.replicas();
        read.push(format!("primary: {}", self.judge.group().primary.map_or("none", |server| name(self.model, server))));
        read.push(format!("state of {}: {}", self.fqdn(pool), self.judge.state.pools[pool].state.words()));
        vec![clause("from here fabric and the machines alone can serve the routing group again", read)]
    }

    fn several_out(&self, pool: usize) -> Option<Clause> {
        let servers = &self.judge.instance.pools[pool].servers;
        let mut domains: Vec<usize> = servers
            .iter()
            .filter(|server| self.judge.out(**server))
            .map(|server| self.judge.instance.servers[*server].domain)
            .collect();
        domains.sort_unstable();
        domains.dedup();
        (domains.len() > 1 && !self.judge.state.pools[pool].state.users_away()).then(|| {
            let read = vec![
                format!("out: {}", self.those(pool, |server| self.judge.out(server))),
                format!("upgrade domains that they belong to: {}", domains.len()),
            ];
            clause(format!("what is out in {} belongs to one upgrade domain", self.fqdn(pool)), read)
        })
    }

    fn too_few(&self, pool: usize) -> Option<Clause> {
        let info = &self.judge.instance.pools[pool];
        let taking = info.servers.iter().filter(|server| self.judge.takes_users(**server)).count();
        (taking < info.at_least && !self.judge.state.pools[pool].state.users_away()).then(|| {
            let read = vec![
                format!("taking users: {}", self.those(pool, |server| self.judge.takes_users(server))),
                format!("not taking users: {}", self.those(pool, |server| !self.judge.takes_users(server))),
            ];
            clause(format!("at least {} of the servers of {} take users", info.at_least, self.fqdn(pool)), read)
        })
    }

    fn no_full_service(&self, pool: usize) -> Option<Clause> {
        let slot = &self.judge.state.pools[pool];
        let partner = self.judge.instance.pools[pool].partner;
        let host = if slot.state.users_away() { partner.unwrap_or(pool) } else { pool };
        let serves = &self.judge.state.pools[host];
        let taking = |server: usize| self.judge.takes_users(server);
        let full = serves.state == pool::State::Running
            && serves.database.serves()
            && self.judge.instance.pools[host].servers.iter().any(|server| taking(*server));
        (!full).then(|| {
            let read = vec![
                format!("the users are served by {}, whose state is {}", self.fqdn(host), serves.state.words()),
                format!("taking users there: {}", self.those(host, taking)),
                format!("its database is {}", if serves.database.serves() { "served" } else { "down" }),
            ];
            clause(format!("the users of {} have all their services", self.fqdn(pool)), read)
        })
    }

    fn patched_in_service(&self) -> Vec<Clause> {
        let (instance, state) = (self.judge.instance, self.judge.state);
        let shells = instance.shells.iter().zip(&state.shells).filter(|(_, shell)| shell.phase > 0);
        let installs = shells.filter_map(|(program, shell)| match program.command(shell.at) {
            Some(crate::runbook::Command::Install { server }) => Some((program, instance.index_of[server.0]?)),
            _ => None,
        });
        installs
            .filter(|(_, server)| self.judge.takes_users(*server))
            .map(|(program, server)| {
                let server = name(self.model, server);
                let read =
                    vec![format!("{} runs an installer on {server}", program.name), format!("{server} takes users")];
                clause("no server takes users while an installer runs on it", read)
            })
            .collect()
    }

    fn two_masters(&self) -> Vec<Clause> {
        let now = self.judge.store_pool().map_or("elsewhere", |pool| self.fqdn(pool));
        let read = vec![
            format!("the Central Management Store is on {now}"),
            "its former master answers, and has not been told of the move".into(),
        ];
        vec![clause("one pool takes itself for the master of the Central Management Store", read)]
    }

    fn out_of_service(&self, property: PropertyName) -> Vec<Clause> {
        let out = super::moments::moment(self.model, self.judge.state).out_of_service;
        let every = match property {
            PropertyName::Recoverable => "from here some steps lead back to a state in which everything serves",
            _ => "after the runbooks have ended, every server serves again",
        };
        vec![clause(every, if out.is_empty() { self.replicas() } else { out })]
    }

    fn not_ended(&self) -> Vec<Clause> {
        let at = super::moments::moment(self.model, self.judge.state).operators;
        let shells = self.judge.instance.shells.iter().zip(&self.judge.state.shells).zip(at);
        let open = shells.filter(|((program, shell), _)| !program.is_free() && program.ended(shell.at).is_none());
        let read = open.map(|((program, _), at)| format!("{} is {at}", program.name)).collect();
        vec![clause("every runbook ends", read)]
    }
}
