//! Exact requests and responses of every protocol: parse and print, nothing else.
//!
//! Pure: bytes in, values or a [`Refusal`](model::Refusal) out, and back. Knows the catalogue, no
//! session, no right and no rule of routing. One module per protocol; `json`, `xml` and `form` are the
//! notations that they share.

pub mod bulk;
pub mod form;
pub mod json;
pub mod oauth;
pub mod omni;
pub mod omni_desk;
pub mod rest;
pub mod soap;
pub mod telephony;
pub mod xml;
