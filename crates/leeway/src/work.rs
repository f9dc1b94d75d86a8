//! Which function does which kind of job. One table.

use std::sync::Arc;

use access::links::{self, LinkError};
use desk::charters::{self, Charters};
use desk::customers;
use desk::deciding;
use desk::escalations::{self, EscalationError, EscalationId, ToChat};
use desk::grants::{self, GrantError, GrantId};
use desk::groups::{self, NotTaken};
use platform::db::{Db, DbError};
use platform::jobs::runner::{NotDone, Table};
use platform::jobs::{self, Leased};
use platform::{audit, idempotency, webhooks};

use crate::app::App;
use crate::mails;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

/// Which function does which kind of job.
#[must_use]
pub fn table(app: &App) -> Table {
    let (sending, mailing, resetting, telling, waking) = (app.clone(), app.clone(), app.clone(), app.clone(), app.clone());
    let (lapsing, passing, reminding, saying) = (app.clone(), app.clone(), app.clone(), app.clone());
    let (adding, erasing, sealing, forgetting) = (app.clone(), app.clone(), app.clone(), app.clone());
    Table::default()
        .work(grants::SEND_JOB, move |job| send_grant(sending.clone(), job))
        .work(grants::LAPSE_JOB, move |job| lapse_approval(lapsing.clone(), job))
        .work(escalations::DUE_JOB, move |job| pass_on(passing.clone(), job))
        .work(escalations::REMIND_JOB, move |job| remind(reminding.clone(), job))
        .work(escalations::CHAT_JOB, move |job| say(saying.clone(), job))
        .work(mails::JOB, move |job| mail(mailing.clone(), job))
        .work(links::RESET_JOB, move |job| reset(resetting.clone(), job))
        .work(webhooks::DELIVER_JOB, move |job| tell(telling.clone(), job))
        .work(webhooks::WAKE_JOB, move |job| wake(waking.clone(), job))
        .every(MINUTE, "sum_grants", move |_| sum_grants(adding.clone()))
        .every(MINUTE, "erase_further", move |_| erase_further(erasing.clone()))
        .every(MINUTE, "seal_events", move |_| seal(sealing.clone()))
        .every(HOUR, "forget_what_ended", move |_| forget(forgetting.clone()))
}

fn unreadable(e: impl std::fmt::Display) -> NotDone {
    NotDone::Never(format!("the payload cannot be read: {e}"))
}

async fn send_grant(app: App, job: Leased) -> Result<(), NotDone> {
    let id: GrantId = serde_json::from_str(&job.payload).map_err(unreadable)?;
    let at = app.clock.now();
    let sent = app.db.write(move |tx| Box::pin(async move { grants::send_due(tx, id, at).await })).await;
    match sent {
        Ok(_) => Ok(()),
        Err(GrantError::Db(e)) => Err(e.into()),
        Err(GrantError::NotFound) => Err(NotDone::Never("there is no such grant".to_owned())),
        Err(_) => Err(NotDone::Never("the grant stands where it cannot be sent".to_owned())),
    }
}

async fn lapse_approval(app: App, job: Leased) -> Result<(), NotDone> {
    let id: GrantId = serde_json::from_str(&job.payload).map_err(unreadable)?;
    let at = app.clock.now();
    match app.db.write(move |tx| Box::pin(async move { if jobs::done(tx, &job).await? { grants::lapse(tx, id, at).await } else { Ok(()) } })).await {
        Ok(()) => Ok(()),
        Err(GrantError::Db(e)) => Err(e.into()),
        Err(_) => Err(NotDone::Never("there is no such approval".to_owned())),
    }
}

/// What is done is taken out in the same transaction: a second worker that was given it too finds it done, and nobody hears of it twice.
async fn pass_on(app: App, job: Leased) -> Result<(), NotDone> {
    let id: EscalationId = serde_json::from_str(&job.payload).map_err(unreadable)?;
    let (known, clock) = (app.desk.charters.clone(), app.clock.clone());
    let done = app
        .db
        .write(move |tx| Box::pin(async move { if jobs::done(tx, &job).await? { escalations::pass_on_overdue(tx, &known, id, clock).await } else { Ok(()) } }));
    of_escalation(done.await)
}

/// As above.
async fn remind(app: App, job: Leased) -> Result<(), NotDone> {
    let id: EscalationId = serde_json::from_str(&job.payload).map_err(unreadable)?;
    let at = app.clock.now();
    let done = app.db.write(move |tx| Box::pin(async move { if jobs::done(tx, &job).await? { escalations::remind(tx, id, at).await } else { Ok(()) } }));
    of_escalation(done.await)
}

/// Tells a group something in its chat.
async fn say(app: App, job: Leased) -> Result<(), NotDone> {
    let wanted: ToChat = serde_json::from_str(&job.payload).map_err(unreadable)?;
    let (known, origin, group) = (app.desk.charters.clone(), app.access.site.origin.clone(), wanted.group.clone());
    let found = app.db.read(move |tx| Box::pin(async move { escalations::to_chat(tx, &known, &wanted, &origin).await }));
    match found.await.map_err(|e: DbError| e)? {
        Some((chat, message)) => {
            let posted = groups::post(&app.outbound, &chat, &message).await;
            Ok(posted.map_err(|e| NotTaken { why: format!("{group}: {}", e.why), ..e })?)
        }
        None => Ok(()),
    }
}

fn of_escalation(done: Result<(), EscalationError>) -> Result<(), NotDone> {
    match done {
        Ok(()) => Ok(()),
        Err(EscalationError::Db(e)) => Err(e.into()),
        Err(_) => Err(NotDone::Never("there is nothing such that was passed up".to_owned())),
    }
}

async fn mail(app: App, job: Leased) -> Result<(), NotDone> {
    let mail = mails::written(&job, &app.access.site.origin).map_err(unreadable)?;
    match &app.mailer {
        Some(mailer) => Ok(mailer.send(&mail).await?),
        None => Err(NotDone::Later("no mail server is configured: give `smtp` and `mail-from`, then start Leeway again".to_owned())),
    }
}

async fn reset(app: App, job: Leased) -> Result<(), NotDone> {
    match links::send_reset(&app.access, &job.payload).await {
        Ok(()) => Ok(()),
        Err(LinkError::Db(e)) => Err(e.into()),
        Err(_) => Err(NotDone::Again("the link could not be made".to_owned())),
    }
}

async fn tell(app: App, job: Leased) -> Result<(), NotDone> {
    webhooks::deliver(&app.db, &app.outbound, &app.clock, &job).await
}

/// Adds up what was given before a charter began to count it broadly. Decisions do not wait for it: they read row by row what is not added up yet.
async fn sum_grants(app: App) -> Result<(), NotDone> {
    let (db, known, now): (Arc<Db>, Charters, _) = (app.db, app.desk.charters, app.clock.now());
    loop {
        let known = known.clone();
        let step = db.write(move |tx| {
            Box::pin(async move {
                match charters::in_force(tx, &known).await? {
                    Some(in_force) => deciding::keep_sums(tx, &in_force.charter, now).await,
                    None => Ok(false),
                }
            })
        });
        if !step.await.map_err(|e: DbError| e)? {
            return Ok(());
        }
    }
}

/// Erases what is still there of those whose personal data are erased.
async fn erase_further(app: App) -> Result<(), NotDone> {
    loop {
        let (known, now) = (app.desk.charters.clone(), app.clock.now());
        let step = app.db.write(move |tx| Box::pin(async move { customers::erase_further(tx, &known, now).await }));
        if !step.await.map_err(|e: DbError| e)? {
            return Ok(());
        }
    }
}

async fn wake(app: App, job: Leased) -> Result<(), NotDone> {
    webhooks::wake(&app.db, app.clock.now(), &job).await
}

async fn seal(app: App) -> Result<(), NotDone> {
    let (db, now): (Arc<Db>, _) = (app.db, app.clock.now());
    while db.write(move |tx| Box::pin(async move { audit::seal(tx, now).await })).await.map_err(|e: DbError| e)? > 0 {}
    Ok(())
}

async fn forget(app: App) -> Result<(), NotDone> {
    let now = app.clock.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                idempotency::forget(tx, now).await?;
                webhooks::forget(tx, now).await?;
                access::forget(tx, now).await
            })
        })
        .await
        .map_err(|e: DbError| e)?;
    Ok(())
}
