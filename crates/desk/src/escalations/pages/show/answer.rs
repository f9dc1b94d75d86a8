//! The form of the answer: what can be decided, and what belongs to each.

use charter::decide::{Outcome, allows_below};
use platform::db::{DbError, Tx};
use platform::http::Problem;
use ui::components::{Check, Choice, Field, FieldKind, Segmented, Select};

use super::super::super::model::{ItemRow, State as Turn};
use super::Look;
use crate::cases::People;
use crate::charters::{self, Charters, InForce};
use crate::deciding::{self, Decided, Held, situation};
use crate::options::{affixes, sentence_case, spoken, title};
use crate::state::asker;

pub(super) struct AnswerForm {
    pub(super) verdict: Segmented,
    pub(super) amounts: Vec<Field>,
    pub(super) acts: Vec<Check>,
    pub(super) words: Field,
    pub(super) could_have: Select,
    pub(super) until: Select,
    /// What the one who answers may not give, in a sentence each.
    pub(super) not: Vec<String>,
    pub(super) is_owed_only: bool,
    /// Where not all of it is covered by a rule: whether others may go by what is given.
    pub(super) kept: Option<Segmented>,
    /// What the button says where all of it is given.
    pub(super) give: String,
}

impl Look<'_> {
    /// The form of the answer, with what the one who answers may not give; and what is known otherwise than when it was asked.
    pub(super) async fn answer(
        &self,
        tx: &mut Tx,
        known: &Charters,
        in_force: &InForce,
        items: &[ItemRow],
        people: &People,
    ) -> Result<(Option<AnswerForm>, Vec<String>), Problem> {
        let (row, case, charter) = (&self.known.row, &self.known.case, &*in_force.charter);
        let (Ok(asker), true) = (asker(self.caller), row.state.is_owed()) else { return Ok((None, Vec::new())) };
        let mut now = match situation(tx, known, case, &asker, Held::Nothing, self.at).await {
            Ok(now) => now,
            Err(deciding::NoSituation::Db(e)) => return Err(e.into()),
            Err(_) => return Ok((None, Vec::new())),
        };
        let changed = self.changed(tx, items, &now, charter).await?;
        if charter.groups.iter().any(|group| *group.id == *row.group) {
            now.decide_as(&row.group);
        }
        let decided: Vec<_> = items.iter().map(|item| now.decide(&item.remedy, item.reason.as_deref(), item.digits().as_deref())).collect();
        let could_have = self.could_have(tx, in_force, (items, &decided), &people.name(&row.raiser)).await?;
        let is_exception = decided.iter().any(|one| one.answer.outcome == Outcome::Exception);
        let not = decided.into_iter().map(|one| one.answer);
        let not = not.filter(|answer| !matches!(answer.outcome, Outcome::Allowed | Outcome::AllowedSayWhy | Outcome::Exception));
        let is_owed_only = row.state == Turn::Withdrawn;
        let form = AnswerForm {
            verdict: self.verdict(items),
            amounts: items.iter().filter(|item| item.units.is_some()).map(|item| self.amount(item, in_force, items.len() == 1)).collect(),
            acts: items.iter().filter(|item| item.units.is_none()).map(|item| self.act(item, in_force)).collect(),
            words: Field {
                hint: format!("{} reads this at once. Without it nothing comes back.", people.name(&row.raiser)),
                ..self.long("words", "Why, and what else they can offer")
            },
            could_have,
            until: self.until(),
            not: not.map(|answer| answer.sentence).collect(),
            is_owed_only,
            kept: (is_exception && !is_owed_only).then(|| self.kept()),
            give: match items {
                [one] if one.units.is_some() => format!("Give {}", one.amount()),
                [_] => "Give it".to_owned(),
                _ => "Give all of it".to_owned(),
            },
        };
        Ok((Some(form), changed))
    }

    /// Of one act alone there is no less.
    fn verdict(&self, items: &[ItemRow]) -> Segmented {
        let has_less = items.len() > 1 || items.iter().any(|item| item.units.is_some_and(|units| units > 1));
        let mut verdicts = vec![("give", "Give it"), ("less", "Give less"), ("no", "No, but …")];
        verdicts.retain(|(verdict, _)| has_less || *verdict != "less");
        self.segmented("verdict", "What do you decide?", &verdicts)
    }

    fn until(&self) -> Select {
        let choices = [("24", "a day"), ("72", "three days"), ("168", "a week")];
        let choice = |(value, label): (&str, &str)| Choice { is_chosen: self.typed_or("until", "72") == value, ..Choice::new(value, label) };
        Select {
            name: "until".to_owned(),
            label: "It can be given for".to_owned(),
            choices: choices.map(choice).to_vec(),
            error: self.form.error("until"),
            ..Select::default()
        }
    }

    /// All of it is an exception; less may be covered by a rule, and then nothing of this counts.
    fn kept(&self) -> Segmented {
        let label = "No rule covers all of it. If what you give needs an exception, it is";
        self.segmented("kept", label, &[("one_off", "a one-off"), ("precedent", "a precedent, for everybody at the desk to read")])
    }

    fn amount(&self, item: &ItemRow, in_force: &InForce, is_alone: bool) -> Field {
        let (name, charter, asked) = (format!("amount_{}", item.place), &in_force.charter, item.amount());
        let remedy = charter.remedy(&item.remedy).and_then(|place| charter.remedies.get(place));
        let hint = if is_alone {
            format!("Less than the {asked} that was asked for. To give nothing, choose “No, but …”.")
        } else {
            format!("At most the {asked} that was asked for. If you leave this empty, nothing of it is given.")
        };
        Field {
            kind: FieldKind::Decimal,
            value: self.form.typed(&name).to_owned(),
            error: self.form.error(&name).or_else(|| self.form.error("amounts")),
            hint,
            hangs_on_choice: true,
            affixes: remedy.map(|remedy| affixes(charter, &remedy.measure, self.formats.locale)).unwrap_or_default(),
            ..Field::new(name, format!("{}: how much you give", title(charter, &item.remedy)))
        }
    }

    fn act(&self, item: &ItemRow, in_force: &InForce) -> Check {
        let name = format!("amount_{}", item.place);
        let is_checked = self.form.typed(&name) == "yes";
        Check { name, label: title(&in_force.charter, &item.remedy), is_checked, hint: "If it is not ticked, it is not given.".to_owned(), ..Check::default() }
    }

    /// The rules that may allow something of what is asked for today to people below the group, each with what it says.
    async fn could_have(&self, tx: &mut Tx, in_force: &InForce, (items, decided): (&[ItemRow], &[Decided]), raiser: &str) -> Result<Select, DbError> {
        let (typed, charter) = (self.form.typed("rule"), &*in_force.charter);
        let level = charter.groups.iter().find(|group| *group.id == *self.known.row.group).map_or(usize::MAX, |group| group.level);
        let mut choices = vec![Choice::new("", "No, it needed somebody with more authority")];
        for (item, decided) in items.iter().zip(decided) {
            let (Some(remedy), Some(request)) = (charter.remedy(&item.remedy), decided.request.as_ref()) else { continue };
            let rules = allows_below(charter, request, remedy, item.reason.as_deref().and_then(|id| charter.reason(id)), level);
            let says = if rules.is_empty() { Default::default() } else { charters::allowing(tx, in_force, &item.remedy).await? };
            for rule in rules {
                if choices.iter().any(|choice| choice.value == *rule.id) {
                    continue;
                }
                let says = rule.because.as_deref().or_else(|| says.get(&*rule.id).map(String::as_str)).unwrap_or_default();
                let label = format!("Yes, by “{}”: {says}", sentence_case(&spoken(&rule.id)));
                choices.push(Choice { is_chosen: *rule.id == *typed, ..Choice::new(&*rule.id, label) });
            }
        }
        Ok(Select {
            name: "rule".to_owned(),
            label: format!("Could {raiser} have decided this alone?"),
            choices,
            error: self.form.error("rule"),
            ..Select::default()
        })
    }
}
