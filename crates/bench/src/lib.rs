//! What a decision costs, beside hand-written Rust, Cedar and the `cel` interpreter.
//!
//! One charter (ten guardrails for each remedy), one set of situations, and each contender's way to say both. `benches/engine.rs` checks that they
//! come to the same, then measures them in turns.

pub mod by_hand;
pub mod cedar;
pub mod charter_text;
pub mod compared;
pub mod interpreted;
pub mod measure;
pub mod situation;
