//! Everything the server stands on, put together once.

use std::sync::{Arc, LazyLock};

use access::sign_in::{Cost, Passwords};
use access::{Access, Caller, Site};
use desk::Desk;
use desk::charters::Charters;
use platform::clock::Clock;
use platform::db::{Body, Db, DbError, Tx};
use platform::mail::{MailError, Mailer};
use platform::metrics::Metrics;
use platform::outbound::{Outbound, OutboundError, Reach};
use ui::shell::{Area, NavArea, NavLink, Shell, ShellSearch};

use crate::settings::Settings;

/// Everything the server stands on. Cloned, it is the same.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Arc<Db>,
    /// What time it is.
    pub clock: Clock,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// People and permissions.
    pub access: Access,
    /// Cases and grants.
    pub desk: Desk,
    /// Sends mails, if a server is configured.
    pub mailer: Option<Mailer>,
    /// Calls other systems.
    pub outbound: Outbound,
    /// Whose pages may show the card of a case in a frame.
    pub embed_origins: Arc<[String]>,
    /// Whether pages for developers are shown.
    pub is_development: bool,
}

/// Why the parts cannot be put together; with what to do.
#[derive(Debug)]
pub struct NoApp(String);

impl std::fmt::Display for NoApp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoApp {}

impl From<MailError> for NoApp {
    fn from(e: MailError) -> Self {
        Self(e.to_string())
    }
}

impl From<OutboundError> for NoApp {
    fn from(e: OutboundError) -> Self {
        Self(e.to_string())
    }
}

impl App {
    /// Puts the parts together. `origin` is where people reach it.
    ///
    /// # Errors
    /// When a setting makes no sense, or this machine cannot hash passwords.
    pub fn new(db: Arc<Db>, clock: Clock, origin: String, settings: &Settings) -> Result<Self, NoApp> {
        let passwords = Passwords::new(Cost::Usual).map_err(|_| NoApp("this machine cannot hash passwords: is there memory left?".to_owned()))?;
        let site = Site { origin, is_behind_proxy: settings.is_behind_proxy, has_mail: settings.mail.is_some() };
        let mailer = settings.mail.as_ref().map(|(server, from)| Mailer::new(server, from)).transpose()?;
        let reach = if settings.are_webhooks_private { Reach::Private } else { Reach::Public };
        Ok(Self {
            access: Access { db: Arc::clone(&db), clock: clock.clone(), passwords, site, levels, zone, frame },
            desk: Desk { db: Arc::clone(&db), clock: clock.clone(), charters: CHARTERS.clone(), frame },
            db,
            clock,
            metrics: Arc::new(Metrics::default()),
            mailer,
            outbound: Outbound::new(reach)?,
            embed_origins: settings.embed_origins.clone().into(),
            is_development: settings.is_development,
        })
    }
}

/// Charters that were loaded: what was published never changes, so one store serves the whole program.
pub(crate) static CHARTERS: LazyLock<Charters> = LazyLock::new(Charters::default);

/// The levels of the charter in force, lowest first.
fn levels(tx: &mut Tx) -> Body<'_, Vec<String>, DbError> {
    Box::pin(async move {
        let in_force = desk::charters::in_force(tx, &CHARTERS).await?;
        Ok(in_force.map(|in_force| in_force.charter.levels.iter().map(ToString::to_string).collect()).unwrap_or_default())
    })
}

/// The name of its time zone.
fn zone(tx: &mut Tx) -> Body<'_, Option<String>, DbError> {
    Box::pin(async move {
        let in_force = desk::charters::in_force(tx, &CHARTERS).await?;
        Ok(in_force.and_then(|in_force| in_force.charter.zone.iana_name().map(str::to_owned)))
    })
}

/// The frame of a page, with the pages of all areas that the caller may open.
pub(crate) fn frame(caller: &Caller, title: &str) -> Shell {
    let mut shell = access::frame(caller, title);
    if caller.is_at_the_desk() {
        let links = vec![
            NavLink::keyed("Cases", "/cases", 'c'),
            NavLink { count: crate::rail::counted(), ..NavLink::keyed("Escalations", "/escalations", 'e') },
            NavLink::keyed("Customers", "/customers", 'u'),
            NavLink::keyed("To hand over", "/grants/unsettled", 'h'),
            NavLink::keyed("Charter", "/charter", 'a'),
            NavLink::keyed("Who is there", "/groups", 'w'),
            NavLink::keyed("What we promise", "/offerings", 'p'),
            NavLink::keyed("Debriefs", "/debriefs", 'd'),
        ];
        shell.areas.push(NavArea { area: Area::Desk, links });
        shell.search = Some(ShellSearch { action: "/search".to_owned(), label: "Search".to_owned(), value: String::new() });
        shell.begin = Some(NavLink::keyed("New case", "/cases/new", 'n'));
    }
    if caller.is_operator() {
        let links = [
            NavLink::keyed("Jobs", "/settings/jobs", 'j'),
            NavLink::keyed("Calendars", "/settings/calendars", 'l'),
            NavLink::keyed("Webhooks", "/settings/webhooks", 'b'),
        ];
        match shell.areas.iter_mut().find(|area| area.area == Area::Settings) {
            Some(settings) => settings.links.extend(links),
            None => shell.areas.push(NavArea { area: Area::Settings, links: links.to_vec() }),
        }
    }
    shell
}
