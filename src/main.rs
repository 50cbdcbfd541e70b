//! The binary: see the library.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(tls_trace::cli::main(std::env::args_os()))
}
