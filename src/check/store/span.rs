//! Ranges of arrivals: the layers of a search, and the numbers that they give to all arrivals.

use super::{SHARDS, StateId};

/// How many states of each shard are meant.
pub(crate) type Bounds = [u32; SHARDS];

/// A range of positions in every shard. Its states are numbered from 0, shard after shard.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    from: Bounds,
    /// `starts[s]` is the number of states of the span in the shards before `s`.
    starts: [usize; SHARDS + 1],
}

impl Span {
    /// The positions from `from` to before `to`, of each shard.
    pub(crate) fn new(from: &Bounds, to: &Bounds) -> Span {
        let mut starts = [0; SHARDS + 1];
        for shard in 0..SHARDS {
            starts[shard + 1] = starts[shard] + (to[shard] - from[shard]) as usize;
        }
        Span { from: *from, starts }
    }

    /// The number of states.
    pub(crate) fn len(&self) -> usize {
        self.starts[SHARDS]
    }

    /// The states numbered `range`, in order.
    pub(crate) fn ids(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = StateId> + '_ {
        let first = self.starts[1..].partition_point(|&end| end <= range.start);
        (first..SHARDS).take_while(move |&shard| self.starts[shard] < range.end).flat_map(move |shard| {
            let base = self.from[shard] as usize;
            let from = range.start.max(self.starts[shard]) - self.starts[shard] + base;
            let to = range.end.min(self.starts[shard + 1]) - self.starts[shard] + base;
            (from..to).map(move |position| StateId::new(shard, position))
        })
    }
}

/// The layers of a search, first to last, in little memory: a thin layer costs as much as it has states.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    /// Where the changes of each layer end.
    ends: Vec<usize>,
    /// Shards that a layer adds states to, with their number.
    changes: Vec<(u16, u32)>,
    sizes: Vec<usize>,
}

impl Layers {
    /// Adds the layer between two bounds.
    pub(crate) fn push(&mut self, from: &Bounds, to: &Bounds) {
        let grown = (0..SHARDS).filter(|&shard| to[shard] != from[shard]);
        self.changes.extend(grown.map(|shard| (shard as u16, to[shard] - from[shard])));
        self.ends.push(self.changes.len());
        self.sizes.push(from.iter().zip(to).map(|(from, to)| (to - from) as usize).sum());
    }

    /// The number of layers.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number of states of each layer.
    pub(crate) fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// The states of each layer, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        let mut from = [0; SHARDS];
        let mut done = 0;
        self.ends.iter().map(move |&end| {
            let mut to = from;
            for &(shard, count) in &self.changes[done..end] {
                to[usize::from(shard)] += count;
            }
            let span = Span::new(&from, &to);
            (from, done) = (to, end);
            span
        })
    }
}

impl Layers {
    /// The numbers of all arrivals.
    pub(crate) fn numbers(&self) -> Numbers {
        let mut numbers = Numbers { shards: vec![Vec::new(); SHARDS], starts: Vec::new() };
        let (mut lens, mut next, mut done) = ([0u32; SHARDS], 0u32, 0);
        for &end in &self.ends {
            for &(shard, count) in &self.changes[done..end] {
                let len = &mut lens[usize::from(shard)];
                numbers.shards[usize::from(shard)].push((*len, next));
                numbers.starts.push((next, shard, *len));
                *len += count;
                next += count;
            }
            done = end;
        }
        numbers
    }
}

/// The numbers of all arrivals, from 0: layer after layer, within a layer shard after shard.
#[derive(Debug, Clone)]
pub(crate) struct Numbers {
    /// For each shard, where its part of each layer begins: position, and number.
    shards: Vec<Vec<(u32, u32)>>,
    /// The same by number: number, shard, position.
    starts: Vec<(u32, u16, u32)>,
}

impl Numbers {
    /// The number of an arrival.
    #[inline(always)]
    pub(crate) fn of(&self, id: StateId) -> usize {
        let position = id.position() as u32;
        let parts = &self.shards[id.shard()];
        let (from, number) = parts[parts.partition_point(|(from, _)| *from <= position) - 1];
        (number + position - from) as usize
    }

    /// The arrival with a number.
    pub(crate) fn id(&self, number: usize) -> StateId {
        let number = number as u32;
        let (from, shard, position) = self.starts[self.starts.partition_point(|(from, ..)| *from <= number) - 1];
        StateId::new(usize::from(shard), (position + number - from) as usize)
    }
}
