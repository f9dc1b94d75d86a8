//! Who works at the made-up company, who its customers are, and what they came with.

pub(super) struct PersonStory {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) level: &'static str,
    pub(super) team: &'static str,
    pub(super) is_owner: bool,
    /// What they are there to see.
    pub(super) line: &'static str,
}

pub(super) struct CustomerStory<'a> {
    pub(super) number: &'a str,
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) contact: &'a str,
    pub(super) tier: &'a str,
    pub(super) since: &'a str,
    pub(super) orders: &'a [OrderStory<'a>],
}

pub(super) struct OrderStory<'a> {
    pub(super) number: &'a str,
    pub(super) total: &'a str,
    pub(super) placed_days: i64,
    pub(super) days_late: Option<i64>,
    pub(super) silent_for: Option<&'a str>,
    pub(super) carrier: &'a str,
    pub(super) contains: &'a [&'a str],
}

pub(super) struct CaseStory<'a> {
    pub(super) title: &'a str,
    pub(super) issue: &'a str,
    pub(super) order: &'a str,
    pub(super) channel: &'a str,
    /// Opened so many hours ago.
    pub(super) hours: i64,
    pub(super) owner: &'a str,
    pub(super) note: &'a str,
    /// What the owner found out: fact and value, as requests write it.
    pub(super) facts: &'a [(&'a str, &'a str)],
    pub(super) given: Option<Given<'a>>,
    pub(super) is_solved: bool,
}

pub(super) struct Given<'a> {
    pub(super) remedy: &'a str,
    pub(super) reason: &'a str,
    pub(super) amount: &'a str,
    pub(super) why: &'a str,
    pub(super) is_fulfilled: bool,
}

pub(super) const PEOPLE: &[PersonStory] = &[
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

/// Who answers customers there besides; they are not shown to those who look around.
pub(super) const COLLEAGUES: &[PersonStory] = &[
    PersonStory { name: "Noor Aziz", email: "noor@hazelhart.example", level: "agent", team: "Care South", is_owner: false, line: "agent" },
    PersonStory { name: "Tomás Rey", email: "tomas@hazelhart.example", level: "agent", team: "Care North", is_owner: false, line: "agent" },
    PersonStory { name: "Pia Holm", email: "pia@hazelhart.example", level: "senior", team: "Care North", is_owner: false, line: "senior agent" },
    PersonStory { name: "Jonas Falk", email: "jonas@hazelhart.example", level: "agent", team: "Care South", is_owner: false, line: "agent" },
];

const fn order(number: &'static str, total: &'static str, placed_days: i64, days_late: Option<i64>, contains: &'static [&'static str]) -> OrderStory<'static> {
    OrderStory { number, total, placed_days, days_late, silent_for: None, carrier: "Postbode", contains }
}

const fn silent(
    number: &'static str,
    total: &'static str,
    placed_days: i64,
    silent_for: &'static str,
    contains: &'static [&'static str],
) -> OrderStory<'static> {
    OrderStory { number, total, placed_days, days_late: None, silent_for: Some(silent_for), carrier: "Snelpakket", contains }
}

const fn customer(
    number: &'static str,
    name: &'static str,
    email: &'static str,
    tier: &'static str,
    since: &'static str,
    orders: &'static [OrderStory<'static>],
) -> CustomerStory<'static> {
    CustomerStory { number, name, email, contact: "by e-mail", tier, since, orders }
}

pub(super) const CUSTOMERS: &[CustomerStory<'_>] = &[
    customer(
        "C-1041",
        "Marta Lind",
        "marta.lind@example.com",
        "plus",
        "2021-03-14",
        &[order("W-20417", "84.90", 14, Some(9), &["garden"]), order("W-18220", "32.00", 96, Some(0), &["kitchen"])],
    ),
    customer("C-1187", "Tomasz Nowak", "t.nowak@example.com", "standard", "2025-11-02", &[order("W-20533", "46.50", 9, Some(4), &["kitchen"])]),
    customer("C-0212", "Ingrid Solberg", "ingrid@example.com", "key", "2018-06-30", &[order("W-20391", "318.00", 11, Some(1), &["garden"])]),
    customer("C-1320", "Samir Haddad", "samir.haddad@example.com", "standard", "2026-08-19", &[silent("W-20350", "129.00", 16, "9d", &["kitchen"])]),
    customer("C-0874", "Chloé Martin", "chloe.martin@example.com", "plus", "2022-01-08", &[order("W-20488", "59.80", 8, Some(0), &["kitchen", "food"])]),
    customer("C-0655", "George Papadakis", "gpapadakis@example.com", "standard", "2020-09-21", &[order("W-20502", "14.20", 6, Some(0), &["kitchen"])]),
    customer("C-1402", "Yuki Tanaka", "yuki.t@example.com", "standard", "2026-10-30", &[order("W-20561", "72.40", 5, None, &["garden"])]),
    customer("C-0330", "Adaeze Obi", "adaeze.obi@example.com", "plus", "2019-12-11", &[order("W-20444", "210.00", 12, Some(6), &["garden", "kitchen"])]),
    customer("C-1275", "Lucas Weber", "lucas.weber@example.com", "standard", "2026-02-17", &[silent("W-20577", "38.00", 6, "2d", &["download"])]),
];

pub(super) const QUIET: CaseStory<'_> = CaseStory {
    title: "",
    issue: "late_parcel",
    order: "",
    channel: "mail",
    hours: 1,
    owner: "Ana Marques",
    note: "",
    facts: &[],
    given: None,
    is_solved: false,
};

pub(super) const CASES: &[CaseStory<'_>] = &[
    CaseStory {
        title: "Thanks, and a late second order",
        order: "W-18220",
        hours: 60 * 24,
        given: Some(Given { remedy: "voucher", reason: "goodwill", amount: "15.00", why: "", is_fulfilled: true }),
        is_solved: true,
        ..QUIET
    },
    CaseStory {
        title: "Six days late, the party is over",
        order: "W-20444",
        hours: 30,
        owner: "Ben Okafor",
        note: "She had ordered for a garden party on Saturday. Very calm about it.",
        given: Some(Given { remedy: "refund", reason: "late", amount: "50.00", why: "The party went ahead without the chairs.", is_fulfilled: false }),
        ..QUIET
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
        ..QUIET
    },
    CaseStory {
        title: "Parcel nine days late, was meant for a birthday",
        order: "W-20417",
        hours: 2,
        note: "The light was for her son's birthday; he had nothing to unwrap.",
        ..QUIET
    },
    CaseStory { title: "Four days late", order: "W-20533", channel: "chat", hours: 3, ..QUIET },
    CaseStory { title: "The tracking has been silent for days", issue: "lost_parcel", order: "W-20350", channel: "phone", hours: 5, ..QUIET },
    CaseStory { title: "Saw it for less elsewhere", issue: "cheaper_elsewhere", order: "W-20561", channel: "chat", hours: 1, ..QUIET },
    CaseStory { title: "Lid does not close", issue: "damaged_parcel", order: "W-20502", hours: 7, ..QUIET },
    CaseStory { title: "A day late, and she has a question about the bench", order: "W-20391", channel: "phone", hours: 1, owner: "Ben Okafor", ..QUIET },
    CaseStory { title: "The download link never came", issue: "lost_parcel", order: "W-20577", hours: 4, owner: "", ..QUIET },
];

/// The case that is played on the demo's first page.
pub(super) const PLAYED: CaseStory<'_> = CaseStory {
    title: "Nine days late, and it was a birthday present",
    channel: "chat",
    hours: 0,
    note: "It was to be there for her sister's birthday. She asks for half of it back.",
    ..QUIET
};

/// Whose it is, one after the other.
pub(super) const PLAYERS: [&str; 6] = ["Nora Lindqvist", "Amina Diallo", "Felix Brandt", "Leila Rahimi", "Owen Price", "Giulia Conti"];

pub(super) const FIRST_NAMES: [&str; 29] = [
    "Anke", "Bram", "Celia", "Daan", "Elif", "Femke", "Gustav", "Hanna", "Iris", "Jamal", "Katja", "Liam", "Mila", "Noah", "Olivia", "Pavel", "Quirijn",
    "Rosa", "Sven", "Tess", "Ugo", "Vera", "Wout", "Ximena", "Yara", "Zoe", "Emil", "Lotte", "Rafael",
];
pub(super) const LAST_NAMES: [&str; 31] = [
    "Bakker", "Cruz", "Dahl", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanova", "Jansen", "Kowalski", "Larsen", "Moreau", "Novak", "Olsen", "Peeters",
    "Quist", "Rossi", "Schmidt", "Tamm", "Ueda", "Visser", "Weber", "Xu", "Yilmaz", "Zeman", "Berg", "Costa", "Dijkstra", "Engel", "Ferrari", "Gallo",
];
