//! Connect
