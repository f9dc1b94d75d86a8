//! The page that makes the first owner. Opening it changes nothing; the form does.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::tz::TimeZone;
use platform::http::{FieldProblem, Form, Problem, Route};
use platform::limits as sizes;
use ui::components::{Field, FieldKind};
use ui::format::{Locale, time_zone};
use ui::shell::Shell;

use super::commands::{self, NewOwner};
use crate::first_owner::FirstOwnerError;
use crate::pages::{self, Sent};
use crate::secret::Secret;
use crate::sign_in::pages::{device, language, with_cookie};
use crate::{Access, Permission, limits};

/// The routes of the first run.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/begin/{secret}", Permission::Public, show, state),
        Route::post("/begin/{secret}", Permission::Public, make, state).taking(&["name", "email"]),
    ]
}

#[derive(Template)]
#[template(path = "first_run/templates/owner.html")]
struct OwnerPage {
    shell: Shell,
    name: Field,
    email: Field,
    password: Field,
    time_zone: Field,
    /// Whether the browser may say which time zone it is in.
    is_guessed: bool,
}

fn filled(headers: &HeaderMap, form: &Form, is_guessed: bool) -> OwnerPage {
    let mut shell = pages::bare("Welcome to Leeway", language(headers));
    shell.context = "Nobody is here yet. You become the owner: who sees everything, invites the others, and says who may give what.".to_owned();
    let mut password = pages::secret_field(form, "password", "Password", "new-password");
    password.hint = format!("At least {} characters. A short sentence is easy to remember.", limits::PASSWORD_CHARS_MIN);
    OwnerPage {
        shell,
        name: Field { autocomplete: "name".to_owned(), is_first: is_guessed, ..pages::field(form, "name", "Your name") },
        email: Field {
            kind: FieldKind::Email,
            autocomplete: "username".to_owned(),
            hint: "You sign in with it.".to_owned(),
            ..pages::field(form, "email", "E-mail")
        },
        password,
        time_zone: pages::time_zone(form, "Where you are: your time zone"),
        is_guessed,
    }
}

/// The time zone of this machine, until the browser or somebody says another.
fn here() -> String {
    TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}

async fn show(State(access): State<Access>, Path(secret): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    opened(&access, &secret).await?;
    pages::page(&filled(&headers, &Form::filled([("time_zone", here().as_str())]), true))
}

/// The secret of a link that works.
async fn opened(access: &Access, secret: &str) -> Result<Secret, FirstOwnerError> {
    let secret = Secret::sent(secret);
    // What is no secret is the digest of none.
    let (digest, now) = (secret.as_ref().map(Secret::digest).unwrap_or_default(), access.clock.now());
    access.db.read(move |tx| Box::pin(async move { commands::admit(tx, &digest, now).await })).await?;
    secret.ok_or(FirstOwnerError::Spent)
}

async fn make(State(access): State<Access>, Path(secret): Path<String>, headers: HeaderMap, mut form: Form) -> Result<Response, Problem> {
    let secret = opened(&access, &secret).await?;
    let (name, email) = (form.text("name", sizes::NAME_CHARS), form.text("email", sizes::EMAIL_CHARS));
    let password = form.text("password", sizes::PASSWORD_CHARS);
    let time_zone = form.parsed("time_zone", time_zone);
    let Some(time_zone) = time_zone.filter(|_| form.is_fine()) else { return again(&headers, &form) };
    let locale = Locale::accepted(language(&headers)).tag().to_owned();
    let new = NewOwner { name, email, password, locale, time_zone, device: device(&headers) };
    match pages::mended(form, commands::create(&access, &secret, new).await)? {
        Sent::Done(signed_in) => Ok(with_cookie(pages::to("/"), &access.site, &signed_in)),
        Sent::Again(form) => again(&headers, &form),
    }
}

fn again(headers: &HeaderMap, form: &Form) -> Result<Response, Problem> {
    pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(headers, form, false))
}

impl From<FirstOwnerError> for Problem {
    fn from(e: FirstOwnerError) -> Self {
        match e {
            FirstOwnerError::People(e) => e.into(),
            FirstOwnerError::Exists => Self::new(StatusCode::GONE, "owner-exists", "This installation has its owner")
                .detail("Somebody was here first. If that was you, sign in; if not, ask them to invite you."),
            FirstOwnerError::Spent => Self::new(StatusCode::GONE, "link-spent", "This link does not work")
                .detail("It is from another installation, or more than a day old. Start the server again: it prints a new one."),
            FirstOwnerError::Unfit(why) => Self::invalid(why.clone()).fields(vec![FieldProblem { field: "password".to_owned(), message: why }]),
            FirstOwnerError::CannotHash => crate::links::LinkError::CannotHash.into(),
        }
    }
}
