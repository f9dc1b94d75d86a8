//! That nothing gets slower because there is more of it: no plan scans a table that grows, and a page costs the database the same, however many cases there are.

#[cfg(test)]
mod pages;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod work;

#[cfg(test)]
use platform::db::schema;
#[cfg(test)]
use testkit::TestDb;
#[cfg(test)]
use testkit::years::Years;

#[cfg(test)]
const AT: i64 = 1_795_428_000_000_000; // 2026-11-23, a Monday, 10:00 in Amsterdam
#[cfg(test)]
const SHOP: &str = include_str!("../../../../charters/shop.toml");

/// A company with this many cases.
#[cfg(test)]
async fn company(test: &TestDb, cases: i64) -> Years<'static> {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let years = Years { cases, open: (cases / 100).max(200), now: AT, charter: SHOP };
    years.write(&test.location).await.unwrap();
    years
}
