//! Machines, services and fail-overs that run by themselves once somebody has set them off.

use super::state::Hang;
use super::step::Step;
use super::turn::{Judge, Turn};
use crate::lifecycle::service::Startup;
use crate::lifecycle::{server, service};
use crate::runbook::Command;
use crate::scenario::readings::Reading;

/// Why a machine goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A command or a policy: conversations are ended by force.
    Command,
    /// A crash: nobody decided it.
    Crash,
}

/// A machine goes down.
pub fn power_down(turn: &mut Turn, server: usize, to: server::Power, why: Why) {
    let availability = turn.state.servers[server].availability;
    for group in turn.instance.servers[server].services.clone() {
        match why {
            Why::Command => turn.stop_hard(group),
            Why::Crash => {
                turn.service(group, service::Event::Stop);
            }
        }
    }
    if matches!(availability, server::State::Moving | server::State::Draining) {
        // The fail-over fails; whether the node stays out is as open as for one whose wait ends (A2).
        let stays_out = turn.read(Reading::WaitExpiry) == 1;
        turn.server(server, if stays_out { server::Event::AbandonedMoved } else { server::Event::Abandoned });
    }
    turn.state.servers[server].power = to;
    super::shells::machine_gone(turn, server);
}

/// A machine is back: what starts automatically is asked to start; a pause is forgotten (F1.56).
pub fn boot(turn: &mut Turn, server: usize) {
    turn.state.servers[server].power = server::Power::Up;
    if turn.state.servers[server].availability == server::State::Removed {
        return;
    }
    for group in turn.instance.servers[server].services.clone() {
        if turn.state.services[group].startup == Startup::Automatic {
            turn.service(group, service::Event::Start);
        }
    }
}

impl Judge<'_> {
    /// Whether a service that was asked to start can come up now.
    fn can_start(&self, server: usize, group: usize) -> bool {
        let info = &self.instance.servers[server];
        let group_info = &self.instance.groups[group];
        let pending = |group: usize| self.state.services[group].state == service::State::StartPending;
        // A front end waits for its pool (F3.2, F3.21), and so does all that users connect to; its fabric node
        // alone does not.
        pending(group)
            && self.state.services[group].hang == Hang::None
            && !self.instance.starts_after[group].iter().any(|needed| pending(*needed))
            && (!(group_info.registrar || group_info.talks) || !self.state.pools[info.pool].state.fabric_down())
    }

    /// Whether a service that drains can lose its last connection now, and stop: what depends on it stops first.
    fn can_empty(&self, server: usize, group: usize) -> bool {
        let draining = |group: usize| self.state.services[group].state == service::State::Draining;
        let depends = |other: usize| draining(other) && self.instance.starts_after[other].contains(&group);
        draining(group)
            && self.state.services[group].hang == Hang::None
            && !self.instance.servers[server].services.clone().any(depends)
    }
}

/// The first phase of a fail-over is complete: sessions begin to drain.
pub fn users_moved(turn: &mut Turn, server: usize) {
    turn.server(server, server::Event::UsersMoved);
    for group in turn.instance.servers[server].services.clone() {
        turn.service(group, service::Event::Drain);
    }
}

/// Sessions have ended: services stop and are disabled (F2.4, F2.5).
pub fn taken_out(turn: &mut Turn, server: usize) {
    let kept = matches!(owner(turn, server), Some(Command::FailOver { no_stop: true, .. }));
    for group in turn.instance.servers[server].services.clone() {
        let state = turn.state.services[group].state;
        match (state, kept) {
            (service::State::Draining, _) => {
                turn.service(group, if kept { service::Event::EmptiedKept } else { service::Event::Emptied });
            }
            // Somebody started it again in the meantime: it is stopped all the same.
            (_, false) => turn.stop_hard(group),
            (_, true) => {}
        }
        turn.state.services[group].startup = Startup::Disabled;
    }
    turn.server(server, server::Event::Drained);
}

/// What still keeps the drain of a fail-over from ending is cut.
pub fn cut_hangs(turn: &mut Turn, server: usize) {
    for group in turn.instance.servers[server].services.clone() {
        if turn.state.services[group].hang == Hang::Live {
            turn.cut();
        }
    }
    taken_out(turn, server);
}

/// The cmdlet of a fail-over is gone and nobody drives it on.
pub fn orphaned(turn: &mut Turn, server: usize) {
    turn.server(server, server::Event::Abandoned);
    for group in turn.instance.servers[server].services.clone() {
        turn.service(group, service::Event::Resume);
    }
}

/// The command of the shell that is failing this server over.
fn owner<'a>(turn: &Turn<'a>, server: usize) -> Option<&'a Command> {
    let id = turn.instance.servers[server].id;
    turn.state.shells.iter().zip(&turn.instance.shells).find_map(|(shell, program)| match program.command(shell.at) {
        Some(command @ Command::FailOver { server, .. }) if shell.phase > 0 && *server == id => Some(command),
        _ => None,
    })
}

/// The steps of machines and services that are enabled.
pub fn enabled(turn: &Turn, out: &mut Vec<Step>) {
    let judge = Judge::new(turn.instance, &turn.state);
    for (index, server) in turn.state.servers.iter().enumerate() {
        let number = index as u8;
        if matches!(server.power, server::Power::Rebooting | server::Power::Crashed) {
            out.push(Step::Boot { server: number });
        }
        let groups = || turn.instance.servers[index].services.clone();
        let starting = groups().filter(|group| judge.can_start(index, *group));
        out.extend(starting.map(|group| Step::ServicesStart { group: group as u16 }));
        let hung = |group: usize| turn.state.services[group].hang != Hang::None;
        match server.availability {
            // A fail-over stops its services together, when the last of them is empty (F2.4).
            server::State::Draining if !groups().any(hung) => out.push(Step::TakenOut { server: number }),
            server::State::Draining => {}
            availability => {
                if availability == server::State::Moving && judge.moved(index) {
                    out.push(Step::UsersMoved { server: number });
                }
                let emptied = groups().filter(|group| judge.can_empty(index, *group));
                out.extend(emptied.map(|group| Step::Emptied { group: group as u16 }));
            }
        }
        if matches!(server.availability, server::State::Moving | server::State::Draining)
            && owner(turn, index).is_none()
        {
            out.push(Step::Orphaned { server: number });
        }
    }
    if super::pairs::can_replicate(&judge) {
        out.push(Step::Replicated);
    }
    for (pool, state) in turn.state.pools.iter().enumerate() {
        let automatic =
            matches!(turn.instance.pools[pool].back_end, crate::topology::BackEnd::Mirrored { witness: true });
        if automatic && state.database == super::state::Database::Down {
            out.push(Step::MirrorTakesOver { pool: pool as u8 });
        }
    }
}
