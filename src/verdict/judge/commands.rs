//! Commands in words.

use crate::lifecycle::Words;
use crate::runbook::{Command, Reset};
use crate::topology::{Deployment, ServiceSet};

/// The name of the cmdlet or program.
pub fn cmdlet(command: &Command) -> &'static str {
    match command {
        Command::StopServices { .. } => "Stop-CsWindowsService",
        Command::StartServices { .. } => "Start-CsWindowsService",
        Command::PauseServices { .. } => "Suspend-Service",
        Command::SetStartup { .. } => "Set-Service",
        Command::FailOver { .. } => "Invoke-CsComputerFailOver",
        Command::FailBack { .. } => "Invoke-CsComputerFailBack",
        Command::ResetPool { .. } => "Reset-CsPoolRegistrarState",
        Command::StartPool { .. } => "Start-CsPool",
        Command::Restart { .. } => "Restart-Computer",
        Command::Shutdown { .. } => "Stop-Computer",
        Command::Install { .. } => "the installer",
        Command::FailOverDatabase { .. } => "Invoke-CsDatabaseFailover",
        Command::StopDatabase { .. } => "the shutdown of SQL Server",
        Command::StartDatabase { .. } => "the start of SQL Server",
        Command::PublishMembers { .. } => "Publish-CsTopology",
        Command::FailOverPool { .. } => "Invoke-CsPoolFailOver",
        Command::FailBackPool { .. } => "Invoke-CsPoolFailBack",
        Command::MoveManagementStore { .. } => "Invoke-CsManagementServerFailover",
        Command::SetNextHop { .. } => "Set-CsEdgeServer",
    }
}

/// What a command does, as a sentence without its subject: `fails over fe1`.
pub fn does(deployment: &Deployment, command: &Command) -> String {
    let server = |id: &crate::topology::ServerId| deployment.short_name(*id).to_string();
    let pool = |id: &crate::topology::PoolId| deployment.pools[id.0].fqdn.clone();
    let services = |set: &ServiceSet| {
        if *set == ServiceSet::ALL {
            "all services".to_string()
        } else if set.iter().count() > 4 {
            format!("{} services", set.iter().count())
        } else {
            set.to_string()
        }
    };
    match command {
        Command::StopServices { server: id, services: set, graceful, .. } => {
            let verb = if *graceful { "drains and stops" } else { "stops" };
            format!("{verb} {} on {}", services(set), server(id))
        }
        Command::StartServices { server: id, services: set, .. } => {
            format!("starts {} on {}", services(set), server(id))
        }
        Command::PauseServices { server: id, services: set } => format!("pauses {} on {}", services(set), server(id)),
        Command::SetStartup { server: id, services: set, startup } => {
            format!("sets the startup type of {} on {} to {}", services(set), server(id), startup.words())
        }
        Command::FailOver { server: id, no_stop, force, draining_timeout } => {
            let mut words = format!("fails over {}", server(id));
            for (given, name) in [(no_stop, " -NoStop"), (force, " -Force"), (draining_timeout, " -DrainingTimeout")] {
                if *given {
                    words += name;
                }
            }
            words
        }
        Command::FailBack { server: id, no_start } => {
            format!("fails back {}{}", server(id), if *no_start { " -NoStart" } else { "" })
        }
        Command::ResetPool { pool: id, reset, .. } => match reset {
            Reset::Service => format!("resets the services of {}", pool(id)),
            Reset::QuorumLossRecovery => format!("runs QuorumLossRecovery on {}", pool(id)),
            Reset::Full => format!("runs FullReset on {}", pool(id)),
            Reset::MachineStateRemoved(machine) => {
                format!("removes the state of {} from {}", server(machine), pool(id))
            }
        },
        Command::StartPool { pool: id, skip, .. } => {
            let without: Vec<_> = skip.iter().map(server).collect();
            let without = if without.is_empty() { String::new() } else { format!(" without {}", without.join(", ")) };
            format!("starts {}{without}", pool(id))
        }
        Command::Restart { server: id, .. } => format!("restarts {}", server(id)),
        Command::Shutdown { server: id } => format!("shuts down {}", server(id)),
        Command::Install { server: id } => format!("runs an installer on {}", server(id)),
        Command::FailOverDatabase { pool: id, to_mirror } => {
            format!(
                "fails the database of {} over to the {}",
                pool(id),
                if *to_mirror { "mirror" } else { "principal" }
            )
        }
        Command::StopDatabase { pool: id } => format!("shuts down the SQL Server of {}", pool(id)),
        Command::StartDatabase { pool: id } => format!("starts the SQL Server of {}", pool(id)),
        Command::PublishMembers { pool: id } => format!("publishes a change of the members of {}", pool(id)),
        Command::FailOverPool { pool: id, disaster } => {
            format!("fails over the pool {}{}", pool(id), if *disaster { " -DisasterMode" } else { "" })
        }
        Command::FailBackPool { pool: id, disaster } => {
            format!("fails back the pool {}{}", pool(id), if *disaster { " -DisasterMode" } else { "" })
        }
        Command::MoveManagementStore { force, .. } => {
            format!("fails over the Central Management Store{}", if *force { " -Force" } else { "" })
        }
        Command::SetNextHop { edge, hop } => format!("makes {} the next hop of {}", pool(hop), pool(edge)),
    }
}
