//! Hazel & Hart: a shop for kitchen and garden, with teams, leads and a manager.

use super::story::{CaseStory, Company, CustomerStory, Given, Life, Opened, OrderStory, Passed, PersonStory, QUIET, Turn, customer, order};

pub(super) const COMPANY: Company = Company {
    name: "Hazel & Hart",
    file: "leeway-demo.db",
    charter: include_str!("../../../../charters/shop.toml"),
    desk: &["agent", "senior"],
    lead: "lead",
    manager: "manager",
    teams: &[("Customer care", None), ("Care North", Some("Customer care")), ("Care South", Some("Customer care"))],
    calendars: &[Opened { name: "shop", hours: (8, 20), days: 6 }, Opened { name: "office", hours: (9, 17), days: 5 }],
    rota: &[
        Turn { group: "duty-leads", ..LEADS },
        Turn { group: "duty-leads", ..DEPUTIES },
        Turn { group: "key-care", ..LEADS },
        Turn { group: "key-care", ..DEPUTIES },
        Turn { group: "managers", is_deputy: false, ..DEPUTIES },
    ],
    people: PEOPLE,
    colleagues: COLLEAGUES,
    ai_agent: Some("Pip"),
    seats: ["Ana Marques", "Lena Vos"],
    customers: CUSTOMERS,
    cases: CASES,
    offerings: &[
        (
            "thirty-days",
            "Thirty days to send it back",
            "You have thirty days from the day it comes to send something back, whatever the reason. Tell us, and we send you a label; once it is here, you get back what you paid. Food and downloads are the exception.",
        ),
        (
            "on-the-day",
            "On the day we say",
            "We say on which day your parcel comes. When it will be later, you hear it from us before that day, and not from the tracking.",
        ),
        (
            "whole",
            "It comes whole",
            "What comes broken, or is something else than you ordered, we put right at once: send us a photo, and choose between another one and your money.",
        ),
    ],
    life: Life {
        visits: [19, 14, 14, 14, 14, 8, 0],
        strike: (26, 4),
        troubles: &[
            (
                "late_parcel",
                &["Days late", "It came after the weekend", "Late again", "The parcel took its time", "Promised for Friday, came on Wednesday"],
                44,
            ),
            ("damaged_parcel", &["A plate in pieces", "The handle is broken", "Dented box, dented pot", "One of four glasses is cracked"], 62),
            ("lost_parcel", &["It never came", "Tracking stands still", "Said to be delivered, nobody has it"], 71),
            ("wrong_item", &["Another colour than ordered", "Somebody else's order", "Two left gloves"], 81),
            ("cheaper_elsewhere", &["Seen for less", "The other shop has it cheaper"], 88),
            ("sending_back", &["Does not fit the sill", "Changed my mind", "Was a present, we have one"], 100),
        ],
        goods: &[&["kitchen"], &["garden"], &["kitchen", "garden"], &["kitchen", "food"]],
        total: 1_500..12_000,
        customers: (1_100, 140),
        has_tiers: true,
        has_labels: true,
        shifts: None,
        answered: &[4, 6, 9, 12, 15, 25, 40, 95],
    },
};

/// Leads are there in the hours of the shop, managers in those of the office and as their deputies.
const LEADS: Turn = Turn { group: "", level: "lead", is_deputy: false, days: 0b11_1111, hours: None };
const DEPUTIES: Turn = Turn { group: "", level: "manager", is_deputy: true, days: 0b1_1111, hours: Some((9, 17)) };

const PEOPLE: &[PersonStory] = &[
    PersonStory { name: "Ana Marques", email: "ana@hazelhart.example", level: "agent", team: "Care North", is_owner: false, line: "agent: settles cases" },
    PersonStory { name: "Ben Okafor", email: "ben@hazelhart.example", level: "senior", team: "Care South", is_owner: false, line: "senior agent" },
    PersonStory {
        name: "Lena Vos",
        email: "lena@hazelhart.example",
        level: "lead",
        team: "Customer care",
        is_owner: false,
        line: "lead: may give more, corrects errors",
    },
    PersonStory {
        name: "Olga Hart",
        email: "olga@hazelhart.example",
        level: "manager",
        team: "Customer care",
        is_owner: true,
        line: "owner and manager: the charter, people, settings",
    },
];

const COLLEAGUES: &[PersonStory] = &[
    PersonStory { name: "Noor Aziz", email: "noor@hazelhart.example", level: "agent", team: "Care South", is_owner: false, line: "agent" },
    PersonStory { name: "Tomás Rey", email: "tomas@hazelhart.example", level: "agent", team: "Care North", is_owner: false, line: "agent" },
    PersonStory { name: "Pia Holm", email: "pia@hazelhart.example", level: "senior", team: "Care North", is_owner: false, line: "senior agent" },
    PersonStory { name: "Jonas Falk", email: "jonas@hazelhart.example", level: "agent", team: "Care South", is_owner: false, line: "agent" },
];

const fn silent(
    number: &'static str,
    total: &'static str,
    placed_days: i64,
    silent_for: &'static str,
    contains: &'static [&'static str],
) -> OrderStory<'static> {
    OrderStory { number, total, placed_days, days_late: None, silent_for: Some(silent_for), carrier: "Snelpakket", contains }
}

const CUSTOMERS: &[CustomerStory<'_>] = &[
    customer(
        "C-1041",
        "Marta Lind",
        "marta.lind@example.com",
        "plus",
        "2021-03-14",
        &[order("W-20417", "84.90", 14, Some(9), &["garden"]), order("W-18220", "32.00", 96, Some(2), &["kitchen"])],
    ),
    customer("C-1058", "Elena Fabbri", "elena.fabbri@example.com", "plus", "2020-05-09", &[order("W-20219", "128.00", 17, Some(6), &["garden"])]),
    customer("C-1187", "Tomasz Nowak", "t.nowak@example.com", "standard", "2025-11-02", &[order("W-20533", "46.50", 9, Some(4), &["kitchen"])]),
    customer("C-0212", "Ingrid Solberg", "ingrid@example.com", "key", "2018-06-30", &[order("W-20391", "318.00", 11, Some(1), &["garden"])]),
    customer("C-1320", "Samir Haddad", "samir.haddad@example.com", "standard", "2026-08-19", &[silent("W-20350", "129.00", 16, "9d", &["kitchen"])]),
    customer("C-0874", "Chloé Martin", "chloe.martin@example.com", "plus", "2022-01-08", &[order("W-20488", "59.80", 8, Some(0), &["kitchen", "food"])]),
    customer("C-0655", "George Papadakis", "gpapadakis@example.com", "standard", "2020-09-21", &[order("W-20502", "14.20", 6, Some(0), &["kitchen"])]),
    customer("C-1402", "Yuki Tanaka", "yuki.t@example.com", "standard", "2026-10-30", &[order("W-20561", "72.40", 5, None, &["garden"])]),
    customer("C-0330", "Adaeze Obi", "adaeze.obi@example.com", "plus", "2019-12-11", &[order("W-20444", "210.00", 12, Some(6), &["garden", "kitchen"])]),
    customer("C-1275", "Lucas Weber", "lucas.weber@example.com", "standard", "2026-02-17", &[silent("W-20577", "38.00", 6, "2d", &["download"])]),
];

/// What is on the desk is hers where nobody else is named.
const ANA: CaseStory<'_> = CaseStory { owner: "Ana Marques", ..QUIET };

const CASES: &[CaseStory<'_>] = &[
    CaseStory {
        title: "Thanks, and a late second order",
        order: "W-18220",
        hours: 60 * 24,
        given: Some(Given { remedy: "voucher", reason: "goodwill", amount: "15.00", why: "", is_fulfilled: true }),
        is_solved: true,
        ..ANA
    },
    CaseStory {
        title: "Six days late, the party is over",
        order: "W-20444",
        hours: 30,
        owner: "Ben Okafor",
        note: "She had ordered for a garden party on Saturday. Very calm about it.",
        given: Some(Given { remedy: "refund", reason: "late", amount: "50.00", why: "The party went ahead without the chairs.", is_fulfilled: false }),
        ..ANA
    },
    CaseStory {
        title: "A cup came in two halves",
        issue: "damaged_parcel",
        order: "W-20488",
        hours: 26,
        owner: "Ben Okafor",
        facts: &[("case.photo_seen", "true")],
        given: Some(Given { remedy: "replacement", reason: "damaged", amount: "", why: "", is_fulfilled: true }),
        is_solved: true,
        ..ANA
    },
    CaseStory {
        title: "The bench came after his fiftieth birthday",
        order: "W-20219",
        channel: "phone",
        hours: 4 * 24,
        note: "Forty guests, and a photo of a bench in a card. She was close to tears, and right.",
        given: Some(Given { remedy: "refund", reason: "late", amount: "25.00", why: "", is_fulfilled: true }),
        passed: Some(Passed {
            remedy: "refund",
            reason: "late",
            amount: "70.00",
            why: "His fiftieth was on Saturday; the bench came on Friday after.",
            words: "A day like that comes once. Give it, and call her today: we say it ourselves.",
            is_precedent: true,
        }),
        is_solved: true,
        ..ANA
    },
    CaseStory {
        title: "Parcel nine days late, was meant for a birthday",
        order: "W-20417",
        hours: 2,
        note: "The light was for her son's birthday; he had nothing to unwrap.",
        ..ANA
    },
    CaseStory { title: "Four days late", order: "W-20533", channel: "chat", hours: 3, ..ANA },
    CaseStory { title: "The tracking has been silent for days", issue: "lost_parcel", order: "W-20350", channel: "phone", hours: 5, ..ANA },
    CaseStory { title: "Saw it for less elsewhere", issue: "cheaper_elsewhere", order: "W-20561", channel: "chat", hours: 1, ..ANA },
    CaseStory { title: "Lid does not close", issue: "damaged_parcel", order: "W-20502", hours: 7, ..ANA },
    CaseStory { title: "A day late, and she has a question about the bench", order: "W-20391", channel: "phone", hours: 1, owner: "Ben Okafor", ..ANA },
    CaseStory { title: "The download link never came", issue: "lost_parcel", order: "W-20577", hours: 4, owner: "", ..ANA },
];
