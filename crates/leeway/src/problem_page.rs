//! A problem as a page, for those who asked for one: inside the frame for whoever is signed in, by itself for everybody else. An address that no route can read is
//! a problem too.

use access::{Caller, Frame};
use askama::Template;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use platform::http::Problem;
use ui::format::Locale;
use ui::shell::Shell;

#[derive(Template)]
#[template(source = "{% extends \"bare.html\" %}{% block heading %}{% endblock %}{% block content %}{{ problem }}{% endblock %}", ext = "html")]
struct BarePage {
    shell: Shell,
    problem: ui::components::Problem,
}

#[derive(Template)]
#[template(source = "{% extends \"layout.html\" %}{% block head_row %}{% endblock %}{% block content %}{{ problem }}{% endblock %}", ext = "html")]
struct FramedPage {
    shell: Shell,
    problem: ui::components::Problem,
}

/// Makes a page of a problem if a browser asked. Programs get the document.
pub(crate) async fn shown(State(frame): State<Frame>, request: Request, next: Next) -> Response {
    let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
    let caller = request.extensions().get::<Caller>().cloned();
    let response = unread(next.run(request).await).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    if path.starts_with("/api/") || !wants_page(&headers) {
        return response;
    }
    match page(&problem, &headers, caller.filter(|caller| !caller.csrf().is_empty()).map(|caller| frame(&caller, &problem.title))) {
        Ok(text) => with_body(response, text),
        Err(_) => response,
    }
}

/// How the framework begins to say that what stands behind the `?` does not fit.
const QUERY: &[u8] = b"Failed to deserialize query string";
/// It says no more than a line or two.
const SAID_BYTES_MAX: usize = 16_384;

/// What the framework says in plain text of an address that does not fit its route, as a problem. An id that is none names nothing.
async fn unread(response: Response) -> Response {
    let is_plain = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if response.status() != StatusCode::BAD_REQUEST || !is_plain || response.extensions().get::<Problem>().is_some() {
        return response;
    }
    match to_bytes(response.into_body(), SAID_BYTES_MAX).await {
        Ok(said) if said.starts_with(QUERY) => {
            Problem::invalid("Something behind the `?` of this address does not fit. Look whether all of it was copied, or leave it out.").into_response()
        }
        _ => Problem::not_found().into_response(),
    }
}

fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

fn page(problem: &Problem, headers: &HeaderMap, framed: Option<Shell>) -> Result<String, askama::Error> {
    let fields = problem.fields.iter().map(|f| format!(" {}: {}", f.field, f.message));
    let way = if problem.status == 401 { ("Sign in", "/sign-in") } else { ("To the start", "/") };
    let shown = ui::components::Problem {
        status: problem.status,
        title: problem.title.clone(),
        text: std::iter::once(problem.detail.clone()).chain(fields).collect(),
        ways: vec![(way.0.to_owned(), way.1.to_owned())],
        reference: None,
    };
    if let Some(shell) = framed {
        return FramedPage { shell, problem: shown }.render();
    }
    let language = headers.get(header::ACCEPT_LANGUAGE).and_then(|language| language.to_str().ok()).unwrap_or_default();
    let shell = Shell { locale: Locale::accepted(language), ..Shell::new(problem.title.clone()) };
    BarePage { shell, problem: shown }.render()
}

/// The same answer (status, headers, when to try again) with a page in it. It is made once, by the innermost who can.
fn with_body(response: Response, text: String) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.extensions.remove::<Problem>();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(parts, Html(text).into_response().into_body())
}
