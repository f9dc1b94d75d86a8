//! Customers for programs: reading them.

use std::collections::HashSet;

use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use platform::db::{DbError, Tx};
use platform::http::{Problem, Route};
use platform::id::Id;
use platform::limits::PAGE_ENTRIES;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::model::{FactRow, Standing, SubjectId};
use super::store;
use crate::api::{self, Asked};
use crate::search;
use crate::state::Desk;

const READ: Permission = Permission::Api(Scope::CasesRead);

/// The routes of the API for customers.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![Route::get("/api/v1/customers", READ, list, desk), Route::get("/api/v1/customers/{id}", READ, read, desk)]
}

/// The latest word on a fact.
#[derive(Debug, Serialize, ToSchema)]
pub struct FactDocument {
    /// `subject.fact`, as the charter names it.
    pub fact: String,
    /// Its value.
    #[schema(value_type = Object)]
    pub value: Value,
    /// `stated`, or who confirmed it: `person` or `system`.
    pub standing: &'static str,
    /// The level of the person who confirmed it.
    pub level: Option<String>,
    /// Who said so: `staff:ID`, `source:NAME` or `system`.
    pub by: String,
    /// When.
    pub at: String,
}

/// Facts as documents.
pub(crate) fn facts(rows: Vec<FactRow>) -> Vec<FactDocument> {
    rows.into_iter().map(fact).collect()
}

fn fact(row: FactRow) -> FactDocument {
    let standing = match row.standing {
        Standing::Stated => "stated",
        Standing::Person => "person",
        Standing::System => "system",
    };
    let value = serde_json::from_str(&row.value).unwrap_or(Value::Null);
    FactDocument { fact: row.name, value, standing, level: row.level, by: row.actor.to_string(), at: api::at(row.at) }
}

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerDocument {
    /// Which.
    pub id: String,
    /// The name they have where they come from. Empty in lists.
    pub reference: Option<String>,
    /// Their name; nothing if it was erased or is not known.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone number. Empty in lists.
    pub phone: Option<String>,
    /// Language tag. Empty in lists.
    pub locale: Option<String>,
    /// How they prefer to be reached. Empty in lists.
    pub contact: Option<String>,
    /// The customer they were found to be the same as.
    pub merged_into: Option<String>,
    /// What is known of them. Empty in lists.
    pub facts: Vec<FactDocument>,
}

/// A page of customers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomersDocument {
    /// By name.
    pub customers: Vec<CustomerDocument>,
    /// For `after`, if there are more.
    pub next: Option<String>,
}

/// Who is looked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Who {
    email: Option<String>,
    q: Option<String>,
    reference: Option<String>,
    after: Option<String>,
}

/// Customers with an e-mail address, with the name another system gives them, or in whose name words begin so.
#[utoipa::path(get, path = "/api/v1/customers", tag = "customers",
    params(("email" = Option<String>, Query, description = "Their e-mail address"), ("reference" = Option<String>, Query, description = "The name they have where they come from"),
        ("q" = Option<String>, Query, description = "Words of their name, as they begin and in any order"), ("after" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = CustomersDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 422, description = "Something in the query is wrong")))]
async fn list(State(desk): State<Desk>, Asked(asked): Asked<Who>) -> Result<Json<CustomersDocument>, Problem> {
    let after: Option<SubjectId> = asked
        .after
        .as_deref()
        .map(|sent| sent.parse().map_err(|_| api::wrong("after", format!("`{sent}` is not what a page before gave as `next`."))))
        .transpose()?;
    let read = desk.read::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            if let Some(reference) = &asked.reference {
                let found = store::find(tx, "customer", reference).await?;
                let customers = match found {
                    Some(row) => vec![whole(tx, row.id).await?],
                    None => Vec::new(),
                };
                return Ok(CustomersDocument { customers, next: None });
            }
            let mut found = match &asked.email {
                Some(email) => store::customers_by_email(tx, email, PAGE_ENTRIES).await?.into_iter().map(|found| (found.0, found)).collect(),
                None => by_name(tx, asked.q.as_deref().unwrap_or_default(), after).await?,
            };
            let has_more = api::cut(&mut found);
            let next = found.last().filter(|_| has_more).map(|(key, _)| key.to_string());
            let mut seen = HashSet::with_capacity(found.len());
            let found = found.into_iter().map(|(_, found)| found).filter(|(id, ..)| seen.insert(*id));
            let short = |(id, name, email): store::Found| CustomerDocument {
                id: id.to_string(),
                reference: None,
                name,
                email,
                phone: None,
                locale: None,
                contact: None,
                merged_into: None,
                facts: Vec::new(),
            };
            Ok(CustomersDocument { customers: found.map(short).collect(), next })
        })
    });
    Ok(Json(read.await?))
}

/// A page of customers, one more than fits if there is one, each with the id behind which a page goes on: those found by words of their name; without a word,
/// all whose name is known.
async fn by_name(tx: &mut Tx, typed: &str, after: Option<SubjectId>) -> Result<Vec<(SubjectId, store::Found)>, DbError> {
    let last = match after {
        Some(id) => store::customer(tx, id).await?.and_then(|c| c.name).map(|name| (name, id)),
        None => None,
    };
    let (name, id) = last.as_ref().map_or(("", SubjectId(Id::from_bytes([0; 16]))), |(name, id)| (name.as_str(), *id));
    if typed.trim().is_empty() {
        return Ok(store::customers_by_name(tx, (name, id), PAGE_ENTRIES + 1).await?.into_iter().map(|found| (found.0, found)).collect());
    }
    let found = search::by_name(tx, typed, &search::behind(typed, name, id), PAGE_ENTRIES + 1).await?;
    Ok(found.into_iter().map(|found| (found.key.1, (found.who.id, found.who.name, found.who.email))).collect())
}

async fn whole(tx: &mut Tx, id: SubjectId) -> Result<CustomerDocument, Problem> {
    let row = store::read(tx, id).await?.filter(|row| row.kind == "customer").ok_or_else(Problem::not_found)?;
    let customer = store::customer(tx, id).await?.unwrap_or_default();
    Ok(CustomerDocument {
        id: id.to_string(),
        reference: Some(row.reference),
        name: customer.name,
        email: customer.email,
        phone: customer.phone,
        locale: customer.locale,
        contact: customer.contact,
        merged_into: row.merged_into.map(|id| id.to_string()),
        facts: facts(store::facts_of(tx, &id).await?),
    })
}

/// One customer, with what is known of them.
#[utoipa::path(get, path = "/api/v1/customers/{id}", tag = "customers", params(("id" = String, Path, description = "Which")),
    responses((status = 200, body = CustomerDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this"), (status = 404, description = "There is no such customer")))]
async fn read(State(desk): State<Desk>, _caller: Caller, Path(id): Path<String>) -> Result<Json<CustomerDocument>, Problem> {
    let id = api::in_path(&id)?;
    Ok(Json(desk.read::<_, Problem, _>(move |tx| Box::pin(async move { whole(tx, id).await })).await?))
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(paths(list, read), components(schemas(FactDocument, CustomerDocument, CustomersDocument)))]
pub struct Description;
