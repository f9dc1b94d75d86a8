//! What is talked over: some open cases wait for it, and some closed ones have been.

use super::history::{Case, given_at, place};
use super::{DAY, HOUR, Kind, Sink, TEAMS, Years, id, owner, row, text};

/// How many of the latest open cases stand on a list: the first person has every second of them.
const WAITING: i64 = 80;

/// How many of the latest closed cases the talks of the first person are about: as many as are closed in the smallest company, so that the list is as long in each.
const TALKED_OVER: i64 = 300;

/// Whether a case was talked over. Those who lead a team are nobody's here.
fn is_talked_over(years: &Years<'_>, case: i64) -> bool {
    let ((state, place), owner) = (place(years, case), owner(years, case));
    case % 20 == 3 && state == "closed" && (owner != 0 || place < TALKED_OVER) && !(TEAMS..2 * TEAMS).contains(&owner)
}

/// The case of the latest talk of the first person.
pub(super) fn latest(years: &Years<'_>) -> Option<i64> {
    (0..years.cases).rev().find(|case| is_talked_over(years, *case) && owner(years, *case) == 0)
}

pub(super) fn talk(years: &Years<'_>, case: i64) -> Vec<u8> {
    id(Kind::Talk, given_at(years, case) + DAY, case)
}

pub(super) fn write(sink: &mut Sink, years: &Years<'_>, case: &Case) {
    let at = given_at(years, case.number);
    let (waits, is_over) = (case.state == "open" && case.place < WAITING, is_talked_over(years, case.number));
    if !waits && !is_over {
        return;
    }
    let (point, talk) = (id(Kind::Point, at, case.number), is_over.then(|| talk(years, case.number)));
    if let Some(talk) = &talk {
        let lead = id(Kind::Staff, years.began(), owner(years, case.number) % TEAMS + TEAMS);
        let agreed = written(sink, "Ask me first next time, if there is time.", at + DAY, 2 * case.number);
        sink.put("debrief_talks", "id, agent, lead, agreed, at", row![talk.clone(), case.owner.clone(), lead, agreed, at + DAY]);
    }
    let put = row![point.clone(), case.owner.clone(), "hard", case.id.clone(), format!("staff:{}", text(&case.owner)), at, talk.clone()];
    sink.put("debrief_points", "id, agent, kind, case_id, actor, at, talk", put);
    let said = written(sink, "It was late, and they were crying.", at + HOUR, 2 * case.number + 1);
    let note = row![id(Kind::Remark, at + HOUR, case.number), case.owner.clone(), point, talk, case.owner.clone(), said, at + HOUR];
    sink.put("debrief_notes", "id, agent, point, talk, staff, text, at", note);
}

/// A text that can be erased.
fn written(sink: &mut Sink, words: &str, at: i64, number: i64) -> Vec<u8> {
    let kept = id(Kind::Remark, at, number);
    sink.put("texts", "id, salt, text, kept_at", row![kept.clone(), kept.clone(), words, at]);
    kept
}
