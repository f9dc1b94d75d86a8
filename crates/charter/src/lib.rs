//! The charter engine.
