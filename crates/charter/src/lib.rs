//! The charter engine.

pub mod calendar;
