//! Who is there and when an answer is due, against a second way to find out: somebody who looks at the clock on the wall again and again.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use access::people::StaffId;
use charter::calendar::{Calendar, Hours, due};
use desk::groups::{Away, Duty, Span, covered, spans};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use platform::id::Id;

const CASES: u64 = 100_000;
const ZONES: [&str; 3] = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"];
/// Around these the clocks of one of the zones change, or a year ends.
const AROUND: [&str; 7] = [
    "2026-03-29T01:00:00Z",
    "2026-10-25T01:00:00Z",
    "2026-03-08T07:00:00Z",
    "2026-11-01T06:00:00Z",
    "2026-04-04T15:00:00Z",
    "2026-10-03T15:30:00Z",
    "2026-12-31T23:00:00Z",
];
/// How far ahead one looks, in minutes.
const AHEAD: i64 = 3 * 24 * 60;

/// Numbers as they come (SplitMix64, Steele and others 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) >> 1).unwrap() % n
    }

    fn one_in(&mut self, n: i64) -> bool {
        self.below(n) == 0
    }
}

/// Hours of a week in minutes after midnight, days that differ, and where they are told.
struct Week {
    zone: usize,
    days: [Vec<(i64, i64)>; 7],
    differ: BTreeMap<Date, Vec<(i64, i64)>>,
}

/// Somebody in the rota, by number.
struct OnDuty {
    who: usize,
    is_deputy: bool,
    week: Week,
    from: i64,
    until: Option<i64>,
}

/// Who, who stands in, from when until when, in minutes.
type Absent = (usize, Option<usize>, i64, i64);

/// A case, in minutes since 1970; all of them are multiples of the step.
struct Case {
    step: i64,
    now: i64,
    within: i64,
    duties: Vec<OnDuty>,
    away: Vec<Absent>,
    open: Option<Week>,
}

impl Week {
    fn draw(draw: &mut Draw, step: i64, now: i64, zone: usize) -> Self {
        let spans = |draw: &mut Draw| {
            let at = |draw: &mut Draw| draw.below(24 * 60 / step + 1) * step;
            let mut ends: Vec<i64> = (0..2 + 2 * draw.below(2)).map(|_| at(draw)).collect();
            ends.sort_unstable();
            ends.chunks(2).map(|pair| (pair[0], pair[1])).filter(|(from, to)| from < to).collect::<Vec<_>>()
        };
        let days = std::array::from_fn(|_| if draw.one_in(4) { Vec::new() } else { spans(draw) });
        let mut differ = BTreeMap::new();
        if draw.one_in(3) {
            let date = stamp(now + draw.below(AHEAD)).to_zoned(TimeZone::UTC).date();
            differ.insert(date, if draw.one_in(2) { Vec::new() } else { spans(draw) });
        }
        Self { zone, days, differ }
    }

    fn calendar(&self) -> Calendar {
        let hours = |spans: &Vec<(i64, i64)>| spans.iter().map(|(from, to)| Hours::new(minutes(*from), minutes(*to)).unwrap()).collect::<Vec<_>>();
        let differ = self.differ.iter().map(|(date, spans)| (*date, hours(spans))).collect();
        Calendar::new(TimeZone::get(ZONES[self.zone]).unwrap(), std::array::from_fn(|day| hours(&self.days[day])), differ).unwrap()
    }

    /// Whether it is open when a clock shows so many minutes since 1970.
    fn is_open(&self, clock: i64) -> bool {
        let (day, minute) = (clock.div_euclid(24 * 60), clock.rem_euclid(24 * 60));
        let date = Date::constant(1970, 1, 1).checked_add(SignedDuration::from_hours(24 * day)).unwrap();
        // 1970 began on a Thursday.
        let spans = self.differ.get(&date).unwrap_or(&self.days[usize::try_from((day + 3).rem_euclid(7)).unwrap()]);
        spans.iter().any(|(from, to)| (*from..*to).contains(&minute))
    }
}

fn minutes(n: i64) -> u16 {
    u16::try_from(n).unwrap()
}

fn stamp(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn staff(n: usize) -> StaffId {
    StaffId(Id::from_bytes([u8::try_from(n).unwrap(); 16]))
}

impl Case {
    fn draw(seed: u64) -> Self {
        let draw = &mut Draw(seed);
        // Minute by minute now and then, else by quarters of an hour.
        let step = if seed.is_multiple_of(50) { 1 } else { 15 };
        let around: Timestamp = AROUND[usize::try_from(draw.below(7)).unwrap()].parse().unwrap();
        let now = around.as_second() / 60 / 15 * 15 + (draw.below(2 * 48 * 60 / step) - 48 * 60 / step) * step;
        let instant = |draw: &mut Draw| now + (draw.below(AHEAD / step) - AHEAD / step / 4) * step;
        let mut duties = Vec::new();
        for _ in 0..=draw.below(4) {
            let week = Week { differ: BTreeMap::new(), ..Week::draw(draw, step, now, usize::try_from(draw.0 % 3).unwrap()) };
            let (from, until) = if draw.one_in(4) { (instant(draw), Some(instant(draw))) } else { (0, None) };
            duties.push(OnDuty { who: usize::try_from(draw.below(4)).unwrap(), is_deputy: draw.one_in(4), week, from, until });
        }
        let mut away = Vec::new();
        for _ in 0..draw.below(4) {
            let (from, who) = (instant(draw), draw.below(4));
            let substitute = (!draw.one_in(3)).then(|| usize::try_from((who + 1 + draw.below(3)) % 4).unwrap());
            away.push((usize::try_from(who).unwrap(), substitute, from, from + draw.below(AHEAD / step) * step));
        }
        let zone = usize::try_from(draw.below(3)).unwrap();
        let open = (!draw.one_in(4)).then(|| Week::draw(draw, step, now, zone));
        let within = if draw.one_in(5) { 0 } else { draw.below(600 / step) * step };
        Self { step, now, within, duties, away, open }
    }

    /// Who is there, seen by the clocks on the walls: each zone has one, and nobody turns theirs back.
    fn on(&self, at: i64, clocks: [i64; 3]) -> Vec<usize> {
        if self.open.as_ref().is_some_and(|week| !week.is_open(clocks[week.zone])) {
            return Vec::new();
        }
        let is_away = |who: usize| self.away.iter().any(|(absent, _, from, until)| *absent == who && (*from..*until).contains(&at));
        let stands_in = |who: usize| {
            let now = self.away.iter().filter(|(absent, _, from, until)| *absent == who && (*from..*until).contains(&at));
            if is_away(who) { now.filter_map(|absence| absence.1).find(|substitute| !is_away(*substitute)) } else { Some(who) }
        };
        let there = |deputies: bool| {
            let on = self.duties.iter().filter(|duty| {
                duty.is_deputy == deputies && duty.from <= at && duty.until.is_none_or(|until| at < until) && duty.week.is_open(clocks[duty.week.zone])
            });
            let mut on: Vec<usize> = on.filter_map(|duty| stands_in(duty.who)).collect();
            on.sort_unstable();
            on.dedup();
            on
        };
        let on = there(false);
        if on.is_empty() { there(true) } else { on }
    }

    /// Who is there at each step from now on.
    fn seen(&self, until: impl Fn(i64, &[usize]) -> bool) {
        let zones = ZONES.map(|name| TimeZone::get(name).unwrap());
        let mut clocks = [i64::MIN; 3];
        let mut at = self.now - 3 * 60;
        while at < self.now + AHEAD {
            for (clock, zone) in clocks.iter_mut().zip(&zones) {
                *clock = (*clock).max(at + i64::from(zone.to_offset(stamp(at)).seconds()) / 60);
            }
            if at >= self.now && until(at, &self.on(at, clocks)) {
                return;
            }
            at += self.step;
        }
    }

    /// When an answer is due, counted step by step.
    fn due(&self) -> Option<i64> {
        let (counted, found) = (std::cell::Cell::new(0), std::cell::Cell::new(None));
        self.seen(|at, on| {
            if on.is_empty() {
                return false;
            }
            if self.within == 0 {
                found.set(Some(at));
            }
            counted.set(counted.get() + self.step);
            if counted.get() == self.within {
                found.set(Some(at + self.step));
            }
            found.get().is_some()
        });
        found.get()
    }
}

#[test]
fn who_is_there_and_when_an_answer_is_due_is_what_the_clocks_on_the_walls_say() {
    let mut due_in_time = 0;
    for seed in 0..CASES {
        let case = Case::draw(seed);
        let end = |until: &i64| stamp(*until);
        let duty = |duty: &OnDuty| Duty {
            staff: staff(duty.who),
            is_deputy: duty.is_deputy,
            hours: duty.week.calendar(),
            from: stamp(duty.from),
            until: duty.until.as_ref().map(end),
        };
        let duties: Vec<Duty> = case.duties.iter().map(duty).collect();
        let away =
            |(who, substitute, from, until): &Absent| Away { staff: staff(*who), substitute: substitute.map(staff), span: (stamp(*from), stamp(*until)) };
        let away: Vec<Away> = case.away.iter().map(away).collect();
        let open = case.open.as_ref().map(Week::calendar);
        let window: Span = (stamp(case.now), stamp(case.now + AHEAD));
        let found = covered(&duties, &away, open.as_ref(), window);
        let is_due = due(&spans(&found), window.0, SignedDuration::from_mins(case.within));
        assert_eq!(is_due, case.due().map(stamp), "seed {seed}");
        due_in_time += u64::from(is_due.is_some());
        if seed.is_multiple_of(20) {
            case.seen(|at, on| {
                let part = found.iter().find(|part| part.span.0 <= stamp(at) && stamp(at) < part.span.1);
                let there = part.map(|part| part.on.clone()).unwrap_or_default();
                assert_eq!(there, on.iter().copied().map(staff).collect::<Vec<_>>(), "seed {seed} at {}", stamp(at));
                false
            });
        }
    }
    assert!(due_in_time > CASES / 2, "{due_in_time} of {CASES} are due at all");
}
