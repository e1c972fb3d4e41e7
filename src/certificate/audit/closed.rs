//! The states of a certificate: where runs begin is among them, and no step leads out of them.
//!
//! States are taken a chunk at a time. The model tells their steps; then one pass over the certificate finds all states that
//! these lead to, with what is said of them. So it takes a pass for each chunk, and never more memory than a chunk does.
//! Cost: a chunk twice over, and a pass over the certificate for each chunk.

use super::super::container::{Opened, Records};
use super::super::format::Record;
use super::super::refusal::{Refusal, hexadecimal};
use super::steps::Steps;
use super::valuations::{NONE, Set, Valuations};
use crate::check::model::{Label, Packed};
use std::cmp::Ordering;
use std::ops::Range;

/// What a certificate says of a state.
#[derive(Debug, Clone, Copy)]
pub struct Said<'s> {
    /// The valuations for which it is there.
    pub set: Set,
    /// The number of its map in each ranking.
    pub maps: &'s [u32],
}

/// A step of a state, for those valuations for which the state is there.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'s> {
    /// Its label.
    pub label: Label,
    /// The valuations for which it exists.
    pub when: Set,
    /// What is said of the state that it leads to.
    pub to: Said<'s>,
}

/// What holds in a state, and where its steps lead, for some valuations for which it is there.
pub struct Here<'s> {
    /// The state.
    pub words: &'s [u64],
    /// What is said of it.
    pub said: Said<'s>,
    /// The valuations.
    pub when: Set,
    /// The predicates that hold.
    pub predicates: u64,
    /// The steps.
    pub steps: &'s [Taken<'s>],
}

/// The states of a certificate, with its tables.
pub struct States<'c> {
    /// The certificate.
    pub opened: &'c Opened<'c>,
    /// Its sets, by number.
    pub sets: Vec<Set>,
    /// How many maps each ranking has.
    pub maps: Vec<usize>,
}

/// What is said of states that were looked for.
pub struct Answers {
    stride: usize,
    /// For each state one more than its set, or 0 if it is not there; then its maps.
    said: Vec<u32>,
}

impl Answers {
    /// What is said of the state that was asked for at a place, if it is there.
    pub fn of(&self, place: usize) -> Option<Said<'_>> {
        let said = &self.said[place * self.stride..][..self.stride];
        Some(Said { set: said[0].checked_sub(1)?, maps: &said[1..] })
    }
}

impl States<'_> {
    fn records(&self) -> Result<Records<'_>, Refusal> {
        self.opened.records(1 + self.maps.len())
    }

    /// The set of a state, if what is said of it makes sense.
    fn set_of(&self, record: &Record) -> Result<Set, Refusal> {
        let known = record.numbers[1..].iter().zip(&self.maps).all(|(map, maps)| (*map as usize) < *maps);
        let set = self.sets.get(record.numbers[0] as usize).filter(|_| known);
        set.copied().ok_or_else(|| Refusal::Damaged("a state names what is in no table".to_owned()))
    }

    /// Looks for states; they come in ascending order, one after the other.
    pub fn look_up(&self, wanted: &[u64]) -> Result<Answers, Refusal> {
        let width = self.opened.head.words;
        let stride = 1 + self.maps.len();
        let mut answers = Answers { stride, said: vec![0; wanted.len() / width * stride] };
        let mut wanted = wanted.chunks_exact(width).zip(answers.said.chunks_exact_mut(stride)).peekable();
        let mut records = self.records()?;
        while wanted.peek().is_some() {
            let Some(record) = records.read()? else { break };
            let mut passed = |order: Ordering| wanted.next_if(|(words, _)| words.cmp(&&record.words[..]) == order);
            while passed(Ordering::Less).is_some() {}
            if let Some((_, said)) = passed(Ordering::Equal) {
                said[0] = self.set_of(record)? + 1;
                said[1..].copy_from_slice(&record.numbers[1..]);
            }
        }
        Ok(answers)
    }

    /// Goes through all states, about so many bytes at a time, and shows each of their cases once it is known where the
    /// steps lead. How many steps there are.
    pub fn each<M: Packed>(
        &self,
        model: &M,
        valuations: &mut Valuations,
        bytes: usize,
        mut judge: impl FnMut(&mut Valuations, &Here<'_>) -> Result<(), Refusal>,
    ) -> Result<u64, Refusal> {
        let mut records = self.records()?;
        let mut steps = Steps::new(model);
        let mut last: Option<Vec<u64>> = None;
        let (mut number, mut transitions) = (0, 0);
        loop {
            let mut chunk = Chunk::default();
            while chunk.bytes() < bytes {
                let Some(record) = records.read()? else { break };
                if last.as_ref().is_some_and(|last| *last >= record.words) {
                    return Err(Refusal::Order { number, state: hexadecimal(&record.words) });
                }
                last = Some(record.words.clone());
                number += 1;
                chunk.add(record, self.set_of(record)?, &mut steps, valuations)?;
            }
            if chunk.sources.is_empty() {
                return Ok(transitions);
            }
            transitions += chunk.steps.len() as u64;
            let wanted = chunk.name_targets(self.opened.head.words);
            let answers = self.look_up(&wanted)?;
            chunk.show(&answers, &wanted, valuations, &mut judge)?;
        }
    }
}

/// A step as it is kept until it is known what is said of its target.
struct Kept {
    label: Label,
    when: Set,
    /// The number of its target.
    to: u32,
}

struct Source {
    words: Vec<u64>,
    set: Set,
    maps: Vec<u32>,
    cases: Range<usize>,
}

struct KeptCase {
    when: Set,
    predicates: u64,
    steps: Range<usize>,
}

/// States with their steps.
#[derive(Default)]
struct Chunk {
    sources: Vec<Source>,
    cases: Vec<KeptCase>,
    steps: Vec<Kept>,
    /// The targets of the steps, as the model told them.
    targets: Vec<u64>,
}

impl Chunk {
    fn bytes(&self) -> usize {
        8 * self.targets.len() + size_of::<Kept>() * self.steps.len() + 128 * self.sources.len()
    }

    /// Takes a state, with the steps that it has for the valuations for which it is there.
    fn add<M: Packed>(
        &mut self,
        record: &Record,
        set: Set,
        steps: &mut Steps<'_, M>,
        valuations: &mut Valuations,
    ) -> Result<(), Refusal> {
        steps.look(&record.words, valuations)?;
        let begin = self.cases.len();
        let mut told = NONE;
        for case in steps.cases() {
            let when = valuations.and(set, case.when)?;
            if when == NONE {
                continue;
            }
            told = valuations.or(told, when)?;
            let first = self.steps.len();
            for step in case.steps.clone() {
                let (to, label, exists) = steps.step(step, valuations)?;
                let exists = valuations.and(when, exists)?;
                if exists != NONE {
                    self.targets.extend_from_slice(to);
                    self.steps.push(Kept { label, when: exists, to: self.steps.len() as u32 });
                }
            }
            self.cases.push(KeptCase { when, predicates: case.predicates, steps: first..self.steps.len() });
        }
        if told != set {
            let state = hexadecimal(&record.words);
            return Err(Refusal::Model(format!("it does not say for all readings what holds in {state}")));
        }
        let Record { words, numbers } = record;
        let cases = begin..self.cases.len();
        self.sources.push(Source { words: words.clone(), set, maps: numbers[1..].to_vec(), cases });
        Ok(())
    }

    /// Numbers the targets in ascending order, each once, and gives them back.
    fn name_targets(&mut self, width: usize) -> Vec<u64> {
        let targets = std::mem::take(&mut self.targets);
        let words = |step: u32| &targets[step as usize * width..][..width];
        let mut order: Vec<u32> = (0..self.steps.len() as u32).collect();
        order.sort_unstable_by(|one, other| words(*one).cmp(words(*other)));
        let mut wanted: Vec<u64> = Vec::new();
        for &step in &order {
            if wanted.len() < width || wanted[wanted.len() - width..] != *words(step) {
                wanted.extend_from_slice(words(step));
            }
            self.steps[step as usize].to = (wanted.len() / width - 1) as u32;
        }
        wanted
    }

    /// Shows all cases, once it is sure that no step leads out.
    fn show(
        &self,
        answers: &Answers,
        wanted: &[u64],
        valuations: &mut Valuations,
        judge: &mut impl FnMut(&mut Valuations, &Here<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut steps = Vec::new();
        for source in &self.sources {
            for case in &self.cases[source.cases.clone()] {
                steps.clear();
                for kept in &self.steps[case.steps.clone()] {
                    let leaves = || {
                        let width = source.words.len();
                        let to = hexadecimal(&wanted[kept.to as usize * width..][..width]);
                        Refusal::Leaves { from: hexadecimal(&source.words), to }
                    };
                    let to = answers.of(kept.to as usize).ok_or_else(leaves)?;
                    if !valuations.within(kept.when, to.set)? {
                        return Err(leaves());
                    }
                    steps.push(Taken { label: kept.label, when: kept.when, to });
                }
                let KeptCase { when, predicates, .. } = *case;
                let said = Said { set: source.set, maps: &source.maps };
                judge(valuations, &Here { words: &source.words, said, when, predicates, steps: &steps })?;
            }
        }
        Ok(())
    }
}
