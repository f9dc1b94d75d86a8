//! What is erased is nowhere any more: in no table, and in no byte of the file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use access::people::StaffId;
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::cases::{self, NewCase};
use desk::charters::{self, Charters};
use desk::customers::{self, CustomerError};
use desk::debriefs::{self, NewPoint};
use desk::deciding::{self, Held, NoSituation, Recorded, keep_options, situation};
use desk::grants::{self, Item, Offer, Offered};
use desk::subjects::{self, Customer, FactRow, Standing, SubjectId};
use platform::actor::{Actor, Subject};
use platform::db::{Body, DbError, Location, Tx, free_sqlite, schema};
use platform::id::Id;
use platform::{audit, idempotency, statements};
use testkit::{TestDb, on_each};

statements! {
    /* Every row of every table of PostgreSQL, as one text. */
    ALL = "SELECT CAST(database_to_xml(true, false, '') AS TEXT)";
}

const AT: Instant = 1_795_428_000_000_000;
const SHOP: &str = include_str!("../../../charters/shop.toml");
/// Personal words and values, wherever they may get to.
const PERSONAL: [&str; 7] = ["Ana Marques", "marques", "ana@example.org", "She sounded tired", "a birthday was missed", "2020-01-31", "91.37"];

/// What a test is told when something says no.
#[derive(Debug)]
#[expect(dead_code, reason = "it is shown when the test fails")]
struct No(String);

impl From<DbError> for No {
    fn from(e: DbError) -> Self {
        Self(format!("{e:?}"))
    }
}

impl From<NoSituation> for No {
    fn from(e: NoSituation) -> Self {
        Self(format!("{e:?}"))
    }
}

async fn write<T, F>(test: &TestDb, body: F) -> T
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, DbError> + Clone + Send + 'static,
{
    test.db.write(body).await.unwrap()
}

async fn fact(tx: &mut Tx, subject: Id, name: &str, value: &str) {
    let row =
        FactRow { name: name.to_owned(), value: value.to_owned(), standing: Standing::System, level: None, actor: Actor::Source("shop".to_owned()), at: AT };
    subjects::keep_fact(tx, &subject, &row).await.unwrap();
}

/// A customer with many cases, in each of which something is said, and given.
async fn fill(test: &TestDb, known: &Charters, agent: &Asker) -> SubjectId {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let customer = write(test, |tx| {
        Box::pin(async move {
            charters::publish(tx, SHOP, None, "first", &Actor::System, AT).await.unwrap();
            let id = subjects::keep_subject(tx, "customer", "C-1", None, AT).await?;
            let who = Customer { name: Some("Ana Marques".to_owned()), email: Some("ana@example.org".to_owned()), ..Customer::default() };
            subjects::keep_customer(tx, id, &who, AT).await?;
            fact(tx, id.0, "customer.tier", "\"standard\"").await;
            fact(tx, id.0, "customer.since", "\"2020-01-31\"").await;
            Ok(id)
        })
    })
    .await;
    for n in 0..50_i64 {
        let by = agent.actor();
        let case = write(test, move |tx| {
            Box::pin(async move {
                let order = subjects::keep_subject(tx, "order", &format!("O-{n}"), Some(customer), AT).await?;
                fact(tx, order.0, "order.total", "\"91.37\"").await;
                let about = vec![("order".to_owned(), order)];
                let title = Some("Ana Marques is unhappy".to_owned());
                let new =
                    NewCase { channel: "mail".to_owned(), issue: Some("late_parcel".to_owned()), title, customer: Some(customer), about, ..NewCase::default() };
                let number = cases::open(tx, &new, &Actor::System, AT).await.unwrap();
                let case = cases::by_number(tx, number).await?.unwrap();
                cases::note(tx, &case, "She sounded tired", &by, AT).await.unwrap();
                idempotency::claim(tx, &by, &format!("key-{n}"), b"", AT).await?;
                let (answer, about) = (r#"{"title":"Ana Marques is unhappy"}"#, Subject::new("case", &number));
                idempotency::keep(tx, &by, &format!("key-{n}"), (201, answer), Some(&about)).await?;
                let agent = StaffId(by.staff().unwrap());
                let hard = NewPoint { agent, case: Some(case.id), text: Some("Ana Marques was in tears".to_owned()) };
                debriefs::put(tx, &hard, agent, AT).await.unwrap();
                // Two were hers only by mistake, or so it was thought.
                if n == 10 || n == 40 {
                    cases::unlink(tx, &case, "order", &by, AT).await.unwrap();
                    cases::unlink(tx, &case, "customer", &by, AT).await.unwrap();
                }
                if n == 40 {
                    let case = cases::by_number(tx, number).await?.unwrap();
                    cases::link(tx, &case, "customer", "C-3", &by, AT).await.unwrap();
                }
                Ok(number)
            })
        })
        .await;
        if n < 3 {
            give(test, known.clone(), agent.clone(), case).await;
        }
    }
    customer
}

async fn give(test: &TestDb, known: Charters, agent: Asker, case: i64) {
    let (all, who) = (known.clone(), agent.clone());
    let (case, now) = test
        .db
        .read::<_, No, _>(move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, case).await?.unwrap();
                let now = situation(tx, &all, &case, &who, Held::Nothing, AT).await?;
                Ok((case, now))
            })
        })
        .await
        .unwrap();
    for _ in 0..2 {
        keep_options(&test.db, &known, &case, &agent, &now, AT).await.unwrap();
    }
    let why = Some("a birthday was missed".to_owned());
    let item = Item { remedy: "voucher".to_owned(), reason: Some("goodwill".to_owned()), amount: Some("5".to_owned()), why };
    let offer = Offer { case: case.number, items: vec![item], beyond_no: false };
    let given = test.db.write::<_, grants::GrantError, _>(move |tx| Box::pin(async move { grants::give(tx, &known, &offer, &agent, AT).await }));
    let given = given.await.unwrap();
    assert!(matches!(given, Offered::Given { .. }), "{given:?}");
}

/// Everything that is kept.
async fn everything(test: &TestDb) -> Vec<u8> {
    match &test.location {
        Location::File(path) => {
            let copy = path.with_extension("copy");
            drop(std::fs::remove_file(&copy));
            platform::db::copy_sqlite(path, &copy).unwrap();
            free_sqlite(&copy).unwrap();
            std::fs::read(copy).unwrap()
        }
        Location::Postgres(_) => {
            let read = test.db.read::<_, DbError, _>(|tx| Box::pin(async move { Ok(tx.one::<(String,)>(&ALL, &[]).await?.0) }));
            read.await.unwrap().into_bytes()
        }
    }
}

async fn still_there(test: &TestDb) -> Vec<&'static str> {
    let all = everything(test).await;
    PERSONAL.into_iter().filter(|text| all.windows(text.len()).any(|part| part == text.as_bytes())).collect()
}

async fn erase_all(test: &TestDb, known: &Charters) -> usize {
    for steps in 0.. {
        let known = known.clone();
        if !write(test, move |tx| Box::pin(async move { customers::erase_further(tx, &known, AT + 1).await })).await {
            return steps;
        }
    }
    0
}

async fn sound(test: &TestDb) -> Vec<String> {
    write(test, |tx| Box::pin(async move { audit::verify(tx, 10).await })).await
}

#[test]
fn nothing_personal_is_anywhere_after_it_was_erased() {
    on_each(|test: Arc<TestDb>| async move {
        let known = Charters::default();
        let agent = Asker { staff: Id::new(AT), level: "agent".to_owned(), kind: Kind::Person };
        let customer = fill(&test, &known, &agent).await;
        assert_eq!(still_there(&test).await, PERSONAL);

        let (all, by) = (known.clone(), agent.actor());
        let erased = test.db.write::<_, CustomerError, _>(move |tx| Box::pin(async move { customers::erase(tx, &all, customer, &by, AT).await }));
        erased.await.unwrap();
        let begun = write(&test, move |tx| Box::pin(async move { customers::erasure(tx, customer).await })).await.unwrap();
        assert_eq!((begun.cases, begun.ended_at), (20, None), "the first cases at once");
        let merged = test.db.write::<_, CustomerError, _>(|tx| {
            Box::pin(async move {
                let other = subjects::keep_subject(tx, "customer", "C-2", None, AT).await?;
                let first = subjects::find(tx, "customer", "C-1").await?.unwrap();
                customers::merge(tx, first.id, other, &Actor::System, AT).await
            })
        });
        assert!(matches!(merged.await, Err(CustomerError::BeingErased)), "the rest of their cases would be out of reach");
        assert_eq!(erase_all(&test, &known).await, 2, "and the rest in steps");
        let done = write(&test, move |tx| Box::pin(async move { customers::erasure(tx, customer).await })).await.unwrap();
        assert_eq!((done.cases, done.ended_at), (50, Some(AT + 1)));
        assert_eq!(still_there(&test).await, ["91.37"], "the total of an order is not personal under this charter");
        assert_eq!(sound(&test).await, Vec::<String>::new());

        // Under a later charter it is.
        let later = SHOP.replace("total = \"money\"", "total = { type = \"money\", personal = true }");
        assert_ne!(later, SHOP);
        let published = test
            .db
            .write::<_, charters::NotPublished, _>(move |tx| Box::pin(async move { charters::publish(tx, &later, None, "later", &Actor::System, AT).await }));
        published.await.unwrap();
        assert!(erase_all(&test, &known).await > 2, "who was erased is gone through again");
        assert_eq!(still_there(&test).await, Vec::<&str>::new());
        assert_eq!(sound(&test).await, Vec::<String>::new());
        let again = write(&test, move |tx| {
            Box::pin(async move {
                let grants = grants::list_of_customer(tx, customer, i64::MAX, 10).await?;
                let mut again = Vec::new();
                for grant in grants {
                    again.push(deciding::again(tx, &known, grant.decision).await?);
                }
                Ok(again)
            })
        });
        assert_eq!(again.await, vec![Recorded::Erased; 3]);
    });
}
