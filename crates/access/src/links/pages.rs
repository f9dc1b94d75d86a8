//! The pages behind links that work once. Opening one changes nothing; the form does.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use ui::components::Field;
use ui::format::Locale;
use ui::shell::Shell;

use super::{LinkError, LinkKind, Open, Redeeming, redeem, store};
use crate::pages::{self, Sent};
use crate::secret::Secret;
use crate::sign_in::pages::with_cookie;
use crate::{Access, Permission, limits, sessions};

/// The routes of links.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/invitations/{secret}", Permission::Public, invitation, state),
        Route::post("/invitations/{secret}", Permission::Public, accept, state),
        Route::get("/reset/{secret}", Permission::Public, reset, state),
        Route::post("/reset/{secret}", Permission::Public, set, state),
    ]
}

#[derive(Template)]
#[template(path = "links/templates/password.html")]
struct PasswordPage {
    shell: Shell,
    kind: LinkKind,
    /// Password managers keep it with the new password.
    email: String,
    password: Field,
}

fn filled(open: &Open, kind: LinkKind, form: &Form) -> PasswordPage {
    let title = match kind {
        LinkKind::Invitation => format!("Welcome, {}", open.name),
        LinkKind::Reset => "Choose a new password".to_owned(),
    };
    let shell = Shell { locale: Locale::with_tag(&open.locale).unwrap_or_default(), ..Shell::new(title) };
    let mut password = pages::secret_field(form, "password", "New password", "new-password");
    password.hint = format!("At least {} characters. A short sentence is easy to remember.", limits::PASSWORD_CHARS_MIN);
    PasswordPage { shell, kind, email: open.email.clone(), password }
}

async fn invitation(State(access): State<Access>, Path(secret): Path<String>) -> Result<Response, Problem> {
    opened(&access, &secret, LinkKind::Invitation).await
}

async fn reset(State(access): State<Access>, Path(secret): Path<String>) -> Result<Response, Problem> {
    opened(&access, &secret, LinkKind::Reset).await
}

async fn opened(access: &Access, secret: &str, kind: LinkKind) -> Result<Response, Problem> {
    let (open, _) = known(access, secret, kind).await?;
    pages::page(&filled(&open, kind, &Form::default()))
}

/// Whose link this is.
async fn known(access: &Access, secret: &str, kind: LinkKind) -> Result<(Open, Secret), LinkError> {
    let secret = Secret::sent(secret).ok_or(LinkError::Spent)?;
    let (digest, now) = (secret.digest(), access.clock.now());
    let open = access.db.read(move |tx| Box::pin(async move { store::open(tx, &digest, kind, now).await })).await.map_err(|e: DbError| e)?;
    Ok((open.ok_or(LinkError::Spent)?, secret))
}

async fn accept(state: State<Access>, secret: Path<String>, headers: HeaderMap, form: Form) -> Result<Response, Problem> {
    answered(state, secret, LinkKind::Invitation, &headers, form).await
}

async fn set(state: State<Access>, secret: Path<String>, headers: HeaderMap, form: Form) -> Result<Response, Problem> {
    answered(state, secret, LinkKind::Reset, &headers, form).await
}

async fn answered(State(access): State<Access>, Path(secret): Path<String>, kind: LinkKind, headers: &HeaderMap, form: Form) -> Result<Response, Problem> {
    let (open, secret) = known(&access, &secret, kind).await?;
    let device = sessions::device(headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default());
    let password = form.typed("password").to_owned();
    let result = redeem(&access, Redeeming { secret, kind, password, device }).await;
    match pages::mended(form, result)? {
        Sent::Done(signed_in) => Ok(with_cookie(pages::to("/"), &access.site, &signed_in)),
        Sent::Again(form) => pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(&open, kind, &form)),
    }
}
