//! The file around a certificate: a line that says what it is, one compressed stream, a line with a digest of it all.
//!
//! The stream has the length of the [`Head`], the head as JSON, and the states. A state is written as what differs from
//! the one before it, which leaves mostly zeros, and these compress well.
//! Invariant: it is written and read from front to back, in memory that does not depend on the number of states; what is
//! read is believed only after the digest was compared.
//! Cost: well below a byte for each state in practice.

use super::format::{FORMAT, Head, Record};
use super::refusal::Refusal;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, BufReader, Read, Write};
use std::path::PathBuf;
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

const MAGIC: &str = "poolproof certificate ";
const DIGEST: &str = "\nsha256 ";
/// The last line with its digits.
const TRAILER: usize = DIGEST.len() + 64 + 1;
/// The longest first line.
const FIRST_LINE: usize = 64;
/// The most bytes of a head that are read; they are kept in memory.
pub(super) const HEAD: u64 = 1 << 28;
/// The largest window of the compression, as a power of two, that is read.
const WINDOW: u32 = 27;
/// How hard to compress.
const LEVEL: i32 = 9;

/// Where a certificate can be read, from the beginning each time.
pub trait Storage {
    /// Begins to read.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    fn open(&self) -> io::Result<Box<dyn Read + '_>>;
}

impl Storage for PathBuf {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(BufReader::with_capacity(1 << 16, std::fs::File::open(self)?)))
    }
}

impl Storage for &[u8] {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(*self))
    }
}

/// A digest as text.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The SHA-256 of some bytes, as text.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Counts and digests what is written.
struct Tee<'w> {
    out: &'w mut dyn Write,
    digest: Sha256,
    bytes: u64,
}

impl Write for Tee<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer)?;
        self.digest.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A stream as a certificate, with the digest that it should have: for tests of what reads it.
#[doc(hidden)]
pub fn enclosed(stream: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{MAGIC}{FORMAT}\n").into_bytes();
    bytes.extend_from_slice(stream);
    let digest = sha256(&bytes);
    bytes.extend_from_slice(format!("{DIGEST}{digest}\n").as_bytes());
    bytes
}

/// A certificate that is being written.
pub struct Writer<'w> {
    stream: Encoder<'static, Tee<'w>>,
    last: Record,
}

impl<'w> Writer<'w> {
    /// Writes all but the states.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(out: &'w mut dyn Write, head: &Head) -> io::Result<Writer<'w>> {
        let mut tee = Tee { out, digest: Sha256::new(), bytes: 0 };
        writeln!(tee, "{MAGIC}{FORMAT}")?;
        let mut stream = Encoder::new(tee, LEVEL)?;
        let text = serde_json::to_vec(head)?;
        if text.len() as u64 > HEAD {
            return Err(io::Error::other("the tables are larger than an auditor reads"));
        }
        stream.write_all(&(text.len() as u64).to_le_bytes())?;
        stream.write_all(&text)?;
        Ok(Writer { stream, last: Record::default() })
    }

    /// Writes a state.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn state(&mut self, words: &[u64], numbers: &[u32]) -> io::Result<()> {
        let Record { words: last, numbers: last_numbers } = &mut self.last;
        last.resize(words.len(), 0);
        last_numbers.resize(numbers.len(), 0);
        for (word, last) in words.iter().zip(last) {
            self.stream.write_all(&(word ^ *last).to_le_bytes())?;
            *last = *word;
        }
        for (number, last) in numbers.iter().zip(last_numbers) {
            self.stream.write_all(&(number ^ *last).to_le_bytes())?;
            *last = *number;
        }
        Ok(())
    }

    /// Writes the end; the number of bytes in all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> io::Result<u64> {
        let mut tee = self.stream.finish()?;
        let digest = hex(&tee.digest.clone().finalize());
        writeln!(tee, "{DIGEST}{digest}")?;
        tee.flush()?;
        Ok(tee.bytes)
    }
}

/// A certificate whose digest is right.
pub struct Opened<'s> {
    storage: &'s dyn Storage,
    /// Where the stream begins, and its length.
    stream: (u64, u64),
    /// All but the states.
    pub head: Head,
}

type Stream<'s> = Decoder<'static, BufReader<io::Take<Box<dyn Read + 's>>>>;

impl<'s> Opened<'s> {
    /// Reads all of it once.
    ///
    /// # Errors
    /// It is not whole, or not what was written.
    pub fn new(storage: &'s dyn Storage) -> Result<Opened<'s>, Refusal> {
        let (first, length) = whole(storage)?;
        let mut opened = Opened { storage, stream: (first, length), head: Head::default() };
        let mut stream = opened.stream()?;
        let text = head_of(&mut stream)?;
        opened.head = serde_json::from_slice(&text).map_err(|error| Refusal::Damaged(error.to_string()))?;
        match opened.head.words {
            1..=16 => Ok(opened),
            words => Err(Refusal::Damaged(format!("a state of {words} words"))),
        }
    }

    fn stream(&self) -> Result<Stream<'s>, Refusal> {
        let mut reader = self.storage.open()?;
        io::copy(&mut reader.by_ref().take(self.stream.0), &mut io::sink())?;
        let mut stream =
            Decoder::with_buffer(BufReader::new(reader.take(self.stream.1))).map_err(damaged)?.single_frame();
        stream.window_log_max(WINDOW).map_err(damaged)?;
        Ok(stream)
    }

    /// The states, from the first one on; each has so many numbers.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn records(&self, numbers: usize) -> Result<Records<'s>, Refusal> {
        let mut stream = self.stream()?;
        head_of(&mut stream)?;
        let last = Record { words: vec![0; self.head.words], numbers: vec![0; numbers] };
        let left = self.head.states.unwrap_or(0);
        let buffer = vec![0; 8 * last.words.len() + 4 * numbers];
        Ok(Records { stream: Some(stream), last, left, buffer })
    }
}

/// Compares the digest; where the stream begins and how long it is.
fn whole(storage: &dyn Storage) -> Result<(u64, u64), Refusal> {
    let mut reader = storage.open()?;
    let mut digest = Sha256::new();
    // What is known to stand before the last line was digested; the rest may be a part of that line.
    let mut held: Vec<u8> = Vec::new();
    let (mut first, mut digested) = (None, 0u64);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = reader.read(&mut buffer)?;
        held.extend_from_slice(&buffer[..read]);
        if first.is_none() && (read == 0 || held.len() >= FIRST_LINE) {
            first = Some(first_line(&held)?);
        }
        if read == 0 {
            break;
        }
        if first.is_some() && held.len() > TRAILER {
            let known = held.len() - TRAILER;
            digest.update(&held[..known]);
            digested += known as u64;
            held.drain(..known);
        }
    }
    let first = first.unwrap_or(0) as u64;
    let said = held.strip_prefix(DIGEST.as_bytes()).and_then(|rest| rest.strip_suffix(b"\n"));
    let said =
        said.filter(|said| said.len() == 64 && said.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    let said = said.and_then(|said| std::str::from_utf8(said).ok()).ok_or(Refusal::Cut)?;
    let found = hex(&digest.finalize());
    if found != said {
        return Err(Refusal::Changed { found, said: said.to_owned() });
    }
    Ok((first, digested.checked_sub(first).ok_or(Refusal::Cut)?))
}

/// The length of the first line, if it is one that is known.
fn first_line(bytes: &[u8]) -> Result<usize, Refusal> {
    let rest = bytes.strip_prefix(MAGIC.as_bytes()).ok_or(Refusal::Foreign)?;
    let end = rest.iter().take(FIRST_LINE - MAGIC.len()).position(|byte| *byte == b'\n').ok_or(Refusal::Foreign)?;
    let found = String::from_utf8_lossy(&rest[..end]).into_owned();
    match found == FORMAT.to_string() {
        true => Ok(MAGIC.len() + end + 1),
        false => Err(Refusal::Format { found, known: FORMAT }),
    }
}

/// Reads the head of a stream.
fn head_of(stream: &mut Stream<'_>) -> Result<Vec<u8>, Refusal> {
    let mut length = [0; 8];
    stream.read_exact(&mut length).map_err(damaged)?;
    let length = u64::from_le_bytes(length);
    if length > HEAD {
        return Err(Refusal::TooLarge(format!("its tables have {length} bytes")));
    }
    let mut text = Vec::new();
    // As long as it is there, and no longer than it says.
    stream.take(length).read_to_end(&mut text).map_err(damaged)?;
    match text.len() as u64 == length {
        true => Ok(text),
        false => Err(Refusal::Damaged("the tables end too early".to_owned())),
    }
}

fn damaged(error: io::Error) -> Refusal {
    Refusal::Damaged(error.to_string())
}

/// The states of a certificate.
pub struct Records<'s> {
    stream: Option<Stream<'s>>,
    last: Record,
    left: u64,
    buffer: Vec<u8>,
}

impl Records<'_> {
    /// The next state; `None` after the last one, if nothing comes after it.
    ///
    /// # Errors
    /// It is not there, or something is left.
    pub fn read(&mut self) -> Result<Option<&Record>, Refusal> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        if self.left == 0 {
            if stream.read(&mut [0]).map_err(damaged)? != 0 {
                return Err(Refusal::Damaged("there are more states than it says".to_owned()));
            }
            let rest = self.stream.take().map(|stream| stream.finish().read(&mut [0]));
            if rest.transpose().map_err(damaged)?.unwrap_or(0) != 0 {
                return Err(Refusal::Damaged("something stands after its end".to_owned()));
            }
            return Ok(None);
        }
        let early = |_| Refusal::Damaged("there are fewer states than it says".to_owned());
        stream.read_exact(&mut self.buffer).map_err(early)?;
        self.left -= 1;
        let (words, numbers) = self.buffer.split_at(8 * self.last.words.len());
        for (last, bytes) in self.last.words.iter_mut().zip(words.chunks_exact(8)) {
            *last ^= bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        for (last, bytes) in self.last.numbers.iter_mut().zip(numbers.chunks_exact(4)) {
            *last ^= bytes.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
        }
        Ok(Some(&self.last))
    }
}
