use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};
use platform::{params, statements};

use super::model::{NewText, Offering, OfferingId, OfferingVersion};

statements! {
    LIST = "SELECT o.id, o.slug, o.version, o.shown, v.title, v.text, v.at FROM offerings o
            JOIN offering_versions v ON v.offering = o.id AND v.version = o.version WHERE o.slug > ?1 ORDER BY o.slug LIMIT ?2";
    LIST_SHOWN = "SELECT o.id, o.slug, o.version, o.shown, v.title, v.text, v.at FROM offerings o
                  JOIN offering_versions v ON v.offering = o.id AND v.version = o.version WHERE o.slug > ?1 AND o.shown = 1 ORDER BY o.slug LIMIT ?2";
    BY_SLUG = "SELECT o.id, o.slug, o.version, o.shown, v.title, v.text, v.at FROM offerings o
               JOIN offering_versions v ON v.offering = o.id AND v.version = o.version WHERE o.slug = ?1";
    SLUG = "SELECT slug FROM offerings WHERE id = ?1";
    VERSIONS = "SELECT version, title, text, at, actor FROM offering_versions WHERE offering = ?1 AND version < ?2 ORDER BY version DESC LIMIT ?3";
    INSERT = "INSERT INTO offerings (id, slug, version, shown, made_at) VALUES (?1, ?2, 1, 0, ?3) ON CONFLICT (slug) DO NOTHING";
    INSERT_VERSION = "INSERT INTO offering_versions (offering, version, title, text, at, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    NEXT = "UPDATE offerings SET version = version + 1 WHERE id = ?1 AND version = ?2";
    SHOW = "UPDATE offerings SET shown = ?2 WHERE id = ?1 AND shown <> ?2";
}

/// A page of offerings by slug: those after `after`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list(tx: &mut Tx, after: &str, most: i64) -> Result<Vec<Offering>, DbError> {
    tx.all(&LIST, params![after, most]).await
}

/// A page of offerings that customers can read, by slug: those after `after`.
///
/// # Errors
/// [`DbError`] when they cannot be read.
pub async fn list_shown(tx: &mut Tx, after: &str, most: i64) -> Result<Vec<Offering>, DbError> {
    tx.all(&LIST_SHOWN, params![after, most]).await
}

/// The offering with this name in addresses.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Offering>, DbError> {
    tx.optional(&BY_SLUG, params![slug]).await
}

/// The name of an offering in addresses.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn slug(tx: &mut Tx, id: OfferingId) -> Result<Option<String>, DbError> {
    let found: Option<(String,)> = tx.optional(&SLUG, params![&id]).await?;
    Ok(found.map(|(slug,)| slug))
}

/// A page of what was promised, latest first: versions below `before`.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn versions(tx: &mut Tx, offering: OfferingId, before: i64, most: i64) -> Result<Vec<OfferingVersion>, DbError> {
    tx.all(&VERSIONS, params![&offering, before, most]).await
}

/// Says whether the slug was free.
pub(super) async fn insert(tx: &mut Tx, id: OfferingId, slug: &str, at: Instant) -> Result<bool, DbError> {
    Ok(tx.execute(&INSERT, params![&id, slug, at]).await? == 1)
}

pub(super) async fn insert_version(tx: &mut Tx, id: OfferingId, version: i64, new: &NewText, by: &Actor, at: Instant) -> Result<(), DbError> {
    tx.execute(&INSERT_VERSION, params![&id, version, new.title.as_str(), new.text.as_str(), at, by]).await.map(drop)
}

/// Says whether nobody published in between.
pub(super) async fn next(tx: &mut Tx, id: OfferingId, after: i64) -> Result<bool, DbError> {
    Ok(tx.execute(&NEXT, params![&id, after]).await? == 1)
}

/// Says whether it was not so already.
pub(super) async fn show(tx: &mut Tx, id: OfferingId, is_shown: bool) -> Result<bool, DbError> {
    Ok(tx.execute(&SHOW, params![&id, i64::from(is_shown)]).await? == 1)
}
