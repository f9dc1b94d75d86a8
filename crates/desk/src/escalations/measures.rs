//! How a group answers what is raised to it: counts and medians, from what is kept. It reads no clock.

use charter::time::Instant;
use platform::actor::Actor;
use platform::db::{DbError, Tx};

use super::model::{Answer, Rating, State};
use super::store::{self, Measured};

/// How well something was answered. Each share is of so many; what is about a person counts what they answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    /// What was raised.
    pub raised: usize,
    /// What of it was answered, by whomever.
    pub answered: usize,
    /// What was not answered once when it was due, also if something was asked back after that, or is overdue now.
    pub late: usize,
    /// Median time to the first look, in microseconds, and of how many.
    pub looked: Option<(i64, usize)>,
    /// Median time to the answer, and of how many.
    pub took: Option<(i64, usize)>,
    /// How many of the answers said no.
    pub declined: usize,
    /// How many the one who asked could have decided alone.
    pub could_have: usize,
    /// How many answers were rated.
    pub rated: usize,
    /// How many of the rated ones helped.
    pub helped: usize,
}

impl Measures {
    /// Of all that was raised to a group.
    fn of<'a>(rows: impl IntoIterator<Item = &'a Measured>, now: i64) -> Self {
        let rows: Vec<&Measured> = rows.into_iter().collect();
        let answered: Vec<&&Measured> = rows.iter().filter(|row| row.state == State::Answered).collect();
        let is_late = |row: &&&Measured| row.missed_at.is_some() || row.due_at < if row.state == State::Answered { row.state_at } else { now };
        let share = |is: &dyn Fn(&Measured) -> bool| answered.iter().filter(|row| is(row)).count();
        Self {
            raised: rows.len(),
            answered: answered.len(),
            late: rows.iter().filter(is_late).count(),
            looked: median(rows.iter().filter_map(|row| Some(row.looked_at? - row.raised_at)).collect()),
            took: median(answered.iter().map(|row| row.state_at - row.raised_at).collect()),
            declined: share(&|row| row.answer == Some(Answer::No)),
            could_have: share(&|row| row.could_have == Some(1)),
            rated: share(&|row| row.rating.is_some()),
            helped: share(&|row| row.rating == Some(Rating::Helpful)),
        }
    }

    /// Of what each person answered, the most first.
    fn by_person(answered: &[Measured], now: i64) -> Vec<(Actor, Self)> {
        let mut people: Vec<Actor> = answered.iter().filter_map(|row| row.answered_by.clone()).collect();
        people.sort_unstable_by_key(ToString::to_string);
        people.dedup();
        let mut found: Vec<(Actor, Self)> = people
            .into_iter()
            .map(|actor| {
                let measures = Self::of(answered.iter().filter(|row| row.answered_by.as_ref() == Some(&actor)), now);
                (actor, measures)
            })
            .collect();
        found.sort_by_key(|(_, measures)| std::cmp::Reverse(measures.answered));
        found
    }
}

/// How a group answered what was raised to it since an instant, the latest `most` of it; and each person of what the group answered, also of what came to it from
/// another one, who answered the most first.
///
/// # Errors
/// [`DbError`] when it cannot be read.
pub async fn measured(tx: &mut Tx, group: &str, since: Instant, most: i64, now: Instant) -> Result<(Measures, Vec<(Actor, Measures)>), DbError> {
    let whole = Measures::of(&store::raised_to(tx, group, since, most).await?, now);
    Ok((whole, Measures::by_person(&store::answered_by(tx, group, since, most).await?, now)))
}

/// The middle of some spans, the lower one of two, and of how many it is; nothing of none.
fn median(mut spans: Vec<i64>) -> Option<(i64, usize)> {
    spans.sort_unstable();
    let of = spans.len();
    Some((*spans.get(of.checked_sub(1)? / 2)?, of))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn row(answered_in: Option<i64>, answer: Option<Answer>) -> Measured {
        Measured {
            raised_at: 0,
            looked_at: Some(MINUTE),
            due_at: 30 * MINUTE,
            missed_at: None,
            state: if answer.is_some() { State::Answered } else { State::Open },
            state_at: answered_in.unwrap_or(0) * MINUTE,
            answer,
            answered_by: answer.map(|_| Actor::System),
            could_have: answer.map(|_| 0),
            rating: None,
        }
    }

    #[test]
    fn what_was_raised_late_and_declined() {
        let passed_on = Measured { missed_at: Some(30 * MINUTE), due_at: 60 * MINUTE, ..row(Some(50), Some(Answer::Given)) };
        let rated = Measured { rating: Some(Rating::Helpful), could_have: Some(1), ..row(Some(10), Some(Answer::No)) };
        let rows = [row(Some(20), Some(Answer::Given)), row(Some(40), Some(Answer::No)), rated, row(None, None), passed_on];
        let all = Measures::of(&rows, 31 * MINUTE);
        let expected = Measures {
            raised: 5,
            answered: 4,
            late: 3,
            looked: Some((MINUTE, 5)),
            took: Some((20 * MINUTE, 4)),
            declined: 2,
            could_have: 1,
            rated: 1,
            helped: 1,
        };
        assert_eq!(all, expected);
        assert_eq!(Measures::of(&rows, 30 * MINUTE).late, 2, "what is due now is not late yet");
        let people = Measures::by_person(&rows, 31 * MINUTE);
        assert_eq!((people.len(), people.first().map(|(_, of)| of.answered)), (1, Some(4)), "what nobody answered is nobody's");
        assert_eq!(Measures::of(&[], 0), Measures::default());
    }
}
