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
use crate::cases::{Sent, grant_chip, what};
use crate::charters;
use crate::deciding::{NoSituation, situation};
use crate::grants::{self, GrantRow, GrantState};
use crate::options::{Card, QuestionKind, card};
use crate::state::asker;

/// Grants of the case that are shown.
const GRANTS: i64 = 5;

#[derive(Template)]
#[template(path = "embed/templates/card.html")]
pub(super) struct CardPage {
    shell: Shell,
    pass: String,
    number: i64,
    options: Options,
    grants: Vec<(String, Chip)>,
    undos: Vec<Undo>,
    /// Nothing: the card has no other place to come back to.
    looked_at: [(String, String); 0],
}

enum Options {
    Card(Box<Card>),
    Not(Notice),
}

#[derive(Template)]
#[template(source = "{% extends \"embed.html\" %}{% block content %}{{ problem }}{% endblock %}", ext = "html")]
pub(super) struct ProblemPage {
    pub(super) shell: Shell,
    pub(super) problem: ui::components::Problem,
}

/// The card of the case for whoever was let in. Every form carries the next pass.
pub(super) async fn page(tx: &mut Tx, embed: &Embed, admitted: Admitted, sent: &Sent, at: Instant) -> Result<CardPage, Problem> {
    let Admitted { caller, case, next } = admitted;
    let in_force = charters::in_force(tx, &embed.desk.charters).await?;
    let given = grants::list_of_case(tx, case.id, i64::MAX, GRANTS).await?;
    let mut shell = Shell { locale: caller.formats().locale, csrf: next.clone(), ..Shell::new(format!("What you can do in case {}", case.number)) };
    shell.notices.extend(sent.notice.clone().map(|(tone, title, text)| Notice { text, ..Notice::new(tone, title) }));
    shell.notices.extend(sent.said_no.as_ref().map(|_| {
        let text = "Somebody told this customer no to as much before. Give it all the same if you have a reason: they hear of it at once.".to_owned();
        Notice { text, ..Notice::new(Tone::Caution, "There was a no before") }
    }));
    let undo = |row: &GrantRow| Undo {
        title: format!("{} given", what(in_force.as_ref(), row)),
        seconds: u32::try_from((row.send_at - at + 999_999) / 1_000_000).unwrap_or(0),
        seconds_all: Undo::SECONDS,
        action: format!("/embed/card/grants/{}/withdrawal", row.id),
        csrf: next.clone(),
        after: "Sent. It can no longer be taken back.".to_owned(),
    };
    let can_undo = |row: &&GrantRow| row.giver == caller.actor() && row.state == GrantState::Granted && row.send_at > at;
    let undos = given.iter().filter(can_undo).map(undo).collect();
    let shown = given.iter().map(|row| (what(in_force.as_ref(), row), grant_chip(row.state))).collect();
    let options = options(tx, embed, &caller, &case, sent, (&next, at)).await?;
    Ok(CardPage { shell, pass: next, number: case.number, options, grants: shown, undos, looked_at: [] })
}

async fn options(
    tx: &mut Tx,
    embed: &Embed,
    caller: &access::Caller,
    case: &crate::cases::CaseRow,
    sent: &Sent,
    (pass, at): (&str, Instant),
) -> Result<Options, Problem> {
    let not = |title: &str, text: String| Ok(Options::Not(Notice { text, ..Notice::new(Tone::Plain, title) }));
    if !case.state.takes_grants() {
        return not(&format!("This case is {}", case.state.word()), "Reopen it, and it says again what you can do.".to_owned());
    }
    let asker = match asker(caller) {
        Ok(asker) => asker,
        Err(problem) => return not(&problem.title, problem.detail),
    };
    let situation = match situation(tx, &embed.desk.charters, case, &asker, None, at).await {
        Ok(situation) => situation,
        Err(NoSituation::Db(e)) => return Err(e.into()),
        Err(other) => {
            let problem = Problem::from(other);
            return not(&problem.title, problem.detail);
        }
    };
    let form = |remedy: &str, reason: Option<&str>| {
        let mut form = RulerForm::new("/embed/card/grants".to_owned(), pass);
        form.hidden.push(("sent".to_owned(), Id::new(at).to_string()));
        form.hidden.push(("remedy".to_owned(), remedy.to_owned()));
        form.hidden.extend(sent.said_no.is_some().then(|| ("beyond_no".to_owned(), "yes".to_owned())));
        form.hidden.extend(reason.or(sent.chosen.reason.as_deref()).map(|reason| ("reason".to_owned(), reason.to_owned())));
        form
    };
    match card(&situation, &sent.chosen, &caller.formats(), form, embed.desk.now()) {
        Ok(card) => Ok(Options::Card(Box::new(card))),
        Err(problems) => {
            let problem = Problem::from(NoSituation::Problems(problems));
            not(&problem.title, problem.detail)
        }
    }
}
