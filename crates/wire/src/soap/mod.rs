//! The SOAP partner API (rest-api.md 10): envelopes, faults, and the operations by module.
//!
//! `session` has log-in and what belongs to it. The record operations get a module of their own.

pub mod envelope;
pub mod session;
