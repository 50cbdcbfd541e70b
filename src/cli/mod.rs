//! From flags to exit code.
