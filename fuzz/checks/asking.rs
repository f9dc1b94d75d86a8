//! Requests for any charter.

use charter::facts::{Confirm, Fact, Type, Value};
use charter::money::Measure;
use charter::{Charter, limits};
use serde_json::{Map, Value as Json, json};

use super::zones;

const NOW: &str = "2026-03-29T01:30:00Z";
/// Of one charter, so many remedies and reasons.
const MATTERS: usize = 64;

/// Asks for everything a charter has, with nothing known, with all facts at their least and at their greatest.
pub(crate) fn ask(charter: &Charter) {
    let many: usize = charter.remedies.iter().map(|r| r.reasons.len().max(1)).sum();
    for (known, level) in [(None, charter.levels.first()), (Some(false), charter.levels.first()), (Some(true), charter.levels.last())] {
        let mut request = request(charter, known, level.map_or("", |l| l));
        if many > MATTERS {
            request["remedy"] = charter.remedies.first().map_or(Json::Null, |r| json!(r.id));
        }
        zones::options_of(charter, &request);
    }
}

fn request(charter: &Charter, known: Option<bool>, level: &str) -> Json {
    let subjects: Map<String, Json> = charter.subjects.iter().filter(|s| ***s != *"request").map(|s| (s.to_string(), json!("X-1"))).collect();
    let facts: Map<String, Json> =
        charter.facts.iter().filter_map(|fact| Some((fact.name.to_string(), given(charter, fact, known?)))).take(limits::GIVEN_FACTS).collect();
    let ledger: Vec<Json> = charter.remedies.iter().take(3).filter(|_| known.is_some()).map(|remedy| entry(charter, remedy, &subjects)).collect();
    json!({ "at": NOW, "asker": { "level": level }, "subjects": subjects, "facts": facts, "ledger": ledger })
}

fn given(charter: &Charter, fact: &Fact, most: bool) -> Json {
    let count = if most { fact.range.1 } else { fact.range.0 };
    let written = || fact.kind.write(&Value::Count(count), charter.currency.places);
    let value = match &fact.kind {
        Type::YesNo => json!(most),
        Type::Text => json!(if most { "z" } else { "" }),
        Type::Choice(values) => json!(if most { values.last() } else { values.first() }),
        Type::List => json!(if most { vec!["a", "b"] } else { vec![] }),
        Type::Number | Type::Money | Type::Duration | Type::Date | Type::Time => json!(written()),
    };
    let by = match fact.confirm {
        Some(Confirm::Person) => "person",
        Some(Confirm::Level(level)) => charter.levels.get(level).map_or("", |l| l),
        Some(Confirm::System) | None => "system",
    };
    json!({ "value": value, "by": by, "at": NOW })
}

fn entry(charter: &Charter, remedy: &charter::model::Remedy, subjects: &Map<String, Json>) -> Json {
    let mut entry = json!({ "at": "2026-03-28T01:30:00Z", "remedy": remedy.id, "keys": subjects, "worth": "1" });
    if let Some(reason) = remedy.reasons.first().and_then(|r| charter.reasons.get(*r)) {
        entry["reason"] = json!(reason);
    }
    if remedy.measure != Measure::Act {
        entry["amount"] = json!(charter::decimal::units_to_text(remedy.minimum, remedy.measure.places(&charter.currency)));
    }
    entry
}
