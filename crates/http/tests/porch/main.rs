//! The porch against a real node: access to every route, bad input, log-in, sockets.

mod access;
mod bad_input;
mod desk;
mod bulk;
mod house;
mod login;
mod oauth;
mod openapi;
mod soap;
mod streams;
mod telephony;
