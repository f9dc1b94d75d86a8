//! What Leeway looks like: page shell, components, the authority ruler, charts, and amounts and times in words.
//!
//! Nothing here knows a feature, a database or a web server. A page of another crate extends `layout.html`, holds a [`shell::Shell`], and puts
//! components into its template as values: `{{ pager }}` prints a [`components::Pager`].
//!
//! Pages keep to a content security policy without any `unsafe-*`: no inline style, script or handler. What has to be placed by a computed
//! figure is drawn as SVG attributes here, or moved by a script through the object model.

// Templates name things by `ui::…`, here as in every other crate.
extern crate self as ui;

pub mod assets;
pub mod charts;
pub mod components;
pub mod format;
mod icon;
pub mod ruler;
mod samples;
pub mod share;
pub mod shell;

pub use icon::Icon;
pub use samples::{Sample, components_page, sample_pages};
