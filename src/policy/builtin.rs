//! The policies that are built in.

/// Name and text of each.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("mozilla-modern", include_str!("mozilla-modern.toml")),
    ("mozilla-intermediate", include_str!("mozilla-intermediate.toml")),
    ("mozilla-old", include_str!("mozilla-old.toml")),
    ("rfc9325", include_str!("rfc9325.toml")),
    ("nist-800-52r2", include_str!("nist-800-52r2.toml")),
    ("bsi-tr-02102-2", include_str!("bsi-tr-02102-2.toml")),
    ("cnsa2-transition", include_str!("cnsa2-transition.toml")),
    ("cnsa2", include_str!("cnsa2.toml")),
    ("strict", include_str!("strict.toml")),
];
