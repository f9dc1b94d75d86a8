//! What an import keeps, what it passes over, and what it does the second time, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use charter::time::Instant;
use connect::import::{self, Done, Import, ImportError, Kind, Map};
use desk::cases::{self, State};
use desk::charters::{self, Charters};
use desk::customers;
use desk::subjects::{self, Customer, FactRow, Standing, SubjectId};
use platform::actor::{Actor, Subject};
use platform::db::{Body, Contended, DbError, Tx, schema};
use platform::events;
use platform::id::Id;
use platform::limits::LINE_BYTES;
use tempfile::TempDir;
use testkit::{TestDb, on_each};

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
const DAY: i64 = 86_400_000_000;

const CUSTOMERS: &str = "source = \"shop\"\ntime_zone = \"Europe/Amsterdam\"\nreference = \"id\"\nname = \"name\"\nemail = \"mail\"\n\
    facts.\"customer.tier\" = { column = \"class\", values = { gold = \"key\", \"\" = \"standard\" } }\nfacts.\"customer.since\" = \"since\"\n";
const CUSTOMER_ROWS: &str = "id,name,mail,class,since\n1,Ana Marques,ana@example.org,gold,2020-01-31\n2,\"Bo\nVries\",,plus,2021-02-28 23:30:00\n";

/// What a test is told when something says no.
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

/// An empty desk under the shop's charter.
async fn prepared(test: &TestDb) {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let text = include_str!("../../../charters/shop.toml");
    write(test, move |tx| {
        Box::pin(async move { charters::publish(tx, text, None, "", &Actor::System, AT - DAY).await.map(drop).map_err(|e| No(format!("{e:?}"))) })
    })
    .await;
}

struct Ran {
    done: Result<Done, String>,
    bad: Vec<String>,
}

async fn run(test: &TestDb, of: Kind, folder: &Path, file: &str, map: &str, after: u64, at: Instant) -> Ran {
    let map = Map::read(map).unwrap();
    let mut bad = Vec::new();
    let file = folder.join(file);
    let done = import::run(&test.db, &Import { of, file: &file, map: &map, after, at }, &mut |b| bad.push(b.to_string()), &mut |_| {}).await;
    Ran { done: done.map_err(|e: ImportError| e.to_string()), bad }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

async fn facts(test: &TestDb, kind: &'static str, reference: &'static str) -> Vec<(String, String)> {
    write(test, move |tx| {
        Box::pin(async move {
            let subject = subjects::find(tx, kind, reference).await?.unwrap();
            Ok(subjects::facts_of(tx, &subject.id).await?.into_iter().map(|f| (f.name, f.value)).collect())
        })
    })
    .await
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn counts(ran: &Ran) -> (u64, u64, u64, u64, u64) {
    let done = ran.done.as_ref().unwrap();
    (done.added, done.changed, done.unchanged, done.not_wanted, done.bad)
}

#[test]
fn customers_come_once_with_what_is_known_of_them() {
    on_each(|test| async move {
        prepared(&test).await;
        let folder = folder(&[("customers.csv", CUSTOMER_ROWS), ("later.csv", &CUSTOMER_ROWS.replace("plus", "gold"))]);
        let first = run(&test, Kind::Customers, folder.path(), "customers.csv", CUSTOMERS, 0, AT).await;
        assert_eq!((counts(&first), first.bad), ((2, 0, 0, 0, 0), vec![]));
        assert_eq!(facts(&test, "customer", "1").await, pairs(&[("customer.since", "\"2020-01-31\""), ("customer.tier", "\"key\"")]));
        assert_eq!(facts(&test, "customer", "2").await, pairs(&[("customer.since", "\"2021-02-28\""), ("customer.tier", "\"plus\"")]));
        let again = run(&test, Kind::Customers, folder.path(), "customers.csv", CUSTOMERS, 0, AT + DAY).await;
        assert_eq!(counts(&again), (0, 0, 2, 0, 0));
        let later = run(&test, Kind::Customers, folder.path(), "later.csv", CUSTOMERS, 0, AT + DAY).await;
        assert_eq!(counts(&later), (0, 1, 1, 0, 0));
        let rest = run(&test, Kind::Customers, folder.path(), "customers.csv", CUSTOMERS, 2, AT + DAY).await;
        assert_eq!(rest.done.unwrap().rows, 1, "the row of line 2 is passed over");
        write(&test, |tx| {
            Box::pin(async move {
                let bo = subjects::find(tx, "customer", "2").await?.unwrap();
                assert_eq!(subjects::customer(tx, bo.id).await?.unwrap(), Customer { name: Some("Bo\nVries".to_owned()), ..Customer::default() });
                let tier = subjects::fact(tx, &bo.id, "customer.tier").await?.unwrap();
                assert_eq!((tier.standing, tier.actor), (Standing::System, Actor::Source("shop".to_owned())));
                let told = events::of(tx, &Subject::new("import", &"shop"), i64::MAX, 10).await?;
                assert_eq!(told.len(), 4);
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_row_that_makes_no_sense_is_told_and_the_rest_is_kept() {
    on_each(|test| async move {
        prepared(&test).await;
        let rows = "id,name,mail,class,since\n,Nobody,,plus,\n3,Too,many,plus,2020-01-31,fields\n4,Cleo,,diamond,soon\n5,Dana,,plus,2022-06-30\n";
        let folder = folder(&[("customers.csv", rows)]);
        let ran = run(&test, Kind::Customers, folder.path(), "customers.csv", CUSTOMERS, 0, AT).await;
        assert_eq!(counts(&ran), (1, 0, 0, 0, 3));
        assert_eq!(
            ran.bad,
            [
                "line 2: reference: it is empty",
                "line 3: row: it has 6 fields, and the head has 5",
                "line 4: customer.since: `soon` is not a date such as `2026-01-31`; another way to write it is said by `format`",
                "line 4: customer.tier: `diamond` is not a choice: expected one of `standard`, `plus`, `key`",
            ]
        );
    });
}

#[test]
fn a_line_of_json_has_its_end_within_line_bytes() {
    on_each(|test| async move {
        prepared(&test).await;
        let line = |n: u64, bytes: usize| format!("{{\"no\": {n}{}}}\n", " ".repeat(bytes - 10));
        let rows = [line(1, LINE_BYTES), line(2, LINE_BYTES + 1), line(3, 3 * LINE_BYTES), line(4, 10)].concat();
        let folder = folder(&[("orders.jsonl", &rows)]);
        let map = "source = \"shop\"\ntime_zone = \"UTC\"\nreference = \"no\"\n";
        let ran = run(&test, Kind::Orders, folder.path(), "orders.jsonl", map, 0, AT).await;
        let long = format!("row: it is longer than {LINE_BYTES} bytes");
        assert_eq!((counts(&ran), ran.bad), ((2, 0, 0, 0, 2), vec![format!("line 2: {long}"), format!("line 3: {long}")]));
    });
}

#[test]
fn lines_of_json_become_orders_with_sums_of_another_file() {
    on_each(|test| async move {
        prepared(&test).await;
        let orders = "{\"no\": 7, \"who\": {\"id\": \"1\"}, \"came\": \"2026-11-20T23:30:00Z\", \"due\": \"2026-11-16\", \"kinds\": [\"kitchen\", \"food\"]}\n\n\
            {\"no\": 8, \"who\": {\"id\": \"1\"}, \"came\": null}\n[1]\n{\"no\": 9, \"due\": \"x\", \"came\": \"2026-11-20\"}\n";
        let items = "order,price\n7,19.90\n7,0.10\n8,5\n9,1.2.3\n";
        let map = "source = \"shop\"\ntime_zone = \"Europe/Amsterdam\"\nreference = \"no\"\ncustomer = \"who.id\"\nfiles.items = { path = \"items.csv\", key = \"order\" }\n\
            [facts]\n\"order.total\" = { file = \"items\", column = \"price\", take = \"sum\" }\n\"order.delivered\" = \"came\"\n\"order.contains\" = \"kinds\"\n\
            \"order.days_late\" = { days_between = [\"due\", \"came\"] }\n";
        let folder = folder(&[("orders.jsonl", orders), ("items.csv", items)]);
        let ran = run(&test, Kind::Orders, folder.path(), "orders.jsonl", map, 0, AT).await;
        assert_eq!(counts(&ran), (2, 0, 0, 0, 2), "{:?}", ran.bad);
        assert!(ran.bad.first().unwrap().starts_with("line 4: row: it is not a JSON object"), "{:?}", ran.bad);
        assert!(ran.bad.iter().any(|b| b.starts_with("line 5: order.total: `1.2.3` on line 5 of the file beside is not a number")), "{:?}", ran.bad);
        let seven = [
            ("order.contains", "[\"kitchen\",\"food\"]"),
            ("order.days_late", "\"5\""),
            ("order.delivered", "\"2026-11-20T23:30:00Z\""),
            ("order.total", "\"20\""),
        ];
        assert_eq!(facts(&test, "order", "7").await, pairs(&seven), "it came on the 21st, where the shop is");
        assert_eq!(facts(&test, "order", "8").await, pairs(&[("order.total", "\"5\"")]));
    });
}

#[test]
fn cases_come_once_and_stand_where_they_stood() {
    on_each(|test| async move {
        prepared(&test).await;
        let map = "source = \"helpdesk\"\ntime_zone = \"Europe/Amsterdam\"\nreference = \"ticket\"\ncustomer = \"who\"\nabout.order = \"order\"\nchannel = \"by\"\n\
            title = \"subject\"\nissue = \"what\"\nopened = { column = \"opened\", format = \"%d/%m/%Y %H:%M\" }\nstate = { column = \"state\", values = { done = \"closed\" } }\n\
            facts.\"case.photo_seen\" = \"photo\"\n";
        let rows = "ticket;who;order;by;subject;what;opened;state;photo\nT1;1;7;mail;Late again;late_parcel;20/11/2026 09:15;done;yes\nT2;;;phone;;;21/11/2026 09:15;open;\n\
            T3;1;7;mail;;lost_socks;20/11/2026 09:15;open;\n";
        let folder = folder(&[("cases.csv", rows)]);
        let map = format!("delimiter = \";\"\n{map}");
        let ran = run(&test, Kind::Cases, folder.path(), "cases.csv", &map, 0, AT).await;
        assert_eq!(counts(&ran), (2, 0, 0, 0, 1), "{:?}", ran.bad);
        assert!(ran.bad.first().unwrap().starts_with("line 4: issue: `lost_socks` is no kind of trouble"), "{:?}", ran.bad);
        let again = run(&test, Kind::Cases, folder.path(), "cases.csv", &map, 0, AT + DAY).await;
        assert_eq!(counts(&again), (0, 0, 2, 0, 1));
        write(&test, |tx| {
            Box::pin(async move {
                let case = cases::by_reference(tx, "helpdesk", "T1").await?.unwrap();
                assert_eq!((case.state, case.title.as_deref(), case.channel.as_str()), (State::Closed, Some("Late again"), "mail"));
                assert_eq!(charter::time::instant_to_text(case.opened_at), "2026-11-20T08:15:00Z");
                assert_eq!(cases::about(tx, case.id).await?.len(), 1);
                assert_eq!(subjects::fact(tx, &case.id, "case.photo_seen").await?.unwrap().value, "true");
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn what_was_erased_or_merged_does_not_come_back() {
    on_each(|test| async move {
        prepared(&test).await;
        let folder = folder(&[("customers.csv", CUSTOMER_ROWS)]);
        run(&test, Kind::Customers, folder.path(), "customers.csv", CUSTOMERS, 0, AT).await;
        let erased = write(&test, |tx| {
            Box::pin(async move {
                let id = subjects::find(tx, "customer", "1").await?.unwrap().id;
                customers::erase(tx, &Charters::default(), id, &Actor::System, AT).await.map_err(|e| No(format!("{e:?}")))?;
                let other = subjects::keep_subject(tx, "customer", "3", None, AT).await?;
                let bo = subjects::find(tx, "customer", "2").await?.unwrap().id;
                customers::merge(tx, bo, other, &Actor::System, AT).await.map_err(|e| No(format!("{e:?}")))?;
                let said = FactRow {
                    name: "customer.tier".to_owned(),
                    value: "\"key\"".to_owned(),
                    standing: Standing::Person,
                    level: None,
                    actor: Actor::Staff(Id::new(AT)),
                    at: AT,
                };
                subjects::keep_fact(tx, &other, &said).await?;
                Ok(id)
            })
        })
        .await;
        let again = run(&test, Kind::Customers, folder.path(), "customers.csv", CUSTOMERS, 0, AT + DAY).await;
        assert_eq!(counts(&again), (0, 0, 2, 0, 0));
        assert_eq!(facts(&test, "customer", "1").await, pairs(&[("customer.tier", "\"key\"")]), "`customer.since` is personal");
        assert_eq!(
            facts(&test, "customer", "3").await,
            pairs(&[("customer.since", "\"2021-02-28\""), ("customer.tier", "\"key\"")]),
            "what is known of the one who stays stays"
        );
        write(&test, move |tx| {
            Box::pin(async move {
                assert_eq!(subjects::customer(tx, erased).await?.unwrap(), Customer::default());
                assert!(subjects::is_erased(tx, erased).await?);
                assert_eq!(subjects::list(tx, "customer", "", 10).await?.len(), 2);
                Ok::<SubjectId, No>(erased)
            })
        })
        .await;
    });
}

#[test]
fn a_map_that_does_not_fit_is_told_before_anything_is_kept() {
    let base = "source = \"shop\"\ntime_zone = \"UTC\"\nreference = \"id\"\n";
    let cases: [(&str, &str); 10] = [
        ("", "`source` is missing"),
        ("source = \"shop\"\ntime_zone = \"Moon\"\nreference = \"id\"\n", "`time_zone` is `Moon`"),
        ("source = \"shop\"\ntime_zone = \"UTC\"\n", "`reference` is missing"),
        ("channel = \"id\"\n", "`channel` is nothing that customers have"),
        ("name = \"surname\"\n", "`name` wants the column `surname`, and the file has id, name"),
        ("name = { column = \"id\", constant = \"x\" }\n", "`name` needs one of `column`, `constant` and `days_between`"),
        ("name = { column = \"id\", file = \"other\" }\n", "`name` names the file `other`"),
        ("facts.\"order.total\" = \"id\"\n", "these rows say nothing about `order`"),
        ("facts.\"customer.tier\" = { column = \"id\", type = \"money\" }\n", "in the charter in force it is `choice`"),
        ("facts.\"customer.shoes\" = \"id\"\n", "`customer.shoes` needs a `type`"),
    ];
    on_each(|test| async move {
        prepared(&test).await;
        let folder = folder(&[("customers.csv", "id,name\n1,Ana\n")]);
        for (map, expected) in cases {
            let whole = if map.contains("source") || map.is_empty() { map.to_owned() } else { format!("{base}{map}") };
            let said = run(&test, Kind::Customers, folder.path(), "customers.csv", &whole, 0, AT).await.done;
            let Err(said) = said else { panic!("{map}: it fits") };
            assert!(said.contains(expected), "{map}: {said}");
        }
        for (map, expected) in
            [("nmae = \"x\"", "unknown field `nmae`"), ("name = 3", "the name of a column"), ("name = { colum = \"x\" }", "unknown field `colum`")]
        {
            let said = Map::read(map).unwrap_err();
            assert!(said.contains(expected), "{said}");
        }
    });
}
