//! Tokens for programs: the list, making one, revoking one.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use platform::db::DbError;
use platform::http::{Form, Problem, Route};
use platform::limits;
use ui::components::{Check, Field, Select};
use ui::shell::Shell;

use super::{Bearer, NewToken, PREFIX, Scope, Token, TokenError, TokenId, make, revoke, store};
use crate::pages::{self, Asked, Sent};
use crate::people::{self, StaffId};
use crate::secret::Secret;
use crate::{Access, Caller, Permission, links};

/// The routes of tokens.
pub(crate) fn routes(state: &Access) -> Vec<Route<Permission>> {
    vec![
        Route::get("/settings/tokens", Permission::Owner, show, state),
        Route::post("/settings/tokens", Permission::Owner, create, state).taking(&["name", "source", "bearer"]),
        Route::post("/settings/tokens/{id}/revoke", Permission::Owner, end, state),
    ]
}

#[derive(Template)]
#[template(path = "tokens/templates/tokens.html")]
struct TokensPage {
    shell: Shell,
    tokens: Vec<Line>,
    /// The one that was just made: shown this once.
    made: Option<String>,
    name: Field,
    bearer: Select,
    source: Field,
    scopes: Vec<Check>,
    scopes_error: String,
}

struct Line {
    id: TokenId,
    name: String,
    bearer: String,
    scopes: String,
    used: String,
    is_revoked: bool,
}

async fn show(State(access): State<Access>, caller: Caller, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let mut page = filled(&access, &caller, &Form::default(), None).await?;
    page.shell.notices = asked.notices();
    pages::page(&page)
}

async fn filled(access: &Access, caller: &Caller, form: &Form, made: Option<String>) -> Result<TokensPage, Problem> {
    let (now, me) = (access.clock.now(), caller.staff());
    let read = access.db.read(move |tx| Box::pin(async move { Ok::<_, DbError>((store::list(tx).await?, people::ai_agents(tx).await?)) }));
    let (tokens, agents) = read.await?;
    let line = |token: Token| Line {
        id: token.id,
        scopes: token.scopes.iter().map(Scope::word).collect::<Vec<_>>().join(", "),
        used: token.used_at.map_or_else(|| "never".to_owned(), |at| caller.formats().age(pages::stamp(at), pages::stamp(now))),
        is_revoked: token.revoked_at.is_some(),
        name: token.name,
        bearer: token.bearer,
    };
    let me = me.map(|id| (id.to_string(), format!("{} (you)", caller.name())));
    let bearers = std::iter::once((String::new(), "Another system".to_owned())).chain(me).chain(agents.into_iter().map(|(id, name)| (id.to_string(), name)));
    let mut source = Field { is_optional: true, ..pages::field(form, "source", "Name of the other system") };
    "Small letters, digits and hyphens, such as “shop”. What it does is noted under this name.".clone_into(&mut source.hint);
    let check = |scope: &Scope| Check {
        name: scope.word().to_owned(),
        prefix: "scope-".to_owned(),
        label: scope.word().to_owned(),
        is_checked: form.typed(scope.word()) == "yes",
        hint: scope.meaning().to_owned(),
    };
    Ok(TokensPage {
        shell: (access.frame)(caller, "API tokens"),
        tokens: tokens.into_iter().map(line).collect(),
        made,
        name: pages::field(form, "name", "What it is for"),
        bearer: pages::select(form, "bearer", "Who acts with it", bearers),
        source,
        scopes: Scope::ALL.iter().map(check).collect(),
        scopes_error: form.problem("scopes").to_owned(),
    })
}

async fn create(State(access): State<Access>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let name = form.text("name", limits::NAME_CHARS);
    let source = form.typed("source").to_owned();
    let bearer = form.parsed("bearer", |text| match text {
        "" => Ok(Bearer::Source(source)),
        id => id.parse::<StaffId>().map(Bearer::Staff).map_err(|_| "Choose one of the list.".to_owned()),
    });
    let scopes = Scope::ALL.iter().copied().filter(|scope| form.typed(scope.word()) == "yes").collect();
    let Some(bearer) = bearer.filter(|_| form.is_fine()) else {
        return pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(&access, &caller, &form, None).await?);
    };
    let (now, actor, new) = (access.clock.now(), caller.actor(), NewToken { name, bearer, scopes });
    let secret = Secret::fresh().map_err(links::LinkError::from)?;
    let shown = format!("{PREFIX}{}", secret.show());
    let result: Result<TokenId, TokenError> = access.db.write(move |tx| Box::pin(async move { make(tx, &new, &secret, &actor, now).await })).await;
    match pages::mended(form, result)? {
        Sent::Done(_) => pages::with_status(StatusCode::CREATED, &filled(&access, &caller, &Form::default(), Some(shown)).await?),
        Sent::Again(form) => pages::with_status(StatusCode::UNPROCESSABLE_ENTITY, &filled(&access, &caller, &form, None).await?),
    }
}

async fn end(State(access): State<Access>, caller: Caller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (id, now, actor) = (pages::id(&id)?, access.clock.now(), caller.actor());
    access.db.write(move |tx| Box::pin(async move { revoke(tx, id, &actor, now).await })).await?;
    Ok(pages::to("/settings/tokens?done=revoked"))
}
