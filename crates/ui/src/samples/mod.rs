//! Pages with invented content: every component in every state, and what whole pages look like. For development; nothing in them works.

mod content;
mod pages;

pub use pages::{Sample, components_page, sample_pages};
