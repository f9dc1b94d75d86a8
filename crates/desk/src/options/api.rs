//! What may be done in a case, for programs.

use access::tokens::Scope;
use access::{Caller, Permission};
use axum::Json;
use axum::extract::{Path, State};
use charter::explain::OptionsAnswer;
use charter::options_json;
use platform::http::{Problem, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::{self, Asked};
use crate::deciding::{Held, NoSituation, keep_options, situation};
use crate::state::{Desk, asker, seen};

/// The routes of the API for options.
pub(crate) fn routes(desk: &Desk) -> Vec<Route<Permission>> {
    vec![Route::get("/api/v1/cases/{number}/options", Permission::Api(Scope::OptionsRead), options, desk)]
}

/// What the answer is narrowed to.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Narrow {
    remedy: Option<String>,
    reason: Option<String>,
}

/// What the caller may do in a case: for each remedy and reason the zones of the amount, each with its answer. `docs/charter.md` says what its parts mean.
#[utoipa::path(get, path = "/api/v1/cases/{number}/options", tag = "options",
    params(("number" = String, Path, description = "The number of the case"), ("remedy" = Option<String>, Query, description = "Only this remedy"),
        ("reason" = Option<String>, Query, description = "Only for this reason")),
    responses((status = 200, body = Object, description = "As `leeway charter options --json` answers"), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or its bearer has no level"), (status = 404, description = "No case the caller may see"),
        (status = 409, description = "No charter is in force, or what is known does not fit it"), (status = 422, description = "There is no such remedy or reason")))]
async fn options(State(desk): State<Desk>, caller: Caller, Path(number): Path<String>, Asked(narrow): Asked<Narrow>) -> Result<Json<OptionsAnswer>, Problem> {
    let number = api::in_path(&number)?;
    let (asker, at, known) = (asker(&caller)?, desk.clock.now(), desk.charters.clone());
    let who = asker.clone();
    let (case, now) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let case = seen(tx, &caller, number).await?;
                let now = situation(tx, &known, &case, &asker, Held::Nothing, at).await.map_err(|e| match e {
                    NoSituation::Db(e) => e.into(),
                    other => Problem::from(other),
                })?;
                Ok((case, now))
            })
        })
        .await?;
    if narrow.remedy.is_none() && narrow.reason.is_none() {
        let answer = options_json(&now.in_force.charter, &now.request);
        if answer.problems.is_empty() {
            keep_options(&desk.db, &desk.charters, &case, &who, &now, desk.clock.clone()).await?;
        }
        return answered(answer);
    }
    let mut request = now.request;
    if let Value::Object(top) = &mut request {
        top.extend(narrow.remedy.map(|remedy| ("remedy".to_owned(), json!(remedy))));
        top.extend(narrow.reason.map(|reason| ("reason".to_owned(), json!(reason))));
    }
    answered(options_json(&now.in_force.charter, &request))
}

fn answered(answer: OptionsAnswer) -> Result<Json<OptionsAnswer>, Problem> {
    match answer.problems.first() {
        None => Ok(Json(answer)),
        Some(first) => Err(Problem::invalid(format!("{}; expected {}.", first.message, first.expected)).more(json!(answer.problems))),
    }
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(paths(options))]
pub struct Description;
