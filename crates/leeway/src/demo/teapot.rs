//! Teapot Lane: a shop with one desk, one person at it at a time, and an owner who looks in when the market is over.

use super::story::{CaseStory, Company, CustomerStory, Given, Life, Opened, Passed, PersonStory, QUIET, Shifts, Turn, customer, order};

pub(super) const COMPANY: Company = Company {
    name: "Teapot Lane",
    file: "leeway-shop.db",
    charter: include_str!("../../../../charters/teapot.toml"),
    desk: &["desk"],
    lead: "owner",
    manager: "owner",
    teams: &[("Teapot Lane", None)],
    calendars: &[Opened { name: "owner", hours: (18, 21), days: 7 }],
    rota: &[Turn { group: "owner", level: "owner", is_deputy: false, days: 0b111_1111, hours: None }],
    people: PEOPLE,
    colleagues: &[],
    ai_agent: None,
    seats: ["Milo Serra", "Wanda Pruss"],
    customers: CUSTOMERS,
    cases: CASES,
    offerings: &[
        (
            "thirty-days",
            "Thirty days to change your mind",
            "Bring it back or send it back within thirty days, and you get back what you paid. Open tea is the exception: nobody else would drink it.",
        ),
        ("two-days", "With you in two days", "What you order before noon is with you in two days. If it is not, tell us: we look into it the same day."),
        ("whole-cups", "Cups in one piece", "We pack every cup by hand. If one breaks all the same, send us a photo, and another one is on its way."),
    ],
    life: Life {
        visits: [3, 3, 3, 4, 4, 6, 0],
        strike: (5, 1),
        troubles: &[
            ("late_parcel", &["Days late", "It came after the weekend", "The tea came, the visitors had gone", "Promised for Friday, came on Wednesday"], 36),
            ("damaged_parcel", &["A cup in two halves", "The spout is chipped", "One of six cups is cracked", "The lid broke on the way"], 62),
            ("wrong_item", &["Green instead of black", "Somebody else's order", "Two saucers, no cups"], 78),
            ("sending_back", &["Too large for two", "Was a present, she has one", "Changed my mind"], 100),
        ],
        goods: &[&["cups"], &["tea"], &["tea", "cups"], &["cups"]],
        total: 900..7_000,
        customers: (420, 60),
        has_tiers: false,
        has_labels: false,
        shifts: Some(Shifts { morning: "Milo Serra", afternoon: "Sana Iqbal", saturday: "Joke de Wit" }),
        answered: &[45, 90, 180, 240, 300, 420, 660],
    },
};

const PEOPLE: &[PersonStory] = &[
    PersonStory {
        name: "Milo Serra",
        email: "milo@teapotlane.example",
        level: "desk",
        team: "Teapot Lane",
        is_owner: false,
        line: "at the desk in the morning, alone",
    },
    PersonStory { name: "Sana Iqbal", email: "sana@teapotlane.example", level: "desk", team: "Teapot Lane", is_owner: false, line: "in the afternoon" },
    PersonStory { name: "Joke de Wit", email: "joke@teapotlane.example", level: "desk", team: "Teapot Lane", is_owner: false, line: "on Saturdays" },
    PersonStory {
        name: "Wanda Pruss",
        email: "wanda@teapotlane.example",
        level: "owner",
        team: "Teapot Lane",
        is_owner: true,
        line: "owner: at the market, looks in from six to nine in the evening",
    },
];

const CUSTOMERS: &[CustomerStory<'_>] = &[
    customer("T-101", "Ruth Amsel", "ruth.amsel@example.com", "", "2019-04-02", &[order("P-4401", "58.00", 12, Some(6), &["tea", "cups"])]),
    customer("T-164", "Henk Bos", "henk.bos@example.com", "", "2026-03-15", &[order("P-4417", "34.50", 8, Some(0), &["cups"])]),
    customer("T-187", "Ayla Kaya", "ayla.kaya@example.com", "", "2026-10-20", &[order("P-4422", "21.00", 7, Some(4), &["tea"])]),
    customer("T-140", "Pim Groot", "pim.groot@example.com", "", "2024-11-30", &[order("P-4409", "16.80", 9, Some(0), &["tea"])]),
    customer("T-122", "Nadia Petrov", "nadia.petrov@example.com", "", "2022-01-19", &[order("P-4390", "89.00", 15, Some(8), &["cups"])]),
];

/// What is on the desk is whoever's who was there when it came.
const MILO: CaseStory<'_> = CaseStory { owner: "Milo Serra", ..QUIET };
const SANA: CaseStory<'_> = CaseStory { owner: "Sana Iqbal", ..QUIET };

const CASES: &[CaseStory<'_>] = &[
    CaseStory {
        title: "The teapot for the wedding came after it",
        order: "P-4390",
        channel: "phone",
        hours: 3 * 24,
        note: "It stood on the list of presents, and the table had a gap. She says we should have called.",
        given: Some(Given { remedy: "refund", reason: "late", amount: "17.00", why: "", is_fulfilled: true }),
        passed: Some(Passed {
            remedy: "refund",
            reason: "late",
            amount: "30.00",
            why: "A wedding does not wait for a parcel.",
            words: "Yes, and tell her that I call tonight. A wedding is a wedding.",
            is_precedent: false,
        }),
        is_solved: true,
        ..SANA
    },
    CaseStory {
        title: "One cup of four in pieces",
        issue: "damaged_parcel",
        order: "P-4417",
        hours: 20,
        facts: &[("case.photo_seen", "true")],
        given: Some(Given { remedy: "replacement", reason: "damaged", amount: "", why: "", is_fulfilled: false }),
        ..SANA
    },
    CaseStory { title: "Tea for Sunday, came on Thursday", order: "P-4422", channel: "chat", hours: 2, ..MILO },
    CaseStory { title: "Wants to bring back an open tin", issue: "sending_back", order: "P-4409", channel: "counter", hours: 1, ..MILO },
    CaseStory {
        title: "Six days late, and a letter about it",
        order: "P-4401",
        hours: 3,
        note: "She has come since we opened. The letter is kind; it says that she missed her Sunday tea.",
        ..MILO
    },
];
