use askama::Template;
use charter::time::Instant;
use platform::db::Tx;
use platform::http::Problem;
use platform::id::Id;
use ui::components::{Chip, Notice, Tone, Undo};
use ui::ruler::RulerForm;
use ui::shell::Shell;

use super::Embed;
use super::pass::Admitted;
use crate::cases::{Sent, State as CaseState, chip_of, hidden, looked_at, undos, what};
use crate::charters;
use crate::grants::{self, GrantRow};
use crate::options::{Card, Look, Opened, Question, QuestionKind};

/// Grants of the case that are shown.
const GRANTS: i64 = 5;

#[derive(Template)]
#[template(path = "embed/templates/card.html")]
pub(super) struct CardPage {
    shell: Shell,
    /// The pass, which goes with every link.
    kept: [(&'static str, String); 1],
    number: i64,
    options: Options,
    grants: Vec<(String, Chip)>,
    undos: Vec<Undo>,
    /// Where what was asked for is passed up: a page of its own, beside the frame.
    ask: Option<String>,
    looked_at: Vec<(&'static str, String)>,
}

enum Options {
    Card(Box<Card>),
    Not(Notice),
}

#[derive(Template)]
#[template(source = "{% extends \"embed.html\" %}{% block heading %}{% endblock %}{% block content %}{{ problem }}{% endblock %}", ext = "html")]
pub(super) struct ProblemPage {
    pub(super) shell: Shell,
    pub(super) problem: ui::components::Problem,
}

/// The card of the case for whoever was let in. Every form carries the next pass.
pub(super) async fn page(tx: &mut Tx, embed: &Embed, admitted: Admitted, sent: &Sent, at: Instant) -> Result<(CardPage, Option<Opened>), Problem> {
    let Admitted { caller, case, next } = admitted;
    let in_force = charters::in_force(tx, &embed.desk.charters).await?;
    let given = grants::list_of_case(tx, case.id, i64::MAX, GRANTS).await?;
    let mut shell = Shell { locale: caller.formats().locale, csrf: next.clone(), ..Shell::new(format!("What you can do in case {}", case.number)) };
    shell.notices.extend(sent.notice.clone().map(|(tone, title, text)| Notice { text, ..Notice::new(tone, title) }));
    shell.notices.extend(sent.said_no.as_ref().map(|_| {
        let text = "Somebody told this customer no to as much before. Give it all the same if you have a reason: they hear of it at once.".to_owned();
        Notice { text, ..Notice::new(Tone::Caution, "There was a no before") }
    }));
    let charter = in_force.as_ref().map(|in_force| &*in_force.charter);
    let undos = undos(&given, (&caller.actor(), at), charter, &next, |grant| format!("/embed/card/grants/{grant}/withdrawal"));
    let usable = grants::usable(tx, &given, std::slice::from_ref(&case), in_force.as_ref().map(|in_force| in_force.version), at).await?;
    let shown = given.iter().map(|row| (what(in_force.as_ref(), row), chip_of(row, &usable))).collect();
    let (options, opened) = options(tx, embed, &caller, (&case, &given), sent, (&next, at)).await?;
    Ok((
        CardPage {
            shell,
            kept: [("pass", next)],
            number: case.number,
            options,
            grants: shown,
            undos,
            ask: sent.ask.clone(),
            looked_at: looked_at(&sent.chosen),
        },
        opened,
    ))
}

async fn options(
    tx: &mut Tx,
    embed: &Embed,
    caller: &access::Caller,
    (case, grants): (&crate::cases::CaseRow, &[GrantRow]),
    sent: &Sent,
    (pass, at): (&str, Instant),
) -> Result<(Options, Option<Opened>), Problem> {
    if !case.state.takes_grants() {
        let text =
            if case.state == CaseState::Solved { "Reopen it, and it says again what you can do." } else { "If there is more to do, it is a case of its own." };
        let text = text.to_owned();
        return Ok((Options::Not(Notice { text, ..Notice::new(Tone::Plain, format!("This case is {}", case.state.word())) }), None));
    }
    let id = Id::new(at).to_string();
    let form = |remedy: &str, shown: Option<&str>| {
        let mut form = RulerForm { hidden: hidden(&id, remedy, shown.or(sent.chosen.reason.as_deref())), ..RulerForm::new("/embed/card/grants", pass) };
        form.hidden.extend(sent.said_no.is_some().then(|| ("beyond_no".to_owned(), "yes".to_owned())));
        form
    };
    let look = Look { caller, case, chosen: &sent.chosen, grants, at, now: embed.desk.now() };
    Ok(match look.card(tx, &embed.desk.charters, form).await? {
        Ok((card, opened)) => (Options::Card(Box::new(card)), Some(opened)),
        Err(notice) => (Options::Not(notice), None),
    })
}
