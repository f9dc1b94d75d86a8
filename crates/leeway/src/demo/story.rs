//! What a made-up company is written down as: who works there and when, who its customers are, and what they come with.

use std::ops::Range;

/// A company that can be made up.
#[derive(Debug)]
pub(super) struct Company {
    pub(super) name: &'static str,
    /// The file it is kept in where none is named.
    pub(super) file: &'static str,
    pub(super) charter: &'static str,
    /// The levels of those who answer customers, of who answers them, and of who answers what nobody else may.
    pub(super) desk: &'static [&'static str],
    pub(super) lead: &'static str,
    pub(super) manager: &'static str,
    /// Team and the team it is part of, that one first.
    pub(super) teams: &'static [(&'static str, Option<&'static str>)],
    pub(super) calendars: &'static [Opened],
    pub(super) rota: &'static [Turn],
    pub(super) people: &'static [PersonStory],
    /// Who answers customers there besides; they are not shown to those who look around.
    pub(super) colleagues: &'static [PersonStory],
    /// The AI program that answers customers too.
    pub(super) ai_agent: Option<&'static str>,
    /// The two on the first page: whoever is at the desk, and who says yes.
    pub(super) seats: [&'static str; 2],
    pub(super) customers: &'static [CustomerStory<'static>],
    pub(super) cases: &'static [CaseStory<'static>],
    /// What it promises its customers: name in addresses, title and text.
    pub(super) offerings: &'static [(&'static str, &'static str, &'static str)],
    pub(super) life: Life,
}

/// What its days are like.
#[derive(Debug)]
pub(super) struct Life {
    /// How many come on each day of the week, from Monday.
    pub(super) visits: [i64; 7],
    /// How many more on each of the five days of a carrier's strike: at first, and fewer by so many each day.
    pub(super) strike: (i64, i64),
    /// What they come with: issue, titles, and the roll of a hundred up to which it is that.
    pub(super) troubles: &'static [(&'static str, &'static [&'static str], i64)],
    /// What their orders hold.
    pub(super) goods: &'static [&'static [&'static str]],
    /// In cents, before some of them are dearer.
    pub(super) total: Range<i64>,
    /// How many customers there are, and how many of them come again and again.
    pub(super) customers: (i64, i64),
    /// Whether customers have tiers.
    pub(super) has_tiers: bool,
    /// Whether what goes back goes by post, with a label.
    pub(super) has_labels: bool,
    /// Who is at the desk where it is one at a time: from which hour on, Saturdays apart. Nobody where several are.
    pub(super) shifts: Option<Shifts>,
    /// After how many minutes what was passed up is answered.
    pub(super) answered: &'static [i64],
}

/// Who is at the desk when it is one at a time.
#[derive(Debug)]
pub(super) struct Shifts {
    pub(super) morning: &'static str,
    pub(super) afternoon: &'static str,
    pub(super) saturday: &'static str,
}

/// An operating calendar: from hour to hour on so many days of the week, from Monday.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) name: &'static str,
    pub(super) hours: (u16, u16),
    pub(super) days: usize,
}

/// When those of a level are there for a group.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) group: &'static str,
    pub(super) level: &'static str,
    pub(super) is_deputy: bool,
    /// A bit for each day, from Monday.
    pub(super) days: u8,
    /// From hour to hour; nothing for all the hours of the group.
    pub(super) hours: Option<(u16, u16)>,
}

#[derive(Debug)]
pub(super) struct PersonStory {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) level: &'static str,
    pub(super) team: &'static str,
    pub(super) is_owner: bool,
    /// What they are there to see.
    pub(super) line: &'static str,
}

impl PersonStory {
    pub(super) fn first_name(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or_default()
    }
}

#[derive(Debug)]
pub(super) struct CustomerStory<'a> {
    pub(super) number: &'a str,
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) contact: &'a str,
    /// Empty where there are none.
    pub(super) tier: &'a str,
    pub(super) since: &'a str,
    pub(super) orders: &'a [OrderStory<'a>],
}

#[derive(Debug)]
pub(super) struct OrderStory<'a> {
    pub(super) number: &'a str,
    pub(super) total: &'a str,
    pub(super) placed_days: i64,
    pub(super) days_late: Option<i64>,
    pub(super) silent_for: Option<&'a str>,
    pub(super) carrier: &'a str,
    pub(super) contains: &'a [&'a str],
}

#[derive(Debug)]
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
    /// What was passed up after that, and given.
    pub(super) passed: Option<Passed<'a>>,
    pub(super) is_solved: bool,
}

#[derive(Debug)]
pub(super) struct Given<'a> {
    pub(super) remedy: &'a str,
    pub(super) reason: &'a str,
    pub(super) amount: &'a str,
    pub(super) why: &'a str,
    pub(super) is_fulfilled: bool,
}

#[derive(Debug)]
pub(super) struct Passed<'a> {
    pub(super) remedy: &'a str,
    pub(super) reason: &'a str,
    pub(super) amount: &'a str,
    pub(super) why: &'a str,
    /// What the one who answered said.
    pub(super) words: &'a str,
    pub(super) is_precedent: bool,
}

pub(super) const fn order(
    number: &'static str,
    total: &'static str,
    placed_days: i64,
    days_late: Option<i64>,
    contains: &'static [&'static str],
) -> OrderStory<'static> {
    OrderStory { number, total, placed_days, days_late, silent_for: None, carrier: "Postbode", contains }
}

pub(super) const fn customer(
    number: &'static str,
    name: &'static str,
    email: &'static str,
    tier: &'static str,
    since: &'static str,
    orders: &'static [OrderStory<'static>],
) -> CustomerStory<'static> {
    CustomerStory { number, name, email, contact: "by e-mail", tier, since, orders }
}

impl Company {
    /// Somebody who looks around there.
    pub(super) fn person(&self, name: &str) -> Option<&'static PersonStory> {
        self.people.iter().find(|person| person.name == name)
    }
}

pub(super) const QUIET: CaseStory<'_> = CaseStory {
    title: "",
    issue: "late_parcel",
    order: "",
    channel: "mail",
    hours: 1,
    owner: "",
    note: "",
    facts: &[],
    given: None,
    passed: None,
    is_solved: false,
};

/// The case that is played on the demo's first page; whoever sits on its left side owns it.
pub(super) const PLAYED: CaseStory<'_> = CaseStory {
    title: "Nine days late, for a birthday",
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
