//! The scenarios: of each trouble what is given, with a word, beyond it and by whom; what is asked; what binds.

use charter::money::Currency;

use super::super::answers::{Answers, EVERYBODY, Unit};
use super::super::troubles::Trouble;
use super::{TIMES_PER_CUSTOMER, quoted};

/// A request, and what its answer must be.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) level: String,
    pub(super) remedy: &'static str,
    pub(super) reason: &'static str,
    pub(super) amount: Option<String>,
    /// Entries of the case's table of facts.
    pub(super) facts: String,
    /// Entries of the ledger.
    pub(super) ledger: String,
    /// Entries of the expectation.
    pub(super) expect: String,
}

/// What the customer of every scenario paid, in minor units: enough for every limit, and for one unit more.
pub(super) fn paid(answers: &Answers) -> i64 {
    match answers.unit {
        Unit::Money => answers.more.saturating_mul(2).saturating_add(2),
        Unit::Share => one_percent(&answers.currency).saturating_mul(100),
    }
}

/// Of ten thousand in major units, so that hundredths of a percent come to whole amounts.
fn one_percent(currency: &Currency) -> i64 {
    10_i64.saturating_pow(currency.places).saturating_mul(100)
}

pub(super) fn cases(answers: &Answers) -> Vec<Case> {
    let of = Of::new(answers);
    let mut cases: Vec<Case> = answers.troubles.iter().flat_map(|trouble| of.refunds(trouble)).collect();
    cases.extend(answers.troubles.iter().take(1).flat_map(|trouble| of.full(trouble)));
    cases.extend(answers.troubles.iter().filter(|t| !t.is_in_full).take(1).flat_map(|trouble| of.repeated(trouble)));
    cases.extend(answers.troubles.iter().filter(|t| t.is_replaced).flat_map(|trouble| of.replacements(trouble)));
    cases.extend(answers.troubles.iter().filter(|t| t.label_when.is_some()).flat_map(|trouble| of.labels(trouble)));
    cases
}

/// The limits as amounts of what was paid, and who is asked.
struct Of<'a> {
    answers: &'a Answers,
    free: i64,
    why: i64,
    more: i64,
    paid: i64,
    first_group: String,
    last_group: String,
}

impl<'a> Of<'a> {
    fn new(answers: &'a Answers) -> Self {
        let amount = |limit: i64| match answers.unit {
            Unit::Money => limit,
            Unit::Share => limit.saturating_mul(one_percent(&answers.currency)) / 100,
        };
        let (free, why, more) = (amount(answers.free), amount(answers.why), amount(answers.more));
        Self { answers, free, why, more, paid: paid(answers), first_group: answers.first_group(), last_group: answers.last_group() }
    }

    fn refund(&self, trouble: &Trouble, what: &str, level: &str, amount: i64, expect: String) -> Case {
        Case {
            name: format!("{}: {what}", trouble.reason),
            level: level.to_owned(),
            remedy: "refund",
            reason: trouble.reason,
            amount: Some(self.answers.money(amount)),
            facts: trouble.holds.to_owned(),
            ledger: String::new(),
            expect,
        }
    }

    fn refunds(&self, trouble: &Trouble) -> Vec<Case> {
        let mut cases = if trouble.is_in_full { self.returned(trouble) } else { self.limited(trouble) };
        if let Some((fact, _)) = trouble.fact {
            let asks = format!("outcome = \"needs_facts\", asks = [\"case.{fact}\"]");
            cases.push(Case { facts: String::new(), ..self.refund(trouble, "not known yet", EVERYBODY, 1, asks) });
            let facts = trouble.fails.replace("PAID", &self.answers.money(self.paid));
            cases.push(Case { facts, ..self.refund(trouble, "not as it must be", EVERYBODY, 1, self.up()) });
        }
        cases
    }

    /// All of it goes back, and no more.
    fn returned(&self, trouble: &Trouble) -> Vec<Case> {
        let expect = format!("outcome = \"allowed\", free_up_to = {}", self.money(self.paid));
        vec![
            self.refund(trouble, "all of it goes back", EVERYBODY, self.paid, expect),
            self.refund(trouble, "more than all of it", EVERYBODY, self.paid + 1, self.beyond(self.paid + 1)),
        ]
    }

    fn limited(&self, trouble: &Trouble) -> Vec<Case> {
        let (why, next) = (self.money(self.why), self.answers.next.as_str());
        let mut cases = Vec::new();
        if self.free > 0 {
            let expect = format!("outcome = \"allowed\", free_up_to = {}, say_why_up_to = {why}", self.money(self.free));
            cases.push(self.refund(trouble, "what anyone gives", EVERYBODY, self.free, expect));
        }
        if self.why > self.free {
            let expect = format!("outcome = \"allowed_say_why\", say_why_up_to = {why}");
            cases.push(self.refund(trouble, "saying why", EVERYBODY, self.why, expect));
        }
        cases.push(self.refund(trouble, "beyond that", EVERYBODY, self.why + 1, self.beyond(self.why + 1)));
        cases.push(self.refund(trouble, "the next level", next, self.more, format!("outcome = \"allowed\", free_up_to = {}", self.money(self.more))));
        cases.push(self.refund(trouble, "beyond the next level", next, self.more + 1, self.beyond(self.more + 1)));
        cases
    }

    /// What comes of an amount that is beyond whoever asks for it.
    fn beyond(&self, amount: i64) -> String {
        match amount {
            _ if amount > self.paid => "outcome = \"forbidden\", rules = [\"never-over-paid\"]".to_owned(),
            _ if amount > self.more => format!("outcome = \"escalate\", to = {}", quoted(&self.last_group)),
            _ => self.up(),
        }
    }

    fn up(&self) -> String {
        format!("outcome = \"escalate\", to = {}", quoted(&self.first_group))
    }

    fn money(&self, units: i64) -> String {
        quoted(&self.answers.money(units)).to_string()
    }

    /// What binds whatever it is about.
    fn full(&self, trouble: &Trouble) -> [Case; 2] {
        let top = self.answers.top.level();
        let paid = quoted(&self.answers.money(self.paid)).to_string();
        let forbidden = "outcome = \"forbidden\", rules = [\"never-over-paid\"]";
        [
            self.refund(trouble, "all of it", top, self.paid, format!("outcome = \"allowed\", free_up_to = {paid}")),
            self.refund(trouble, "more than was paid", top, self.paid + 1, forbidden.to_owned()),
        ]
    }

    /// What one customer gets again and again.
    fn repeated(&self, trouble: &Trouble) -> [Case; 2] {
        let (times, each) = match self.answers.unit {
            Unit::Money => (1, self.more),
            Unit::Share => (TIMES_PER_CUSTOMER, 1),
        };
        let before = format!(
            "{{ at = \"2026-11-02T10:00:00Z\", remedy = \"refund\", reason = {}, amount = {}, keys = {{ case = \"K-0\", customer = \"C-1\" }} }}",
            quoted(trouble.reason),
            self.money(each)
        );
        let bound = format!("{}, rules = [\"per-customer\"]", self.up());
        [
            Case { ledger: vec![before.clone(); times].join(", "), ..self.refund(trouble, "too much for one customer", EVERYBODY, 1, bound) },
            Case {
                ledger: vec![before; times].join(", "),
                ..self.refund(trouble, "the next level goes beyond", &self.answers.next, 1, "outcome = \"allowed\"".to_owned())
            },
        ]
    }

    fn act(&self, trouble: &Trouble, remedy: &'static str, what: &str, expect: String) -> Case {
        Case { remedy, amount: None, ..self.refund(trouble, what, EVERYBODY, 1, expect) }
    }

    fn replacements(&self, trouble: &Trouble) -> [Case; 3] {
        let before = given("replacement", trouble);
        let twice = format!("{}, rules = [\"one-replacement\"]", self.up());
        let also = format!("{}, rules = [\"already-replaced\"]", self.up());
        [
            self.act(trouble, "replacement", "another one is sent", "outcome = \"allowed\"".to_owned()),
            Case { ledger: before.clone(), ..self.act(trouble, "replacement", "a second other one", twice) },
            Case { ledger: before, ..self.refund(trouble, "money on top of another one", EVERYBODY, 1, also) },
        ]
    }

    fn labels(&self, trouble: &Trouble) -> [Case; 2] {
        let again = format!("{}, rules = [\"one-label\"]", self.up());
        let facts = [trouble.holds, "days_with_them = 30"].into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(", ");
        [
            Case { facts: facts.clone(), ..self.act(trouble, "return_label", "a label", "outcome = \"allowed\"".to_owned()) },
            Case { facts, ledger: given("return_label", trouble), ..self.act(trouble, "return_label", "a second label", again) },
        ]
    }
}

/// Something that was given in this case before.
fn given(remedy: &str, trouble: &Trouble) -> String {
    format!(
        "{{ at = \"2026-11-22T10:00:00Z\", remedy = {}, reason = {}, keys = {{ case = \"K-1\", customer = \"C-1\" }} }}",
        quoted(remedy),
        quoted(trouble.reason)
    )
}
