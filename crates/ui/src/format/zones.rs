//! Time zones as people name them.

use jiff::tz::TimeZone;

/// All time zones of the database by the name of a place, and UTC: not the many old names.
pub(crate) fn time_zones() -> Vec<String> {
    const CONTINENTS: [&str; 9] = ["Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    let is_place = |name: &String| name == "UTC" || CONTINENTS.iter().any(|continent| name.starts_with(continent));
    let mut names: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).filter(is_place).collect();
    names.sort_unstable();
    names
}

/// The name of the time zone that somebody typed, as the database spells it: `europe/new york` is not one, `america/new york` is.
///
/// # Errors
/// What to write instead.
pub fn time_zone(typed: &str) -> Result<String, String> {
    let zone = TimeZone::get(&typed.trim().replace(' ', "_")).ok().and_then(|zone| zone.iana_name().map(str::to_owned));
    zone.ok_or_else(|| format!("`{typed}` is not a time zone. Write a region and a city, such as Europe/Lisbon."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_offered_and_read() {
        let offered = time_zones();
        assert!(offered.len() > 300 && offered.is_sorted() && offered.iter().all(|name| time_zone(name).as_ref() == Ok(name)));
        for (typed, name) in [("america/new york", "America/New_York"), (" Europe/Lisbon ", "Europe/Lisbon"), ("utc", "UTC")] {
            assert_eq!(time_zone(typed).as_deref(), Ok(name));
        }
        for wrong in ["", "Lisbon", "Europe/New York", "../Europe/Lisbon"] {
            assert!(time_zone(wrong).is_err_and(|e| e.contains("such as Europe/Lisbon")), "{wrong}");
        }
    }
}
