//! Who works there, and what is set up: as many as there are cases or not.

use super::{DAY, HOUR, Kind, STAFF, Sink, TEAMS, Years, digest, id, row, secret};

const SCOPES: &str = "cases:read cases:write options:read grants:write people:read debriefs admin";
const CALENDARS: [(&str, &str, &str); 2] = [("shop", "08:00", "20:00"), ("office", "09:00", "17:00")];

pub(super) fn write(sink: &mut Sink, years: &Years<'_>) {
    let (began, now) = (years.began(), years.now);
    let charter = row![1, "Hazel & Hart customer care", years.charter, None::<&str>, began, "system", "Written together"];
    sink.put("charters", "version, name, text, outer_text, published_at, published_by, note", charter);
    sink.put("charter_in_force", "one, version, since", row![1, 1, began]);
    for (name, from, upto) in CALENDARS {
        let days = ["mon", "tue", "wed", "thu", "fri"].map(|day| format!(r#""{day}":[["{from}","{upto}"]]"#)).join(",");
        let definition = format!(r#"{{"timezone":"Europe/Amsterdam","weekly":{{{days}}}}}"#);
        sink.put("calendars", "name, definition, changed_at", row![name, definition, began]);
    }
    let root = id(Kind::Team, began, TEAMS);
    sink.put("teams", "id, name, name_key, parent, created_at", row![root.clone(), "Customer care", "customer care", None::<&str>, began]);
    for team in 0..TEAMS {
        let name = format!("Care {team:02}");
        sink.put("teams", "id, name, name_key, parent, created_at", row![id(Kind::Team, began, team), name.clone(), name.to_lowercase(), root.clone(), began]);
    }
    sink.put("group_teams", "group_id, team, changed_at", row!["duty-leads", id(Kind::Team, began, 0), began]);
    for person in 0..STAFF {
        member(sink, years, person);
    }
    for number in 0..12 {
        let offering = id(Kind::Offering, began, number);
        sink.put("offerings", "id, slug, version, shown, made_at", row![offering.clone(), format!("promise-{number:02}"), 1, 1, began]);
        let version = row![offering, 1, format!("Promise {number}"), "What we promise, in a few sentences.", began, "system"];
        sink.put("offering_versions", "offering, version, title, text, at, actor", version);
    }
    for number in 0..3 {
        let webhook = row![id(Kind::Webhook, began, number), format!("https://shop.example/hook/{number}"), secret(-number), began, now - DAY];
        sink.put("webhooks", "id, url, secret, made_at, paused_at", webhook);
    }
}

/// The person of a number, who is signed in and holds a token. The second one owns the place.
fn member(sink: &mut Sink, years: &Years<'_>, person: i64) {
    let (began, now) = (years.began(), years.now);
    let is_lead = (TEAMS..2 * TEAMS).contains(&person);
    let (staff, level, role) = match person {
        1 => (id(Kind::Staff, began, person), "manager", "manager"),
        _ if is_lead => (id(Kind::Staff, began, person), "lead", "lead"),
        _ => (id(Kind::Staff, began, person), "agent", "member"),
    };
    let (name, email) = (format!("Person {person:03}"), format!("person-{person:03}@care.example"));
    sink.put(
        "staff",
        "id, kind, name, name_key, email, email_key, level, locale, time_zone, created_at",
        row![staff.clone(), "person", name.clone(), name.to_lowercase(), email.clone(), email, level, "en", "Europe/Amsterdam", began],
    );
    if person == 1 {
        for role in ["owner", "operator"] {
            sink.put("staff_roles", "staff, role, granted_at", row![staff.clone(), role, began]);
        }
    }
    let membership = row![id(Kind::Membership, began, person), staff.clone(), id(Kind::Team, began, person % TEAMS), role, began];
    sink.put("memberships", "id, staff, team, role, from_at", membership);
    let session = row![id(Kind::Session, now, person), digest(&secret(person)), staff.clone(), "Firefox", now - HOUR, now];
    sink.put("sessions", "id, digest, staff, device, created_at, seen_at", session);
    let token = row![id(Kind::Token, began, person), digest(&secret(person)), "of a program", staff, SCOPES, began, now];
    sink.put("tokens", "id, digest, name, staff, scopes, made_at, used_at", token);
}
