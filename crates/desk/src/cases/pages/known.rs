//! What a case rests on, as its page shows it.

use charter::Charter;
use platform::db::Tx;
use platform::http::Problem;
use platform::id::Id;
use ui::components::{Certainty, Fact};

use super::super::commands::Declared;
use super::show::Look;
use super::timeline::People;
use crate::cases::CaseRow;
use crate::options::{Question, in_words, question_again, sentence_case, spoken};
use crate::state::asker;
use crate::subjects::{self, FactRow, Standing, SubjectId};

impl Look {
    /// The facts of a case and of all that it is about, and the question for the one that somebody wants to change.
    pub(super) async fn known(
        &self,
        tx: &mut Tx,
        case: &CaseRow,
        about: &[(String, SubjectId, String)],
        charter: Option<&Charter>,
        people: &mut People,
    ) -> Result<(Vec<Fact>, Option<Question>), Problem> {
        let subjects: Vec<Id> = std::iter::once(case.id.0).chain(about.iter().map(|(_, id, _)| id.0)).chain(case.customer.map(|c| c.0)).collect();
        let mut rows = subjects::facts_of_all(tx, &subjects).await?;
        rows.sort_by_key(|(subject, _)| subjects.iter().position(|s| s == subject));
        people.meet(tx, rows.iter().map(|(_, row)| &row.actor)).await?;
        let change = self.change.as_deref().or(self.sent.chosen.answered.iter().find(|a| a.is_change).map(|a| a.fact.as_str()));
        let changed = change.and_then(|fact| rows.iter().map(|(_, row)| row).find(|row| row.name == fact && self.may_change(case, row, charter)));
        let question = changed.zip(charter).and_then(|(row, c)| question_again(c, &row.name, &row.value, &self.sent.chosen.answered, &self.formats));
        let facts = rows.iter().map(|(_, row)| self.fact(case, row, charter, people.name(&row.actor))).collect();
        Ok((facts, question))
    }

    fn fact(&self, case: &CaseRow, row: &FactRow, charter: Option<&Charter>, source: String) -> Fact {
        Fact {
            label: sentence_case(&spoken(&row.name.replace('.', ": "))),
            value: in_words(charter, &row.name, &row.value, &self.formats, self.now),
            certainty: if row.standing == Standing::Stated { Certainty::Stated } else { Certainty::Confirmed },
            source,
            age: self.age(row.at),
            confirm: None,
            change: self.may_change(case, row, charter).then(|| format!("/cases/{}?change={}#change", case.number, row.name)),
        }
    }

    /// Whether the one who looks may say otherwise: nobody types over what a system says, while the rules go by it.
    fn may_change(&self, case: &CaseRow, row: &FactRow, charter: Option<&Charter>) -> bool {
        let declared = charter.and_then(|c| c.facts.get(c.fact(&row.name)?)).map(Declared::of);
        let is_open = case.state.takes_grants() && asker(&self.caller).is_ok();
        is_open && declared.is_some_and(|declared| declared.lets_change(row, self.at))
    }
}
