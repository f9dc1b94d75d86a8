//! The way up: what is passed on reaches a group, is answered with its reasons, and comes back, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod approvals;

use std::sync::Arc;

use access::people::{self, NewPerson, StaffId};
use access::teams::{self, NewMembership, TeamRole};
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::calendars;
use desk::cases::{self, NewCase};
use desk::charters::{self, Charters};
use desk::escalations::{
    self, Answer, Answered, Ask, Cause, EscalationError, EscalationId, EscalationRow, Feedback, Keeping, Raised, Rating, Standing, State, Verdict,
};
use desk::grants::{self, GrantError, GrantId, GrantState, Item, Offer, Offered};
use desk::groups;
use desk::promises::{self, Fate, How, NewPromise, Who};
use desk::subjects;
use desk::verify::{Decisions, Grants};
use platform::actor::{Actor, Subject};
use platform::db::{Body, Tx, schema};
use platform::jobs;
use platform::statements;
use serde_json::json;
use testkit::{TestDb, on_each};

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const SHOP: &str = include_str!("../../../../charters/shop.toml");

statements! {
    UNANSWERED = "UPDATE escalations SET state = 'answered'";
    NO_WORDS = "UPDATE escalations SET state = 'answered', answer = 'no', answered_by = 'staff:1', could_have = 0";
    TAKEN_OUT = "DELETE FROM escalations";
    OTHERWISE = "UPDATE escalations SET answer = 'given'";
}

#[derive(Clone)]
struct Desk {
    test: Arc<TestDb>,
    known: Charters,
    ana: Asker,
    lena: Asker,
    lou: Asker,
    max: Asker,
    case: i64,
}

/// A case of a customer; Ana is an agent, Lena and Lou are leads on duty, Max is a manager.
async fn desk(test: Arc<TestDb>) -> Desk {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let (staff, case) = write(&test, |tx| {
        Box::pin(async move {
            charters::publish(tx, SHOP, None, "first", &Actor::System, AT).await.unwrap();
            for calendar in ["shop", "office"] {
                let hours = json!({ "timezone": "Europe/Amsterdam", "weekly": { "mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]] } });
                calendars::keep(tx, calendar, &serde_json::from_value(hours).unwrap(), &Actor::System, AT).await?;
            }
            let team = teams::create_team(tx, "Leads", None, &Actor::System, AT).await.unwrap();
            let mut staff = Vec::new();
            for (name, level) in [("Ana", "agent"), ("Lena", "lead"), ("Lou", "lead"), ("Max", "manager")] {
                let person = person(tx, name, level).await;
                if level == "lead" {
                    let new = NewMembership { staff: person, team, role: TeamRole::Member, from: AT, until: None };
                    teams::begin_membership(tx, &new, &Actor::System, AT).await.unwrap();
                }
                staff.push(Asker { staff: person.0, level: level.to_owned(), kind: Kind::Person });
            }
            groups::set_team(tx, "duty-leads", team, &Actor::System, AT).await.unwrap();
            let customer = subjects::keep_subject(tx, "customer", "C-1", None, AT).await?;
            let new = NewCase { channel: "mail".to_owned(), customer: Some(customer), ..NewCase::default() };
            Ok((staff, cases::open(tx, &new, &Actor::System, AT).await.unwrap()))
        })
    })
    .await;
    let [ana, lena, lou, max] = <[Asker; 4]>::try_from(staff).unwrap();
    Desk { test, known: Charters::default(), ana, lena, lou, max, case }
}

async fn person(tx: &mut Tx, name: &str, level: &str) -> StaffId {
    let new = NewPerson {
        name: name.to_owned(),
        email: format!("{}@hazelhart.example", name.to_lowercase()),
        level: Some(level.to_owned()),
        locale: "en".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    people::add_person(tx, &new, &["agent", "lead", "manager"].map(str::to_owned), &Actor::System, AT).await.unwrap()
}

async fn write<T, F>(test: &TestDb, body: F) -> T
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, EscalationError> + Clone + Send + 'static,
{
    test.db.write(body).await.unwrap()
}

fn refund(amount: &str) -> Item {
    Item { remedy: "refund".to_owned(), reason: Some("goodwill".to_owned()), amount: Some(amount.to_owned()), why: None }
}

fn because(words: &str) -> Feedback {
    Feedback { words: words.to_owned(), rule: None, until: AT + 72 * HOUR, kept: Keeping::Unsaid }
}

impl Desk {
    fn ask(&self, amount: &str) -> Ask {
        Ask {
            case: self.case,
            meanwhile: Vec::new(),
            items: vec![refund(amount)],
            cause: Cause::BeyondLimit,
            is_urgent: false,
            want: Some("She has been with us for years".to_owned()),
            promise: None,
            beyond_no: false,
        }
    }

    async fn try_raise(&self, ask: Ask, asker: &Asker, at: Instant) -> Result<Raised, EscalationError> {
        let (known, asker) = (self.known.clone(), asker.clone());
        self.test.db.write(move |tx| Box::pin(async move { escalations::raise(tx, &known, &ask, &asker, at).await })).await
    }

    async fn raised(&self, amount: &str) -> EscalationId {
        self.try_raise(self.ask(amount), &self.ana, AT).await.unwrap().escalation
    }

    async fn answer(&self, id: EscalationId, by: &Asker, verdict: Verdict, feedback: Feedback, at: Instant) -> Result<Answered, EscalationError> {
        let (known, by) = (self.known.clone(), by.clone());
        self.test.db.write(move |tx| Box::pin(async move { escalations::answer(tx, &known, id, (&verdict, &feedback), &by, at).await })).await
    }

    async fn approved(&self, id: EscalationId) -> GrantId {
        let (answer, grants) = self.answer(id, &self.lena, Verdict::Give, because("She is right"), AT + MINUTE).await.unwrap();
        assert_eq!(answer, Answer::Given);
        *grants.first().unwrap()
    }

    async fn use_up(&self, grant: GrantId, by: &Asker, at: Instant) -> Result<Instant, GrantError> {
        let (known, by) = (self.known.clone(), by.actor());
        self.test.db.write(move |tx| Box::pin(async move { grants::give_approved(tx, &known, grant, &by, at).await })).await
    }

    async fn row(&self, id: EscalationId) -> EscalationRow {
        write(&self.test, move |tx| Box::pin(async move { Ok(escalations::by_id(tx, id).await?.unwrap()) })).await
    }

    async fn state(&self, id: GrantId) -> GrantState {
        write(&self.test, move |tx| Box::pin(async move { Ok(grants::by_id(tx, id).await?.unwrap().state) })).await
    }

    /// Does the jobs that end approvals and are due, as the program would, and says how many.
    async fn lapse_due(&self, at: Instant) -> usize {
        write(&self.test, move |tx| {
            Box::pin(async move {
                let due: Vec<_> = jobs::lease(tx, at, 200).await?.into_iter().filter(|job| job.kind == grants::LAPSE_JOB).collect();
                for job in &due {
                    assert!(jobs::done(tx, job).await?);
                    grants::lapse(tx, serde_json::from_str(&job.payload).unwrap(), at).await?;
                }
                Ok(due.len())
            })
        })
        .await
    }

    /// All that is in the ledger of the case: where each stands, and how much it is.
    async fn ledger(&self) -> Vec<(GrantState, Option<i64>)> {
        let number = self.case;
        let rows = write(&self.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, number).await?.unwrap();
                Ok(grants::list_of_case(tx, case.id, i64::MAX, 200).await?)
            })
        });
        rows.await.into_iter().map(|row| (row.state, row.units)).collect()
    }

    /// What the log tells of it under a name, the latest first.
    async fn told(&self, id: EscalationId, kind: &'static str) -> Vec<serde_json::Value> {
        let number = self.case;
        let events = write(&self.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, number).await?.unwrap();
                Ok(platform::events::of(tx, &Subject::new("case", &case.id), i64::MAX, 200).await?)
            })
        });
        let data = events.await.into_iter().filter(|event| event.kind == kind).map(|event| serde_json::from_str(&event.data).unwrap());
        data.filter(|data: &serde_json::Value| data["escalation"] == id.to_string()).collect()
    }

    /// How many of those that were raised to a group are late.
    async fn late(&self, group: &'static str, now: Instant) -> usize {
        write(&self.test, move |tx| Box::pin(async move { Ok(escalations::measured(tx, group, AT - HOUR, 500, now).await?.0.late) })).await
    }

    async fn overdue(&self, id: EscalationId, at: Instant) {
        let known = self.known.clone();
        write(&self.test, move |tx| Box::pin(async move { escalations::pass_on_overdue(tx, &known, id, at).await })).await;
    }

    /// The ledger is whole, every decision comes out again, and the log is as it was written.
    async fn verify(&self) {
        let known = self.known.clone();
        let found = write(&self.test, move |tx| {
            Box::pin(async move {
                let mut found = platform::audit::verify(tx, 10).await?;
                let (mut grants, mut decisions) = (Grants::default(), Decisions::default());
                while grants.page(tx, &mut found).await? > 0 {}
                while decisions.page(tx, &known, &mut found).await? > 0 {}
                Ok(found)
            })
        })
        .await;
        assert_eq!(found, Vec::<String>::new());
    }
}

#[test]
fn it_goes_up_comes_back_and_is_given_once() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let raised = desk.try_raise(desk.ask("60"), &desk.ana, AT).await.unwrap();
        assert_eq!((raised.group.as_str(), raised.due), ("duty-leads", Some(AT + 30 * MINUTE)));
        let grant = desk.approved(raised.escalation).await;
        assert_eq!(desk.state(grant).await, GrantState::Offered);
        desk.use_up(grant, &desk.ana, AT + 2 * MINUTE).await.unwrap();
        assert_eq!(desk.state(grant).await, GrantState::Granted);
        assert!(matches!(desk.use_up(grant, &desk.ana, AT + 3 * MINUTE).await, Err(GrantError::CannotMove(GrantState::Granted))));
        let row = desk.row(raised.escalation).await;
        assert_eq!((row.state, row.outcome.unwrap().by), (State::Answered, desk.lena.actor()));
        desk.verify().await;
    });
}

#[test]
fn what_is_given_meanwhile_stands_and_counts() {
    on_each(|test| async move {
        let desk = desk(test).await;
        // What is mine to give is not passed up, and nothing is given on the way to finding that out.
        let ask = Ask { meanwhile: vec![refund("10")], ..desk.ask("5") };
        assert!(matches!(desk.try_raise(ask, &desk.ana, AT).await, Err(EscalationError::NotRaised { item: 0, .. })));
        let number = desk.case;
        let given = write(&desk.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, number).await?.unwrap();
                Ok(grants::list_of_case(tx, case.id, i64::MAX, 10).await?.len())
            })
        });
        assert_eq!(given.await, 0);
        let ask = Ask { meanwhile: vec![refund("25")], ..desk.ask("35") };
        let raised = desk.try_raise(ask, &desk.ana, AT).await.unwrap();
        let more = desk.answer(raised.escalation, &desk.lena, Verdict::Less(vec![Some("36".to_owned())]), because("x"), AT).await;
        assert!(matches!(more, Err(EscalationError::Amounts(1))), "{more:?}");
        let less = desk.answer(raised.escalation, &desk.lena, Verdict::Less(vec![Some("20".to_owned())]), because("Enough"), AT).await.unwrap();
        assert_eq!((less.0, less.1.len()), (Answer::Less, 1));
        desk.verify().await;
    });
}

#[test]
fn a_case_waits_for_one_answer_at_a_time_and_nobody_answers_their_own() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        assert!(matches!(desk.try_raise(desk.ask("70"), &desk.lou, AT).await, Err(EscalationError::Waits(waits)) if waits == id));
        assert!(matches!(desk.answer(id, &desk.ana, Verdict::Give, because("Me"), AT).await, Err(EscalationError::Own)));
        let machine = Asker { kind: Kind::Ai, ..desk.lena.clone() };
        assert!(matches!(desk.answer(id, &machine, Verdict::No, because("No"), AT).await, Err(EscalationError::NotForPrograms)));
        // Who has no more authority than the one who asked gives nothing.
        let senior = Asker { level: "senior".to_owned(), ..desk.lou.clone() };
        assert!(matches!(desk.answer(id, &senior, Verdict::Give, because("Yes"), AT).await, Err(EscalationError::NotRaised { item: 0, .. })));
        let unknown = Feedback { rule: Some("no-such-rule".to_owned()), ..because("You could") };
        assert!(matches!(desk.answer(id, &desk.lena, Verdict::No, unknown, AT).await, Err(EscalationError::NoRule(_))));
        let known = Feedback { rule: Some("goodwill-friends".to_owned()), ..because("You could have given a voucher") };
        assert_eq!(desk.answer(id, &desk.lena, Verdict::No, known, AT).await.unwrap().0, Answer::No);
        desk.verify().await;
    });
}

#[test]
fn two_leads_answer_at_once_and_one_gets_it() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        let (lena, lou) =
            tokio::join!(desk.answer(id, &desk.lena, Verdict::Give, because("Yes"), AT + 1), desk.answer(id, &desk.lou, Verdict::No, because("No"), AT + 1));
        let refused = match (lena, lou) {
            (Ok(_), Err(e)) | (Err(e), Ok(_)) => e,
            other => panic!("{other:?}"),
        };
        assert!(matches!(refused, EscalationError::CannotMove(State::Answered)), "{refused:?}");
        desk.verify().await;
    });
}

#[test]
fn who_takes_it_answers_it_unless_a_colleague_takes_it_over() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        let take = |by: &Asker, from: Option<&Asker>| {
            let (by, from, test) = (by.actor(), from.map(Asker::actor), desk.test.clone());
            async move { test.db.write(move |tx| Box::pin(async move { escalations::take(tx, id, from.as_ref(), &by, AT).await })).await }
        };
        assert!(matches!(take(&desk.ana, None).await, Err(EscalationError::Own)));
        take(&desk.lena, None).await.unwrap();
        take(&desk.lena, None).await.unwrap();
        assert!(matches!(take(&desk.lou, None).await, Err(EscalationError::Taken(by)) if by == desk.lena.actor()));
        assert!(matches!(desk.answer(id, &desk.lou, Verdict::No, because("No"), AT).await, Err(EscalationError::Taken(_))));
        take(&desk.lou, Some(&desk.lena)).await.unwrap();
        desk.answer(id, &desk.lou, Verdict::No, because("No"), AT).await.unwrap();
    });
}

#[test]
fn what_is_overdue_goes_one_level_up_and_stays_there() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        desk.overdue(id, AT + 29 * MINUTE).await;
        assert_eq!(desk.row(id).await.group, "duty-leads");
        desk.overdue(id, AT + 30 * MINUTE).await;
        let row = desk.row(id).await;
        // Four hours of the office from 11:30 on.
        assert_eq!((row.group.as_str(), row.passed_on, row.due_at), ("managers", 1, Some(AT + 30 * MINUTE + 4 * HOUR)));
        desk.overdue(id, AT + 5 * HOUR).await;
        assert_eq!((desk.row(id).await.group.as_str(), desk.row(id).await.state), ("managers", State::Open));
        assert_eq!(desk.told(id, "escalation_passed_on").await[0]["was_due"], json!(true));
        desk.answer(id, &desk.max, Verdict::Give, because("Yes"), AT + 5 * HOUR).await.unwrap();
        desk.overdue(id, AT + 9 * HOUR).await;
        assert_eq!(desk.row(id).await.passed_on, 1);
        assert_eq!(desk.late("duty-leads", AT + 9 * HOUR).await, 1);
        desk.verify().await;
    });
}

#[test]
fn what_is_overdue_goes_up_once_somebody_above_is_there() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let opens = |hours: serde_json::Value| {
            let test = desk.test.clone();
            async move {
                let hours = serde_json::from_value(json!({ "timezone": "Europe/Amsterdam", "weekly": hours })).unwrap();
                write(&test, move |tx| Box::pin(async move { Ok(calendars::keep(tx, "office", &hours, &Actor::System, AT).await?) })).await;
            }
        };
        opens(json!({})).await;
        let id = desk.raised("60").await;
        desk.overdue(id, AT + 30 * MINUTE).await;
        assert_eq!(desk.row(id).await.group, "duty-leads");
        opens(json!({ "mon": [["09:00", "18:00"]] })).await;
        desk.overdue(id, AT + 45 * MINUTE).await;
        let row = desk.row(id).await;
        assert_eq!((row.group.as_str(), row.passed_on, row.due_at), ("managers", 1, Some(AT + 45 * MINUTE + 4 * HOUR)));
        assert_eq!(desk.told(id, "escalation_passed_on").await[0]["was_due"], json!(true));
        // They do not answer either, and nobody is above: that is told too, once.
        for _ in 0..2 {
            desk.overdue(id, AT + 45 * MINUTE + 4 * HOUR).await;
        }
        assert_eq!(desk.told(id, "escalation_reminded").await.len(), 2);
        desk.verify().await;
    });
}

#[test]
fn what_was_late_stays_late_when_something_is_asked_back() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        assert_eq!(desk.late("duty-leads", AT + 30 * MINUTE).await, 0);
        let (lena, ana, known) = (desk.lena.actor(), desk.ana.clone(), desk.known.clone());
        write(&desk.test, move |tx| Box::pin(async move { escalations::ask_back(tx, id, "Which order?", &lena, AT + 31 * MINUTE).await })).await;
        assert_eq!(desk.late("duty-leads", AT + 32 * MINUTE).await, 1);
        write(&desk.test, move |tx| Box::pin(async move { escalations::reply(tx, &known, id, "O-1", &ana, AT + 40 * MINUTE).await })).await;
        desk.answer(id, &desk.lena, Verdict::No, because("No"), AT + 41 * MINUTE).await.unwrap();
        assert_eq!(desk.late("duty-leads", AT + HOUR).await, 1);
        // What is asked back in time is not late, however long the reply takes.
        let id = desk.try_raise(desk.ask("60"), &desk.ana, AT + HOUR).await.unwrap().escalation;
        let (lena, ana, known) = (desk.lena.actor(), desk.ana.clone(), desk.known.clone());
        write(&desk.test, move |tx| Box::pin(async move { escalations::ask_back(tx, id, "Which order?", &lena, AT + HOUR + MINUTE).await })).await;
        write(&desk.test, move |tx| Box::pin(async move { escalations::reply(tx, &known, id, "O-1", &ana, AT + 3 * HOUR).await })).await;
        desk.answer(id, &desk.lena, Verdict::No, because("No"), AT + 3 * HOUR).await.unwrap();
        assert_eq!(desk.late("duty-leads", AT + 4 * HOUR).await, 1);
        desk.verify().await;
    });
}

#[test]
fn it_is_asked_back_and_withdrawn_and_the_feedback_is_still_owed() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        let (lena, ana, known) = (desk.lena.actor(), desk.ana.clone(), desk.known.clone());
        let charters = known.clone();
        write(&desk.test, move |tx| Box::pin(async move { escalations::ask_back(tx, id, "Which order?", &lena, AT + MINUTE).await })).await;
        let row = desk.row(id).await;
        assert_eq!((row.state, row.due_at), (State::AskedBack, None));
        desk.overdue(id, AT + HOUR).await;
        assert_eq!(desk.row(id).await.group, "duty-leads");
        let later = AT + 6 * HOUR + 45 * MINUTE; // 17:45: a quarter of an hour is left of the day
        write(&desk.test, move |tx| Box::pin(async move { escalations::reply(tx, &known, id, "O-1", &ana, later).await })).await;
        let row = desk.row(id).await;
        assert_eq!((row.state, row.due_at), (State::Open, Some(AT + 22 * HOUR + 15 * MINUTE)));
        let ana = desk.ana.actor();
        write(&desk.test, move |tx| Box::pin(async move { escalations::withdraw(tx, &charters, id, &ana, later + MINUTE).await })).await;
        // The case is free for something else, and the group still owes its feedback.
        desk.try_raise(desk.ask("70"), &desk.ana, later + 2 * MINUTE).await.unwrap();
        let (answer, grants) = desk.answer(id, &desk.lena, Verdict::Give, because("I would have"), later + 3 * MINUTE).await.unwrap();
        assert_eq!((answer, grants.len()), (Answer::None, 0));
        let (ana, lou) = (desk.ana.actor(), desk.lou.actor());
        let rated = desk.test.db.write(move |tx| Box::pin(async move { escalations::rate(tx, id, Rating::Helpful, &lou, later).await })).await;
        assert!(matches!(rated, Err(EscalationError::NotTheRaiser)));
        write(&desk.test, move |tx| Box::pin(async move { escalations::rate(tx, id, Rating::Helpful, &ana, later).await })).await;
        assert_eq!(desk.row(id).await.rating, Some(Rating::Helpful));
        desk.verify().await;
    });
}

#[test]
fn what_is_withdrawn_while_it_is_asked_back_has_its_time_for_the_feedback() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        let (lena, ana, known) = (desk.lena.actor(), desk.ana.actor(), desk.known.clone());
        write(&desk.test, move |tx| Box::pin(async move { escalations::ask_back(tx, id, "Which order?", &lena, AT + MINUTE).await })).await;
        let later = AT + 6 * HOUR + 45 * MINUTE; // 17:45: a quarter of an hour is left of the day
        write(&desk.test, move |tx| Box::pin(async move { escalations::withdraw(tx, &known, id, &ana, later).await })).await;
        let row = desk.row(id).await;
        assert_eq!((row.state, row.due_at), (State::Withdrawn, Some(AT + 22 * HOUR + 15 * MINUTE)), "as long as for what is new");
        desk.overdue(id, AT + 23 * HOUR).await;
        assert_eq!((desk.row(id).await.group.as_str(), desk.row(id).await.passed_on), ("duty-leads", 0), "nothing is given of it any more");
        desk.verify().await;
    });
}

#[test]
fn a_promise_is_kept_late_or_broken() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let promise = NewPromise { who: Who::Group, due: AT + HOUR, how: How::Phone };
        let raised = desk.try_raise(Ask { promise: Some(promise), ..desk.ask("60") }, &desk.ana, AT).await.unwrap();
        let (id, by) = (raised.promise.unwrap(), desk.ana.actor());
        let row = |desk: &Desk| {
            let test = desk.test.clone();
            async move { write(&test, move |tx| Box::pin(async move { Ok(promises::by_id(tx, id).await?.unwrap()) })).await }
        };
        let made = row(&desk).await;
        assert_eq!((made.fate(AT + HOUR), made.fate(AT + HOUR + 1)), (Fate::Open, Fate::Broken));
        assert_eq!(made.group.as_deref(), Some("duty-leads"));
        let again = by.clone();
        write(&desk.test, move |tx| Box::pin(async move { Ok(promises::renew(tx, id, AT + 2 * HOUR, "The lead is ill", &again, AT).await?) })).await;
        write(&desk.test, move |tx| Box::pin(async move { Ok(promises::keep(tx, id, &by, AT + 3 * HOUR).await?) })).await;
        let kept = row(&desk).await;
        assert_eq!((kept.fate(AT), kept.renewed, kept.first_due_at), (Fate::Late, 1, AT + HOUR));
        desk.verify().await;
    });
}

#[test]
fn the_schema_lets_nobody_close_it_without_feedback_or_answer_their_own() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        for wrong in [&UNANSWERED, &NO_WORDS, &TAKEN_OUT] {
            assert!(desk.test.db.write(move |tx| Box::pin(async move { tx.execute(wrong, &[]).await })).await.is_err(), "{}", wrong.name);
        }
        assert_eq!(desk.row(id).await.state, State::Open);
        desk.answer(id, &desk.lena, Verdict::No, because("No"), AT).await.unwrap();
        assert!(desk.test.db.write(|tx| Box::pin(async move { tx.execute(&OTHERWISE, &[]).await })).await.is_err());
    });
}

#[test]
fn while_nobody_is_known_to_be_there_it_is_looked_again_and_not_lost() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let hours = |calendar: &'static str, hours: serde_json::Value, at: Instant| {
            let test = desk.test.clone();
            async move {
                let hours = json!({ "timezone": "Europe/Amsterdam", "weekly": hours });
                write(&test, move |tx| {
                    Box::pin(async move { Ok(calendars::keep(tx, calendar, &serde_json::from_value(hours).unwrap(), &Actor::System, at).await?) })
                })
                .await;
            }
        };
        // The managers have no hours: what the leads do not answer in time stays with them, and is told to be overdue, once. It is looked again.
        hours("office", json!({}), AT).await;
        let id = desk.raised("60").await;
        for at in [AT + 30 * MINUTE, AT + 45 * MINUTE] {
            desk.overdue(id, at).await;
            let row = desk.row(id).await;
            assert_eq!((row.group.as_str(), row.passed_on, row.due_at), ("duty-leads", 0, Some(AT + 30 * MINUTE)));
            let told: Vec<_> = desk.told(id, "escalation_reminded").await.iter().map(|told| told["is_overdue"].clone()).collect();
            assert_eq!(told, [json!(true)]);
            for (after, due) in [(14, 0), (15, 1)] {
                let leased = write(&desk.test, move |tx| Box::pin(async move { Ok(platform::jobs::lease(tx, at + after * MINUTE, 10).await?) })).await;
                assert_eq!(leased.iter().filter(|job| job.kind == escalations::DUE_JOB).count(), due, "{after} minutes later");
            }
        }
        // An exception goes to the managers, with no time; once they have hours, it has one.
        desk.answer(id, &desk.lena, Verdict::No, because("No"), AT + HOUR).await.unwrap();
        let id = desk.try_raise(desk.ask("200"), &desk.ana, AT + HOUR).await.unwrap();
        assert_eq!((id.group.as_str(), id.due), ("managers", None));
        desk.overdue(id.escalation, AT + 2 * HOUR).await;
        assert_eq!(desk.row(id.escalation).await.due_at, None);
        hours("office", json!({ "mon": [["09:00", "18:00"]] }), AT + 2 * HOUR).await;
        desk.overdue(id.escalation, AT + 2 * HOUR).await;
        // Four hours from 13:00 on.
        assert_eq!(desk.row(id.escalation).await.due_at, Some(AT + 6 * HOUR));
        assert_eq!((desk.late("duty-leads", AT + 3 * HOUR).await, desk.late("managers", AT + 3 * HOUR).await), (1, 0));
        // Nobody of the leads is known to be there: it goes to the managers, who may give it too and are.
        desk.answer(id.escalation, &desk.max, Verdict::No, because("No"), AT + 2 * HOUR).await.unwrap();
        hours("shop", json!({}), AT + 3 * HOUR).await;
        let raised = desk.try_raise(desk.ask("60"), &desk.ana, AT + 3 * HOUR).await.unwrap();
        assert_eq!((raised.group.as_str(), raised.due), ("managers", Some(AT + 7 * HOUR)));
        desk.answer(raised.escalation, &desk.max, Verdict::No, because("No"), AT + 3 * HOUR).await.unwrap();
        // Of nobody anybody is: it is with the best of them, and goes to the first of them who will be there.
        hours("office", json!({}), AT + 3 * HOUR).await;
        let raised = desk.try_raise(desk.ask("60"), &desk.ana, AT + 3 * HOUR).await.unwrap();
        assert_eq!((raised.group.as_str(), raised.due), ("duty-leads", None));
        hours("office", json!({ "mon": [["09:00", "18:00"]] }), AT + 3 * HOUR).await;
        desk.overdue(raised.escalation, AT + 3 * HOUR + 15 * MINUTE).await;
        let row = desk.row(raised.escalation).await;
        assert_eq!((row.group.as_str(), row.passed_on, row.due_at), ("managers", 1, Some(AT + 22 * HOUR + 15 * MINUTE + 7 * 24 * HOUR - 24 * HOUR)));
        // Nobody was there: it is told as that, and not as late.
        assert_eq!(desk.told(raised.escalation, "escalation_passed_on").await[0]["was_due"], json!(false));
        assert_eq!(desk.late("duty-leads", AT + 4 * HOUR).await, 1, "only what was due");
        desk.verify().await;
    });
}
