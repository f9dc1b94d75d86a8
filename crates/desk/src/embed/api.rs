//! Passes for the card in a frame, asked for by the program whose page it stands in.

use access::Permission;
use access::caller::{self, Caller, Who};
use access::people::{self, Kind, StaffId};
use access::tokens::Scope;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use platform::events;
use platform::http::{Problem, Route};
use platform::limits::EMAIL_CHARS;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Embed;
use super::pass::{CardEvent, Pass, prepare};
use crate::api::{self, Document};
use crate::state::seen;

/// The routes of the API for cards.
pub(super) fn routes(embed: &Embed) -> Vec<Route<Permission>> {
    vec![Route::post("/api/v1/cases/{number}/cards", Permission::Api(Scope::CardsShow), make, embed)]
}

/// Who is to see the card of a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCardDocument {
    /// The e-mail address or the id of a person, who is signed in where the card is shown.
    pub person: String,
}

/// The card of a case, for one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct CardDocument {
    /// The address for the frame. It opens the card for whoever has it, until it ends.
    pub url: String,
    /// When it ends, unless the card is used before.
    pub expires_at: String,
}

/// Makes an address that shows the card of a case to a person, in a frame. Each use of the card puts its end off, for a working day at most.
#[utoipa::path(post, path = "/api/v1/cases/{number}/cards", tag = "cards", request_body = NewCardDocument,
    params(("number" = String, Path, description = "The number of the case")),
    responses((status = 201, body = CardDocument), (status = 401, description = "No token, or an unknown one"),
        (status = 403, description = "The token does not open this, or is not another system's"), (status = 404, description = "There is no such case"),
        (status = 409, description = "`no-origins`: nobody's pages may show it yet"),
        (status = 422, description = "There is no such person, or they may not see the case")))]
async fn make(
    State(embed): State<Embed>,
    caller: Caller,
    Path(number): Path<String>,
    sent: Document<NewCardDocument>,
) -> Result<(StatusCode, Json<CardDocument>), Problem> {
    let number: i64 = api::in_path(&number)?;
    let (Who::Source(_), Some(token)) = (caller.who(), caller.token()) else {
        return Err(Problem::not_permitted().detail("Cards are asked for by the program that shows them, with a token of its own."));
    };
    if embed.origins.is_empty() {
        let told = "Whoever runs Leeway names the pages that may show it: `--embed-origins https://help.example`.";
        return Err(Problem::conflict("no-origins", told));
    }
    let person = api::text("person", &sent.value.person, EMAIL_CHARS)?;
    let now = embed.desk.clock.now();
    let (url, until) = embed
        .desk
        .write::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                let case = seen(tx, &caller, number).await?;
                let staff = match person.parse::<StaffId>() {
                    Ok(id) => Some(id),
                    Err(_) => people::find_by_email(tx, &person).await?,
                };
                let nobody = || api::wrong("person", "There is no such person here, or they may not see this case.");
                let shown_to = caller::of_staff(tx, staff.ok_or_else(nobody)?, now).await?.ok_or_else(nobody)?;
                let (Who::Staff(staff, Kind::Person), true) = (shown_to.who().clone(), shown_to.is_at_the_desk()) else { return Err(nobody()) };
                seen(tx, &shown_to, number).await.map_err(|_| nobody())?;
                prepare(tx, now).await?;
                let pass = Pass::new(staff, number, token, now);
                events::append(tx, &CardEvent::CardShown { staff, case: case.id.to_string(), token }, &caller.actor(), now).await?;
                Ok((format!("/embed/card?pass={}", pass.signed(tx).await?), pass.until))
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Json(CardDocument { url: format!("{}{url}", embed.origin), expires_at: api::at(until) })))
}

/// The description of this part of the API.
#[derive(utoipa::OpenApi)]
#[openapi(paths(make), components(schemas(NewCardDocument, CardDocument)))]
pub struct Description;
