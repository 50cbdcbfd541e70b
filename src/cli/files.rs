//! Files that are read and written on the user's behalf.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::options::{Job, Options};
use super::replacing::Replacing;
use super::say::say;
use crate::trust::passphrase::Passin;
use crate::wire::text;

/// Where a report goes.
pub(super) enum Out {
    Stdout,
    Stderr,
    /// Written to as the report is made.
    File(File, String),
    /// Appears when the report is complete.
    Whole(Replacing, String),
}

impl Out {
    /// Opens the file before anything is done, so that a wrong path costs no connection. `secret`: the report will
    /// hold secrets; `whole`: half of it is of no use.
    pub(super) fn open(path: &Path, secret: bool, whole: bool) -> Result<Out, String> {
        let name = text::path(path);
        Ok(match (whole, secret) {
            (true, secret) => Out::Whole(Replacing::new(path, secret)?, name),
            (false, true) => Out::File(secret_file(path, false)?, name),
            (false, false) => Out::File(plain_file(path)?, name),
        })
    }

    /// A file that has been opened, to be written behind what it has.
    pub(super) fn appending(file: File, path: &Path) -> Out {
        Out::File(file, text::path(path))
    }

    /// Whether it is a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        match self {
            Out::Stdout => io::stdout().is_terminal(),
            Out::Stderr => io::stderr().is_terminal(),
            Out::File(..) | Out::Whole(..) => false,
        }
    }

    /// Whether somebody asked for it by the name of a file.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Out::File(..) | Out::Whole(..))
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
            Out::Whole(file, name) => (file.file().and_then(|file| buffered(file, make)), name.as_str()),
        };
        match result {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                Err(format!("can't write the report to {name}: {e}"))
            }
            _ => Ok(()),
        }
    }

    /// Nothing more is to come.
    pub(super) fn complete(&mut self) -> Result<(), String> {
        match self {
            Out::Whole(file, _) => file.complete(),
            _ => Ok(()),
        }
    }
}

fn buffered(out: impl Write, make: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    make(&mut out)?;
    out.flush()
}

/// A file that anybody may read.
pub(super) fn plain_file(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|e| format!("can't write to {}: {e}", text::path(path)))
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
    let file = open.open(path).map_err(|e| format!("can't write to {}: {e}", text::path(path)))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = file.metadata().map(|meta| meta.permissions().mode() & 0o777).unwrap_or(0);
        let regular = file.metadata().is_ok_and(|meta| meta.is_file());
        if regular && mode & 0o077 != 0 {
            let path = text::path(path);
            say(&format!(
                "warning: {path} will contain secrets and is readable by others (mode {mode:03o}); chmod \
                 600 {path}"
            ));
        }
    }
    Ok(file)
}

/// Refuses a file that would be written twice, or that is read as well: opening it to write empties it.
pub(super) fn apart(options: &Options) -> Result<(), String> {
    let mut seen: Vec<(String, Identity)> = Vec::new();
    for (flag, path) in read(options) {
        seen.extend(Identity::of(path).map(|identity| (flag.to_owned(), identity)));
    }
    let stdout = cfg!(unix).then(|| ("standard output", "/dev/stdout".into()));
    for (flag, path) in written(options).into_iter().chain(stdout) {
        let Some(identity) = Identity::of(&path) else { continue };
        if let Some((other, _)) = seen.iter().find(|(_, other)| other.same(&identity)) {
            return Err(format!("{other} and {flag} name the same file: {}", text::path(&path)));
        }
        seen.push((flag.to_owned(), identity));
    }
    Ok(())
}

/// The files that are read, with what names them.
pub(super) fn read(options: &Options) -> Vec<(&'static str, &Path)> {
    let judging = &options.judging;
    let one = [
        ("--cert", &options.cert),
        ("--key", &options.key),
        ("--ct-logs", &judging.ct_logs),
        ("--early-data", &options.early_data),
    ];
    let mut files: Vec<_> =
        one.into_iter().filter_map(|(flag, path)| Some((flag, path.as_deref()?))).collect();
    files.extend(options.trust.cacert.iter().map(|path| ("--cacert", path.as_path())));
    files.extend(judging.crls.iter().map(|path| ("--crl", path.as_path())));
    match &options.passin {
        Some(Passin::File(path)) => files.push(("--passin", path)),
        Some(Passin::Stdin) => files.push(("--passin", Path::new("-"))),
        _ => {}
    }
    match &options.job {
        Job::Read { file, decrypt_with, .. } => {
            files.push(("read FILE", file));
            files.extend(decrypt_with.iter().map(|path| ("--decrypt-with", path.as_path())));
        }
        Job::Diff(wanted) => {
            files.extend(wanted.sides.iter().filter_map(|side| Some(("a side of diff", side.file()?))));
            files.extend(wanted.decrypt_with.iter().map(|path| ("--decrypt-with", path.as_path())));
        }
        Job::Watch(watch) => files.extend(watch.many.list.as_deref().map(|path| ("--targets", path))),
        Job::Many(many) => {
            files.extend(many.list.as_deref().map(|path| ("--targets", path)));
            // What is appended to is read before that.
            let appended = |path: &&Path| options.output.to(path);
            let done = many.resume_from.as_deref().filter(|path| !appended(path));
            files.extend(done.map(|path| ("--resume-from", path)));
        }
        Job::Cert { files: given } => files.extend(given.iter().map(|path| ("cert FILE", path.as_path()))),
        _ => {}
    }
    files
}

/// The files that are written, with what names them.
pub(super) fn written(options: &Options) -> Vec<(&'static str, PathBuf)> {
    let take_away = &options.take_away;
    let one = [("--save", &take_away.save), ("--pcap", &take_away.pcap), ("--certs", &take_away.certs)];
    let reports = options.output.reports.iter().filter_map(|report| report.file.clone());
    let mut files: Vec<_> = reports.collect();
    files.extend(one.into_iter().filter_map(|(flag, path)| Some((flag, path.clone()?))));
    match (&take_away.keylog, options.job.connects().then(key_log_of_environment).flatten()) {
        (Some(path), _) => files.push(("--keylog", path.clone())),
        (None, Some(path)) => files.push(("SSLKEYLOGFILE", path)),
        (None, None) => {}
    }
    files.retain(|(_, path)| path != Path::new("-"));
    files
}

/// What SSLKEYLOGFILE says.
pub(super) fn key_log_of_environment() -> Option<PathBuf> {
    std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Which file a path leads to. None for what can be written to from several sides, such as a device.
struct Identity {
    path: PathBuf,
    /// Device and number, if the file is there.
    inode: Option<(u64, u64)>,
}

impl Identity {
    fn of(path: &Path) -> Option<Identity> {
        match path.metadata() {
            Ok(meta) if meta.is_file() => {
                #[cfg(unix)]
                let inode = {
                    use std::os::unix::fs::MetadataExt;
                    Some((meta.dev(), meta.ino()))
                };
                #[cfg(not(unix))]
                let inode = None;
                Some(Identity { path: path.canonicalize().unwrap_or_else(|_| path.to_owned()), inode })
            }
            Ok(_) => None,
            // It is yet to be made.
            Err(_) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
                Some(Identity { path: folder.join(path.file_name()?), inode: None })
            }
        }
    }

    fn same(&self, other: &Identity) -> bool {
        self.path == other.path || (self.inode.is_some() && self.inode == other.inode)
    }
}
