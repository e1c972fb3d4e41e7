//! `[initially]`: how the deployment stands when the scenario begins.

use super::Initially;
use super::file::InitiallyTable;
use super::located::Located;
use super::read::Reader;
use crate::topology::{BackEnd, Deployment, PoolKind, ServerId};

pub(super) fn resolve(reader: &mut Reader<'_>, table: &InitiallyTable, deployment: &Deployment) -> Vec<Initially> {
    let mut initially = Vec::new();
    for name in &table.pool_stopped {
        let Some(pool) = reader.pool(deployment, name) else { continue };
        let stopped = Initially::PoolStopped(pool);
        if initially.contains(&stopped) {
            reader.report(reader.mistake(
                "twice",
                &name.span,
                format!("`{}` is listed twice", name.value),
                "remove it",
            ));
        } else {
            initially.push(stopped);
        }
    }
    for name in &table.pool_failed_over {
        let Some(pool) = reader.pool(deployment, name) else { continue };
        let failed_over = Initially::PoolFailedOver(pool);
        let partner = deployment.pools[pool.0].paired_with;
        let (code, message, label) = if initially.contains(&failed_over) {
            ("twice", format!("`{}` is listed twice", name.value), "remove it")
        } else if initially.contains(&Initially::PoolStopped(pool)) {
            ("twice", format!("`{}` cannot be both stopped and failed over", name.value), "remove one of them")
        } else if partner.is_none() {
            ("pairing", format!("`{}` is not paired", name.value), "only the pool of a pair can be failed over (F6.6)")
        } else if partner.is_some_and(|partner| initially.contains(&Initially::PoolFailedOver(partner))) {
            let message = format!("`{}` and the pool that it is paired with cannot both be failed over", name.value);
            ("pairing", message, "one of the two has the users of both (F6.10)")
        } else {
            initially.push(failed_over);
            continue;
        };
        reader.report(reader.mistake(code, &name.span, message, label));
    }
    for name in &table.on_mirror {
        let Some(pool) = reader.pool(deployment, name) else { continue };
        if initially.contains(&Initially::OnMirror(pool)) {
            reader.report(reader.mistake(
                "twice",
                &name.span,
                format!("`{}` is listed twice", name.value),
                "remove it",
            ));
        } else if !matches!(deployment.pools[pool.0].back_end, Some(BackEnd::Mirrored { .. })) {
            let message = format!("the Back End of `{}` has no mirror", name.value);
            let problem = reader.mistake("no-mirror", &name.span, message, "expected a pool with a mirrored Back End");
            reader.report(problem.help("give the pool `back-end = \"mirrored\"` or \"mirrored-with-witness\""));
        } else {
            initially.push(Initially::OnMirror(pool));
        }
    }
    let mut taken: Vec<(ServerId, &Located<String>, &str)> = Vec::new();
    for (key, names) in [("failed-over", &table.failed_over), ("stopped", &table.stopped), ("lost", &table.lost)] {
        for name in names {
            let Some(server) = reader.server(deployment, name) else { continue };
            if let Some((_, first, other)) = taken.iter().find(|(other, ..)| *other == server) {
                let message = format!("`{}` cannot be both {other} and {key}", name.value);
                let message = if *other == key { format!("`{}` is listed twice", name.value) } else { message };
                let problem = reader.mistake("twice", &name.span, message, "remove one of them");
                reader.report(problem.also(reader.place(&first.span), "first here"));
                continue;
            }
            taken.push((server, name, key));
            let pool = deployment.servers[server.0].pool;
            match key {
                "failed-over" if !may_be_failed_over(reader, name, server, deployment) => {}
                "failed-over" => initially.push(Initially::FailedOver(server)),
                "stopped" if initially.contains(&Initially::PoolStopped(pool)) => {
                    let message = format!("`{}` is stopped with its pool already", name.value);
                    reader.report(reader.mistake("twice", &name.span, message, "leave it out"));
                }
                "stopped" => initially.push(Initially::Stopped(server)),
                _ => initially.push(Initially::Lost(server)),
            }
        }
    }
    initially
}

/// Computer fail-over is for front ends of Enterprise pools, from 2015 on (F2.1).
fn may_be_failed_over(
    reader: &mut Reader<'_>,
    name: &Located<String>,
    server: ServerId,
    deployment: &Deployment,
) -> bool {
    let kind = deployment.pool_of(server).kind;
    let message = if kind != PoolKind::Enterprise {
        format!("`{}` is in a pool of kind `{}` and cannot be failed over", name.value, kind.name())
    } else if !deployment.version.has_computer_fail_over() {
        format!("Lync Server {} has no computer fail-over (F2.1)", deployment.version.name())
    } else {
        return true;
    };
    let problem = reader.mistake("no-fail-over", &name.span, message, "expected a front end of an Enterprise pool");
    reader.report(problem.help("a server whose services are stopped goes into `stopped`"));
    false
}
