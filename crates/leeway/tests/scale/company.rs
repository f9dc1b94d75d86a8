//! A company with three years behind it, as tests and the load command have it.

use charter::time::Instant;
use desk::charters::{self, Charters};
use desk::deciding;
use platform::db::{Db, DbError, Location, schema};
use testkit::years::Years;

const SHOP: &str = include_str!("../../../../charters/shop.toml");

/// Writes it into an empty database, with so many cases, the latest of them open, and adds up what broad caps go by.
pub(crate) async fn company(location: &Location, (cases, open): (i64, i64), now: Instant) -> Result<Years<'static>, String> {
    let years = Years { cases, open, now, charter: SHOP };
    let db = Db::open(location, &[]).map_err(|e| e.to_string())?;
    db.migrate(&schema().map_err(|e| e.to_string())?).await.map_err(|e| e.to_string())?;
    years.write(location).await?;
    while added_up(&db, now).await.map_err(|e| e.to_string())? {}
    Years::looked_at(location).await?;
    Ok(years)
}

async fn added_up(db: &Db, now: Instant) -> Result<bool, DbError> {
    let known = Charters::default();
    db.write(move |tx| {
        Box::pin(async move {
            match charters::in_force(tx, &known).await? {
                Some(in_force) => deciding::keep_sums(tx, &in_force.charter, now).await,
                None => Ok(false),
            }
        })
    })
    .await
}
