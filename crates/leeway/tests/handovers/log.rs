//! The log, and what it says by itself. Nothing of Leeway is used here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use jiff::Timestamp;

/// An entry of the log.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Of which incident, by its place among them, from 0.
    pub(crate) incident: usize,
    /// In microseconds.
    pub(crate) at: i64,
    pub(crate) status: String,
    pub(crate) team: String,
    pub(crate) line: String,
    pub(crate) level: u8,
}

/// A line and a level.
pub(crate) type Group = (String, u8);

/// How questions were answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) asked: usize,
    pub(crate) answered: usize,
    /// Median in microseconds, and of how many.
    pub(crate) looked: Option<(i64, usize)>,
    pub(crate) took: Option<(i64, usize)>,
    pub(crate) handed_up: usize,
}

/// How a team asked others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Incidents that began with it.
    pub(crate) began: usize,
    pub(crate) questions: usize,
    /// Incidents in which it asked.
    pub(crate) incidents: usize,
}

/// What is counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) incidents: usize,
    pub(crate) groups: BTreeMap<Group, Answered>,
    /// What each team answered of what its group was asked first.
    pub(crate) teams: BTreeMap<(Group, String), Answered>,
    pub(crate) asking: BTreeMap<String, Asked>,
}

/// The entries, in the order of time; of one time, of the file.
pub(crate) fn read(file: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let place = |name: &str| columns.iter().position(|column| *column == name).unwrap_or_else(|| panic!("no column {name}"));
    let [number, at, status, line, team, level] = ["SR Number", "Change Date+Time", "Status", "Involved Org line 3", "Involved ST", "ST Level"].map(place);
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let entry = |row: &str| {
        let cells: Vec<&str> = row.split(',').collect();
        assert_eq!(cells.len(), columns.len(), "{row}");
        let next = numbers.len();
        Entry {
            incident: *numbers.entry(cells[number].to_owned()).or_insert(next),
            at: cells[at].parse::<Timestamp>().unwrap().as_microsecond(),
            status: cells[status].to_owned(),
            team: cells[team].to_owned(),
            line: cells[line].to_owned(),
            level: cells[level][1..2].parse().unwrap(),
        }
    };
    let mut entries: Vec<Entry> = lines.map(entry).collect();
    assert_eq!((entries.len(), numbers.len()), (65_533, 7_554), "another file");
    entries.sort_by_key(|entry| entry.at);
    entries
}

/// A question, as the log has it.
struct Question<'a> {
    group: Group,
    by: &'a str,
    incident: usize,
    /// How long until the first look, and until the answer.
    looked: Option<i64>,
    answer: Option<(i64, &'a str, bool)>,
}

/// The questions of one incident.
fn questions<'a>(entries: &[&'a Entry]) -> Vec<Question<'a>> {
    let is_up = |place: usize| place > 0 && entries[place].level > entries[place - 1].level;
    let ask = |asked: usize| {
        let first = entries[asked];
        let left = (asked + 1..entries.len()).find(|place| entries[*place].level != first.level);
        let completed = (asked..left.unwrap_or(entries.len())).find(|place| entries[*place].status == "Completed");
        let answer = match (completed, left) {
            (Some(place), _) => Some((entries[place].at - first.at, entries[place].team.as_str(), false)),
            (None, Some(place)) => Some((entries[place].at - first.at, entries[place - 1].team.as_str(), is_up(place))),
            (None, None) => None,
        };
        let until = completed.or(left).unwrap_or(entries.len());
        let accepted = (asked..until).find(|place| entries[*place].status == "Accepted").map(|place| entries[place].at - first.at);
        Question {
            group: (first.line.clone(), first.level),
            by: &entries[asked - 1].team,
            incident: first.incident,
            looked: accepted.or(answer.map(|(took, ..)| took)),
            answer,
        }
    };
    (0..entries.len()).filter(|place| is_up(*place)).map(ask).collect()
}

fn middle(mut spans: Vec<i64>) -> Option<(i64, usize)> {
    spans.sort_unstable();
    let of = spans.len();
    // Of four the second, of five the third.
    (of > 0).then(|| (spans[of.div_ceil(2) - 1], of))
}

fn answered(questions: &[&Question<'_>]) -> Answered {
    Answered {
        asked: questions.len(),
        answered: questions.iter().filter(|question| question.answer.is_some()).count(),
        looked: middle(questions.iter().filter_map(|question| question.looked).collect()),
        took: middle(questions.iter().filter_map(|question| Some(question.answer?.0)).collect()),
        handed_up: questions.iter().filter(|question| question.answer.is_some_and(|(_, _, up)| up)).count(),
    }
}

/// Counts what the log says.
pub(crate) fn count(entries: &[Entry]) -> Counted {
    let mut incidents: BTreeMap<usize, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        incidents.entry(entry.incident).or_default().push(entry);
    }
    let all: Vec<Question<'_>> = incidents.values().flat_map(|entries| questions(entries)).collect();
    let mut counted = Counted { incidents: incidents.len(), ..Counted::default() };
    for entries in incidents.values() {
        counted.asking.entry(entries[0].team.clone()).or_default().began += 1;
    }
    let (mut groups, mut teams): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = (BTreeMap::new(), BTreeMap::new());
    let mut asking: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for question in &all {
        groups.entry(question.group.clone()).or_default().push(question);
        if let Some((_, team, _)) = question.answer {
            teams.entry((question.group.clone(), team.to_owned())).or_default().push(question);
        }
        counted.asking.entry(question.by.to_owned()).or_default().questions += 1;
        asking.entry(question.by).or_default().insert(question.incident);
    }
    for (team, incidents) in asking {
        counted.asking.entry(team.to_owned()).or_default().incidents = incidents.len();
    }
    counted.groups = groups.into_iter().map(|(group, of)| (group, answered(&of))).collect();
    counted.teams = teams.into_iter().map(|(team, of)| (team, answered(&of))).collect();
    counted
}

impl Counted {
    /// The figures as a whole.
    pub(crate) fn summary(&self) -> String {
        let sum = |of: fn(&Answered) -> usize| self.groups.values().map(of).sum::<usize>();
        let asking = self.asking.values().filter(|asked| asked.questions > 0).count();
        format!(
            "{} incidents: {} questions of {asking} teams to {} groups, {} answered by {} teams, {} of the answers handed up",
            self.incidents,
            sum(|of| of.asked),
            self.groups.len(),
            sum(|of| of.answered),
            self.teams.keys().map(|(_, team)| team).collect::<BTreeSet<_>>().len(),
            sum(|of| of.handed_up),
        )
    }
}
