//! Trust stores.
