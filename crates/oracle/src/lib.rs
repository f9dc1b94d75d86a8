//! The second engine.
