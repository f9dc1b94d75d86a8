//! The log, worked through at the desk.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use access::people::{self, NewPerson};
use access::teams;
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::cases::{self, Declared, NewCase};
use desk::charters::{self, Charters};
use desk::escalations::{self, Ask, Cause, EscalationId, Feedback, Keeping, Measures, Verdict, measured};
use desk::grants::Item;
use platform::actor::Actor;
use platform::db::{DbError, Tx, schema};
use platform::id::Id;
use platform::statements;
use testkit::TestDb;

use crate::log::{Answered, Asked, Counted, Entry, Group};

/// Entries that are worked through in one transaction.
const AT_ONCE: usize = 400;
const DAY: i64 = 86_400_000_000;

statements! {
    BEGAN = "SELECT team, COUNT(*) FROM cases GROUP BY team";
    ASKED = "SELECT raiser, COUNT(*), COUNT(DISTINCT case_id) FROM escalations GROUP BY raiser";
}

/// The id of a group in the charter.
fn id((line, level): &Group) -> String {
    format!("{}-l{level}", line.to_lowercase().replace(' ', "-"))
}

/// Who may help: the second level what needs a second look, the third what needs a third one. A case says whose line it is handed to.
fn charter<'a>(groups: impl Iterator<Item = &'a Group> + Clone) -> String {
    let ids: Vec<String> = groups.clone().map(|group| format!("{:?}", id(group))).collect();
    let mut text = format!(
        "leeway = 1\nname = \"Support\"\ncurrency = \"EUR\"\ntimezone = \"Europe/Stockholm\"\nlevels = [\"l1\", \"l2\", \"l3\"]\nreasons = []\n\n\
         [facts.case]\nhanded_to = {{ choice = [{}] }}\n",
        ids.join(", ")
    );
    for level in [2, 3] {
        write!(
            text,
            "\n[[remedy]]\nid = \"l{level}\"\ntitle = \"Help of level {level}\"\n\n[[allow]]\nid = \"help-{level}\"\nremedies = [\"l{level}\"]\nlevel = \"l{level}\"\n"
        )
        .unwrap();
    }
    for group in groups {
        let (id, level) = (id(group), group.1);
        write!(text, "\n[[group]]\nid = \"{id}\"\nlevel = \"l{level}\"\nwithin = \"30d\"\nwhen = 'case.handed_to == \"{id}\"'\n").unwrap();
    }
    text
}

/// What a case of the log is at now.
#[derive(Clone)]
struct At {
    case: i64,
    last: Entry,
    question: Option<EscalationId>,
}

/// Everybody, and where each incident is.
#[derive(Clone)]
struct Support {
    known: Charters,
    /// Each team, as one person, and as the team that cases are of.
    teams: Arc<BTreeMap<String, (Asker, Id)>>,
    incidents: BTreeMap<usize, At>,
}

impl Support {
    async fn new(tx: &mut Tx, entries: &[Entry], counted: &Counted) -> Self {
        let at = entries[0].at - DAY;
        charters::publish(tx, &charter(counted.groups.keys()), None, "first", &Actor::System, at).await.unwrap();
        let mut teams = BTreeMap::new();
        for entry in entries {
            if teams.contains_key(&entry.team) {
                continue;
            }
            let level = format!("l{}", entry.level);
            let email = format!("t{}@support.example", teams.len());
            let new = NewPerson { name: entry.team.clone(), email, level: Some(level.clone()), locale: "en".to_owned(), time_zone: "UTC".to_owned() };
            let staff = people::add_person(tx, &new, std::slice::from_ref(&level), &Actor::System, at).await.unwrap();
            let team = teams::create_team(tx, &entry.team, None, &Actor::System, at).await.unwrap();
            teams.insert(entry.team.clone(), (Asker { staff: staff.0, level, kind: Kind::Person }, team.0));
        }
        Self { known: Charters::default(), teams: Arc::new(teams), incidents: BTreeMap::new() }
    }

    fn who(&self, team: &str) -> Asker {
        self.teams[team].0.clone()
    }

    /// Does what an entry of the log says.
    async fn follow(&mut self, tx: &mut Tx, entry: &Entry) {
        let Some(mut now) = self.incidents.get(&entry.incident).cloned() else {
            let team = Some(self.teams[&entry.team].1);
            let new = NewCase { channel: "log".to_owned(), team, ..NewCase::default() };
            let case = cases::open(tx, &new, &self.who(&entry.team).actor(), entry.at).await.unwrap();
            self.incidents.insert(entry.incident, At { case, last: entry.clone(), question: None });
            return;
        };
        if entry.level != now.last.level
            && let Some(question) = now.question.take()
        {
            let verdict = if entry.level > now.last.level { Verdict::No } else { Verdict::Give };
            self.answer(tx, question, &now.last.team, verdict, entry.at).await;
        }
        if entry.level > now.last.level {
            now.question = Some(self.ask(tx, now.case, &now.last.team, entry).await);
        }
        if let Some(question) = now.question {
            if entry.status == "Accepted" {
                self.take(tx, question, &entry.team, entry.at).await;
            } else if entry.status == "Completed" {
                self.answer(tx, question, &entry.team, Verdict::Give, entry.at).await;
                now.question = None;
            }
        }
        now.last = entry.clone();
        self.incidents.insert(entry.incident, now);
    }

    /// A team asks the group that an entry names.
    async fn ask(&self, tx: &mut Tx, case: i64, by: &str, to: &Entry) -> EscalationId {
        let (group, asker) = (id(&(to.line.clone(), to.level)), self.who(by));
        let row = cases::by_number(tx, case).await.unwrap().unwrap();
        let declared = Declared { is_personal: false, takes_systems: true, fresh: None };
        cases::state_fact(tx, &row, "case.handed_to", &group.as_str().into(), &declared, &asker, to.at).await.unwrap();
        let ask = Ask {
            case,
            meanwhile: Vec::new(),
            items: vec![Item { remedy: format!("l{}", to.level), reason: None, amount: None, why: None }],
            cause: Cause::BeyondLimit,
            is_urgent: false,
            want: None,
            promise: None,
            beyond_no: false,
        };
        let raised = escalations::raise(tx, &self.known, &ask, &asker, to.at).await.unwrap();
        assert_eq!(raised.group, group);
        raised.escalation
    }

    /// A team takes it, from whoever has it.
    async fn take(&self, tx: &mut Tx, id: EscalationId, team: &str, at: Instant) {
        let has = escalations::by_id(tx, id).await.unwrap().unwrap().taken_by;
        escalations::take(tx, id, has.as_ref(), &self.who(team).actor(), at).await.unwrap();
    }

    async fn answer(&self, tx: &mut Tx, id: EscalationId, team: &str, verdict: Verdict, at: Instant) {
        if escalations::by_id(tx, id).await.unwrap().unwrap().taken_by.is_some() {
            self.take(tx, id, team, at).await;
        }
        let feedback = Feedback { words: "As the log says".to_owned(), rule: None, until: at + DAY, kept: Keeping::Unsaid };
        escalations::answer(tx, &self.known, id, (&verdict, &feedback), &self.who(team), at).await.unwrap();
    }
}

fn as_counted(of: &Measures) -> Answered {
    Answered { asked: of.raised, answered: of.answered, looked: of.looked, took: of.took, handed_up: of.declined }
}

/// Works through it all, and compares.
pub(crate) async fn agrees(test: Arc<TestDb>, entries: Vec<Entry>, expected: Counted) {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let (all, counted) = (entries.clone(), expected.clone());
    let mut support = test.db.write(move |tx| Box::pin(async move { Ok::<_, DbError>(Support::new(tx, &all, &counted).await) })).await.unwrap();
    for part in entries.chunks(AT_ONCE) {
        let (mut working, part) = (support.clone(), part.to_vec());
        let worked = test.db.write(move |tx| {
            Box::pin(async move {
                for entry in &part {
                    working.follow(tx, entry).await;
                }
                Ok::<_, DbError>(working)
            })
        });
        support = worked.await.unwrap();
    }
    let (groups, now): (Vec<Group>, Instant) = (expected.groups.keys().cloned().collect(), entries[entries.len() - 1].at + DAY);
    let read = test.db.read(move |tx| {
        Box::pin(async move {
            let mut found = Vec::new();
            for group in groups {
                let of = measured(tx, &id(&group), 0, i64::MAX, now).await?;
                found.push((group, of));
            }
            let began: Vec<(Option<Id>, i64)> = tx.all(&BEGAN, &[]).await?;
            let asked: Vec<(Actor, i64, i64)> = tx.all(&ASKED, &[]).await?;
            Ok::<_, DbError>((found, began, asked))
        })
    });
    let (found, began, asked) = read.await.unwrap();
    let names: BTreeMap<String, &String> = support.teams.iter().map(|(name, (who, _))| (who.actor().to_string(), name)).collect();
    let mut compared = 0;
    for (group, (whole, people)) in &found {
        assert_eq!(as_counted(whole), expected.groups[group], "{group:?}");
        for (who, of) in people {
            let team = (group.clone(), names[&who.to_string()].clone());
            assert_eq!(as_counted(of), expected.teams[&team], "{team:?}");
            compared += 1;
        }
    }
    assert_eq!((found.len(), compared), (expected.groups.len(), expected.teams.len()), "groups, and teams in them");
    let mut asking: BTreeMap<String, Asked> = BTreeMap::new();
    let count = |of: i64| usize::try_from(of).unwrap();
    for (name, (_, team)) in support.teams.iter() {
        if let Some((_, cases)) = began.iter().find(|(of, _)| of.as_ref() == Some(team)) {
            asking.entry(name.clone()).or_default().began = count(*cases);
        }
    }
    for (who, questions, incidents) in asked {
        let of = asking.entry(names[&who.to_string()].clone()).or_default();
        (of.questions, of.incidents) = (count(questions), count(incidents));
    }
    assert_eq!(asking, expected.asking);
    eprintln!(
        "as the log says: {} groups, {compared} pairs of a group and a team that answers in it, and {} teams that incidents begin with or that ask",
        found.len(),
        asking.len()
    );
}
