//! Files that are read and written on the user's behalf.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

/// Where the report goes.
pub(super) enum Out {
    Stdout,
    Stderr,
    File(File, String),
}

impl Out {
    /// Opens the file before anything is done, so that a wrong path costs no connection.
    pub(super) fn open(path: Option<&Path>, otherwise: Out) -> Result<Out, String> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(otherwise) };
        let file =
            File::create(path).map_err(|e| format!("can't write the report to {}: {e}", path.display()))?;
        Ok(Out::File(file, path.display().to_string()))
    }

    /// Whether it is a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        match self {
            Out::Stdout => io::stdout().is_terminal(),
            Out::Stderr => io::stderr().is_terminal(),
            Out::File(..) => false,
        }
    }

    /// Has it written as it is made. Somebody who stops reading (`| head`) is no error.
    pub(super) fn write(
        &mut self,
        make: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), String> {
        let (result, name) = match self {
            Out::Stdout => (buffered(io::stdout().lock(), make), "standard output"),
            Out::Stderr => (buffered(io::stderr().lock(), make), "standard error"),
            Out::File(file, name) => (buffered(file, make), name.as_str()),
        };
        match result {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                Err(format!("can't write the report to {name}: {e}"))
            }
            _ => Ok(()),
        }
    }
}

fn buffered(out: impl Write, make: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    make(&mut out)?;
    out.flush()
}

/// A file that will hold secrets: readable by its owner only if it is new; a wider one is warned of.
pub(super) fn secret_file(path: &Path, append: bool) -> Result<File, String> {
    let mut open = OpenOptions::new();
    open.create(true).write(true);
    if append {
        open.append(true);
    } else {
        open.truncate(true);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        open.mode(0o600);
    }
    let file = open.open(path).map_err(|e| format!("can't write to {}: {e}", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map(|meta| meta.permissions().mode() & 0o777).unwrap_or(0);
        let regular = file.metadata().is_ok_and(|meta| meta.is_file());
        if regular && mode & 0o077 != 0 {
            eprintln!(
                "tls-trace: warning: {} gets secrets, and others may read it (mode {mode:03o}); chmod 600 {}",
                path.display(),
                path.display()
            );
        }
    }
    Ok(file)
}
