//! A support organisation's own log, worked through in Leeway: what Leeway measures of its groups and teams is what is counted from the log alone.
//!
//! The log (BPI Challenge 2013, incidents at Volvo IT; found by `LEEWAY_DATA`, its folder `volvo`) has 65,533 entries about 7,554 incidents. Each says when, the
//! status, the support team that has the incident then, the line that team belongs to, and its level: 1, 2 or 3 (`L2/L3` is 2). A team has one level always.
//!
//! **What is what.** Of two entries of an incident, one right after the other:
//!
//! - It is *handed up* if the level of the later one is higher. That is a question of the earlier team, to the group (line and level) of the later one, asked at
//!   the time of the later one.
//! - A question is *answered* at the first entry, from the one with which it was asked on, at which the incident leaves the level it was handed to, or has the
//!   status `Completed`; whichever comes first. The team that answers is the one that had the incident until then: of the entry before, where the level changes,
//!   and of the entry itself otherwise.
//! - The answer *hands up* if the level at that entry is higher; this is also a question of the answering team to the next group. Leeway has *no* for it: not
//!   here. Any other answer (completed, or handed back down) is *given*.
//! - It is *looked at* at the first entry, from the one with which it was asked on, that has the status `Accepted` and is not the one that takes it off the
//!   level; if there is none, when it is answered.
//!
//! **Measured** are, for each group and for each team that answered in it: how many questions there were, how many were answered, the median time to the first look
//! and to the answer (of an even number the earlier of the two in the middle), and how many answers handed up; and for each team, how many questions it asked, in
//! how many incidents, and how many incidents began with it.
//!
//! In Leeway an incident is a case that is opened with its first entry, and each team is a person on its level; groups are asked, taken and answered with the
//! commands of the desk, at the times of the log. The jobs of due times are not done here, for the groups of the log pass nothing on by the clock:
//! `installation/deadlines.rs` is about these. Where two of the same level have a question one after the other, it is taken over.
//!
//! By itself every sixth incident is worked through; `INCIDENTS=all` takes them all.

#[cfg(test)]
#[path = "handovers/desk.rs"]
mod at_the_desk;
#[cfg(test)]
#[path = "handovers/log.rs"]
mod log;

#[cfg(test)]
mod tests {
    use std::env;
    use std::path::PathBuf;

    use testkit::on_each;

    use crate::{at_the_desk, log};

    /// Where the data is. Without it there is nothing to run, which only a person's own machine may say.
    fn file() -> Option<PathBuf> {
        let Some(data) = env::var_os("LEEWAY_DATA") else {
            assert!(env::var_os("CI").is_none(), "CI is set, but LEEWAY_DATA is not");
            println!("not run: no data");
            return None;
        };
        Some(PathBuf::from(data).join("volvo/incidents.csv"))
    }

    #[test]
    fn groups_and_teams_are_measured_as_the_log_says() {
        let Some(file) = file() else { return };
        let (entries, all) = (log::read(&file), env::var("INCIDENTS").is_ok_and(|which| which == "all"));
        let entries: Vec<log::Entry> = entries.into_iter().filter(|entry| all || entry.incident.is_multiple_of(6)).collect();
        let expected = log::count(&entries);
        eprintln!("{}", expected.summary());
        on_each(|test| at_the_desk::agrees(test, entries.clone(), expected.clone()));
    }
}
