//! `leeway serve`: the schema, the server and the jobs, until it is told to stop.

use std::sync::Arc;

use access::first_run;
use axum::Router;
use clap::Args;
use platform::clock::Clock;
use platform::db::Db;
use platform::http;
use platform::jobs::runner::Runner;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::app::App;
use crate::command::{Ended, Failure, open, say};
use crate::settings::{Given, Settings};
use crate::{logs, routes, work};

/// Run the server
#[derive(Args, Debug)]
pub(crate) struct Serve {
    #[command(flatten)]
    given: Given<true>,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<Ended, Failure> {
        let settings = self.given.settings()?;
        logs::begin(&settings.log, settings.is_log_json)?;
        let listener = listening(&settings).await?;
        let db = open(&settings.database, true).await?;
        answer(listener, db, &settings, |app| Ok(routes::service(app))).await
    }
}

/// Takes the address before anything else is done, or said: where another one answers already, nothing is begun.
pub(crate) async fn listening(settings: &Settings) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(settings.listen).await;
    listener.map_err(|e| Failure::new(format!("it cannot answer on `{}`: {e}; give another address with --listen", settings.listen)))
}

/// Answers with a router and does the jobs until it is told to stop.
pub(crate) async fn answer(listener: TcpListener, db: Db, settings: &Settings, router: impl FnOnce(&App) -> Result<Router, Failure>) -> Result<Ended, Failure> {
    let db = Arc::new(db);
    let here = listener.local_addr()?;
    let origin = settings.origin.clone().unwrap_or_else(|| format!("http://{here}"));
    let app = App::new(db, Clock::machine(), origin, settings)?;
    if app.mailer.is_none() {
        tracing::warn!("no mail server is configured: mails wait until `smtp` and `mail-from` are given");
    }
    let (stop, stopped) = watch::channel(false);
    let runner = Runner::new(Arc::clone(&app.db), app.clock.clone(), Arc::clone(&app.metrics), work::table(&app));
    let (db, ended) = (Arc::clone(&app.db), until(stopped.clone()));
    let relaying = tokio::spawn(async move { db.relay(ended).await });
    let working = tokio::spawn(runner.run(until(stopped.clone())));
    let ending = tokio::spawn(async move {
        told_to_stop().await;
        tracing::info!("stopping: what is under way ends first");
        stop.send_replace(true);
    });
    say(format_args!("Leeway answers on {}", app.access.site.origin))?;
    welcome(&app).await?;
    tracing::info!(listen = %here, "answering");
    http::serve(listener, router(&app)?, until(stopped)).await?;
    ending.abort();
    relaying.await?;
    working.await?;
    tracing::info!("stopped");
    Ok(Ended::Fine)
}

/// Where the first owner makes themselves one, on standard output alone: whoever reads the logs need not be who may.
async fn welcome(app: &App) -> Result<(), Failure> {
    if let Some(link) = first_run::offer(&app.db, &app.clock, &app.access.site.origin).await? {
        // Without a terminal there is nobody to tell; the server answers all the same.
        drop(say(format_args!("Nobody is here yet. Open this link to become the owner; it works once, for a day:\n{link}")));
    }
    Ok(())
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // Whoever would say so is gone: that is an end, too.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// SIGTERM, or Ctrl-C at a terminal.
async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
