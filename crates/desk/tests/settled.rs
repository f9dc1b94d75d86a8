//! A case is settled: what is given is decided, recorded and kept, on both databases.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::cases::{self, CaseError, Declared, NewCase};
use desk::charters::{self, Charters};
use desk::deciding::{self, Recorded};
use desk::grants::{self, Cause, GrantError, GrantId, GrantState, Item, Offer, Offered, Settled};
use desk::subjects::{self, FactRow, Standing};
use platform::actor::Actor;
use platform::db::{Body, Tx, schema};
use platform::id::Id;
use testkit::{TestDb, on_each};

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
const SECOND: i64 = 1_000_000;

struct Desk {
    test: Arc<TestDb>,
    known: Charters,
    agent: Asker,
    case: i64,
}

/// A case about an order of 75.00 that came five days late, under the shop's charter.
async fn desk(test: Arc<TestDb>) -> Desk {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let known = Charters::default();
    let text = include_str!("../../../charters/shop.toml");
    let case = write(&test, move |tx| {
        Box::pin(async move {
            charters::publish(tx, text, None, "first", &Actor::System, AT).await.unwrap();
            let customer = subjects::keep_subject(tx, "customer", "C-1", None, AT).await?;
            let order = subjects::keep_subject(tx, "order", "O-1", Some(customer), AT).await?;
            for (name, value) in [("order.total", "\"75.00\""), ("order.days_late", "5")] {
                fact(tx, order.0, name, value).await;
            }
            fact(tx, customer.0, "customer.tier", "\"standard\"").await;
            let new = NewCase {
                channel: "mail".to_owned(),
                issue: Some("late_parcel".to_owned()),
                customer: Some(customer),
                about: vec![("order".to_owned(), order)],
                ..NewCase::default()
            };
            Ok(cases::open(tx, &new, &Actor::System, AT).await.unwrap())
        })
    })
    .await;
    Desk { test, known, agent: asker("agent"), case }
}

async fn fact(tx: &mut Tx, subject: Id, name: &str, value: &str) {
    let actor = Actor::Source("shop".to_owned());
    let row = FactRow { name: name.to_owned(), value: value.to_owned(), standing: Standing::System, level: None, actor, at: AT };
    subjects::keep_fact(tx, &subject, &row).await.unwrap();
}

fn asker(level: &str) -> Asker {
    Asker { staff: Id::new(AT), level: level.to_owned(), kind: Kind::Person }
}

async fn write<T, F>(test: &TestDb, body: F) -> T
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, GrantError> + Clone + Send + 'static,
{
    test.db.write(body).await.unwrap()
}

fn refund(reason: &str, amount: &str, why: Option<&str>) -> Item {
    Item { remedy: "refund".to_owned(), reason: Some(reason.to_owned()), amount: Some(amount.to_owned()), why: why.map(str::to_owned) }
}

impl Desk {
    async fn try_give(&self, items: Vec<Item>, asker: &Asker, at: Instant) -> Result<Offered, GrantError> {
        let (known, offer, asker) = (self.known.clone(), Offer { case: self.case, items, beyond_no: false }, asker.clone());
        self.test.db.write(move |tx| Box::pin(async move { grants::give(tx, &known, &offer, &asker, at).await })).await
    }

    async fn give(&self, items: Vec<Item>) -> Offered {
        self.try_give(items, &self.agent, AT).await.unwrap()
    }

    async fn given(&self, items: Vec<Item>) -> Vec<GrantId> {
        match self.give(items).await {
            Offered::Given { grants, .. } => grants.into_iter().map(|g| g.grant).collect(),
            other => panic!("{other:?}"),
        }
    }

    async fn state(&self, id: GrantId) -> GrantState {
        write(&self.test, move |tx| Box::pin(async move { Ok(grants::by_id(tx, id).await?.unwrap().state) })).await
    }

    /// Every decision recomputes, and the log is as it was written.
    async fn verify(&self) {
        let (known, case) = (self.known.clone(), self.case);
        let found = write(&self.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, case).await?.unwrap();
                let mut found = platform::audit::verify(tx, 10).await?;
                for grant in grants::list_of_case(tx, case.id, i64::MAX, 1_000).await? {
                    let again = deciding::again(tx, &known, grant.decision).await?;
                    if again != Recorded::Same {
                        found.push(format!("{again:?}"));
                    }
                }
                Ok(found)
            })
        })
        .await;
        assert_eq!(found, Vec::<String>::new());
    }
}

#[test]
fn within_the_limit_it_is_given_and_recorded() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let grant = desk.given(vec![refund("late", "15.00", None)]).await[0];
        assert_eq!(desk.state(grant).await, GrantState::Granted);
        let Offered::NotGiven { item: 0, answer } = desk.give(vec![refund("late", "10.00", None)]).await else { panic!("the limit is of the order") };
        assert!(answer.sentence.starts_with("You cannot give €10.00 yourself. Ask the duty leads"), "{}", answer.sentence);
        desk.verify().await;
    });
}

#[test]
fn the_stretch_wants_to_hear_why() {
    on_each(|test| async move {
        let desk = desk(test).await;
        assert!(matches!(desk.give(vec![refund("late", "20.00", None)]).await, Offered::SayWhy { item: 0, .. }));
        assert!(matches!(desk.give(vec![refund("late", "20.00", Some("  "))]).await, Offered::SayWhy { item: 0, .. }));
        desk.given(vec![refund("late", "20.00", Some("It was a birthday"))]).await;
        desk.verify().await;
    });
}

#[test]
fn an_offer_is_given_whole_or_not_at_all() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let both = desk.give(vec![refund("late", "10.00", None), refund("late", "15.00", None)]).await;
        assert!(matches!(both, Offered::NotGiven { item: 1, .. }), "the second counts the first: {both:?}");
        let case = desk.case;
        let kept = write(&desk.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, case).await?.unwrap();
                Ok(grants::list_of_case(tx, case.id, i64::MAX, 10).await?.len())
            })
        });
        assert_eq!(kept.await, 0);
        let card = Item { remedy: "apology_card".to_owned(), reason: None, amount: None, why: None };
        let three = vec![refund("late", "10.00", None), card, refund("late", "5.00", None)];
        assert_eq!(desk.given(three).await.len(), 3);
        desk.verify().await;
    });
}

#[test]
fn a_grant_moves_one_way() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let undone = desk.given(vec![refund("late", "15.00", None)]).await[0];
        let (giver, other, lead) = (desk.agent.actor(), asker("agent").actor(), asker("lead").actor());
        let by = other.clone();
        let refused: Result<(), GrantError> = desk.test.db.write(move |tx| Box::pin(async move { grants::withdraw(tx, undone, &by, AT).await })).await;
        assert!(matches!(refused, Err(GrantError::NotTheGiver)));
        let by = giver.clone();
        write(&desk.test, move |tx| Box::pin(async move { grants::withdraw(tx, undone, &by, AT + SECOND).await })).await;
        assert_eq!(desk.state(undone).await, GrantState::Withdrawn);

        let sent = desk.given(vec![refund("late", "15.00", None)]).await[0];
        let early = write(&desk.test, move |tx| Box::pin(async move { grants::send_due(tx, sent, AT + SECOND).await })).await;
        assert!(!early, "there are twenty seconds to undo it");
        assert!(write(&desk.test, move |tx| Box::pin(async move { grants::send_due(tx, sent, AT + 20 * SECOND).await })).await);
        let by = giver.clone();
        let late: Result<(), GrantError> = desk.test.db.write(move |tx| Box::pin(async move { grants::withdraw(tx, sent, &by, AT + 21 * SECOND).await })).await;
        assert!(matches!(late, Err(GrantError::CannotMove(GrantState::Sent))));
        write(&desk.test, move |tx| Box::pin(async move { grants::settle(tx, sent, Settled::Unclear, None, &Actor::System, AT + 30 * SECOND).await })).await;
        write(&desk.test, move |tx| Box::pin(async move { grants::settle(tx, sent, Settled::Fulfilled, None, &Actor::System, AT + 40 * SECOND).await })).await;
        let by = lead.clone();
        let fulfilled: Result<_, GrantError> =
            desk.test.db.write(move |tx| Box::pin(async move { grants::correct(tx, sent, Cause::Double, "twice", &by, AT + 50 * SECOND).await })).await;
        assert!(matches!(fulfilled, Err(GrantError::CannotMove(GrantState::Fulfilled))));
        desk.verify().await;
    });
}

#[test]
fn an_error_is_corrected_and_gives_back_its_room() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let grant = desk.given(vec![refund("late", "15.00", None)]).await[0];
        let (own, lead) = (desk.agent.actor(), asker("lead").actor());
        let mine: Result<_, GrantError> =
            desk.test.db.write(move |tx| Box::pin(async move { grants::correct(tx, grant, Cause::Double, "x", &own, AT).await })).await;
        assert!(matches!(mine, Err(GrantError::OwnGrant)));
        write(&desk.test, move |tx| Box::pin(async move { grants::correct(tx, grant, Cause::WrongCustomerOrOrder, "another order", &lead, AT).await })).await;
        desk.given(vec![refund("late", "15.00", None)]).await;
        desk.verify().await;
    });
}

#[test]
fn who_goes_beyond_an_earlier_no_sees_it_first() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let (known, agent, case) = (desk.known.clone(), desk.agent.clone(), desk.case);
        let no = refund("late", "22.50", None);
        write(&desk.test, move |tx| Box::pin(async move { grants::refuse(tx, &known, case, &no, &agent, AT).await })).await;
        let lead = asker("lead");
        let more = desk.try_give(vec![refund("late", "30.00", None)], &lead, AT).await.unwrap();
        assert!(matches!(more, Offered::SaidNoBefore { amount: Some((_, 2250)), .. }), "{more:?}");
        let less = desk.try_give(vec![refund("late", "12.00", None)], &lead, AT).await.unwrap();
        assert!(matches!(less, Offered::Given { .. }), "{less:?}");
    });
}

/// How many rounds there are: `ROUNDS=1000` for the long run.
fn rounds() -> i64 {
    std::env::var("ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(20)
}

#[test]
fn the_last_unit_is_given_once() {
    on_each(|test| async move {
        let desk = Arc::new(desk(test).await);
        for round in 0..rounds() {
            let at = AT + round * 60 * SECOND;
            let tries: Vec<_> = (0..64)
                .map(|_| {
                    let desk = Arc::clone(&desk);
                    tokio::spawn(async move { desk.try_give(vec![refund("late", "15.00", None)], &desk.agent, at).await.unwrap() })
                })
                .collect();
            let mut given = Vec::new();
            for one in tries {
                match one.await.unwrap() {
                    Offered::Given { grants, .. } => given.push(grants[0].grant),
                    Offered::NotGiven { answer, .. } => assert!(!answer.sentence.is_empty()),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(given.len(), 1);
            let (grant, giver) = (given[0], desk.agent.actor());
            write(&desk.test, move |tx| Box::pin(async move { grants::withdraw(tx, grant, &giver, at + SECOND).await })).await;
        }
        desk.verify().await;
    });
}

#[test]
fn nobody_types_over_a_systems_word() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let say = |fact: &'static str, declared: Declared, at: Instant| {
            let (agent, case) = (desk.agent.clone(), desk.case);
            let test = Arc::clone(&desk.test);
            async move {
                test.db
                    .write(move |tx| {
                        Box::pin(async move {
                            let case = cases::by_number(tx, case).await?.unwrap();
                            cases::state_fact(tx, &case, fact, &serde_json::json!("5000.00"), &declared, &agent, at).await
                        })
                    })
                    .await
            }
        };
        let declared = Declared { is_personal: false, takes_systems: true, fresh: None };
        assert_eq!(say("order.total", declared.clone(), AT).await, Err(CaseError::SystemSaysOtherwise));
        let stale = Declared { fresh: Some(SECOND), ..declared.clone() };
        assert_eq!(say("order.total", stale, AT + 2 * SECOND).await, Ok(()), "the rules do not go by it any more");
        let persons = Declared { takes_systems: false, ..declared.clone() };
        assert_eq!(say("customer.tier", persons, AT).await, Ok(()), "the charter wants a person's word");
        assert_eq!(say("order.shipping", declared, AT).await, Ok(()), "nobody has said anything yet");
    });
}

#[test]
fn every_statement_fits_the_schema() {
    on_each(|test| async move {
        test.db.migrate(&schema().unwrap()).await.unwrap();
        for statement in desk::statements() {
            write(&test, move |tx| Box::pin(async move { Ok(tx.prepare(statement).await?) })).await;
        }
    });
}
