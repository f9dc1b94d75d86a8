//! Charters that use the whole language, and requests at their edges: the same for the same seed.

mod expr;
mod random;
mod requests;
mod rules;
mod world;

use crate::Oracle;
pub use random::Random;
use requests::Asking;
use rules::Text;
use serde_json::Value;
use world::World;

/// A charter, the one it stands in, and requests to decide under them.
#[derive(Clone, Debug)]
pub struct Case {
    /// The charter.
    pub charter: String,
    /// The charter it stands inside, if it stands in one.
    pub outer: Option<String>,
    /// The requests; about one in twenty has something wrong.
    pub requests: Vec<Value>,
}

/// The name of the charter others stand in.
pub const OUTER: &str = "organisation";

/// The case of a seed, with so many requests.
///
/// # Panics
///
/// When the charter it wrote does not read, which is a mistake of the generator.
#[must_use]
pub fn case(seed: u64, requests: usize) -> Case {
    let mut random = Random::new(seed);
    let world = World::new(&mut random);
    let inside = random.chance(12);
    let issue = "[[issue]]\nid = \"some_issue\"\ntitle = \"Some issue\"\n";
    let mut common = String::new();
    world.write(&mut random, &mut common);
    let own = rules::write(&mut random, &world);
    let mut text = own.clone();
    let (charter, outer) = if inside {
        let outer = rules::write(&mut random, &world);
        text = both(own.clone(), &outer);
        let outer = format!("leeway = 1\nname = \"Everybody\"\n{common}{}", outer.toml);
        let repeated = if random.chance(30) { format!("currency = \"{}\"\n", world.currency) } else { String::new() };
        let head = format!("leeway = 1\nname = \"Some shop\"\ninside = \"{OUTER}\"\n{repeated}");
        (format!("{head}{issue}{}", own.toml), Some(outer))
    } else {
        (format!("leeway = 1\nname = \"Some shop\"\n{common}{issue}{}", own.toml), None)
    };
    let oracle = match Oracle::new(&charter, outer.as_deref()) {
        Ok(oracle) => oracle,
        Err(problem) => crate::broken(&format!("{problem}\n{charter}")),
    };
    let mut asking = Asking { random: &mut random, world: &world, text: &text, oracle: &oracle };
    let requests = (0..requests).map(|_| asking.request()).collect();
    Case { charter, outer, requests }
}

fn both(own: Text, outer: &Text) -> Text {
    let mut text = own;
    text.groups.extend(outer.groups.iter().map(|group| format!("{OUTER}/{group}")));
    text.windows.extend(outer.windows.iter().cloned());
    text
}
