//! A whole installation: the real program, in a fresh folder, on both databases.

#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod server;
#[cfg(test)]
mod serving;
#[cfg(test)]
#[path = "../settings/mod.rs"]
mod settings;
