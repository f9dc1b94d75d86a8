//! The pages before one is signed in.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use platform::limits;
use ui::components::{Field, FieldKind, Notice, Tone};
use ui::shell::Shell;

use super::{Attempt, SignInError, SignedIn, sign_in, sign_out};
use crate::caller::{self, Place, cookie, local};
use crate::links::{self, LinkError};
use crate::pages::{self, Asked};
use crate::{Access, Caller, Permission, Site, people, sessions};

/// The routes of signing in and out.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/sign-in", Permission::Public, show, state),
        Route::post("/sign-in", Permission::Public, answer, state).taking(&["email", "next"]),
        Route::post("/sign-out", Permission::SignedIn, out, state),
        Route::get("/forgot", Permission::Public, forgot, state),
        Route::post("/forgot", Permission::Public, forgotten, state).taking(&["email"]),
    ]
}

#[derive(Template)]
#[template(path = "sign_in/templates/sign_in.html")]
struct SignInPage {
    shell: Shell,
    next: String,
    email: Field,
    password: Field,
    /// Whether a lost password can be mended by mail.
    has_mail: bool,
}

/// In place of the form while there is nobody who could fill it in.
#[derive(Template)]
#[template(path = "sign_in/templates/nobody.html")]
struct NobodyPage {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "sign_in/templates/forgot.html")]
struct ForgotPage {
    shell: Shell,
    email: Field,
    is_sent: bool,
    has_mail: bool,
}

pub(crate) fn language(headers: &HeaderMap) -> &str {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

pub(crate) fn device(headers: &HeaderMap) -> String {
    sessions::device(headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default())
}

fn email(form: &Form) -> Field {
    Field { kind: FieldKind::Email, autocomplete: "username".to_owned(), ..pages::field(form, "email", "E-mail") }
}

fn sign_in_page(site: &Site, headers: &HeaderMap, form: &Form, next: &str, notice: Option<Notice>) -> SignInPage {
    let mut shell = pages::bare("Sign in", language(headers));
    shell.notices.extend(notice);
    let password = pages::secret_field(form, "password", "Password", "current-password");
    SignInPage { shell, next: local(next).unwrap_or_default().to_owned(), email: email(form), password, has_mail: site.has_mail }
}

async fn show(State(access): State<Access>, caller: Option<Caller>, Query(asked): Query<Asked>, headers: HeaderMap) -> Result<Response, Problem> {
    if caller.is_some_and(|caller| caller.session().is_some()) {
        return Ok(pages::to(local(&asked.next).unwrap_or("/")));
    }
    if !access.db.read::<_, DbError, _>(|tx| Box::pin(async move { people::has_owner(tx).await })).await? {
        let mut shell = pages::bare("Nobody is here yet", language(&headers));
        shell.context = "This installation has no owner, so there is nobody who could sign in.".to_owned();
        return pages::page(&NobodyPage { shell });
    }
    pages::page(&sign_in_page(&access.site, &headers, &Form::default(), &asked.next, None))
}

async fn answer(State(access): State<Access>, place: Place, headers: HeaderMap, mut form: Form) -> Result<Response, Problem> {
    let (email, password) = (form.text("email", limits::EMAIL_CHARS), form.text("password", limits::PASSWORD_CHARS));
    let next = form.typed("next").to_owned();
    if !form.is_fine() {
        return pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &sign_in_page(&access.site, &headers, &form, &next, None));
    }
    let replaces = caller::sent(&access.site, &headers);
    let attempt = Attempt { email, password, from: place.0, device: device(&headers), replaces };
    match sign_in(&access, attempt).await {
        Ok(signed_in) => Ok(with_cookie(pages::to(local(&next).unwrap_or("/")), &access.site, &signed_in)),
        Err(SignInError::Wrong) => {
            let mut notice = Notice::new(Tone::Stop, "E-mail address and password do not fit");
            notice.text = "Look at both once more. If the password is lost, choose a new one.".to_owned();
            notice.link = Some(("Choose a new password".to_owned(), "/forgot".to_owned()));
            pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &sign_in_page(&access.site, &headers, &form, &next, Some(notice)))
        }
        Err(SignInError::TooOften(seconds)) => {
            let page = sign_in_page(&access.site, &headers, &form, &next, Some(pause(seconds)));
            pages::with_status(StatusCode::TOO_MANY_REQUESTS, &page).map(|response| after(response, seconds))
        }
        Err(other) => Err(other.into()),
    }
}

fn pause(seconds: i64) -> Notice {
    let minutes = seconds.div_euclid(60) + 1;
    let mut notice = Notice::new(Tone::Stop, "Too many tries");
    notice.text = format!("Try again in {minutes} {}. What you type until then is not looked at.", if minutes == 1 { "minute" } else { "minutes" });
    notice
}

fn after(mut response: Response, seconds: i64) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The answer, with the cookie of who has just signed in.
pub(crate) fn with_cookie(mut response: Response, site: &Site, signed_in: &SignedIn) -> Response {
    if let Some(value) = cookie(site, &signed_in.secret) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

async fn out(State(access): State<Access>, caller: Caller) -> Result<Response, Problem> {
    if let (Some(staff), Some(session)) = (caller.staff(), caller.session()) {
        sign_out(&access, staff, session).await?;
    }
    let mut response = pages::to("/sign-in");
    if let Some(value) = caller::over(&access.site) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    Ok(response)
}

fn forgot_page(site: &Site, headers: &HeaderMap, form: &Form, is_sent: bool, notice: Option<Notice>) -> ForgotPage {
    let mut shell = pages::bare(if is_sent && site.has_mail { "Look into your mail" } else { "Choose a new password" }, language(headers));
    shell.notices.extend(notice);
    ForgotPage { shell, email: email(form), is_sent, has_mail: site.has_mail }
}

async fn forgot(State(access): State<Access>, headers: HeaderMap) -> Result<Response, Problem> {
    pages::page(&forgot_page(&access.site, &headers, &Form::default(), false, None))
}

/// The same answer whether or not anybody has this address.
async fn forgotten(State(access): State<Access>, place: Place, headers: HeaderMap, mut form: Form) -> Result<Response, Problem> {
    let email = form.text("email", limits::EMAIL_CHARS);
    if !form.is_fine() {
        return pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &forgot_page(&access.site, &headers, &form, false, None));
    }
    match links::ask_for_reset(&access, &email, &place.0).await {
        Ok(()) => pages::page(&forgot_page(&access.site, &headers, &form, true, None)),
        Err(LinkError::TooOften(seconds)) => {
            let page = forgot_page(&access.site, &headers, &form, false, Some(pause(seconds)));
            pages::with_status(StatusCode::TOO_MANY_REQUESTS, &page).map(|response| after(response, seconds))
        }
        Err(other) => Err(other.into()),
    }
}
