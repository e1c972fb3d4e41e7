//! `[capacity]`: how many servers of a pool have to take users at any time.

use super::located::{Entries, Located};
use super::read::Reader;
use crate::topology::{Deployment, PoolId};

pub(super) fn resolve(
    reader: &mut Reader<'_>,
    table: &Entries<Located<u8>>,
    deployment: &Deployment,
) -> Vec<(PoolId, usize)> {
    let mut capacity: Vec<(PoolId, usize)> = Vec::new();
    for (name, at_least) in &table.0 {
        let Some(pool) = reader.pool(deployment, name) else { continue };
        let servers = deployment.pools[pool.0].members.len();
        if capacity.iter().any(|(other, _)| *other == pool) {
            let message = format!("`{}` has two numbers", name.value);
            reader.report(reader.mistake("twice", &name.span, message, "remove one of them"));
        } else if usize::from(at_least.value) > servers {
            let message = format!("`{}` has {servers} servers", name.value);
            let label = format!("expected a number from 0 to {servers}");
            reader.report(reader.mistake("capacity", &at_least.span, message, label));
        } else {
            capacity.push((pool, at_least.value.into()));
        }
    }
    capacity
}
