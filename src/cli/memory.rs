//! How much memory a check may take where the user sets no limit: what the process can have.
//!
//! A check that asks for more than there is would be ended by the system, without a word. With a limit below that it
//! ends by itself and says what it knows.
//! Cost: three small files are read. Where they are not (outside of Linux), there is no limit.

use std::fs::read_to_string;
use std::path::Path;

/// The bytes that the states of a scenario may take.
pub fn available() -> Option<u64> {
    let limits = [free(), in_control_group(Path::new("/sys/fs/cgroup")), address_space()];
    limits.into_iter().flatten().min()
}

/// Of what the system has free, a part is left to everybody else.
fn free() -> Option<u64> {
    Some(field(&read_to_string("/proc/meminfo").ok()?, "MemAvailable:")? / 4 * 3)
}

/// What the container leaves: the control group has a limit of its own, and a part of it is used already.
fn in_control_group(root: &Path) -> Option<u64> {
    let own = read_to_string("/proc/self/cgroup").ok()?;
    let path = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let number = |name: &str| read_to_string(root.join(path).join(name)).ok()?.trim().parse::<u64>().ok();
    Some(number("memory.max")?.saturating_sub(number("memory.current")?) / 4 * 3)
}

/// What `ulimit -v` leaves. Threads and the program itself take of it too, a table that grows is there twice, and the graph is
/// built beside it of what was found.
fn address_space() -> Option<u64> {
    let limits = read_to_string("/proc/self/limits").ok()?;
    let most = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let most: u64 = most.split_whitespace().next()?.parse().ok()?;
    let used = field(&read_to_string("/proc/self/status").ok()?, "VmSize:")?;
    Some(most.saturating_sub(used) / 8)
}

/// A number of kilobytes, in bytes.
fn field(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(value.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}
