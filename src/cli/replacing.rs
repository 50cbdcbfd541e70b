//! A file that appears as a whole: whoever reads it meanwhile (a collector of metrics, a CI server) sees what was there
//! before.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::files::{plain_file, secret_file};
use crate::wire::text;

/// Written beside its place, and put there when it is complete.
pub(super) struct Replacing {
    /// What is replaced.
    place: PathBuf,
    /// Opened before anything is done, so that a wrong path costs no connection.
    opened: File,
    /// It will hold secrets.
    secret: bool,
    /// What is written, once there is something: a file beside the place, with its path, or the place itself, where no
    /// file can be made.
    written: Option<(File, Option<PathBuf>)>,
}

impl Replacing {
    /// Of the file at this path, which may be there; what is in it stays until [`Self::complete`].
    pub(super) fn new(path: &Path, secret: bool) -> Result<Replacing, String> {
        // A pipe or a device is written to as it is.
        if path.metadata().is_ok_and(|meta| !meta.is_file()) {
            let opened = if secret { secret_file(path, false)? } else { plain_file(path)? };
            let written = Some((opened.try_clone().map_err(|e| failed(path, &e))?, None));
            return Ok(Replacing { place: path.to_owned(), opened, secret, written });
        }
        let opened = match secret {
            true => secret_file(path, true)?,
            false => OpenOptions::new().append(true).create(true).open(path).map_err(|e| failed(path, &e))?,
        };
        // Through a link to the file that it names.
        let place = path.canonicalize().map_err(|e| failed(path, &e))?;
        Ok(Replacing { place, opened, secret, written: None })
    }

    /// The file to write to.
    pub(super) fn file(&mut self) -> io::Result<&mut File> {
        if self.written.is_none() {
            self.written = Some(match beside(&self.place, &self.opened, self.secret) {
                Ok((file, path)) => (file, Some(path)),
                Err(_) => {
                    self.opened.set_len(0)?;
                    (self.opened.try_clone()?, None)
                }
            });
        }
        match &mut self.written {
            Some((file, _)) => Ok(file),
            None => Err(io::Error::other("no file to write to")),
        }
    }

    /// Puts what was written in its place.
    pub(super) fn complete(&mut self) -> Result<(), String> {
        let Some((_, beside)) = &mut self.written else { return Ok(()) };
        let Some(path) = beside.take() else { return Ok(()) };
        fs::rename(&path, &self.place).map_err(|e| {
            let _ = fs::remove_file(&path);
            failed(&self.place, &e)
        })
    }
}

impl Drop for Replacing {
    /// What was not completed replaces nothing.
    fn drop(&mut self) {
        if let Some((_, Some(path))) = &self.written {
            let _ = fs::remove_file(path);
        }
    }
}

/// A new file in the same folder, with the same rights.
fn beside(place: &Path, like: &File, secret: bool) -> io::Result<(File, PathBuf)> {
    let mut name = OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let path = place.with_file_name(name);
    let mut open = OpenOptions::new();
    // Somebody else's file or link of this name is left alone.
    open.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        use std::os::unix::fs::OpenOptionsExt;
        open.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = secret;
    let file = open.open(&path)?;
    let rights = like.metadata().and_then(|meta| file.set_permissions(meta.permissions()));
    match rights {
        Ok(()) => Ok((file, path)),
        Err(e) => {
            let _ = fs::remove_file(&path);
            Err(e)
        }
    }
}

fn failed(path: &Path, e: &io::Error) -> String {
    format!("can't write to {}: {e}", text::path(path))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn what_was_there_stays_until_the_new_one_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tls.prom");
        fs::write(&path, "before").unwrap();
        let mut file = Replacing::new(&path, false).unwrap();
        file.file().unwrap().write_all(b"after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        file.complete().unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(names(folder.path()), ["tls.prom"]);
    }

    #[test]
    fn what_is_not_completed_replaces_nothing_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tls.prom");
        fs::write(&path, "before").unwrap();
        let mut file = Replacing::new(&path, false).unwrap();
        file.file().unwrap().write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        assert_eq!(names(folder.path()), ["tls.prom"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_the_rights_of_a_file_stay() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("real.prom"), folder.path().join("link.prom"));
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut file = Replacing::new(&link, false).unwrap();
        file.file().unwrap().write_all(b"after").unwrap();
        file.complete().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let why = Replacing::new(&folder.path().join("no/x.prom"), false).err().unwrap();
        assert!(why.starts_with("can't write to "), "{why}");
    }
}
