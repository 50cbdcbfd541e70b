//! `--format NAME[=FILE]`.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command, Error};

use crate::render::{self, FORMATS, Format};

/// A format, and the file that it was asked for in.
#[derive(Debug, Clone)]
pub struct Chosen {
    pub format: &'static Format,
    /// None: standard output, or what `-o` says.
    pub file: Option<PathBuf>,
}

/// Reads [`Chosen`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Formats;

impl TypedValueParser for Formats {
    type Value = Chosen;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<Chosen, Error> {
        let typed = value.to_str().unwrap_or_default();
        let (name, file) = typed.split_once('=').map_or((typed, None), |(name, file)| (name, Some(file)));
        let Some(format) = render::find(name) else {
            // Its message lists the names, and the one that may be meant.
            let names = PossibleValuesParser::new(names());
            return Err(match names.parse_ref(command, arg, OsStr::new(name)) {
                Err(error) => error,
                Ok(_) => Error::new(clap::error::ErrorKind::InvalidUtf8).with_cmd(command),
            });
        };
        let file = file.filter(|file| *file != "-").map(PathBuf::from);
        Ok(Chosen { format, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(names()))
    }
}

fn names() -> impl Iterator<Item = PossibleValue> {
    FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.about))
}
