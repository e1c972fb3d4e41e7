//! How a state packs into words.
//!
//! Invariant: packing and unpacking are one function over one list of fields, so that they cannot
//! disagree; every field has exactly the bits that its values need in this scenario. Readings are not packed: a state
//! is stored once for all their values, and the checker knows for which it is reachable.
//! Cost: one pass over the fields, no allocation beyond the state's own.

use super::instance::Instance;
use super::state::{Database, Hang, Last, State};
use crate::lifecycle::{pool, routing_group, server, service};

/// One direction of packing.
trait Codec {
    /// Transfers a value of so many bits.
    fn bits(&mut self, value: u64, width: u32) -> u64;
}

struct Writer<'a> {
    words: &'a mut [u64],
    at: u32,
}

impl Codec for Writer<'_> {
    #[inline]
    fn bits(&mut self, value: u64, width: u32) -> u64 {
        debug_assert!(width == 64 || value < 1 << width, "{value} does not fit {width} bits");
        if width > 0 {
            let (word, shift) = ((self.at / 64) as usize, self.at % 64);
            self.words[word] |= value << shift;
            if shift + width > 64 {
                self.words[word + 1] |= value >> (64 - shift);
            }
            self.at += width;
        }
        value
    }
}

struct Reader<'a> {
    words: &'a [u64],
    at: u32,
}

impl Codec for Reader<'_> {
    #[inline]
    fn bits(&mut self, _: u64, width: u32) -> u64 {
        if width == 0 {
            return 0;
        }
        let (word, shift) = ((self.at / 64) as usize, self.at % 64);
        let mut value = self.words[word] >> shift;
        if shift + width > 64 {
            value |= self.words[word + 1] << (64 - shift);
        }
        self.at += width;
        if width == 64 { value } else { value & ((1 << width) - 1) }
    }
}

/// Counts the bits of a state.
struct Counter(u32);

impl Codec for Counter {
    fn bits(&mut self, value: u64, width: u32) -> u64 {
        self.0 += width;
        value
    }
}

/// The number of bits that values from 0 to `largest` need.
pub fn width_of(largest: usize) -> u32 {
    usize::BITS - largest.leading_zeros()
}

fn transfer(instance: &Instance, state: &mut State, codec: &mut impl Codec) {
    for server in &mut state.servers {
        server.availability = server::State::from_code(codec.bits(server.availability.code().into(), 3) as u8);
        server.power = server::Power::from_code(codec.bits(server.power.code().into(), 2) as u8);
        server.replica = routing_group::State::from_code(codec.bits(server.replica.code().into(), 3) as u8);
    }
    for service in &mut state.services {
        service.state = service::State::from_code(codec.bits(service.state.code().into(), 3) as u8);
        service.startup = service::Startup::from_code(codec.bits(service.startup.code().into(), 2) as u8);
        let hang = codec.bits(service.hang as u64, if instance.hangs() { 2 } else { 0 });
        service.hang = [Hang::None, Hang::Live, Hang::Ended][hang as usize];
    }
    for (pool, info) in state.pools.iter_mut().zip(&instance.pools) {
        pool.state = pool::State::from_code(codec.bits(pool.state.code().into(), 3) as u8);
        pool.database =
            Database::ALL[codec.bits(pool.database as u64, if instance.database_moves { 3 } else { 0 }) as usize];
        let pair = info.fabric && info.servers.len() == 2;
        pool.last =
            [Last::Both, Last::First, Last::Second][codec.bits(pool.last as u64, if pair { 2 } else { 0 }) as usize];
        pool.settled =
            codec.bits((pool.settled && instance.gates).into(), u32::from(instance.gates)) != 0 || !instance.gates;
        if let Some(hop) = &mut pool.next_hop {
            *hop = codec.bits((*hop).into(), width_of(instance.deployment.pools.len())) as u8;
        }
    }
    let pools = width_of(instance.pools.len().saturating_sub(1));
    state.tracked_pool = codec.bits(state.tracked_pool.into(), pools) as u8;
    state.tracked_home = codec.bits(state.tracked_home.into(), if instance.pools_fail_over { pools } else { 0 }) as u8;
    let moves = u32::from(instance.store_moves);
    for known in [&mut state.store.moved, &mut state.store.replicating, &mut state.store.unaware] {
        *known = codec.bits((*known).into(), moves) != 0;
    }
    for (shell, program) in state.shells.iter_mut().zip(&instance.shells) {
        shell.at = codec.bits(shell.at.into(), width_of(program.last_position())) as u16;
        shell.phase = codec.bits(shell.phase.into(), width_of(program.last_phase())) as u8;
        shell.registers = codec.bits(shell.registers, program.registers());
        shell.left = codec.bits(shell.left.into(), width_of(program.budget().into())) as u8;
    }
    let holders = width_of(state.shells.len());
    for lock in &mut state.locks {
        *lock = codec.bits((*lock).into(), holders) as u8;
    }
    let (budgets, full) = (&mut state.budgets, &instance.budgets);
    for (left, full) in [
        (&mut budgets.crashes, full.crashes),
        (&mut budgets.hangs, full.hangs),
        (&mut budgets.policy, full.policy),
        (&mut budgets.watchdog, full.watchdog),
        (&mut budgets.failing, full.failing),
        (&mut budgets.principal, full.principal),
        (&mut budgets.starts, full.starts),
        (&mut budgets.publications, full.publications),
    ] {
        *left = codec.bits((*left).into(), width_of(full.into())) as u8;
    }
}

/// The number of bits of a packed state.
pub fn bits(instance: &Instance) -> u32 {
    let mut counter = Counter(0);
    transfer(instance, &mut instance.blank(), &mut counter);
    counter.0
}

/// The number of words of a packed state.
pub fn words(instance: &Instance) -> usize {
    bits(instance).div_ceil(64).max(1) as usize
}

/// Packs a state into words that are zero, and leaves the state as it is.
pub fn pack(instance: &Instance, state: &mut State, words: &mut [u64]) {
    transfer(instance, state, &mut Writer { words, at: 0 });
}

/// The state that was packed, of a run that has depended on no reading.
pub fn unpack(instance: &Instance, words: &[u64]) -> State {
    let mut state = instance.blank();
    transfer(instance, &mut state, &mut Reader { words, at: 0 });
    state
}
