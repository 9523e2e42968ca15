//! The porch against a real node: access to every route, bad input, log-in, sockets.

mod access;
mod bad_input;
mod bulk;
mod data;
mod desk;
mod house;
mod login;
mod oauth;
mod openapi;
mod soap;
mod streams;
mod telephony;
