//! Customers are found, changed, merged and erased, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use charter::explain::options_json;
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::cases::{self, NewCase};
use desk::charters::{self, Charters};
use desk::customers::{self, CustomerError};
use desk::deciding::{self, Held, Recorded};
use desk::grants::{self, GrantError, Item, Offer, Offered};
use desk::subjects::{self, Customer, FactRow, Standing, SubjectId};
use platform::actor::{Actor, Subject};
use platform::db::{Body, Contended, DbError, Tx, schema};
use platform::events;
use platform::id::Id;
use testkit::{TestDb, on_each};

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
const SECOND: i64 = 1_000_000;

struct Shop {
    test: Arc<TestDb>,
    known: Charters,
    agent: Asker,
    first: SubjectId,
    second: SubjectId,
    cases: [i64; 2],
}

async fn shop(test: Arc<TestDb>) -> Shop {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let text = include_str!("../../../charters/shop.toml");
    let (first, second, cases) = write(&test, move |tx| {
        Box::pin(async move {
            charters::publish(tx, text, None, "first", &Actor::System, AT).await.unwrap();
            let (first, one) = customer(tx, "C-1", "Ana Marques", "ana@example.org").await;
            let (second, other) = customer(tx, "C-2", "A. Marques", "marques@example.org").await;
            fact(tx, first.0, "customer.since", "\"2020-01-31\"").await;
            fact(tx, first.0, "customer.shoe_size", "\"39\"").await;
            Ok((first, second, [one, other]))
        })
    })
    .await;
    let agent = Asker { staff: Id::new(AT), level: "agent".to_owned(), kind: Kind::Person };
    Shop { test, known: Charters::default(), agent, first, second, cases }
}

/// A customer with an order and a case about it.
async fn customer(tx: &mut Tx, reference: &str, name: &str, email: &str) -> (SubjectId, i64) {
    let id = subjects::keep_subject(tx, "customer", reference, None, AT).await.unwrap();
    let who = Customer { name: Some(name.to_owned()), email: Some(email.to_owned()), ..Customer::default() };
    subjects::keep_customer(tx, id, &who, AT).await.unwrap();
    fact(tx, id.0, "customer.tier", "\"standard\"").await;
    let order = subjects::keep_subject(tx, "order", &format!("O-{reference}"), Some(id), AT).await.unwrap();
    fact(tx, order.0, "order.total", "\"75.00\"").await;
    let about = vec![("order".to_owned(), order)];
    let title = Some(format!("{name} is unhappy"));
    let new = NewCase { channel: "mail".to_owned(), issue: Some("late_parcel".to_owned()), title, customer: Some(id), about, ..NewCase::default() };
    (id, cases::open(tx, &new, &Actor::System, AT).await.unwrap())
}

async fn fact(tx: &mut Tx, subject: Id, name: &str, value: &str) {
    let actor = Actor::Source("shop".to_owned());
    let row = FactRow { name: name.to_owned(), value: value.to_owned(), standing: Standing::System, level: None, actor, at: AT };
    subjects::keep_fact(tx, &subject, &row).await.unwrap();
}

/// What a test is told when the database or a command says no.
#[derive(Debug)]
struct No(String);

impl From<DbError> for No {
    fn from(e: DbError) -> Self {
        Self(format!("{e:?}"))
    }
}

impl Contended for No {
    fn is_contended(&self) -> bool {
        self.0 == "Contended"
    }
}

async fn write<T, F>(test: &TestDb, body: F) -> T
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, No> + Clone + Send + 'static,
{
    test.db.write(body).await.unwrap()
}

impl Shop {
    async fn give(&self, case: usize, amount: &str, at: Instant) -> Offered {
        let item = Item { remedy: "voucher".to_owned(), reason: Some("goodwill".to_owned()), amount: Some(amount.to_owned()), why: Some("hm".to_owned()) };
        let (known, agent) = (self.known.clone(), self.agent.clone());
        let offer = Offer { case: *self.cases.get(case).unwrap(), items: vec![item], beyond_no: false };
        let given: Result<Offered, GrantError> =
            self.test.db.write(move |tx| Box::pin(async move { grants::give(tx, &known, &offer, &agent, at).await })).await;
        given.unwrap()
    }

    async fn merge(&self, from: SubjectId, into: SubjectId, at: Instant) -> Result<(), CustomerError> {
        let by = self.agent.actor();
        self.test.db.write(move |tx| Box::pin(async move { customers::merge(tx, from, into, &by, at).await })).await
    }

    /// Says what a case is about, or that it is not.
    async fn link(&self, case: usize, kind: &'static str, reference: Option<&'static str>, at: Instant) {
        let (by, number) = (self.agent.actor(), *self.cases.get(case).unwrap());
        write(&self.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, number).await?.unwrap();
                match reference {
                    Some(reference) => drop(cases::link(tx, &case, kind, reference, &by, at).await.unwrap()),
                    None => drop(cases::unlink(tx, &case, kind, &by, at).await.unwrap()),
                }
                Ok(())
            })
        })
        .await;
    }

    async fn erase(&self, id: SubjectId) {
        let (known, by) = (self.known.clone(), self.agent.actor());
        let erased: Result<(), CustomerError> =
            self.test.db.write(move |tx| Box::pin(async move { customers::erase(tx, &known, id, &by, AT + 100 * SECOND).await })).await;
        erased.unwrap();
    }

    /// What is left of the goodwill of a customer, as the charter sees a case.
    async fn left(&self, case: usize, at: Instant) -> String {
        let (known, agent, number) = (self.known.clone(), self.agent.clone(), *self.cases.get(case).unwrap());
        write(&self.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, number).await?.unwrap();
                let now = deciding::situation(tx, &known, &case, &agent, Held::Nothing, at).await.unwrap();
                let options = options_json(&now.in_force.charter, &now.request).options;
                let cap = options.into_iter().flat_map(|o| o.caps).find(|c| c.rule == "goodwill-per-customer").unwrap();
                Ok(cap.left.unwrap().text().to_owned())
            })
        })
        .await
    }

    /// What comes of deciding everything again that was ever given in these cases.
    async fn again(&self) -> Vec<Recorded> {
        let (known, numbers) = (self.known.clone(), self.cases);
        write(&self.test, move |tx| {
            Box::pin(async move {
                let mut all = Vec::new();
                for number in numbers {
                    let case = cases::by_number(tx, number).await?.unwrap();
                    for grant in grants::list_of_case(tx, case.id, i64::MAX, 100).await? {
                        all.push(deciding::again(tx, &known, grant.decision).await?);
                    }
                }
                assert_eq!(platform::audit::verify(tx, 10).await?, Vec::<String>::new());
                Ok(all)
            })
        })
        .await
    }
}

#[test]
fn merged_customers_count_together_and_what_was_decided_before_still_is_so() {
    on_each(|test| async move {
        let shop = shop(test).await;
        assert!(matches!(shop.give(0, "20", AT).await, Offered::Given { .. }));
        assert!(matches!(shop.give(1, "25", AT + SECOND).await, Offered::Given { .. }));
        assert_eq!((shop.left(0, AT + SECOND).await, shop.left(1, AT + SECOND).await), ("30.00".to_owned(), "25.00".to_owned()));
        shop.merge(shop.first, shop.second, AT + 2 * SECOND).await.unwrap();
        assert_eq!((shop.left(0, AT + 3 * SECOND).await, shop.left(1, AT + 3 * SECOND).await), ("5.00".to_owned(), "5.00".to_owned()));
        assert!(matches!(shop.give(0, "10", AT + 3 * SECOND).await, Offered::NotGiven { .. }), "the cap counts both");
        assert!(matches!(shop.give(0, "5", AT + 3 * SECOND).await, Offered::Given { .. }));
        assert_eq!(shop.again().await, vec![Recorded::Same; 3]);
    });
}

#[test]
fn what_was_given_in_a_case_before_it_was_said_whose_it_is_counts_from_then_on() {
    on_each(|test| async move {
        let mut shop = shop(test).await;
        // The second case is nobody's at first.
        let by = shop.agent.actor();
        shop.cases[1] = write(&shop.test, move |tx| {
            Box::pin(async move {
                let new = NewCase { channel: "mail".to_owned(), issue: Some("late_parcel".to_owned()), ..NewCase::default() };
                let number = cases::open(tx, &new, &by, AT).await.unwrap();
                Ok(number)
            })
        })
        .await;
        let Offered::Given { grants: given, .. } = shop.give(1, "20", AT).await else { panic!("it is given") };
        assert!(matches!(shop.give(1, "5", AT + SECOND).await, Offered::Given { .. }));
        assert_eq!(shop.left(0, AT + SECOND).await, "50.00", "nobody's");
        // The order knows whose it is.
        shop.link(1, "order", Some("O-C-1"), AT + 2 * SECOND).await;
        assert_eq!((shop.left(0, AT + 3 * SECOND).await, shop.left(1, AT + 3 * SECOND).await), ("25.00".to_owned(), "25.00".to_owned()));
        let (first, second) = (shop.first, shop.second);
        write(&shop.test, move |tx| {
            Box::pin(async move {
                assert_eq!(grants::list_of_customer(tx, first, i64::MAX, 10).await?.len(), 2);
                assert_eq!(grants::list_of_customer(tx, second, i64::MAX, 10).await?.len(), 0);
                Ok(())
            })
        })
        .await;

        // It was somebody's when it was given: said otherwise, it stays theirs.
        shop.link(1, "order", None, AT + 4 * SECOND).await;
        shop.link(1, "customer", None, AT + 4 * SECOND).await;
        shop.link(1, "customer", Some("C-2"), AT + 4 * SECOND).await;
        assert_eq!((shop.left(0, AT + 5 * SECOND).await, shop.left(1, AT + 5 * SECOND).await), ("25.00".to_owned(), "50.00".to_owned()));

        // Taken back, it counts nowhere.
        let (by, id) = (shop.agent.actor(), given.first().unwrap().grant);
        let taken: Result<(), GrantError> = shop.test.db.write(move |tx| Box::pin(async move { grants::withdraw(tx, id, &by, AT + 6 * SECOND).await })).await;
        taken.unwrap();
        assert_eq!(shop.left(0, AT + 7 * SECOND).await, "45.00");
        assert_eq!(shop.again().await, vec![Recorded::Same; 2]);
        let wrong = write(&shop.test, |tx| {
            Box::pin(async move {
                let mut found = Vec::new();
                desk::verify::Grants::default().page(tx, &mut found).await?;
                Ok(found)
            })
        })
        .await;
        assert_eq!(wrong, Vec::<String>::new());
    });
}

#[test]
fn everything_of_the_first_is_the_seconds() {
    on_each(|test| async move {
        let shop = shop(test).await;
        shop.give(0, "20", AT).await;
        shop.merge(shop.first, shop.second, AT).await.unwrap();
        let (first, second, number) = (shop.first, shop.second, shop.cases[0]);
        write(&shop.test, move |tx| {
            Box::pin(async move {
                assert_eq!(subjects::read(tx, first).await?.unwrap().merged_into, Some(second));
                assert_eq!(subjects::of_customer(tx, second, SubjectId::last(), 10).await?.len(), 2);
                assert_eq!(cases::by_number(tx, number).await?.unwrap().customer, Some(second));
                assert_eq!(grants::list_of_customer(tx, second, i64::MAX, 10).await?.len(), 1);
                assert_eq!(subjects::fact(tx, &second, "customer.since").await?.unwrap().value, "\"2020-01-31\"", "only the first had it");
                assert_eq!(subjects::customer(tx, second).await?.unwrap().name.unwrap(), "A. Marques", "the second keeps its own");
                let again = subjects::keep_subject(tx, "customer", "C-1", None, AT).await?;
                assert_eq!(again, second, "who is known by the old name is the second");
                let told = events::of(tx, &Subject::new("customer", &second), i64::MAX, 10).await?;
                assert_eq!((told.len(), told[0].kind.as_str()), (1, "customer_merged"));
                Ok(())
            })
        })
        .await;
        assert_eq!(shop.merge(shop.first, shop.second, AT).await, Err(CustomerError::Merged(shop.second)));
        assert_eq!(shop.merge(shop.second, shop.first, AT).await, Err(CustomerError::Merged(shop.second)));
        assert_eq!(shop.merge(shop.second, shop.second, AT).await, Err(CustomerError::Same));
    });
}

#[test]
fn of_two_merges_at_once_one_happens() {
    on_each(|test| async move {
        let shop = Arc::new(shop(test).await);
        let (one, other) = (Arc::clone(&shop), Arc::clone(&shop));
        let one = tokio::spawn(async move { one.merge(one.first, one.second, AT).await });
        let other = tokio::spawn(async move { other.merge(other.second, other.first, AT).await });
        let came = [one.await.unwrap(), other.await.unwrap()];
        assert_eq!(came.iter().filter(|c| c.is_ok()).count(), 1, "{came:?}");
    });
}

#[test]
fn a_grant_while_customers_are_merged_counts_for_the_one_who_stays() {
    on_each(|test| async move {
        let shop = Arc::new(shop(test).await);
        shop.give(1, "25", AT).await;
        let (giving, merging) = (Arc::clone(&shop), Arc::clone(&shop));
        let given = tokio::spawn(async move { giving.give(0, "20", AT + SECOND).await });
        let merged = tokio::spawn(async move { merging.merge(merging.first, merging.second, AT + SECOND).await });
        assert!(matches!(given.await.unwrap(), Offered::Given { .. }));
        merged.await.unwrap().unwrap();
        assert_eq!(shop.left(0, AT + 2 * SECOND).await, "5.00");
        assert_eq!(shop.again().await, vec![Recorded::Same; 2]);
    });
}

#[test]
fn what_is_personal_is_erased_and_the_ledger_stays() {
    on_each(|test| async move {
        let shop = shop(test).await;
        shop.give(0, "20", AT).await;
        let (number, by) = (shop.cases[0], shop.agent.actor());
        write(&shop.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, number).await?.unwrap();
                cases::note(tx, &case, "She sounded tired", &by, AT).await.unwrap();
                Ok(())
            })
        })
        .await;
        assert_eq!(shop.again().await, vec![Recorded::Same]);
        shop.erase(shop.first).await;
        assert_eq!(shop.again().await, vec![Recorded::Erased], "`customer.since` is personal");
        let first = shop.first;
        write(&shop.test, move |tx| {
            Box::pin(async move {
                assert!(subjects::is_erased(tx, first).await?);
                assert_eq!(subjects::customer(tx, first).await?.unwrap(), Customer::default());
                assert!(subjects::customers_by_email(tx, "ana@example.org", 5).await?.is_empty());
                let names: Vec<String> = subjects::facts_of(tx, &first).await?.into_iter().map(|f| f.name).collect();
                assert_eq!(names, ["customer.tier"], "what is personal is gone, and what the charter does not know");
                let case = cases::by_number(tx, number).await?.unwrap();
                assert_eq!(case.title, None);
                let told = events::of(tx, &Subject::new("case", &case.id), i64::MAX, 10).await?;
                let note: serde_json::Value = serde_json::from_str(&told.iter().find(|e| e.kind == "case_noted").unwrap().data).unwrap();
                let text = note["note"]["text"].as_str().unwrap().parse().unwrap();
                assert_eq!(platform::texts::read(tx, text).await?, None);
                let erased = events::of(tx, &Subject::new("customer", &first), i64::MAX, 10).await?;
                assert!(!erased[0].data.contains("Ana"), "an event names nobody");
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_change_is_told_without_what_it_says() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (first, by) = (shop.first, shop.agent.actor());
        write(&shop.test, move |tx| {
            Box::pin(async move {
                let new = Customer { name: Some("Ana Marques".to_owned()), phone: Some("+31 20 555 0100".to_owned()), ..Customer::default() };
                customers::change(tx, first, &new, &by, AT).await.unwrap();
                customers::change(tx, first, &new, &by, AT).await.unwrap();
                let told = events::of(tx, &Subject::new("customer", &first), i64::MAX, 10).await?;
                assert_eq!(told.len(), 1, "nothing changed the second time");
                let data: serde_json::Value = serde_json::from_str(&told[0].data).unwrap();
                assert_eq!(data["fields"], serde_json::json!(["email", "phone"]));
                assert!(!told[0].data.contains("+31"), "an event holds no number of theirs");
                Ok(())
            })
        })
        .await;
    });
}
