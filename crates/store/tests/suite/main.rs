//! One suite for every store: what a batch, a lookup and a crash mean, whatever is behind it.
//!
//! A new back end adds itself to [`support::Backend::ALL`] and must pass all of it. What only a file can
//! suffer is in [`files`] and [`schema`]; what `lang` means by a query is in [`queries`] and [`plans`].

mod commits;
mod faults;
mod files;
mod lookups;
mod plans;
mod queries;
mod schema;
mod support;
