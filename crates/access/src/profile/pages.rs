//! My profile.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use platform::limits::PASSWORD_CHARS;
use ui::components::{Field, Notice, Select, Tone};
use ui::format::time_zone;
use ui::shell::Shell;

use crate::pages::{self, Asked, Sent};
use crate::people::{self, Changed, Staff, StaffId};
use crate::sessions::pages::signed_in;
use crate::sign_in::{SignInError, change_password};
use crate::{Access, Caller, Permission, limits};

/// The routes of the profile.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/settings/profile", Permission::SignedIn, show, state),
        Route::post("/settings/profile", Permission::SignedIn, save, state).taking(&["locale", "time_zone"]),
        Route::post("/settings/password", Permission::SignedIn, password, state),
    ]
}

#[derive(Template)]
#[template(path = "profile/templates/profile.html")]
struct ProfilePage {
    shell: Shell,
    locale: Select,
    time_zone: Field,
    current: Field,
    password: Field,
}

fn filled(access: &Access, caller: &Caller, profile: &Form, secrets: &Form, notices: Vec<Notice>) -> ProfilePage {
    let mut shell = (access.frame)(caller, "Profile");
    shell.notices = notices;
    let mut password = pages::secret_field(secrets, "password", "New password", "new-password");
    password.hint = format!("At least {} characters. All other sign-ins end.", limits::PASSWORD_CHARS_MIN);
    ProfilePage {
        shell,
        locale: pages::locale(profile),
        time_zone: pages::time_zone(profile, "Time zone"),
        current: pages::secret_field(secrets, "current", "Password now", "current-password"),
        password,
    }
}

fn as_it_is(staff: &Staff) -> Form {
    Form::filled([("locale", staff.locale.as_str()), ("time_zone", staff.time_zone.as_str())])
}

async fn me(access: &Access, id: StaffId) -> Result<Staff, Problem> {
    let found = access.db.read(move |tx| Box::pin(async move { people::find(tx, id).await })).await.map_err(|e: DbError| e)?;
    found.ok_or_else(Problem::not_found)
}

async fn show(State(access): State<Access>, caller: Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let (id, _) = signed_in(&caller)?;
    let staff = me(&access, id).await?;
    pages::page(&filled(&access, &caller, &as_it_is(&staff), &Form::default(), asked.notices()))
}

async fn save(State(access): State<Access>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let ((id, _), now, actor) = (signed_in(&caller)?, access.clock.now(), caller.actor());
    let Some(time_zone) = form.parsed("time_zone", time_zone) else {
        return pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(&access, &caller, &form, &Form::default(), Vec::new()));
    };
    let to = Changed { name: caller.name().to_owned(), email: None, locale: form.typed("locale").to_owned(), time_zone };
    let result = access.db.write(move |tx| Box::pin(async move { people::change(tx, id, &to, &actor, now).await })).await;
    match pages::mended(form, result)? {
        Sent::Done(()) => Ok(pages::to("/settings/profile?done=saved")),
        Sent::Again(form) => {
            let page = filled(&access, &caller, &form, &Form::default(), Vec::new());
            pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

async fn password(State(access): State<Access>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let (id, session) = signed_in(&caller)?;
    let (current, new) = (form.text("current", PASSWORD_CHARS), form.text("password", PASSWORD_CHARS));
    let (mut status, mut notices) = (StatusCode::UNPROCESSABLE_ENTITY, Vec::new());
    if form.is_fine() {
        match change_password(&access, id, session, current, new).await {
            Ok(()) => return Ok(pages::to("/settings/profile?done=password")),
            Err(SignInError::Wrong) => form.wrong("current", "This is not your password."),
            Err(SignInError::Unfit(why)) => form.wrong("password", why),
            Err(SignInError::TooOften(_)) => {
                status = StatusCode::TOO_MANY_REQUESTS;
                notices.push(Notice::new(Tone::Stop, "Too many tries. Wait a few minutes, then try again."));
            }
            Err(other) => return Err(other.into()),
        }
    }
    let staff = me(&access, id).await?;
    pages::with_status(status, &filled(&access, &caller, &as_it_is(&staff), &form, notices))
}
