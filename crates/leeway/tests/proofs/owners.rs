//! Whose things are: every route that names something, for everybody whose role lets them in, with things of another team and of somebody else.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::on_each;

use crate::house::{self, Answer, HOLDERS, House, MARK, Sent, Who, form};

/// What a path names.
#[derive(Clone, Copy, Debug)]
enum Thing {
    /// A case of the team North.
    Case,
    /// A grant in one, by the giver, that can be taken back.
    Grant,
    /// The same, after it was sent.
    Sent,
    /// A sign-in of the giver.
    SignIn,
    /// A member of North.
    Member,
    /// Somebody who is in North for a day.
    Visitor,
    /// The membership of such a one.
    Membership,
    /// A group that North serves, with the member in its rota.
    Group,
    /// The same, with a chat.
    Chat,
    /// The hours of the member in it.
    Shift,
    /// An absence of theirs.
    Absence,
    /// What the giver passed up to that group, in a case of North.
    PassedUp,
    /// The same, and the group asks back.
    AskedBack,
    /// The same, answered with a no.
    Answered,
    /// What was approved of it.
    Approved,
    /// What the customer was promised with it.
    Promised,
    /// The giver with an open point on their list: both ids.
    Agent,
    /// An open point on their list.
    Point,
    /// A talk of the giver and the lead.
    Talk,
}

/// Who does it, and who sees the thing and may not do that; to everybody else it is not there.
struct Owned {
    path: &'static str,
    thing: Thing,
    sent: Body,
    does: &'static [&'static str],
    sees: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Body {
    /// It is read.
    Get,
    Form(&'static [(&'static str, &'static str)]),
    Json(fn() -> Value),
}

/// Routes that name something which is everybody's who may open the route, and why.
const BY_ROLE: &[(&str, &str)] = &[
    ("/assets/{checksum}/{*name}", "styles and scripts"),
    ("/begin/{secret}", "of whoever has the link, while there is no owner"),
    ("/invitations/{secret}", "of whoever has the link"),
    ("/reset/{secret}", "of whoever has the link"),
    ("/promises/{slug}", "public, once it is shown"),
    ("/offerings/{slug}", "of the whole desk"),
    ("/offerings/{slug}/versions", "of the whole desk"),
    ("/offerings/{slug}/shown", "of the whole desk"),
    ("/charter/versions/{number}", "in force for everybody"),
    ("/charter/versions/{number}/charter.toml", "in force for everybody"),
    ("/charter/versions/{number}/in-force", "in force for everybody"),
    ("/api/v1/charter/versions/{number}/in-force", "in force for everybody"),
    ("/customers/{id}", "a customer comes to any team; their cases are looked at below"),
    ("/customers/{id}/contact", "a customer comes to any team"),
    ("/customers/{id}/merge", "a customer comes to any team"),
    ("/customers/{id}/erasure", "for owners"),
    ("/api/v1/customers/{id}", "a customer comes to any team"),
    ("/news/{id}/seen", "leads to the case; who has heard it then is looked at below"),
    ("/embed/card/grants/{id}/withdrawal", "of whoever has the pass"),
    ("/settings/webhooks/{id}", "for operators"),
    ("/settings/webhooks/{id}/deliveries/{number}/again", "for operators"),
    ("/settings/webhooks/{id}/events", "for owners"),
    ("/settings/webhooks/{id}/pause", "for operators"),
    ("/settings/webhooks/{id}/removal", "for owners"),
    ("/settings/webhooks/{id}/resumption", "for operators"),
    ("/settings/webhooks/{id}/secret", "for owners"),
    ("/settings/webhooks/{id}/test", "for operators"),
    ("/api/v1/webhooks/{id}", "for owners"),
    ("/api/v1/webhooks/{id}/deliveries", "for owners"),
    ("/api/v1/webhooks/{id}/deliveries/{number}/again", "for owners"),
    ("/api/v1/webhooks/{id}/events", "for owners"),
    ("/api/v1/webhooks/{id}/pause", "for owners"),
    ("/api/v1/webhooks/{id}/resumption", "for owners"),
    ("/api/v1/webhooks/{id}/secret", "for owners"),
    ("/api/v1/webhooks/{id}/test", "for owners"),
    ("/people/{id}/level", "for owners"),
    ("/people/{id}/disable", "for owners"),
    ("/people/{id}/enable", "for owners"),
    ("/people/{id}/invitation", "for owners"),
    ("/people/{id}/reset", "for owners"),
    ("/people/{id}/roles", "for owners"),
    ("/people/{id}/roles/{role}/withdraw", "for owners"),
    ("/teams/{id}/name", "for owners"),
    ("/teams/{id}/parent", "for owners"),
    ("/settings/tokens/{id}/revoke", "for owners"),
    ("/settings/calendars/{name}", "for operators"),
    ("/groups/{group}", "the whole desk knows who is there"),
    ("/settings/jobs/{id}/retry", "for operators"),
];

/// Later than what the customers of this house are promised.
const LATER: &str = "2026-12-24T12:00";
const NORTH: &[&str] = &["member", "giver", "lead", "manager", "owner"];
const NORTH_API: &[&str] = &["member", "giver", "lead", "manager", "owner", "Member", "Owner", "Bot", "Shop"];
const OTHERS: &[&str] = &["member", "lead", "manager", "owner"];
const LEADS: &[&str] = &["lead", "manager", "owner"];
/// The two of a debrief: managers and owners are not among them.
pub(crate) const TWO: &[&str] = &["giver", "lead"];

/// Who works on cases of North, over the API too, and is no other system.
const STAFF_API: &[&str] = &["member", "giver", "lead", "manager", "owner", "Member", "Owner", "Bot"];
/// Whoever is at a desk, over the API too.
const DESK_API: &[&str] = &[
    "member",
    "giver",
    "lead",
    "manager",
    "owner",
    "far member",
    "far lead",
    "far manager",
    "far operator",
    "Member",
    "FarMember",
    "Owner",
    "Bot",
    "FarBot",
    "Shop",
];
/// The same without the last one, which is a system and no staff.
const AT_DESKS: &[&str] = match DESK_API {
    [staff @ .., _] => staff,
    [] => &[],
};
/// Who leads North, over the API too, and who sees its rota and does not.
const LEADS_API: &[&str] = &["lead", "manager", "owner", "Owner"];
const NO_LEADS_API: &[&str] = &["member", "giver", "far member", "far lead", "far manager", "far operator", "Member", "FarMember"];
/// Who serves the group and did not raise it, over the API too.
const OTHERS_API: &[&str] = &["member", "lead", "manager", "owner", "Member", "Owner"];

const OWNED: &[Owned] = &[
    Owned { path: "/cases/{number}", thing: Thing::Case, sent: Body::Get, does: NORTH, sees: &[] },
    Owned { path: "/cases/{number}/facts", thing: Thing::Case, sent: Body::Form(&[("is.case.photo_seen", "yes")]), does: NORTH, sees: &[] },
    Owned { path: "/cases/{number}/notes", thing: Thing::Case, sent: Body::Form(&[("note", "Seen.")]), does: NORTH, sees: &[] },
    Owned { path: "/cases/{number}/moves", thing: Thing::Case, sent: Body::Form(&[("move", "solve")]), does: NORTH, sees: &[] },
    Owned { path: "/cases/{number}/owner", thing: Thing::Case, sent: Body::Form(&[]), does: NORTH, sees: &[] },
    Owned {
        path: "/cases/{number}/grants",
        thing: Thing::Case,
        sent: Body::Form(&[("remedy", "refund"), ("reason", "late"), ("amount", "10.00")]),
        does: NORTH,
        sees: &[],
    },
    Owned { path: "/cases/{number}/about", thing: Thing::Case, sent: Body::Get, does: NORTH, sees: &[] },
    Owned { path: "/cases/{number}/about", thing: Thing::Case, sent: Body::Form(&[("do", "words")]), does: NORTH, sees: &[] },
    Owned { path: "/cases/{number}/offer", thing: Thing::Case, sent: Body::Get, does: NORTH, sees: &[] },
    Owned { path: "/cases/{number}/offer", thing: Thing::Case, sent: Body::Form(&[("reason", "late"), ("give-refund", "10.00")]), does: NORTH, sees: &[] },
    Owned {
        path: "/cases/{number}/refusals",
        thing: Thing::Case,
        sent: Body::Form(&[("remedy", "refund"), ("reason", "late"), ("amount", "90.00")]),
        does: NORTH,
        sees: &[],
    },
    Owned { path: "/grants/{id}/withdrawal", thing: Thing::Grant, sent: Body::Form(&[]), does: &["giver"], sees: &["member", "lead", "manager", "owner"] },
    Owned { path: "/grants/{id}/correction", thing: Thing::Grant, sent: Body::Get, does: LEADS, sees: &[] },
    Owned { path: "/grants/{id}/correction", thing: Thing::Sent, sent: Body::Form(&[("cause", "double"), ("note", "Twice.")]), does: LEADS, sees: &[] },
    Owned { path: "/grants/{id}/settlement", thing: Thing::Sent, sent: Body::Get, does: &["member", "lead", "manager", "owner"], sees: &["giver"] },
    Owned {
        path: "/grants/{id}/settlement",
        thing: Thing::Sent,
        sent: Body::Form(&[("settled", "fulfilled")]),
        does: &["member", "lead", "manager", "owner"],
        sees: &["giver"],
    },
    Owned { path: "/cases/{number}/escalations/new", thing: Thing::Case, sent: Body::Get, does: NORTH, sees: &[] },
    Owned {
        path: "/cases/{number}/escalations",
        thing: Thing::Case,
        sent: Body::Form(&[("remedy", "refund"), ("reason", "late"), ("amount", "60.00"), ("who", "nobody")]),
        does: NORTH,
        sees: &[],
    },
    Owned { path: "/escalations/{id}", thing: Thing::PassedUp, sent: Body::Get, does: NORTH, sees: &[] },
    Owned { path: "/escalations/{id}/taking", thing: Thing::PassedUp, sent: Body::Form(&[]), does: OTHERS, sees: &["giver"] },
    Owned { path: "/escalations/{id}/question", thing: Thing::PassedUp, sent: Body::Form(&[("words", "Which?")]), does: OTHERS, sees: &["giver"] },
    Owned { path: "/escalations/{id}/reply", thing: Thing::AskedBack, sent: Body::Form(&[("words", "This.")]), does: NORTH, sees: &[] },
    Owned {
        path: "/escalations/{id}/answer",
        thing: Thing::PassedUp,
        sent: Body::Form(&[("verdict", "no"), ("words", "Not this time.")]),
        does: OTHERS,
        sees: &["giver"],
    },
    Owned { path: "/escalations/{id}/withdrawal", thing: Thing::PassedUp, sent: Body::Form(&[]), does: NORTH, sees: &[] },
    Owned { path: "/escalations/{id}/rating", thing: Thing::Answered, sent: Body::Form(&[("rating", "partly")]), does: &["giver"], sees: OTHERS },
    Owned { path: "/grants/{id}/giving", thing: Thing::Approved, sent: Body::Form(&[]), does: NORTH, sees: &[] },
    Owned { path: "/grants/{id}/taking-back", thing: Thing::Approved, sent: Body::Form(&[]), does: LEADS, sees: &["member", "giver"] },
    Owned { path: "/cases/{number}/promises", thing: Thing::Case, sent: Body::Form(&[("how", "phone"), ("due", "LATER")]), does: NORTH, sees: &[] },
    Owned { path: "/promised/{id}", thing: Thing::Promised, sent: Body::Get, does: NORTH, sees: &[] },
    Owned { path: "/promised/{id}/keeping", thing: Thing::Promised, sent: Body::Form(&[]), does: NORTH, sees: &[] },
    Owned { path: "/promised/{id}/renewal", thing: Thing::Promised, sent: Body::Form(&[("due", "LATER"), ("words", "Ill.")]), does: NORTH, sees: &[] },
    Owned { path: "/promised/{id}/end", thing: Thing::Promised, sent: Body::Form(&[("words", "They have moved.")]), does: NORTH, sees: &[] },
    Owned { path: "/settings/sessions/{id}/end", thing: Thing::SignIn, sent: Body::Form(&[]), does: &["giver"], sees: &[] },
    Owned { path: "/people/{id}", thing: Thing::Member, sent: Body::Get, does: NORTH, sees: &[] },
    Owned {
        path: "/people/{id}",
        thing: Thing::Member,
        sent: Body::Form(&[("name", "Person member"), ("email", "member@leeway.example"), ("locale", "en"), ("time_zone", "Europe/Amsterdam")]),
        does: &["owner"],
        sees: &[],
    },
    Owned {
        path: "/people/{id}/memberships",
        thing: Thing::Visitor,
        sent: Body::Form(&[("team", "NORTH"), ("role", "member"), ("from", "2031-01-01"), ("until", "2031-02-01")]),
        does: &["manager", "owner"],
        sees: &[],
    },
    Owned { path: "/memberships/{id}/end", thing: Thing::Membership, sent: Body::Form(&[]), does: &["manager", "owner"], sees: &[] },
    Owned { path: "/groups/{group}/team", thing: Thing::Group, sent: Body::Form(&[("team", "NORTH")]), does: &["manager", "owner"], sees: &["far manager"] },
    Owned {
        path: "/groups/{group}/shifts",
        thing: Thing::Group,
        sent: Body::Form(&[("staff", "MEMBER"), ("mon", "yes"), ("hours", "09:00-17:00"), ("zone", "UTC")]),
        does: LEADS,
        sees: &["far lead", "far manager"],
    },
    Owned {
        path: "/groups/{group}/absences",
        thing: Thing::Group,
        sent: Body::Form(&[("staff", "MEMBER"), ("from", "2031-01-01"), ("until", "2031-01-02")]),
        does: &["member", "lead", "manager", "owner"],
        sees: &["giver", "far member", "far lead", "far manager", "far operator"],
    },
    Owned { path: "/cases/{number}/debrief", thing: Thing::Case, sent: Body::Get, does: NORTH, sees: &[] },
    Owned { path: "/cases/{number}/debrief", thing: Thing::Case, sent: Body::Form(&[("note", "It was hard.")]), does: NORTH, sees: &[] },
    Owned { path: "/debriefs/with/{id}", thing: Thing::Agent, sent: Body::Get, does: TWO, sees: &[] },
    Owned { path: "/debriefs/with/{id}/points", thing: Thing::Agent, sent: Body::Form(&[("note", "The shifts.")]), does: TWO, sees: &[] },
    Owned { path: "/debriefs/with/{id}/talks", thing: Thing::Agent, sent: Body::Form(&[("point-ID", "yes")]), does: &["lead"], sees: &[] },
    Owned { path: "/debriefs/points/{id}/notes", thing: Thing::Point, sent: Body::Form(&[("note", "So it was.")]), does: TWO, sees: &[] },
    Owned { path: "/debriefs/talks/{id}", thing: Thing::Talk, sent: Body::Get, does: TWO, sees: &[] },
    Owned { path: "/debriefs/talks/{id}/notes", thing: Thing::Talk, sent: Body::Form(&[("note", "It helped.")]), does: TWO, sees: &[] },
    Owned {
        path: "/groups/{group}/chat",
        thing: Thing::Group,
        sent: Body::Form(&[("address", "https://chat.invalid/a-hook"), ("kind", "slack")]),
        does: LEADS,
        sees: &["far lead", "far manager"],
    },
    Owned { path: "/groups/{group}/chat/test", thing: Thing::Chat, sent: Body::Form(&[]), does: LEADS, sees: &["far lead", "far manager"] },
    Owned { path: "/groups/{group}/chat/removal", thing: Thing::Chat, sent: Body::Form(&[]), does: LEADS, sees: &["far lead", "far manager"] },
    Owned { path: "/shifts/{id}/end", thing: Thing::Shift, sent: Body::Form(&[]), does: LEADS, sees: &["far lead", "far manager"] },
    Owned { path: "/absences/{id}/end", thing: Thing::Absence, sent: Body::Form(&[]), does: &["member", "lead", "manager", "owner"], sees: &[] },
    Owned { path: "/api/v1/cases/{number}", thing: Thing::Case, sent: Body::Get, does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/cases/{number}/facts",
        thing: Thing::Case,
        sent: Body::Json(|| json!({ "facts": [{ "fact": "case.photo_seen", "value": true }] })),
        does: NORTH_API,
        sees: &[],
    },
    Owned { path: "/api/v1/cases/{number}/owner", thing: Thing::Case, sent: Body::Json(|| json!({ "owner": null })), does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/cases/{number}/about",
        thing: Thing::Case,
        sent: Body::Json(|| json!({ "kind": "order", "reference": null })),
        does: NORTH_API,
        sees: &[],
    },
    Owned { path: "/api/v1/cases/{number}/issue", thing: Thing::Case, sent: Body::Json(|| json!({ "issue": null })), does: NORTH_API, sees: &[] },
    Owned { path: "/api/v1/cases/{number}/offering", thing: Thing::Case, sent: Body::Json(|| json!({ "offering": null })), does: NORTH_API, sees: &[] },
    Owned { path: "/api/v1/cases/{number}/first-answer", thing: Thing::Case, sent: Body::Json(|| json!({})), does: NORTH_API, sees: &[] },
    Owned { path: "/api/v1/cases/{number}/timeline", thing: Thing::Case, sent: Body::Get, does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/cases/{number}/cards",
        thing: Thing::Case,
        sent: Body::Json(|| json!({ "person": "member@leeway.example" })),
        does: &["Shop"],
        sees: AT_DESKS,
    },
    Owned { path: "/api/v1/cases/{number}/notes", thing: Thing::Case, sent: Body::Json(|| json!({ "text": "Seen." })), does: NORTH_API, sees: &[] },
    Owned { path: "/api/v1/cases/{number}/moves", thing: Thing::Case, sent: Body::Json(|| json!({ "move": "solve" })), does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/cases/{number}/options",
        thing: Thing::Case,
        sent: Body::Get,
        does: &["member", "giver", "lead", "manager", "owner", "Member", "Owner", "Bot"],
        sees: &["Shop"],
    },
    Owned { path: "/api/v1/cases/{number}/grants", thing: Thing::Case, sent: Body::Get, does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/cases/{number}/grants",
        thing: Thing::Case,
        sent: Body::Json(|| json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "9.00" }] })),
        does: &["member", "giver", "lead", "manager", "owner", "Member", "Owner", "Bot"],
        sees: &["Shop"],
    },
    Owned { path: "/api/v1/grants/{id}", thing: Thing::Grant, sent: Body::Get, does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/grants/{id}/withdrawal",
        thing: Thing::Grant,
        sent: Body::Json(|| json!({})),
        does: &["giver"],
        sees: &["member", "lead", "manager", "owner", "Member", "Owner", "Bot", "Shop"],
    },
    Owned {
        path: "/api/v1/grants/{id}/settlement",
        thing: Thing::Sent,
        sent: Body::Json(|| json!({ "settled": "fulfilled" })),
        does: &["member", "lead", "manager", "owner", "Member", "Owner", "Shop"],
        sees: &["giver", "Bot", "FarBot"],
    },
    Owned {
        path: "/api/v1/grants/{id}/correction",
        thing: Thing::Sent,
        sent: Body::Json(|| json!({ "cause": "double", "note": "Twice." })),
        does: &["lead", "manager", "owner", "Owner"],
        sees: &["member", "giver", "Member", "Bot", "FarBot", "Shop"],
    },
    Owned { path: "/api/v1/debriefs/points/{id}/notes", thing: Thing::Point, sent: Body::Json(|| json!({ "text": "So it was." })), does: TWO, sees: &[] },
    Owned { path: "/api/v1/debriefs/talks/{id}", thing: Thing::Talk, sent: Body::Get, does: TWO, sees: &[] },
    Owned { path: "/api/v1/debriefs/talks/{id}/notes", thing: Thing::Talk, sent: Body::Json(|| json!({ "text": "It helped." })), does: TWO, sees: &[] },
    Owned { path: "/api/v1/grants/{id}/giving", thing: Thing::Approved, sent: Body::Json(|| json!({})), does: STAFF_API, sees: &["Shop"] },
    Owned {
        path: "/api/v1/grants/{id}/taking-back",
        thing: Thing::Approved,
        sent: Body::Json(|| json!({})),
        does: &["lead", "manager", "owner", "Owner"],
        sees: &["member", "giver", "Member", "Bot", "Shop"],
    },
    Owned { path: "/api/v1/cases/{number}/escalations", thing: Thing::Case, sent: Body::Get, does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/cases/{number}/escalations",
        thing: Thing::Case,
        sent: Body::Json(|| json!({ "items": [{ "remedy": "refund", "reason": "late", "amount": "60.00" }] })),
        does: STAFF_API,
        sees: &["Shop"],
    },
    Owned { path: "/api/v1/escalations/{id}", thing: Thing::PassedUp, sent: Body::Get, does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/escalations/{id}/taking",
        thing: Thing::PassedUp,
        sent: Body::Json(|| json!({})),
        does: OTHERS_API,
        sees: &["giver", "Bot", "Shop"],
    },
    Owned {
        path: "/api/v1/escalations/{id}/question",
        thing: Thing::PassedUp,
        sent: Body::Json(|| json!({ "words": "Which?" })),
        does: OTHERS_API,
        sees: &["giver", "Bot", "Shop"],
    },
    Owned {
        path: "/api/v1/escalations/{id}/reply",
        thing: Thing::AskedBack,
        sent: Body::Json(|| json!({ "words": "This." })),
        does: STAFF_API,
        sees: &["Shop"],
    },
    Owned {
        path: "/api/v1/escalations/{id}/answer",
        thing: Thing::PassedUp,
        sent: Body::Json(|| json!({ "verdict": "no", "words": "Not this time." })),
        does: OTHERS_API,
        sees: &["giver", "Bot", "Shop"],
    },
    Owned { path: "/api/v1/escalations/{id}/withdrawal", thing: Thing::PassedUp, sent: Body::Json(|| json!({})), does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/escalations/{id}/rating",
        thing: Thing::Answered,
        sent: Body::Json(|| json!({ "rating": "partly" })),
        does: &["giver"],
        sees: &["member", "lead", "manager", "owner", "Member", "Owner", "Bot", "Shop"],
    },
    Owned { path: "/api/v1/cases/{number}/promises", thing: Thing::Case, sent: Body::Get, does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/cases/{number}/promises",
        thing: Thing::Case,
        sent: Body::Json(|| json!({ "due": format!("{LATER}:00Z"), "how": "phone" })),
        does: STAFF_API,
        sees: &["Shop"],
    },
    Owned { path: "/api/v1/promised/{id}/keeping", thing: Thing::Promised, sent: Body::Json(|| json!({})), does: NORTH_API, sees: &[] },
    Owned {
        path: "/api/v1/promised/{id}/renewal",
        thing: Thing::Promised,
        sent: Body::Json(|| json!({ "due": format!("{LATER}:00Z"), "words": "Ill." })),
        does: STAFF_API,
        sees: &["Shop"],
    },
    Owned {
        path: "/api/v1/promised/{id}/end",
        thing: Thing::Promised,
        sent: Body::Json(|| json!({ "words": "They have moved." })),
        does: STAFF_API,
        sees: &["Shop"],
    },
    Owned {
        path: "/api/v1/groups/{group}/team",
        thing: Thing::Group,
        sent: Body::Json(|| json!({ "team": "NORTH" })),
        does: &["manager", "owner", "Owner"],
        sees: &["member", "giver", "lead", "far member", "far lead", "far manager", "far operator", "Member", "FarMember"],
    },
    Owned { path: "/api/v1/groups/{group}/shifts", thing: Thing::Group, sent: Body::Get, does: DESK_API, sees: &[] },
    Owned {
        path: "/api/v1/groups/{group}/shifts",
        thing: Thing::Group,
        sent: Body::Json(|| json!({ "staff": "MEMBER", "days": ["mon"], "hours": "09:00-17:00", "zone": "UTC" })),
        does: LEADS_API,
        sees: NO_LEADS_API,
    },
    Owned { path: "/api/v1/shifts/{id}/end", thing: Thing::Shift, sent: Body::Json(|| json!({})), does: LEADS_API, sees: NO_LEADS_API },
    Owned { path: "/api/v1/groups/{group}/absences", thing: Thing::Group, sent: Body::Get, does: DESK_API, sees: &[] },
    Owned {
        path: "/api/v1/groups/{group}/absences",
        thing: Thing::Group,
        sent: Body::Json(|| json!({ "staff": "MEMBER", "first_day": "2031-01-01", "last_day": "2031-01-02" })),
        does: &["member", "lead", "manager", "owner", "Member", "Owner"],
        sees: &["giver", "far member", "far lead", "far manager", "far operator", "FarMember"],
    },
    Owned {
        path: "/api/v1/absences/{id}/end",
        thing: Thing::Absence,
        sent: Body::Json(|| json!({})),
        does: &["member", "lead", "manager", "owner", "Member", "Owner"],
        sees: &[],
    },
    Owned { path: "/api/v1/people/{id}", thing: Thing::Member, sent: Body::Get, does: NORTH_API, sees: &[] },
];

pub(crate) fn everybody() -> Vec<(String, Who)> {
    let persons = House::persons().map(|name| (name.to_owned(), Who::Person(name)));
    persons.chain(HOLDERS.map(|holder| (format!("{holder:?}"), Who::Program(holder, None)))).collect()
}

impl Thing {
    /// One of its own for each try.
    async fn fresh(self, house: &House) -> String {
        match self {
            Self::Case => house.case().await.to_string(),
            Self::Grant => house.grant().await.1,
            Self::Sent => house.sent().await.1,
            Self::SignIn => {
                let before = other_sign_ins(house).await;
                house.signs_in("giver").await;
                other_sign_ins(house).await.difference(&before).next().unwrap().clone()
            }
            Self::Agent => format!("{}/{}", house.staff["giver"], house.point("giver").await),
            Self::Point => house.point("giver").await,
            Self::Talk => house.talk().await,
            Self::Member => house.staff["member"].to_string(),
            Self::Visitor => house.visitor().await.0.to_string(),
            Self::Membership => house.visitor().await.1.to_string(),
            Self::Group => {
                house.serve().await;
                house::GROUP.to_owned()
            }
            Self::Chat => {
                house.serve().await;
                let address = [("address", "https://chat.invalid/a-hook"), ("kind", "slack")];
                house.does("owner", &format!("/groups/{}/chat", house::GROUP), &address).await;
                house::GROUP.to_owned()
            }
            Self::PassedUp => house.passed_up().await.0,
            Self::AskedBack => {
                let id = house.passed_up().await.0;
                house.does("lead", &format!("/escalations/{id}/question"), &[("words", "Which?")]).await;
                id
            }
            Self::Answered => {
                let id = house.passed_up().await.0;
                house.does("lead", &format!("/escalations/{id}/answer"), &[("verdict", "no"), ("words", "Not this time.")]).await;
                id
            }
            Self::Approved => {
                let id = house.passed_up().await.0;
                house.does("lead", &format!("/escalations/{id}/answer"), &[("verdict", "give"), ("words", "Yes.")]).await;
                linked(house, &format!("/escalations/{id}"), "/grants/", "/giving").await
            }
            Self::Promised => house.passed_up().await.1,
            Self::Shift => {
                house.serve().await;
                of_group(house, "/shifts/").await
            }
            Self::Absence => {
                house.serve().await;
                let away = form(&[("staff", &house.staff["member"].to_string()), ("from", "2031-01-01"), ("until", "2031-01-02")]);
                house.send(&Who::Person("owner"), Method::POST, &format!("/groups/{}/absences", house::GROUP), &away).await;
                of_group(house, "/absences/").await
            }
        }
    }
}

/// The first of what can be ended on the page of the group.
async fn of_group(house: &House, kind: &str) -> String {
    linked(house, &format!("/groups/{}", house::GROUP), kind, "/end").await
}

/// What an owner is led to by a page.
async fn linked(house: &House, path: &str, kind: &str, what: &str) -> String {
    let page = house.get(&Who::Person("owner"), path).await.text;
    page.split('"').find_map(|part| part.strip_prefix(kind)?.strip_suffix(what)).unwrap_or_else(|| panic!("{page}")).to_owned()
}

/// Where the giver is signed in besides.
async fn other_sign_ins(house: &House) -> BTreeSet<String> {
    let page = house.get(&Who::Person("giver"), "/settings/sessions").await.text;
    page.split('"').filter_map(|part| part.strip_prefix("/settings/sessions/")?.strip_suffix("/end")).map(str::to_owned).collect()
}

fn filled(path: &str, ids: &str) -> String {
    let id = ids.split('/').next().unwrap_or_default();
    // The form says of which remedy it is.
    let path = &path.replace("/escalations/new", "/escalations/new?remedy=refund&reason=late&amount=30.00");
    path.replace("{number}", id).replace("{id}", id).replace("{group}", id)
}

fn sent(body: Body, house: &House, ids: &str) -> (Method, Sent) {
    match body {
        Body::Get => (Method::GET, Sent::Nothing),
        Body::Json(value) => {
            let ids = [("MEMBER", house.staff["member"].to_string()), ("NORTH", house.north.to_string())];
            let text = ids.iter().fold(value().to_string(), |text, (name, id)| text.replace(&format!("\"{name}\""), &format!("\"{id}\"")));
            (Method::POST, Sent::Json(serde_json::from_str(&text).unwrap()))
        }
        Body::Form(fields) => {
            let (north, member) = (house.north.to_string(), house.staff["member"].to_string());
            let filled = |value: &'static str| match value {
                "NORTH" => north.as_str(),
                "MEMBER" => member.as_str(),
                "LATER" => LATER,
                value => value,
            };
            let names: Vec<String> = fields.iter().map(|(name, _)| name.replace("ID", ids.rsplit('/').next().unwrap_or_default())).collect();
            let fields: Vec<(&str, &str)> = names.iter().zip(fields).map(|(name, (_, value))| (name.as_str(), filled(value))).collect();
            (Method::POST, form(&fields))
        }
    }
}

fn was_done(answer: &Answer) -> bool {
    (answer.status.is_success() || answer.status.is_redirection()) && !answer.is_refused()
}

#[test]
fn everything_that_a_path_names_has_an_owner() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let named: BTreeSet<(String, &str)> =
            house.routes().iter().filter(|route| route.path.contains('{')).map(|route| (route.method.to_string(), route.path)).collect();
        let mut known: BTreeSet<(String, &str)> = OWNED.iter().map(|owned| (sent(owned.sent, &house, "").0.to_string(), owned.path)).collect();
        let owned: BTreeSet<&str> = OWNED.iter().map(|owned| owned.path).collect();
        for (path, _) in BY_ROLE {
            assert!(!owned.contains(path), "{path} stands in both tables");
            let of_path: Vec<_> = named.iter().filter(|(_, of)| of == path).cloned().collect();
            assert!(!of_path.is_empty(), "{path} is no route any more");
            known.extend(of_path);
        }
        assert_eq!(known, named, "whose is it? say so in one of the two tables above");
    });
}

#[test]
fn what_is_of_another_team_is_not_there() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let mut tries = 0;
        for owned in OWNED {
            let method = sent(owned.sent, &house, "").0;
            for (name, who) in everybody() {
                let permission = house.routes().into_iter().find(|route| route.path == owned.path && route.method == method).unwrap().permission;
                if !crate::roles::gets_in(permission, &who) {
                    continue;
                }
                let id = owned.thing.fresh(&house).await;
                let body = sent(owned.sent, &house, &id).1;
                let before = house.events().await;
                let answer = house.send(&who, method.clone(), &filled(owned.path, &id), &body).await;
                tries += 1;
                let what = format!("{method} {} as {name}: {} {}", owned.path, answer.status, answer.brief());
                let (does, sees) = (owned.does.contains(&name.as_str()), owned.sees.contains(&name.as_str()));
                if does {
                    assert!(was_done(&answer), "{what}");
                } else {
                    assert_eq!(answer.status, if sees { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND }, "{what}");
                    assert_eq!(house.events().await, before, "{what}: something was changed");
                    assert!(!answer.text.contains(MARK), "{what}");
                }
            }
        }
        eprintln!("{tries} tries");
        assert!(tries > 250, "{tries}");
        house.is_whole().await;
    });
}
