use access::Caller;
use charter::time::Instant;
use jiff::Timestamp;
use platform::db::Tx;
use platform::http::Problem;
use ui::components::{Notice, Tone};
use ui::ruler::RulerForm;

use super::card::{Card, Chosen, card};
use crate::asker::Asker;
use crate::cases::CaseRow;
use crate::charters::Charters;
use crate::deciding::{Held, NoSituation, Situation, keep_options, situation};
use crate::grants::{GrantRow, GrantState};
use crate::state::{Desk, asker};

/// Who looks at the card of a case, when, and at what of it.
pub(crate) struct Look<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) case: &'a CaseRow,
    pub(crate) chosen: &'a Chosen,
    /// The grants of the case, the latest first.
    pub(crate) grants: &'a [GrantRow],
    pub(crate) at: Instant,
    pub(crate) now: Timestamp,
}

/// What a case was opened with: to be kept when the page is made.
pub(crate) struct Opened {
    case: CaseRow,
    asker: Asker,
    situation: Situation,
}

impl Look<'_> {
    /// The card; or why there is none.
    pub(crate) async fn card(
        &self,
        tx: &mut Tx,
        known: &Charters,
        form: impl Fn(&str, Option<&str>) -> RulerForm,
    ) -> Result<Result<(Card, Opened), Notice>, Problem> {
        let not = |problem: Problem| Ok(Err(Notice { text: problem.detail, ..Notice::new(Tone::Plain, problem.title) }));
        let asker = match asker(self.caller) {
            Ok(asker) => asker,
            Err(problem) => return not(problem),
        };
        let situation = match situation(tx, known, self.case, &asker, Held::Nothing, self.at).await {
            Ok(situation) => situation,
            Err(NoSituation::Db(e)) => return Err(e.into()),
            Err(other) => return not(other.into()),
        };
        let is_there = |grant: &&GrantRow| grant.state.is_given() || grant.state == GrantState::Offered;
        let given: Vec<&str> = self.grants.iter().filter(is_there).map(|grant| grant.remedy.as_str()).collect();
        match card((&situation, &given), self.chosen, &self.caller.formats(), form, self.now) {
            Ok(card) => Ok(Ok((card, Opened { case: self.case.clone(), asker, situation }))),
            Err(problems) => not(NoSituation::Problems(problems).into()),
        }
    }
}

impl Opened {
    /// The charter that was asked.
    pub(crate) fn charter(&self) -> &charter::Charter {
        &self.situation.in_force.charter
    }

    /// Keeps it, once for each case, charter and facts. A page that can be shown is shown, also when that fails: it is kept when it is looked at next.
    pub(crate) async fn keep(&self, desk: &Desk) {
        if let Err(e) = keep_options(&desk.db, &desk.charters, &self.case, &self.asker, &self.situation, desk.clock.clone()).await {
            tracing::warn!(case = self.case.number, error = ?e, "what a case was opened with could not be kept");
        }
    }
}
