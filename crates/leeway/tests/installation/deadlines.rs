//! `kill -9` of the server while deadlines fall due. In a company that was prepared before, reminders, due times, the ends of approvals, the sending of what was
//! given and promises fall into the seconds in which the server is killed again and again: one time in four at random, else up to 25 ms after a deadline, in the
//! middle of the steps it takes. `ROUNDS` says how often.
//!
//! What is shown:
//!
//! - In the log, each deadline has the one event that belongs to it: none is lost, none is there twice, and what was answered, withdrawn or asked back in time
//!   has none.
//! - A reminder that was due and had not come when its escalation was passed on is called off with it: whom it was for is not asked any more. The drill counts
//!   these apart.
//! - To others (mails, chats, webhooks) the program delivers **at least once**, and cannot do better: killed between the other's *taken* and noting it, it sends
//!   again. What comes again is told by its identity (`Message-ID`, `idempotency-key`, `webhook-id`), so that each message is there **exactly once by identity**,
//!   and none is missing. How many came again is printed.
//! - A chat is not told what has lost its point meanwhile: that others were asked before it was passed on. Whatever a group is still asked, it was told.
//! - A promise has no job and no event of its own for its end: whether it is broken is read off its time, and cannot be lost.
//!
//! A job that a killed server had begun is taken up again when its lease of two minutes ends. The drill does not wait for that: it ends the leases of the dead.

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path as FilePath;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use access::people::{self, NewPerson};
    use access::teams::{self, NewMembership, TeamRole};
    use axum::Router;
    use axum::extract::Path;
    use axum::http::HeaderMap;
    use axum::routing::post;
    use charter::time::Instant;
    use desk::asker::{Asker, Kind};
    use desk::cases::{self, NewCase};
    use desk::charters::{self, Charters};
    use desk::escalations::{self, Ask, Cause, EscalationId, Feedback, State, Verdict};
    use desk::grants::{self, GrantState, Item};
    use desk::groups::{self, Address, ChatKind};
    use desk::promises::{self, Fate, How, NewPromise, PromiseId, Who};
    use platform::actor::Actor;
    use platform::clock::Clock;
    use platform::db::{Db, DbError, Location, Tx, schema};
    use platform::events::Recorded;
    use platform::webhooks::{self, NewWebhook, Secret};
    use platform::{params, statements};
    use serde_json::Value;
    use testkit::{MailSink, Received, TestDb, on_each};

    use crate::server::{Server, leeway};

    const CHARTER: &str = include_str!("deadlines.toml");
    const SECOND: i64 = 1_000_000;
    const MINUTE: i64 = 60 * SECOND;
    /// How many of each sort are due at once.
    const AT_ONCE: i64 = 2;
    /// The subject of the mail to whoever has an answer.
    const ANSWERED: &str = "What you passed up has come back";
    /// The subject of the mail that reminds.
    const WAITS: &str = "A decision still waits for you";
    /// What the webhook is told of.
    const EVENTS: [&str; 13] = [
        "escalation_raised",
        "escalation_reminded",
        "escalation_passed_on",
        "escalation_asked_back",
        "escalation_answered",
        "escalation_withdrawn",
        "grant_approved",
        "approval_ended",
        "grant_made",
        "grant_moved",
        "promise_made",
        "promise_kept",
        "case_opened",
    ];

    statements! {
        LEASES = "UPDATE jobs SET run_at = ?1 WHERE lease IS NOT NULL AND run_at > ?1";
        LEASED = "SELECT COUNT(*) FROM jobs WHERE lease IS NOT NULL AND kind NOT IN ('sum_grants', 'erase_further', 'seal_events', 'forget_what_ended')";
        DUE = "SELECT COUNT(*) FROM jobs WHERE run_at <= ?1 AND kind NOT IN ('sum_grants', 'erase_further', 'seal_events', 'forget_what_ended')";
        GIVEN_UP = "SELECT kind, COALESCE(error, '') FROM jobs WHERE ended_at IS NOT NULL";
        LOG = "SELECT subject, number, at, actor, kind, data, digest FROM events";
    }

    /// What is prepared, in turn. `x` is when its deadline is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Sort {
        /// The leads were reminded by now, and at `x` it goes to the managers.
        PassedOn,
        /// The managers are reminded at `x`.
        Reminded,
        /// Nobody is above the directors: at `x` they hear that it is overdue.
        Overdue,
        /// Given up by the customer: it stays with the leads, and is overdue at `x`.
        Withdrawn,
        /// Asked back: no time runs.
        AskedBack,
        /// Approved, and given by nobody until `x`.
        Lapsed,
        /// Approved and given: sent at `x`, and it does not lapse.
        Given,
    }

    const SORTS: [Sort; 7] = [Sort::PassedOn, Sort::Reminded, Sort::Overdue, Sort::Withdrawn, Sort::AskedBack, Sort::Lapsed, Sort::Given];

    impl Sort {
        /// How long before `x` it was raised, and how much was asked for.
        fn raised(self) -> (i64, &'static str) {
            match self {
                Self::Reminded => (30 * MINUTE, "80"),
                Self::Overdue => (MINUTE, "500"),
                _ => (MINUTE, "40"),
            }
        }

        /// How often something happens to it: reminded, told that it is overdue, passed on.
        fn happens(self) -> [usize; 3] {
            match self {
                Self::PassedOn => [1, 0, 1],
                Self::Reminded => [1, 0, 0],
                Self::Overdue | Self::Withdrawn => [1, 1, 0],
                Self::AskedBack | Self::Lapsed | Self::Given => [0, 0, 0],
            }
        }

        /// The subject of each mail about it, whom it goes to, and how often.
        fn mails(self) -> Vec<(&'static str, &'static [&'static str], usize)> {
            let raised = "You are asked for a decision";
            let leads: &[&str] = &["lena", "lou"];
            match self {
                Self::PassedOn => vec![(raised, leads, 1), (WAITS, leads, 1), ("A decision was passed on to you", &["max"], 1)],
                Self::Reminded => vec![(raised, &["max"], 1), (WAITS, &["max"], 1)],
                Self::Overdue => vec![(raised, &["dora"], 1), (WAITS, &["dora"], 2)],
                Self::Withdrawn => vec![(raised, leads, 1), (WAITS, leads, 2)],
                Self::AskedBack => vec![(raised, leads, 1), ("You are asked something about what you passed up", &["ana"], 1)],
                Self::Lapsed => vec![(raised, leads, 1), (ANSWERED, &["ana"], 1), ("What was approved for you cannot be given any more", &["ana"], 1)],
                Self::Given => vec![(raised, leads, 1), (ANSWERED, &["ana"], 1)],
            }
        }
    }

    /// Something that was prepared.
    struct Prepared {
        sort: Sort,
        escalation: EscalationId,
        promise: PromiseId,
        is_kept: bool,
    }

    /// A post that came in: where, under which id, and what.
    type Posted = (String, String, Value);

    struct Drill {
        test: Arc<TestDb>,
        sink: MailSink,
        posted: Arc<Mutex<Vec<Posted>>>,
        prepared: Vec<Prepared>,
        /// When the deadlines are, of all sorts at once, in order.
        deadlines: Vec<Instant>,
        /// When the last one is.
        until: Instant,
    }

    fn now() -> Instant {
        Clock::machine().now()
    }

    async fn person(tx: &mut Tx, name: &str, level: &str, team: Option<&str>, at: Instant) -> Asker {
        let email = format!("{name}@deadlines.example");
        let new = NewPerson { name: name.to_owned(), email, level: Some(level.to_owned()), locale: "en".to_owned(), time_zone: "UTC".to_owned() };
        let staff = people::add_person(tx, &new, &[level.to_owned()], &Actor::System, at).await.unwrap();
        if let Some(group) = team {
            let found = groups::teams(tx).await.unwrap().remove(group);
            let team = match found {
                Some((team, _)) => team,
                None => teams::create_team(tx, group, None, &Actor::System, at).await.unwrap(),
            };
            groups::set_team(tx, group, team, &Actor::System, at).await.unwrap();
            let new = NewMembership { staff, team, role: TeamRole::Member, from: at, until: None };
            teams::begin_membership(tx, &new, &Actor::System, at).await.unwrap();
        }
        Asker { staff: staff.0, level: level.to_owned(), kind: Kind::Person }
    }

    /// Who asks, and a lead; the groups with their people and chats, and a webhook.
    async fn company(tx: &mut Tx, listener: &str, at: Instant) -> (Asker, Asker) {
        charters::publish(tx, CHARTER, None, "first", &Actor::System, at).await.unwrap();
        let ana = person(tx, "ana", "agent", None, at).await;
        let lena = person(tx, "lena", "lead", Some("leads"), at).await;
        for (name, level, group) in [("lou", "lead", "leads"), ("max", "manager", "managers"), ("dora", "director", "directors")] {
            person(tx, name, level, Some(group), at).await;
        }
        for (group, kind) in [("leads", ChatKind::Slack), ("managers", ChatKind::Teams), ("directors", ChatKind::Slack)] {
            let address = Address::of(format!("{listener}/chat/{group}"));
            groups::set_chat(tx, group, kind, &address, &Actor::System, at).await.unwrap();
        }
        let new = NewWebhook { url: format!("{listener}/webhook"), events: EVENTS.map(str::to_owned).to_vec() };
        webhooks::add(tx, &new, &Secret::fresh().unwrap(), &Actor::System, at).await.unwrap();
        (ana, lena)
    }

    /// Raises one, and does to it what was done before its deadline.
    async fn raise(tx: &mut Tx, known: &Charters, (ana, lena): &(Asker, Asker), sort: Sort, x: Instant, is_kept: bool) -> Prepared {
        let (before, amount) = sort.raised();
        let at = x - before;
        let case = cases::open(tx, &NewCase { channel: "mail".to_owned(), ..NewCase::default() }, &Actor::System, at).await.unwrap();
        let item = Item { remedy: "refund".to_owned(), reason: Some("late".to_owned()), amount: Some(amount.to_owned()), why: None };
        let ask = Ask {
            case,
            meanwhile: Vec::new(),
            items: vec![item],
            cause: Cause::BeyondLimit,
            is_urgent: false,
            want: None,
            promise: Some(NewPromise { who: Who::Group, due: x, how: How::Phone }),
            beyond_no: false,
        };
        let raised = escalations::raise(tx, known, &ask, ana, at).await.unwrap();
        let (id, promise) = (raised.escalation, raised.promise.unwrap());
        let then = at + 5 * SECOND;
        match sort {
            Sort::PassedOn | Sort::Reminded | Sort::Overdue => {}
            Sort::Withdrawn => escalations::withdraw(tx, known, id, &ana.actor(), then).await.unwrap(),
            Sort::AskedBack => escalations::ask_back(tx, id, "Which order?", &lena.actor(), then).await.unwrap(),
            Sort::Lapsed | Sort::Given => {
                let feedback = Feedback { words: "Yes".to_owned(), rule: None, until: x, kept: desk::escalations::Keeping::Unsaid };
                let (_, approved) = escalations::answer(tx, known, id, (&Verdict::Give, &feedback), lena, then).await.unwrap();
                if sort == Sort::Given {
                    grants::give_approved(tx, known, approved[0], &ana.actor(), x - grants::UNDO_MICROS).await.unwrap();
                }
            }
        }
        if is_kept {
            promises::keep(tx, promise, &ana.actor(), then).await.unwrap();
        }
        Prepared { sort, escalation: id, promise, is_kept }
    }

    /// Takes what is posted, and lets whoever posts wait a little for the answer: so that some die between the two.
    async fn listener() -> (String, Arc<Mutex<Vec<Posted>>>) {
        let posted: Arc<Mutex<Vec<Posted>>> = Arc::default();
        let into = Arc::clone(&posted);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let hook = post(move |Path(at): Path<String>, headers: HeaderMap, body: String| async move {
            let name = if at == "webhook" { "webhook-id" } else { "idempotency-key" };
            let id = headers.get(name).unwrap().to_str().unwrap().to_owned();
            into.lock().unwrap().push((at, id, serde_json::from_str(&body).unwrap()));
            tokio::time::sleep(Duration::from_millis(20)).await;
        });
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/{*at}", hook)).await });
        (address, posted)
    }

    impl Drill {
        /// So many deadlines, spread over `span` microseconds from about now on, each of [`AT_ONCE`] of every sort.
        async fn prepare(test: Arc<TestDb>, times: i64, span: i64) -> Self {
            let sink = MailSink::start(None).await.unwrap();
            let (address, posted) = listener().await;
            let db = Db::open(&test.location, leeway::wiring::WIRES).unwrap();
            db.migrate(&schema().unwrap()).await.unwrap();
            // By then it is prepared.
            let from = now() + times * AT_ONCE * SECOND / if test.is_sqlite() { 50 } else { 5 };
            let staff = db.write(move |tx| Box::pin(async move { Ok::<_, DbError>(company(tx, &address, from - 60 * MINUTE).await) })).await.unwrap();
            let mut wanted: Vec<(Sort, Instant, bool)> = Vec::new();
            for place in 0..times * AT_ONCE {
                for sort in SORTS {
                    // What is given is given before the server starts.
                    let span = if sort == Sort::Given { span.min(grants::UNDO_MICROS) } else { span };
                    wanted.push((sort, from + place / AT_ONCE * span / times, place % 2 == 0));
                }
            }
            wanted.sort_by_key(|(sort, x, _)| x - sort.raised().0);
            let prepared = db.write(move |tx| {
                Box::pin(async move {
                    let known = Charters::default();
                    let mut prepared = Vec::new();
                    for (sort, x, is_kept) in wanted {
                        prepared.push(raise(tx, &known, &staff, sort, x, is_kept).await);
                    }
                    Ok::<_, DbError>(prepared)
                })
            });
            let prepared = prepared.await.unwrap();
            eprintln!("{} prepared, {} ms before the first deadline", prepared.len(), (from - now()) / 1_000);
            let deadlines = (0..times).map(|place| from + place * span / times).collect();
            Self { test, sink, posted, prepared, deadlines, until: from + span }
        }

        /// How many jobs wait that are to be done by now, or are being done.
        async fn waiting(&self) -> i64 {
            let until = now().max(self.until);
            let waiting = self.test.db.read(move |tx| {
                Box::pin(async move { Ok::<_, DbError>(tx.one::<(i64,)>(&LEASED, &[]).await?.0 + tx.one::<(i64,)>(&DUE, params![until]).await?.0) })
            });
            waiting.await.unwrap()
        }

        /// Until the next deadline, if it is near, and a little longer: into the steps that it takes.
        async fn until_a_deadline(&self, longer: Duration) {
            let now = now();
            if let Some(next) = self.deadlines.iter().find(|at| **at > now).filter(|at| **at < now + 2 * SECOND) {
                tokio::time::sleep(Duration::from_micros(u64::try_from(next - now).unwrap()) + longer).await;
            }
        }

        /// Nobody does any more what a dead server had begun.
        async fn end_leases(&self) -> u64 {
            let at = now();
            self.test.db.write(move |tx| Box::pin(async move { tx.execute(&LEASES, params![at]).await })).await.map_err(|e: DbError| e).unwrap()
        }

        /// Each deadline has the event that belongs to it, once. Gives the log, and those that were passed on before the reminder came.
        async fn log_is_right(&self) -> (Vec<Recorded>, BTreeSet<EscalationId>) {
            let log: Vec<Recorded> = self.test.db.read(|tx| Box::pin(async move { tx.all(&LOG, &[]).await })).await.map_err(|e: DbError| e).unwrap();
            let data: Vec<(&Recorded, Value)> = log.iter().map(|event| (event, serde_json::from_str(&event.data).unwrap())).collect();
            let mut overtaken = BTreeSet::new();
            for Prepared { sort, escalation, .. } in &self.prepared {
                let of_it = || data.iter().filter(|(_, data)| data["escalation"] == escalation.to_string());
                let reminded = |late: bool| of_it().filter(|(event, data)| event.kind == "escalation_reminded" && data["is_overdue"] == late).count();
                let passed_on = of_it().filter(|(event, _)| event.kind == "escalation_passed_on").count();
                if *sort == Sort::PassedOn && reminded(false) == 0 {
                    overtaken.insert(*escalation);
                    assert_eq!([reminded(true), passed_on], [0, 1], "{escalation}");
                    continue;
                }
                assert_eq!([reminded(false), reminded(true), passed_on], sort.happens(), "{sort:?} {escalation}");
            }
            let of_sort = |sort: Sort| self.prepared.iter().filter(move |one| one.sort == sort).count();
            let of_grants = |kind: &str, field: &str, value: Value| {
                let of_kind = data.iter().filter(|(event, data)| event.kind == kind && data[field] == value);
                let grants: Vec<&str> = of_kind.map(|(_, data)| data["grant"].as_str().unwrap()).collect();
                assert_eq!(grants.len(), grants.iter().collect::<BTreeSet<_>>().len(), "each once: {kind}");
                grants.len()
            };
            let (lapsed, sent) = (of_grants("approval_ended", "how", "lapsed".into()), of_grants("grant_moved", "state", "sent".into()));
            assert_eq!((lapsed, sent), (of_sort(Sort::Lapsed), of_sort(Sort::Given)), "lapsed, and sent");
            (log, overtaken)
        }

        /// Each stands where it has to, with its promise.
        async fn rows_are_right(&self) {
            for Prepared { sort, escalation, promise, is_kept, .. } in &self.prepared {
                let (id, promise) = (*escalation, *promise);
                let found = self.test.db.read(move |tx| {
                    Box::pin(async move {
                        let row = escalations::by_id(tx, id).await?.unwrap();
                        let items = escalations::items(tx, id).await?;
                        let grant = match items[0].grant {
                            Some(grant) => grants::by_id(tx, grant).await?.map(|grant| grant.state),
                            None => None,
                        };
                        Ok::<_, DbError>((row, grant, promises::by_id(tx, promise).await?.unwrap()))
                    })
                });
                let (row, grant, promise) = found.await.unwrap();
                let expected = match sort {
                    Sort::PassedOn => ("managers", 1, State::Open, None),
                    Sort::Reminded => ("managers", 0, State::Open, None),
                    Sort::Overdue => ("directors", 0, State::Open, None),
                    Sort::Withdrawn => ("leads", 0, State::Withdrawn, None),
                    Sort::AskedBack => ("leads", 0, State::AskedBack, None),
                    Sort::Lapsed => ("leads", 0, State::Answered, Some(GrantState::Withdrawn)),
                    Sort::Given => ("leads", 0, State::Answered, Some(GrantState::Sent)),
                };
                assert_eq!((row.group.as_str(), row.passed_on, row.state, grant), expected, "{sort:?}");
                assert_eq!(promise.fate(now()), if *is_kept { Fate::Kept } else { Fate::Broken });
            }
        }

        /// Each mail came, and by its `Message-ID` once. Says how many there are, and how many came again.
        fn mails_are_right(&self, overtaken: &BTreeSet<EscalationId>) -> (usize, usize) {
            let received = self.sink.received();
            let line = |mail: &Received, name: &str| mail.text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).unwrap();
            let mut by_id: BTreeMap<String, Received> = BTreeMap::new();
            for mail in &received {
                let first = by_id.entry(line(mail, "Message-ID: ")).or_insert_with(|| mail.clone());
                let about = |mail: &Received| (mail.to.clone(), line(mail, "Subject: "), path(mail));
                assert_eq!(about(first), about(mail), "what comes again is the same");
            }
            let mut came: BTreeMap<(String, String, String), usize> = BTreeMap::new();
            for mail in by_id.values() {
                let to = mail.to.split('@').next().unwrap().to_owned();
                *came.entry((path(mail), line(mail, "Subject: "), to)).or_default() += 1;
            }
            let mut expected = BTreeMap::new();
            for Prepared { sort, escalation, .. } in &self.prepared {
                let has_come = |subject: &str| !(overtaken.contains(escalation) && subject == WAITS);
                for (subject, to, times) in sort.mails().into_iter().filter(|(subject, ..)| has_come(subject)) {
                    let path = format!("escalations/{escalation}");
                    expected.extend(to.iter().map(|to| ((path.clone(), subject.to_owned(), (*to).to_owned()), times)));
                }
            }
            assert_eq!(came, expected);
            (by_id.len(), received.len() - by_id.len())
        }

        /// Each message to the webhook came, the same under one id. Says how many there are, and how many came again.
        fn webhooks_are_right(&self, log: &[Recorded]) -> (usize, usize) {
            let posted = self.posted.lock().unwrap();
            let came: Vec<&Posted> = posted.iter().filter(|(at, ..)| at == "webhook").collect();
            let mut by_id: BTreeMap<String, &Value> = BTreeMap::new();
            for (_, id, body) in &came {
                assert_eq!(*by_id.entry(id.clone()).or_insert(body), body, "what comes again is the same");
            }
            let told = log.iter().filter(|event| EVENTS.contains(&event.kind.as_str()));
            let expected: BTreeSet<String> = told.map(|event| format!("{}#{}", event.subject, event.number)).collect();
            assert_eq!(by_id.keys().cloned().collect::<BTreeSet<_>>(), expected);
            (expected.len(), came.len() - expected.len())
        }

        /// Each group was told in its chat what it is asked; what it was not told is its business no more. Says how many messages there are, how many came again,
        /// and how many had lost their point.
        fn chats_are_right(&self, log: &[Recorded]) -> (usize, usize, usize) {
            let posted = self.posted.lock().unwrap();
            let came: Vec<(&str, &str)> = posted.iter().filter_map(|(at, id, _)| Some((at.strip_prefix("chat/")?, id.as_str()))).collect();
            let distinct: BTreeSet<(&str, &str)> = came.iter().copied().collect();
            let mut group_of: BTreeMap<String, &str> = BTreeMap::new();
            let (mut expected, mut pointless) = (BTreeSet::new(), 0);
            let ids: BTreeMap<String, &Prepared> = self.prepared.iter().map(|one| (one.escalation.to_string(), one)).collect();
            let mut log: Vec<(&Recorded, Value)> = log.iter().map(|event| (event, serde_json::from_str(&event.data).unwrap())).collect();
            log.sort_by_key(|(event, _)| (event.subject.clone(), event.number));
            for (event, data) in &log {
                let Some(of) = data["escalation"].as_str().and_then(|id| ids.get(id)) else { continue };
                if ["escalation_raised", "escalation_passed_on"].contains(&event.kind.as_str()) {
                    group_of.insert(of.escalation.to_string(), data["group"].as_str().unwrap());
                } else if event.kind != "escalation_reminded" {
                    continue;
                }
                let (group, id) = (group_of[&of.escalation.to_string()], format!("{}#{}", event.subject, event.number));
                let is_over = match of.sort {
                    Sort::PassedOn => group == "leads",
                    Sort::Reminded | Sort::Overdue => false,
                    Sort::Withdrawn | Sort::AskedBack | Sort::Lapsed | Sort::Given => true,
                };
                let has_come = distinct.iter().any(|(at, known)| *at == group && *known == id);
                assert!(has_come || is_over, "{group} was not told of {id}, {:?}", of.sort);
                pointless += usize::from(!has_come);
                if has_come {
                    expected.insert((group.to_owned(), id));
                }
            }
            let distinct: BTreeSet<(String, String)> = distinct.into_iter().map(|(group, id)| (group.to_owned(), id.to_owned())).collect();
            assert_eq!(distinct, expected, "and nothing else");
            (expected.len(), came.len() - expected.len(), pointless)
        }
    }

    /// The path that a mail leads to. Long lines of mails are broken.
    fn path(mail: &Received) -> String {
        let text = mail.text.replace("=\r\n", "");
        let link = text.split("http://").nth(1).unwrap().lines().next().unwrap();
        link.trim().split_once('/').unwrap().1.to_owned()
    }

    fn start(folder: &FilePath, database: &str, sink: &str) -> Server {
        Server::start(folder, database, &["--smtp", sink, "--mail-from", "leeway@deadlines.example", "--webhooks-private"])
    }

    /// The database as the program is told it.
    fn database(test: &TestDb) -> String {
        match &test.location {
            Location::File(path) => path.to_str().unwrap().to_owned(),
            Location::Postgres(url) => url.clone(),
        }
    }

    #[test]
    fn no_deadline_is_lost_or_comes_twice_however_often_the_server_is_killed() {
        let rounds: i64 = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4);
        on_each(move |test| drill(test, rounds));
    }

    async fn drill(test: Arc<TestDb>, rounds: i64) {
        let drill = Drill::prepare(test, rounds + 2, rounds * 700_000).await;
        let folder = tempfile::tempdir().unwrap();
        let (database, url) = (database(&drill.test), drill.sink.url.clone());
        let mut seed = 0x9e37_79b9_u64;
        let mut begun = 0;
        let starting = |url: &str| {
            let (folder, database, url) = (folder.path().to_owned(), database.clone(), url.to_owned());
            async move { tokio::task::spawn_blocking(move || start(&folder, &database, &url)).await.unwrap() }
        };
        for round in 0..rounds {
            let server = starting(&url).await;
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            tokio::time::sleep(Duration::from_millis(50 + (seed >> 33) % 400)).await;
            if round % 4 != 0 {
                drill.until_a_deadline(Duration::from_micros((seed >> 20) % 25_000)).await;
            }
            tokio::task::spawn_blocking(move || server.kill()).await.unwrap();
            begun += drill.end_leases().await;
        }
        let is_before = now() < drill.until;
        let server = starting(&url).await;
        while drill.waiting().await > 0 || now() < drill.until {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let late = (now() - drill.until) / 1_000;
        tokio::task::spawn_blocking(move || server.stop()).await.unwrap();
        let given_up: Vec<(String, String)> =
            drill.test.db.read(|tx| Box::pin(async move { tx.all(&GIVEN_UP, &[]).await })).await.map_err(|e: DbError| e).unwrap();
        assert_eq!(given_up, []);
        let (log, overtaken) = drill.log_is_right().await;
        drill.rows_are_right().await;
        let (mails, mails_again) = drill.mails_are_right(&overtaken);
        let (hooks, hooks_again) = drill.webhooks_are_right(&log);
        let (chats, chats_again, pointless) = drill.chats_are_right(&log);
        let verified = leeway(folder.path(), &["verify", "--database", &database], "");
        assert_eq!(verified.code, 0, "{verified:?}");
        eprintln!(
            "{rounds} kills, {begun} jobs begun by the dead, {} escalations with a promise each: every deadline once ({} passed on before the reminder came). {mails} mails ({mails_again} came again), \
             {chats} messages to chats ({chats_again} again, {pointless} had lost their point), {hooks} to a webhook ({hooks_again} again). The last kill was {} the \
             last deadline; all was done {late} ms after it.",
            drill.prepared.len(),
            overtaken.len(),
            if is_before { "before" } else { "after" }
        );
    }
}
