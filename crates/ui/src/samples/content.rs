//! What the sample pages say. All figures are invented.

use charter::money::Currency;

use crate::charts::{Bar, Bars, Line, Point, Sparkline, Target};
use crate::components::{
    Certainty, Check, Chip, Choice, Definition, Definitions, Empty, Entry, Fact, Facts, Field, FieldKind, Matrix, MatrixCell, MatrixRow, Notice, Order, Pager,
    Problem, Progress, Segmented, Select, Sends, Tab, Tabs, Timeline, Tone, Undo,
};
use crate::format::Locale;
use crate::ruler::{Cap, Measure, Ruler, RulerForm, Zone, ZoneKind};
use crate::shell::{Area, Crumb, NavArea, NavLink, Person, Shell, ShellSearch};

const TOKEN: &str = "sample";

fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn shell(title: &str, area: Area, current: &str) -> Shell {
    let link = |label: &str, count: u32, key: char| NavLink {
        count: (count > 0).then_some(count),
        key: Some(key),
        is_urgent: label == "Escalations",
        is_current: label == current,
        ..NavLink::new(label, format!("#{key}"))
    };
    let mut shell = Shell::new(title);
    shell.areas = vec![
        NavArea { area: Area::Desk, links: vec![link("My cases", 7, 'c'), link("Escalations", 1, 'e'), link("Customers", 0, 'u'), link("Offerings", 0, 'o')] },
        NavArea { area: Area::Voice, links: vec![link("My reviews", 2, 'r'), link("What gets in the way", 0, 'w')] },
        NavArea { area: Area::Growth, links: vec![link("My scorecard", 0, 's'), link("Goals and bonus", 0, 'b'), link("Training", 0, 't')] },
        NavArea { area: Area::Steer, links: vec![link("The charter", 0, 'h'), link("Ideas", 0, 'i')] },
        NavArea { area: Area::Settings, links: if area == Area::Settings { vec![link("Components", 0, 'k')] } else { Vec::new() } },
    ];
    shell.crumbs = vec![Crumb::area(area)];
    let line = text("Agent · Care North");
    let links = vec![NavLink::new("My settings", "#settings"), NavLink::new("What changed", "#news")];
    shell.person = Some(Person { name: text("Ana Marques"), line, links, sign_out: text("#sign-out") });
    shell.search = Some(ShellSearch { action: text("#search"), label: text("Search cases, customers, orders"), value: String::new() });
    shell.csrf = text(TOKEN);
    shell
}

pub(super) fn notices() -> Vec<Notice> {
    let with = |tone, title: &str, sentence: &str| Notice { text: text(sentence), ..Notice::new(tone, title) };
    vec![
        with(Tone::Plain, "Charter 15 is in force", "Late parcels are yours up to a fifth of what was paid."),
        with(Tone::Positive, "Saved", "Your goal counts from today on."),
        with(Tone::Caution, "Your promise to Marta Lind is due in 40 min", "You said you would call her back by noon."),
        Notice {
            link: Some((text("See what was sent"), text("#sent"))),
            ..with(Tone::Stop, "The refund did not reach the shop", "The shop did not answer. We try again every five minutes.")
        },
        Notice {
            sends: Some(Sends { label: text("Look at case 1024"), action: text("#seen"), csrf: text("sample") }),
            ..with(Tone::Caution, "An error in a grant of yours was corrected", "The case says what was wrong.")
        },
        with(Tone::Ask, "The duty leads have it", "They usually answer within 12 min. You can go on; you will be told."),
    ]
}

pub(super) fn fields() -> Vec<Field> {
    let hint = |field: Field, hint: &str| Field { hint: text(hint), ..field };
    vec![
        Field { value: text("Marta Lind"), ..Field::new("name", "Full name") },
        hint(Field { is_optional: true, ..Field::new("nick", "What colleagues call you") }, "Shown on the recognition wall."),
        Field {
            kind: FieldKind::Email,
            value: text("marta.example"),
            error: Some(text("`marta.example` has no @. An address looks like `marta@example.org`.")),
            ..Field::new("mail", "E-mail")
        },
        Field { kind: FieldKind::Date, value: text("2026-11-12"), ..Field::new("day", "Promised for") },
        Field { kind: FieldKind::Long, value: text("She had nothing to unwrap."), ..Field::new("note", "Note for colleagues") },
    ]
}

pub(super) fn sign_in_fields() -> Vec<Field> {
    vec![
        Field { kind: FieldKind::Email, value: text("ana@example.org"), autocomplete: text("username"), ..Field::new("email", "E-mail") },
        Field {
            kind: FieldKind::Password,
            autocomplete: text("current-password"),
            error: Some(text("That is not the password of this account. You can ask for a link by e-mail instead.")),
            ..Field::new("password", "Password")
        },
    ]
}

pub(super) fn channels() -> [Select; 2] {
    let choices = vec![Choice::new("all", "All channels").chosen(), Choice::new("mail", "E-mail"), Choice::new("phone", "Phone"), Choice::new("chat", "Chat")];
    let plain = Select { name: text("channel"), label: text("Channel"), choices: choices.clone(), sends: true, ..Select::default() };
    let wrong = Select {
        name: text("queue"),
        label: text("Who serves it"),
        choices,
        hint: text("Groups are declared in the charter."),
        error: Some(text("Nobody staffs this group before Monday. Choose another one.")),
        ..Select::default()
    };
    [plain, wrong]
}

pub(super) fn selects() -> Vec<Select> {
    channels().map(|select| Select { sends: false, ..select }).into()
}

pub(super) fn reasons(prefix: &str) -> Segmented {
    let choices = [("late", "Late delivery"), ("damaged", "Damaged"), ("wrong", "Wrong item"), ("goodwill", "Goodwill")];
    let mut choices: Vec<Choice> = choices.map(|(value, label)| Choice::new(value, label)).into();
    if let Some(first) = choices.first_mut() {
        first.is_chosen = true;
    }
    Segmented { name: text("reason"), prefix: text(prefix), label: text("Reason"), is_label_hidden: true, choices, error: None, sends: false }
}

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check { name: text("tell"), label: text("Tell me when it is answered"), is_checked: true, ..Check::default() },
        Check { name: text("share"), label: text("Let team-mates see my goal"), hint: text("They see the goal, not your figures."), ..Check::default() },
    ]
}

fn zone(kind: ZoneKind, from: i64, to: Option<i64>, label: &str, sentence: &str, button: &str) -> Zone {
    let prompt = match kind {
        ZoneKind::SayWhy => Some(text("Why is it worth more this time?")),
        ZoneKind::Ask | ZoneKind::Exception => Some(text("What should they know?")),
        _ => None,
    };
    Zone { from, to, kind, label: text(label), detail: String::new(), sentence: text(sentence), button: text(button), prompt }
}

pub(super) fn refund(id: &str, start: i64) -> Ruler {
    let leads = zone(
        ZoneKind::Ask,
        2548,
        Some(8490),
        "duty leads",
        "The duty leads can give {amount}. They usually answer within 12 min; until then you can offer what is yours.",
        "Ask the duty leads for {amount}",
    );
    let zones = vec![
        zone(
            ZoneKind::Yours,
            0,
            Some(1698),
            "yours",
            "You can give {amount} now. Nobody needs to approve it, and nobody will take it back.",
            "Give {amount} refund",
        ),
        zone(
            ZoneKind::SayWhy,
            1699,
            Some(2547),
            "say why",
            "You can give {amount} and say why in a line. It is talked over later, never taken back.",
            "Give {amount}, saying why",
        ),
        Zone { detail: text("12 min"), ..leads },
        zone(
            ZoneKind::Nobody,
            8491,
            None,
            "nobody",
            "{amount} is more than was paid, and nobody may give that. A voucher on top is yours to offer.",
            "Nobody may give {amount}",
        ),
    ];
    let cap = Cap { at: Some(3500), label: text("€35 left of €100 in 90 days") };
    ruler(id, "Refund", money(), 100, start, zones, vec![cap])
}

fn money() -> Measure {
    Currency::with_code("EUR").map_or(Measure::Percent, Measure::Money)
}

fn ruler(id: &str, name: &str, measure: Measure, minimum: i64, start: i64, zones: Vec<Zone>, caps: Vec<Cap>) -> Ruler {
    let form = RulerForm::new("#give", TOKEN);
    Ruler { id: text(id), name: text(name), measure, locale: Locale::En, minimum, paid: None, start: Some(start), zones, caps, form }
}

pub(super) fn rulers() -> Vec<(&'static str, Ruler)> {
    let mut wrong = refund("ruler-wrong", 9000);
    wrong.form.error = Some(text("`90` is more than the €84.90 that was paid."));
    let discount = vec![
        zone(ZoneKind::Yours, 0, Some(1000), "yours", "You can take {amount} off now.", "Give {amount} off"),
        zone(
            ZoneKind::NeedsFacts,
            1001,
            Some(2000),
            "once the contract’s end is known",
            "Whether {amount} is yours hangs on when the contract ends.",
            "Find out first",
        ),
        zone(
            ZoneKind::Exception,
            2001,
            Some(3000),
            "exception",
            "Nobody is authorised to give {amount}, and nothing forbids it: it can be asked for.",
            "Ask for an exception of {amount}",
        ),
        zone(ZoneKind::Nobody, 3001, None, "nobody", "The charter forbids more than 30%.", "Nobody may give {amount}"),
    ];
    let caps = vec![Cap { at: Some(1500), label: text("15% left this month") }, Cap { at: Some(2800), label: text("28% left for the team") }];
    let months = vec![
        zone(ZoneKind::Yours, 0, Some(2), "yours", "You can waive {amount} now.", "Waive {amount}"),
        zone(ZoneKind::Ask, 3, Some(6), "duty leads", "The duty leads can waive {amount}.", "Ask the duty leads for {amount}"),
        zone(ZoneKind::Nobody, 7, None, "nobody", "Half a year is the most anybody may waive.", "Nobody may waive {amount}"),
    ];
    let act = vec![zone(ZoneKind::Yours, 0, None, "yours", "You can send the replacement now. Nobody needs to approve it.", "Send the replacement")];
    let mut german = refund("ruler-de", 123_450);
    german.locale = Locale::De;
    german.zones = vec![
        zone(ZoneKind::Yours, 0, Some(150_000), "yours", "You can give {amount} now.", "Give {amount}"),
        zone(ZoneKind::Nobody, 150_001, None, "nobody", "Nobody may give {amount}.", "Nobody may give {amount}"),
    ];
    german.caps.clear();
    let count = Measure::Count { one: text("month"), many: text("months") };
    vec![
        ("Yours", refund("ruler-yours", 1500)),
        ("Yours, say why", refund("ruler-why", 2200)),
        ("Somebody else’s", refund("ruler-ask", 3000)),
        ("Sent, and not possible", wrong),
        ("A percentage, with two caps", ruler("ruler-percent", "Discount", Measure::Percent, 0, 500, discount, caps)),
        ("Large, as a German reads it", german),
        ("A count", ruler("ruler-count", "Months waived", count, 1, 1, months, Vec::new())),
        ("An act", ruler("ruler-act", "Replacement", Measure::Act, 0, 1, act, Vec::new())),
    ]
}

pub(super) fn facts() -> Facts {
    let fact = |label: &str, value: &str, certainty, source: &str, age: &str| Fact {
        label: text(label),
        value: text(value),
        certainty,
        source: text(source),
        age: text(age),
        confirm: (certainty != Certainty::Confirmed).then(|| text("#confirm")),
        change: (source == "customer").then(|| text("#change")),
    };
    let facts = vec![
        fact("Paid", "€84.90", Certainty::Confirmed, "shop", "2 min ago"),
        fact("Days late", "9", Certainty::Confirmed, "carrier", "2 min ago"),
        fact("Customer since", "March 2021, 23 orders", Certainty::Confirmed, "shop", ""),
        fact("Was a present", "yes", Certainty::Stated, "customer", "14 min ago"),
        fact("Photo of the damage", "", Certainty::Unknown, "", ""),
    ];
    Facts { facts, csrf: text(TOKEN) }
}

pub(super) fn timeline() -> Timeline {
    let message = |from: &str, when: &str, paragraphs: &[&str], is_ours, is_internal| Entry::Message {
        from: text(from),
        when: text(when),
        at: text("2026-11-12T10:42:00+00:00"),
        text: paragraphs.iter().map(|paragraph| text(paragraph)).collect(),
        is_ours,
        is_internal,
    };
    let event = |what: &str, when: &str, chip| Entry::Event { text: text(what), when: text(when), at: text("2026-11-12T10:42:00+00:00"), chip };
    let wrote = "The bike light I ordered for my son arrived nine days after the date you gave me, so he had nothing to unwrap on the day.";
    let entries = vec![
        event("Carrier: promised for 3 November, delivered 12 November", "today 09:15", Some(Chip::new(Tone::Caution, "9 days late"))),
        message("Marta Lind", "today 10:42", &[wrote, "I’d like at least part of it back."], false, false),
        event("Assigned to Ana Marques by rotation", "today 10:44", None),
        message("Jon Beck", "today 10:46", &["She wrote to us in March too, and stayed because we called her back."], true, true),
        message(
            "Ana Marques",
            "today 10:51",
            &["I am sorry that the day went by without it. I am looking at what we can do, and you hear from me before noon."],
            true,
            false,
        ),
    ];
    Timeline { entries }
}

pub(super) fn matrix() -> Matrix {
    let cell = |what: &str, detail: &str, tone| MatrixCell { text: text(what), detail: text(detail), tone, href: None };
    let yours = |what: &str, detail: &str| cell(what, detail, Tone::Positive);
    let row = |label: &str, cells| MatrixRow { label: text(label), cells };
    let nobody = || cell("nobody", "", Tone::Stop);
    let asks = || cell("asks", "12 min", Tone::Ask);
    let rows = vec![
        row("Late delivery", vec![yours("€17", "say why to €25"), yours("€40", ""), yours("what was paid", "")]),
        row("Damaged", vec![cell("with a photo", "then €40", Tone::Caution), yours("€60", "say why to €80"), yours("what was paid", "")]),
        row("Goodwill", vec![yours("€10", "€35 left"), yours("€25", ""), asks()]),
        row("Chargeback", vec![nobody(), nobody(), asks()]),
    ];
    Matrix { caption: text("What each level may refund"), corner: text("Reason"), columns: ["Agent", "Senior", "Duty lead"].map(text).into(), rows }
}

pub(super) fn tabs() -> Tabs {
    let tab = |label: &str, count, is_current| Tab { label: text(label), href: text("#tab"), count, is_current };
    Tabs { label: text("Cases"), tabs: vec![tab("Open", Some(7), true), tab("Waiting for others", Some(3), false), tab("Solved", None, false)] }
}

pub(super) fn pagers() -> Vec<Pager> {
    let to = |name: &str| Some(text(name));
    vec![
        Pager {
            label: text("Pages, in the middle"),
            previous: to("#previous"),
            next: to("#next"),
            showing: text("50 cases, latest first"),
            order: Order::LatestFirst,
        },
        Pager { label: String::new(), previous: None, next: to("#next"), showing: text("The first 50 cases"), order: Order::Plain },
    ]
}

pub(super) fn progress() -> Vec<Progress> {
    vec![
        Progress {
            label: text("Settle three in four on the spot"),
            done: 78,
            whole: Some(100),
            figure: text("78%"),
            mark: Some(75),
            detail: text("You set it on 1 October. Your lead: “Go for it, use the stretch.”"),
        },
        Progress { label: text("Finish the billing course"), done: 4, whole: Some(6), figure: text("4 of 6"), ..Progress::default() },
        Progress { label: text("Reading past cases"), detail: text("You can leave this page; you will be told."), ..Progress::default() },
    ]
}

pub(super) fn definitions() -> Definitions {
    let entry = |label: &str, value: &str, href: Option<&str>| Definition { label: text(label), value: text(value), href: href.map(text) };
    Definitions {
        entries: vec![entry("Order", "#W-20417", Some("#order")), entry("Channel", "E-mail", None), entry("Promise", "Answer before noon, in 40 min", None)],
    }
}

pub(super) fn empty() -> Empty {
    let sentence = "When a customer says something about a case of yours, it stands here first. You can challenge what was not yours to change.";
    Empty { title: text("No reviews yet"), text: text(sentence), action: Some((text("See how surveys are sent"), text("#surveys"))) }
}

pub(super) fn undo() -> Undo {
    let seconds = Undo::SECONDS;
    let after = text("Sent. Marta Lind has been told.");
    Undo { title: text("Refund of €15.00 given."), seconds, seconds_all: seconds, action: text("#undo"), csrf: text(TOKEN), after }
}

pub(super) fn problem() -> Problem {
    Problem {
        status: 403,
        title: text("This case is not yours to open"),
        text: text("It belongs to Care South. Their lead, Iris Okafor, can hand it to you or add you for today; she usually answers within 20 min."),
        ways: vec![(text("Ask Iris Okafor"), text("#ask")), (text("Back to my cases"), text("#cases"))],
        reference: Some(text("01JD-7Q3M")),
    }
}

fn points() -> Vec<Point> {
    let values = [79, 79, 82, 82, 82, 85, 88, 88, 89, 86, 90, 91];
    let label = |week: usize| format!("Week {}", week + 36);
    let point = |(week, value): (usize, i64)| Point {
        label: label(week),
        value,
        text: format!("{value}%"),
        interval: Some((value - 8, (value + 5).min(98))),
        interval_text: format!("{} to {}", value - 8, (value + 5).min(98)),
    };
    values.into_iter().enumerate().map(point).collect()
}

pub(super) fn spark() -> Sparkline {
    Sparkline { caption: text("Satisfied customers over 12 weeks, from 79% to 91%"), points: points(), target: Some(Target { value: 90, label: text("goal") }) }
}

pub(super) fn line() -> Line {
    let level = |value: i64| Target { value, label: format!("{value}%") };
    Line {
        caption: text("Satisfied customers, with the interval that chance explains"),
        heads: ["Week", "Satisfied", "Interval"].map(text),
        points: points(),
        target: Some(Target { value: 90, label: text("goal 90%") }),
        grid: vec![level(70), level(80), level(100)],
    }
}

pub(super) fn bars() -> Bars {
    let bar = |label: &str, value, is_marked| Bar { label: text(label), value, text: value.to_string(), href: Some(text("#cases")), is_marked };
    let bars = vec![bar("Late delivery", 131, true), bar("Damaged", 62, false), bar("Wrong item", 40, false), bar("Goodwill", 9, false)];
    Bars { caption: text("Cases by reason, this quarter"), heads: ["Reason", "Cases"].map(text), bars }
}

/// A case in a list.
pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) customer: &'static str,
    pub(super) channel: &'static str,
    pub(super) waiting: &'static str,
    pub(super) yours: &'static str,
    pub(super) state: Chip,
}

pub(super) fn rows() -> Vec<Row> {
    let row = |title, customer, channel, waiting, yours, state| Row { title, customer, channel, waiting, yours, state };
    let chip = Chip::new;
    vec![
        row(
            "Parcel nine days late, was meant for a birthday",
            "Marta Lind",
            "E-mail",
            "14 min",
            "€16.98",
            chip(Tone::Caution, "Promise due in 40 min").signed(),
        ),
        row("Charged twice for one lamp", "Deniz Arslan", "Chat", "6 min", "€49.00", chip(Tone::Positive, "Yours to settle")),
        row("Wrong size, wants it before Friday", "Iva Novak", "Phone", "3 min", "€12.00", chip(Tone::Positive, "Yours to settle")),
        row("Screen cracked on arrival", "Ben Osei", "E-mail", "1 h 10 min", "€40.00", chip(Tone::Plain, "Waits for a photo")),
        row("Wants out of the yearly plan", "Lucie Moreau", "E-mail", "2 h", "2 months", chip(Tone::Ask, "With the duty leads").signed()),
        row("Third delivery that did not come", "Sam Whitlock", "Phone", "2 h 25 min", "€85.00", chip(Tone::Stop, "Promise missed").signed()),
        row("Voucher refused at checkout", "Pia Sandström", "Chat", "4 h", "€10.00", chip(Tone::Plain, "New")),
    ]
}
