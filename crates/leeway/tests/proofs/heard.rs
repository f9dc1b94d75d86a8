//! Who hears of what is passed up, and what they are told: mails and messages of chats, as a mail server and a listener receive them, and the words that are said to
//! customers. Each to whom it is for, once, and nothing in them that is nobody's business.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use access::people;
use axum::Router;
use axum::extract::Path;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use desk::calendars;
use desk::subjects::{self, FactRow, Standing};
use leeway::work;
use platform::actor::Actor;
use platform::db::DbError;
use platform::jobs::runner::NotDone;
use platform::jobs::{self, Leased, NewJob};
use platform::live::Topic;
use serde_json::{Value, json};
use testkit::{MailSink, on_each};

use crate::house::{AT, GROUP, House, ORIGIN, Who, form};

const DAY: i64 = 86_400_000_000;
/// Kinds of jobs that are looked at here.
const KINDS: [&str; 4] = ["mail", "group_chat", "pass_on_overdue", "remind_of_escalation"];

/// A mail server, a listener for chats, and an installation that knows both.
struct Told {
    house: House,
    sink: MailSink,
    chats: String,
    posted: Arc<Mutex<Vec<(String, Value)>>>,
    mails: Mutex<usize>,
}

/// Whom a mail went to, and what it is about.
type Mails = Vec<(String, String)>;

impl Told {
    async fn new(test: Arc<testkit::TestDb>) -> Self {
        let sink = MailSink::start(None).await.unwrap();
        let house = House::telling(test, Some(&sink.url)).await;
        let posted: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let into = Arc::clone(&posted);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let chats = format!("http://{}", listener.local_addr().unwrap());
        let hook = post(move |Path(at): Path<String>, body: String| async move {
            if at.ends_with("gone") {
                return StatusCode::GONE;
            }
            into.lock().unwrap().push((at, serde_json::from_str(&body).unwrap()));
            StatusCode::ACCEPTED
        });
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/{*at}", hook)).await });
        Self { house, sink, chats, posted, mails: Mutex::default() }
    }

    /// Does what is due now. What makes others hear of something is done twice, as if a second worker had been given it too; mails are sent twice as well.
    async fn work(&self) {
        let table = work::table(&self.house.app);
        loop {
            let now = self.house.app.clock.now();
            let leased: Vec<Leased> = self.house.write(move |tx| Box::pin(async move { jobs::lease(tx, now, 100).await })).await;
            if leased.is_empty() {
                return;
            }
            for job in leased {
                let times = if job.kind == "group_chat" { 1 } else { 2 };
                for _ in 0..times {
                    table.begin(job.clone()).unwrap().await.unwrap();
                }
                if KINDS.contains(&job.kind.as_str()) {
                    self.house.write(move |tx| Box::pin(async move { jobs::done(tx, &job).await })).await;
                } else {
                    self.house.write(move |tx| Box::pin(async move { jobs::later(tx, &job, None, now + 365 * DAY).await })).await;
                }
            }
        }
    }

    /// The mails that came since the last time, one for each `Message-ID`.
    async fn mails(&self) -> Mails {
        self.work().await;
        let received = self.sink.received();
        let mut seen = self.mails.lock().unwrap();
        let header = |text: &str, name: &str| text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap();
        let mut ids = BTreeSet::new();
        let mails = received[*seen..].iter().filter(|mail| ids.insert(header(&mail.text, "Message-ID: ")));
        let mut mails: Mails = mails.map(|mail| (mail.to.clone(), header(&mail.text, "Subject: "))).collect();
        assert_eq!(2 * mails.len(), received.len() - *seen, "each was sent twice, as the same mail");
        *seen = received.len();
        mails.sort();
        mails
    }

    /// What came to chats since the last time: where, in which shape, and its first line.
    fn posts(&self) -> Vec<(String, &'static str, String)> {
        std::mem::take(&mut *self.posted.lock().unwrap()).into_iter().map(|(at, body)| read(&at, &body)).collect()
    }

    /// Calendars are entered, teams serve groups, and rotas are filled: on Mondays the lead and the giver, on Tuesdays the manager of the other team.
    async fn staffed(&self, shape: [&str; 2]) {
        self.house
            .write(|tx| {
                Box::pin(async move {
                    for calendar in ["shop", "office"] {
                        let day = json!([["09:00", "18:00"]]);
                        let hours = json!({ "timezone": "Europe/Lisbon", "weekly": { "mon": day, "tue": day, "wed": day } });
                        calendars::keep(tx, calendar, &serde_json::from_value(hours).unwrap(), &Actor::System, AT).await?;
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await;
        let (house, ids) = (&self.house, |name: &str| self.house.staff[name].to_string());
        for (group, team) in [(GROUP, house.north), ("managers", house.south)] {
            house.send(&Who::Person("owner"), Method::POST, &format!("/groups/{group}/team"), &form(&[("team", &team.to_string())])).await;
        }
        for (group, who, day) in [(GROUP, "lead", "mon"), (GROUP, "giver", "mon"), (GROUP, "member", "wed"), ("managers", "far manager", "tue")] {
            let shift = [("staff", ids(who)), (day, "yes".to_owned()), ("hours", "00:00-24:00".to_owned()), ("zone", "Europe/Amsterdam".to_owned())];
            let shift: Vec<(&str, &str)> = shift.iter().map(|(name, value)| (*name, value.as_str())).collect();
            house.does("owner", &format!("/groups/{group}/shifts"), &shift).await;
        }
        for ((who, group), kind) in [("lead", GROUP), ("far manager", "managers")].into_iter().zip(shape) {
            let address = format!("{}/{group}/a-long-secret-of-the-chat", self.chats);
            house.does(who, &format!("/groups/{group}/chat"), &[("address", &address), ("kind", kind)]).await;
        }
    }

    async fn raise(&self, case: i64, urgent: &str, amount: &str, meanwhile: &str) -> String {
        let fields = [
            ("remedy", "refund"),
            ("reason", "late"),
            ("amount", amount),
            ("meanwhile", meanwhile),
            ("urgent", urgent),
            ("want", "A marmalade of words"),
            ("who", "group"),
            ("how", "phone"),
            ("due", "2026-12-23T12:00"),
        ];
        let raised = self.house.does("giver", &format!("/cases/{case}/escalations"), &fields).await;
        raised.header("location").strip_prefix("/escalations/").unwrap().to_owned()
    }

    /// It is when the next thing is due.
    async fn until_next(&self) {
        let clock = &self.house.app.clock;
        let next = self.house.write(|tx| Box::pin(async move { jobs::next_due(tx).await })).await.unwrap();
        clock.forward(next - clock.now());
    }

    async fn says(&self, who: &'static str, id: &str, what: &str, fields: &[(&str, &str)]) {
        self.house.does(who, &format!("/escalations/{id}/{what}"), fields).await;
    }
}

/// Where a message came to, its shape, and its first line; whatever is not as it has to be fails.
fn read(at: &str, body: &Value) -> (String, &'static str, String) {
    let group = at.split('/').next().unwrap().to_owned();
    if let Some(text) = body["text"].as_str() {
        let blocks: Vec<&str> = body["blocks"].as_array().unwrap().iter().map(|block| block["text"]["text"].as_str().unwrap()).collect();
        assert_eq!(blocks.join("\n"), text);
        assert!(body["blocks"].as_array().unwrap().iter().all(|block| block["type"] == "section" && block["text"]["type"] == "mrkdwn"), "{body}");
        return (group, "slack", blocks[0].to_owned());
    }
    let attachment = &body["attachments"][0];
    let kinds = (body["type"].as_str(), attachment["contentType"].as_str(), attachment["content"]["type"].as_str());
    assert_eq!(kinds, (Some("message"), Some("application/vnd.microsoft.card.adaptive"), Some("AdaptiveCard")), "{body}");
    let card = &attachment["content"];
    assert!(card["actions"][0]["url"].as_str().unwrap().starts_with("https://leeway.example/"), "{body}");
    (group, "teams", card["body"][0]["inlines"][0]["text"].as_str().unwrap().to_owned())
}

fn to(who: &str, subject: &str) -> Mails {
    vec![(crate::house::address(who), subject.to_owned())]
}

/// All states, with each shape in the chat of each group.
#[test]
fn each_hears_of_it_once_and_nobody_else() {
    on_each(|test| each_hears(test, ["slack", "teams"]));
    on_each(|test| each_hears(test, ["teams", "slack"]));
}

async fn each_hears(test: Arc<testkit::TestDb>, [leads, managers]: [&'static str; 2]) {
    let mut told = Told::new(test).await;
    told.staffed([leads, managers]).await;
    told.work().await;
    let said = |group: &str, shape: &'static str, line: &str| vec![(group.to_owned(), shape, line.to_owned())];
    let case = told.house.case().await;
    let id = told.raise(case, "", "30.00", "").await;
    assert_eq!(told.mails().await, to("lead", "You are asked for a decision"), "not the raiser, who is there too, nor who is there on another day");
    {
        let posted = told.posted.lock().unwrap();
        let text = posted[0].1.to_string();
        let (what, link) = (format!("Refund of €30.00, in case {case}."), format!("{ORIGIN}/escalations/{id}"));
        for part in [what.as_str(), "Asked by Person giver.", "Answer by 23 Nov 2026 10:30 (Europe/Lisbon).", &link] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
    assert_eq!(told.posts(), said(GROUP, leads, "A decision is asked for"));
    told.says("lead", &id, "question", &[("words", "Which order?")]).await;
    assert_eq!(told.mails().await, to("giver", "You are asked something about what you passed up"));
    told.says("giver", &id, "reply", &[("words", "The first")]).await;
    assert_eq!(told.mails().await, to("lead", "What you asked was answered"));
    assert_eq!(told.posts(), said(GROUP, leads, "What was asked is answered, and the decision waits again"));
    // The reminder comes half-way to when it is due, the next group hears of it when it is; then nobody is above.
    for (headline, group, shape, subject) in [
        ("A decision still waits", GROUP, leads, "A decision still waits for you"),
        ("A decision was not made in time, and was passed on to this group", "managers", managers, "A decision was passed on to you"),
        ("A decision still waits", "managers", managers, "A decision still waits for you"),
        ("A decision is overdue", "managers", managers, "A decision still waits for you"),
    ] {
        told.until_next().await;
        let who = if group == GROUP { "lead" } else { "far manager" };
        assert_eq!(told.mails().await, to(who, subject), "{headline}");
        assert_eq!(told.posts(), said(group, shape, headline));
    }
    for name in ["far manager", "giver"] {
        told.house.sign_in(name).await;
    }
    let group = [Topic::new("group", &GROUP)];
    let mut figures = told.house.app.db.live().listen(told.house.staff["lead"].0, &group, Duration::ZERO).unwrap();
    told.says("far manager", &id, "answer", &[("verdict", "no"), ("words", "Not this time")]).await;
    assert_eq!(figures.next().await.unwrap(), group, "the figures of the group it was raised to first count what came of it");
    assert_eq!((told.mails().await, told.posts()), (to("giver", "What you passed up has come back"), Vec::new()));
    let urgent = told.house.case().await;
    told.raise(urgent, "yes", "30.00", "").await;
    assert_eq!(told.mails().await, to("member", "Urgent: you are asked for a decision"), "who is there next");
    assert_eq!(told.posts(), said(GROUP, leads, "Urgent: a decision is asked for"));
    told.house.is_whole().await;
}

/// A charter in which everything that customers and colleagues are not told is a word that stands nowhere else.
const CHARTER: &str = r#"
leeway = 1
name = "Proof"
currency = "EUR"
timezone = "Europe/Amsterdam"
levels = ["sproutling", "oakling", "redwoodling"]
reasons = ["late"]

[facts.customer]
tier = { choice = ["tinfoil", "zirconium"] }

[[issue]]
id = "late_parcel"
title = "Late"
suggests = ["late"]

[facts.order]
total = "money"
days_late = { type = "number", min = 0 }

[[remedy]]
id = "refund"
title = "Refund"
measure = "money"

[[allow]]
id = "xyzzy-small"
remedies = ["refund"]
level = "sproutling"
up_to = "41.37"
because = "Plugh says so."

[[allow]]
id = "xyzzy-zirconium"
remedies = ["refund"]
level = "sproutling"
when = 'customer.tier == "zirconium"'
up_to = "43.19"

[[allow]]
id = "xyzzy-large"
remedies = ["refund"]
level = "oakling"
up_to = "177.13"

[[cap]]
id = "frobozz-cap"
remedies = ["refund"]
per = "customer"
amount = "193.71"

[[group]]
id = "duty-leads"
level = "oakling"
within = "30m"
hours = "shop"

[[group]]
id = "managers"
level = "redwoodling"
within = "4h"
hours = "office"
exceptions = true
"#;

/// What nobody is told in a mail, a chat or a sentence for the customer: limits and caps, levels, tiers, rules and their reasons, and who else is a customer.
const NEVER: [&str; 17] = [
    "41.37",
    "41,37",
    "43.19",
    "43,19",
    "177.13",
    "177,13",
    "193.71",
    "193,71",
    "sproutling",
    "oakling",
    "redwoodling",
    "tinfoil",
    "zirconium",
    "xyzzy",
    "frobozz",
    "plugh",
    "ottoline",
];
/// Besides, what a chat is not told: the customer's name, what is known of them, and what somebody wrote.
const NOT_IN_CHAT: [&str; 6] = ["fenella", "marmalade", "gherkin", "turnip", "75.00", "days_late"];

fn is_silent(what: &str, text: &str, never: &[&str]) {
    let lower = text.to_lowercase();
    for word in never {
        assert!(!lower.contains(word), "{what}: {word} in\n{text}");
    }
}

impl Told {
    /// The charter is in force, and everybody is on one of its levels.
    async fn under_the_charter(&self) {
        let staff = self.house.staff.clone();
        self.house
            .write(move |tx| {
                Box::pin(async move {
                    desk::charters::publish(tx, CHARTER, None, "proof", &Actor::System, AT).await.unwrap();
                    let levels = ["sproutling", "oakling", "redwoodling"].map(str::to_owned);
                    for (name, level) in [("giver", "sproutling"), ("lead", "oakling"), ("far manager", "redwoodling")] {
                        people::set_level(tx, staff[name], Some(level), &levels, &Actor::System, AT).await.unwrap();
                    }
                    Ok::<_, DbError>(())
                })
            })
            .await;
    }

    /// A case of a customer of their own, who has a name and a tier, and the id of that customer.
    async fn case_of(&self, name: &str) -> (i64, String) {
        let case = self.house.case().await;
        let reference = format!("C-{}", self.house.made() - 1);
        let customer = self.house.write(move |tx| {
            Box::pin(async move {
                let customer = subjects::keep_subject(tx, "customer", &reference, None, AT).await?;
                let (value, actor) = ("\"zirconium\"".to_owned(), Actor::Source("shop".to_owned()));
                let row = FactRow { name: "customer.tier".to_owned(), value, standing: Standing::System, level: None, actor, at: AT };
                subjects::keep_fact(tx, &customer, &row).await?;
                Ok::<_, DbError>(customer.to_string())
            })
        });
        let customer = customer.await;
        self.house.does("owner", &format!("/customers/{customer}/contact"), &[("name", name)]).await;
        (case, customer)
    }

    /// What can be said to the customer, in every language.
    async fn said(&self, state: &str, id: &str, customer: &str) -> BTreeSet<String> {
        let mut texts = BTreeSet::new();
        for locale in ["en", "en-US", "de", "fr", "nl", "es"] {
            self.house.does("owner", &format!("/customers/{customer}/contact"), &[("name", "Fenella Gherkin"), ("locale", locale)]).await;
            let page = self.house.get(&Who::Person("giver"), &format!("/escalations/{id}")).await.text;
            let text = page.split("id=\"talking\">").nth(1).unwrap_or_else(|| panic!("{page}")).split("</p>").next().unwrap().to_owned();
            is_silent(&format!("{state} {locale}"), &text, &NEVER);
            texts.insert(text);
        }
        assert!(texts.len() >= 5, "{state}: {texts:?}");
        texts
    }

    /// Sends a mail of every template there is, and looks at all that came.
    async fn every_mail(&self) {
        let source = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mails.rs")).unwrap();
        let named = |line: &str| Some(line.trim().strip_prefix('"')?.split_once("\" =>")?.0.to_owned());
        let templates: Vec<String> = source.lines().filter_map(|line| named(line.split(" if ").next()?)).collect();
        assert!(templates.len() >= 12, "{templates:?}");
        for (n, template) in templates.into_iter().enumerate() {
            let payload = json!({ "to": "olga@leeway.example", "template": template, "path": "/escalations/1", "name": "Olga" }).to_string();
            let key = format!("template {n}");
            let now = self.house.app.clock.now();
            self.house
                .write(move |tx| Box::pin(async move { jobs::enqueue(tx, &NewJob { kind: "mail", key: &key, payload: &payload, run_at: now }, now).await }))
                .await;
        }
        self.work().await;
        for mail in self.sink.received() {
            is_silent("a mail", &mail.text.replace("=\r\n", ""), &[NEVER.as_slice(), &NOT_IN_CHAT].concat());
        }
    }
}

#[test]
fn nothing_is_told_that_is_nobodys_business() {
    on_each(|test| silent(test, ["slack", "teams"]));
    on_each(|test| silent(test, ["teams", "slack"]));
}

async fn silent(test: Arc<testkit::TestDb>, shape: [&'static str; 2]) {
    let told = Told::new(test).await;
    told.under_the_charter().await;
    told.staffed(shape).await;
    for (who, group) in [("lead", GROUP), ("far manager", "managers")] {
        told.house.does(who, &format!("/groups/{group}/chat/test"), &[]).await;
    }
    told.case_of("Ottoline Turnip").await;
    let ends: [(&str, &[(&str, &str)]); 4] = [
        ("give", &[("verdict", "give"), ("words", "Marmalade")]),
        ("less", &[("verdict", "less"), ("amount_0", "15.00"), ("words", "Marmalade")]),
        ("no", &[("verdict", "no"), ("words", "Marmalade")]),
        ("withdrawn", &[("verdict", "no"), ("words", "Marmalade")]),
    ];
    for (end, answer) in ends {
        let (case, customer) = told.case_of("Fenella Gherkin").await;
        let id = told.raise(case, if end == "no" { "yes" } else { "" }, "60.00", "20.00").await;
        told.work().await;
        assert!(told.said("raised", &id, &customer).await.iter().all(|text| text.contains("20")), "what stands is said");
        told.says("lead", &id, "question", &[("words", "Marmalade?")]).await;
        told.said("asked back", &id, &customer).await;
        told.says("giver", &id, "reply", &[("words", "Marmalade!")]).await;
        told.work().await;
        told.said("replied to", &id, &customer).await;
        if end == "withdrawn" {
            told.says("giver", &id, "withdrawal", &[]).await;
            told.said("withdrawn", &id, &customer).await;
        }
        told.says("lead", &id, "answer", answer).await;
        told.said(end, &id, &customer).await;
        told.work().await;
    }
    // One that nobody answers, to the end of the way up.
    let (case, customer) = told.case_of("Fenella Gherkin").await;
    let id = told.raise(case, "yes", "60.00", "").await;
    let headlines = || -> BTreeSet<String> { told.posted.lock().unwrap().iter().map(|(at, body)| read(at, body).2).collect() };
    told.work().await;
    while !headlines().contains("Urgent: a decision is overdue") {
        let was_with_leads = !headlines().iter().any(|line| line.contains("passed on"));
        told.until_next().await;
        told.work().await;
        if was_with_leads && headlines().iter().any(|line| line.contains("passed on")) {
            told.said("passed on", &id, &customer).await;
        }
    }
    told.every_mail().await;
    let posted = told.posted.lock().unwrap().clone();
    assert!(headlines().len() >= 7, "{:?}", headlines());
    for (_, body) in &posted {
        is_silent("a chat", &body.to_string(), &[NEVER.as_slice(), &NOT_IN_CHAT].concat());
    }
    told.house.is_whole().await;
}

/// The address of a chat stands on no page, in no event and in no answer; who leads the team tries it, and takes it away.
#[test]
fn the_address_of_a_chat_is_a_secret() {
    on_each(|test| async move {
        let told = Told::new(test).await;
        told.staffed(["slack", "teams"]).await;
        let (page, house) = (format!("/groups/{GROUP}"), &told.house);
        let shown = house.get(&Who::Person("lead"), &page).await.text;
        assert!(shown.contains("/…chat</span>") && !shown.contains("a-long-secret"), "{shown}");
        assert!(!house.get(&Who::Person("giver"), &page).await.text.contains("127.0.0.1"), "who does not lead reads nothing of it");
        house.does("lead", &format!("{page}/chat/test"), &[]).await;
        assert_eq!(told.posts(), [(GROUP.to_owned(), "slack", "A test from Leeway".to_owned())]);
        let wrong = [("", ""), ("chat.example", "slack"), ("https://chat.example/hook", ""), ("https://chat.example/hook", "irc")];
        for (address, kind) in wrong {
            let sent = form(&[("address", address), ("kind", kind)]);
            let refused = house.send(&Who::Person("lead"), Method::POST, &format!("{page}/chat"), &sent).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{address} {kind}: {}", refused.brief());
        }
        let gone = format!("{}/{GROUP}/a-long-secret-gone", told.chats);
        house.does("lead", &format!("{page}/chat"), &[("address", &gone), ("kind", "teams")]).await;
        let tried = house.send(&Who::Person("lead"), Method::POST, &format!("{page}/chat/test"), &form(&[])).await.text;
        assert!(tried.contains("Nobody listens at its address any more") && !tried.contains("a-long-secret"), "{tried}");
        let case = house.case().await;
        told.raise(case, "", "30.00", "").await;
        let now = house.app.clock.now();
        let due: Vec<Leased> = house.write(move |tx| Box::pin(async move { jobs::lease(tx, now, 100).await })).await;
        let job = due.into_iter().find(|job| job.kind == "group_chat").unwrap();
        assert!(!job.payload.contains("secret"), "{}", job.payload);
        let failed = work::table(&house.app).begin(job).unwrap().await;
        assert!(matches!(&failed, Err(NotDone::Never(why)) if !why.contains("secret")), "{failed:?}");
        house.does("lead", &format!("{page}/chat/removal"), &[]).await;
        assert!(!house.get(&Who::Person("lead"), &page).await.text.contains("127.0.0.1"));
        let subject = platform::actor::Subject::new("group", &GROUP);
        let events = house.write(move |tx| Box::pin(async move { platform::events::of(tx, &subject, i64::MAX, 50).await })).await;
        let of_chat: Vec<_> = events.iter().filter(|event| event.kind.starts_with("group_chat")).collect();
        assert_eq!(of_chat.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(), ["group_chat_removed", "group_chat_set", "group_chat_set"]);
        assert!(events.iter().all(|event| !event.data.contains("secret") && !event.data.contains("127.0.0.1")));
        let told_by_api = house.get(&Who::Program(crate::house::Holder::Owner, None), "/api/v1/groups").await.text;
        assert!(!told_by_api.contains("127.0.0.1"), "{told_by_api}");
        told.house.is_whole().await;
    });
}
