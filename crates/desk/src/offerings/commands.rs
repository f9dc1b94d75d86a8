use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{Contended, DbError, Tx};
use platform::events;
use platform::http::{FieldProblem, Problem};

use super::model::{NewText, OfferingEvent, OfferingId};
use super::store;

/// Why something was not done with an offering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferingError {
    /// There is none.
    NotFound,
    /// The name in addresses does not fit.
    BadSlug(String),
    /// Another offering has this name.
    Taken(String),
    /// Somebody published another version in between; this is its number.
    Newer(i64),
    /// The database says no.
    Db(DbError),
}

impl From<DbError> for OfferingError {
    fn from(e: DbError) -> Self {
        Self::Db(e)
    }
}

impl Contended for OfferingError {
    fn is_contended(&self) -> bool {
        matches!(self, Self::Db(e) if e.is_contended())
    }
}

impl From<OfferingError> for Problem {
    fn from(e: OfferingError) -> Self {
        let field = |field: &str, message: String| Self::invalid(message.clone()).fields(vec![FieldProblem { field: field.to_owned(), message }]);
        match e {
            OfferingError::NotFound => Self::not_found(),
            OfferingError::BadSlug(slug) => field("slug", format!("`{slug}` is not 1 to 60 small letters, digits and `-`, such as `thirty-days`.")),
            OfferingError::Taken(slug) => field("slug", format!("Another promise has the name `{slug}`. Publish a new version of it, or choose another name.")),
            OfferingError::Newer(version) => {
                field("text", format!("Somebody published version {version} meanwhile. Look at it, and publish yours if it still fits."))
            }
            OfferingError::Db(e) => e.into(),
        }
    }
}

/// Publishes a new offering, or the next version of one, and gives its number. Nobody overwrites what they have not read.
///
/// # Errors
/// [`OfferingError`].
pub async fn publish(tx: &mut Tx, new: &NewText, by: &Actor, at: Instant) -> Result<i64, OfferingError> {
    let fits = (1..=60).contains(&new.slug.len()) && new.slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits {
        return Err(OfferingError::BadSlug(new.slug.clone()));
    }
    let (id, version) = if new.after == 0 {
        let id = OfferingId::new(at);
        if !store::insert(tx, id, &new.slug, at).await? {
            return Err(OfferingError::Taken(new.slug.clone()));
        }
        (id, 1)
    } else {
        let id = store::by_slug(tx, &new.slug).await?.ok_or(OfferingError::NotFound)?.id;
        if !store::next(tx, id, new.after).await? {
            let now = store::by_slug(tx, &new.slug).await?.ok_or(OfferingError::NotFound)?;
            return Err(OfferingError::Newer(now.version));
        }
        (id, new.after + 1)
    };
    store::insert_version(tx, id, version, new, by, at).await?;
    events::append(tx, &OfferingEvent::OfferingPublished { offering: id, version }, by, at).await?;
    Ok(version)
}

/// Lets customers read it, or not any more.
///
/// # Errors
/// [`OfferingError::NotFound`].
pub async fn show(tx: &mut Tx, slug: &str, is_shown: bool, by: &Actor, at: Instant) -> Result<(), OfferingError> {
    let offering = store::by_slug(tx, slug).await?.ok_or(OfferingError::NotFound)?.id;
    if store::show(tx, offering, is_shown).await? {
        events::append(tx, &OfferingEvent::OfferingShown { offering, is_shown }, by, at).await?;
    }
    Ok(())
}
