use access::Caller;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use charter::diagnostics::Severity;
use charter::{Loaded, Sources, load, stands_inside};
use platform::http::{Form, Problem};
use platform::limits::NAME_CHARS;
use sha2::{Digest, Sha256};
use ui::components::{Check, Field};
use ui::shell::{Crumb, Shell};

use super::super::commands;
use super::super::findings::{FindingDocument, has, placed};
use super::super::store;
use super::changes::{Changes, Written, changes};
use super::may_publish;
use super::versions::not_theirs;
use crate::state::{Desk, page};

#[derive(Template)]
#[template(path = "charters/templates/publish.html")]
struct PublishPage {
    shell: Shell,
    text: String,
    text_error: Option<String>,
    outer: Option<String>,
    note: Field,
    findings: Vec<FindingDocument>,
    /// What does not go with the grants there are, a sentence each.
    otherwise: Vec<String>,
    looked: Option<Looked>,
}

/// What is shown before anything is published.
struct Looked {
    changes: Changes,
    despite: Option<Check>,
    despite_error: Option<String>,
    /// The text that was looked at: another one is looked at first.
    seen: String,
    /// How many approvals end with it.
    ends: Option<String>,
}

/// A text of a form, as a file has it: browsers send line ends in their own way.
fn as_file(typed: &str) -> String {
    let text = typed.replace("\r\n", "\n");
    let text = text.trim_end();
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}

fn digest(text: &str, outer: Option<&str>) -> String {
    let mut sum = Sha256::new();
    sum.update(text);
    sum.update([0]);
    sum.update(outer.unwrap_or_default());
    platform::hex(&sum.finalize())
}

/// The form, with the charter in force to go on from.
pub(super) async fn new(State(desk): State<Desk>, caller: Caller) -> Result<Response, Problem> {
    let shell = shell(&desk, &caller);
    let texts = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                if !may_publish(tx, &caller).await? {
                    return Err(not_theirs());
                }
                Ok(match store::version_in_force(tx).await? {
                    Some(version) => store::texts_of(tx, version).await?,
                    None => None,
                })
            })
        })
        .await?;
    let (text, outer) = texts.unwrap_or_default();
    let shown = PublishPage { shell, text, text_error: None, outer, note: note(&Form::default()), findings: Vec::new(), otherwise: Vec::new(), looked: None };
    Ok(page(&shown)?.into_response())
}

fn shell(desk: &Desk, caller: &Caller) -> Shell {
    let mut shell = (desk.frame)(caller, "Publish a charter");
    shell.crumbs = vec![Crumb::new("Charter", "/charter")];
    shell
}

fn note(form: &Form) -> Field {
    Field {
        value: form.typed("note").to_owned(),
        error: form.error("note"),
        hint: "For those who look at the history.".to_owned(),
        ..Field::new("note", "What is new?")
    }
}

/// Looks at a charter first, and publishes it when it is sent again as it was looked at.
pub(super) async fn publish(State(desk): State<Desk>, caller: Caller, mut form: Form) -> Result<Response, Problem> {
    let text = as_file(form.typed("text"));
    let outer = Some(as_file(form.typed("outer"))).filter(|outer| !outer.is_empty());
    let wants = form.typed("step") == "publish" && form.typed("seen") == digest(&text, outer.as_deref());
    let said = if wants { form.text("note", NAME_CHARS) } else { form.optional("note", NAME_CHARS).unwrap_or_default() };
    let loaded = load(&Sources { text: &text, outer: outer.as_deref(), today: None });
    let is_fine = loaded.charter.is_some() && form.is_fine() && (!has(&loaded.findings, Severity::Warning) || form.typed("despite") == "yes");
    if wants && is_fine {
        return published(&desk, caller, text, outer, said).await;
    }
    looked(&desk, caller, &form, Text { text, outer }, loaded, wants).await
}

/// A charter, and the one it stands inside.
struct Text {
    text: String,
    outer: Option<String>,
}

async fn published(desk: &Desk, caller: Caller, text: String, outer: Option<String>, note: String) -> Result<Response, Problem> {
    let at = desk.clock.now();
    desk.write::<_, Problem, _>(move |tx| {
        Box::pin(async move {
            if !may_publish(tx, &caller).await? {
                return Err(not_theirs());
            }
            commands::publish(tx, &text, outer.as_deref(), &note, &caller.actor(), at).await?;
            Ok(())
        })
    })
    .await?;
    Ok(Redirect::to("/charter?done=published").into_response())
}

/// The form again: with what is wrong, or with what would change.
async fn looked(desk: &Desk, caller: Caller, form: &Form, sent: Text, loaded: Loaded, wanted: bool) -> Result<Response, Problem> {
    let Text { text, outer } = sent;
    let Loaded { charter, findings, .. } = loaded;
    let mut shell = shell(desk, &caller);
    let placed = placed(&text, &findings);
    let (at, known, then) = (desk.clock.now(), desk.charters.clone(), (text.clone(), outer.clone()));
    let (changes, otherwise, ends) = desk
        .read::<_, Problem, _>(move |tx| {
            Box::pin(async move {
                if !may_publish(tx, &caller).await? {
                    return Err(not_theirs());
                }
                let Some(charter) = charter else { return Ok((None, Vec::new(), None)) };
                let otherwise = commands::counts_otherwise(tx, &charter).await?;
                let in_force = store::in_force(tx, &known).await?;
                let (text, outer) = match &in_force {
                    Some(in_force) => store::texts_of(tx, in_force.version).await?.unwrap_or_default(),
                    None => (String::new(), None),
                };
                let now = in_force.as_ref().map(|c| Written { charter: &c.charter, text: &text, outer: outer.as_deref().unwrap_or_default() });
                let then = Written { charter: &charter, text: &then.0, outer: then.1.as_deref().unwrap_or_default() };
                Ok((Some(changes(tx, now, then, at).await?), otherwise, super::ends(tx, at).await?))
            })
        })
        .await?;
    let warns = has(&findings, Severity::Warning);
    let is_ticked = form.typed("despite") == "yes";
    let looked = changes.filter(|_| otherwise.is_empty()).map(|changes| Looked {
        changes,
        despite: warns.then(|| Check { name: "despite".to_owned(), label: "Publish all the same".to_owned(), is_checked: is_ticked, ..Check::default() }),
        despite_error: (warns && wanted && !is_ticked).then(|| "There are warnings. Mend them, or tick this.".to_owned()),
        seen: digest(&text, outer.as_deref()),
        ends,
    });
    let is_wrong = looked.is_none() || wanted;
    shell.context = if looked.is_some() { "Look at what would change, then publish it.".to_owned() } else { "Nothing was published.".to_owned() };
    let outer = outer.or_else(|| stands_inside(&text).map(|_| String::new()));
    let text_error = looked.is_none().then(|| "This cannot be published: see what was found.".to_owned());
    let shown = PublishPage { shell, text, text_error, outer, note: note(form), findings: placed, otherwise, looked };
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page(&shown)?).into_response())
}
