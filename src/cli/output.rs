//! Where a result goes: stdout, or a file that appears whole or not at all.

use super::error::CliError;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Writes to stdout. A reader that closed its end wants no more, which is no error.
pub fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CliError::Write { path: PathBuf::from("standard output"), error })
        }
        _ => Ok(()),
    }
}

/// Writes a file: first beside it, then in its place, so that no partial file is ever seen. A link keeps
/// pointing where it points; a device or a pipe is written to as it is.
pub fn write_file(path: &Path, text: &str) -> Result<(), CliError> {
    replace(path, |out| out.write_all(text.as_bytes()))
        .map_err(|error| CliError::Write { path: path.to_owned(), error })
}

/// The same for what is written piece by piece: after an error of `write` the file is as it was.
pub fn replace<T, E: From<io::Error>>(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T, E>) -> Result<T, E> {
    let buffered = |file: &mut dyn Write| {
        let mut out = BufWriter::new(file);
        let written = write(&mut out)?;
        out.flush()?;
        Ok(written)
    };
    let target = match path.canonicalize() {
        Ok(target) if !target.is_file() && !target.is_dir() => return buffered(&mut std::fs::File::create(target)?),
        Ok(target) => target,
        Err(_) => path.to_owned(),
    };
    if target.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder").into());
    }
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".poolproof-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    let written = buffered(file.as_file_mut())?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    Ok(written)
}
