//! Any bytes as a topology document: what is accepted is consistent.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(deployment) = poolproof::topology::read(bytes) else { return };
    for (number, pool) in deployment.pools.iter().enumerate() {
        assert!(pool.members.iter().all(|member| deployment.servers[member.0].pool.0 == number));
    }
});
