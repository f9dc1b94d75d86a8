//! The rotas of groups: who is there, and what the engine is told of it, on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use access::people::{self, NewPerson, StaffId};
use access::teams::{self, NewMembership, TeamId, TeamRole};
use charter::calendar::Hours;
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::calendars;
use desk::cases::{self, NewCase};
use desk::charters::{self, Charters};
use desk::deciding::{self, Held};
use desk::groups::{self, Days, GroupError, NewAbsence, NewShift, ShiftId};
use platform::actor::Actor;
use platform::db::{Body, Contended, DbError, Tx, schema};
use platform::limits::{ABSENCES, SHIFTS};
use serde_json::{Value, json};
use testkit::{TestDb, on_each};

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
const DAY: i64 = 86_400_000_000;
const GROUP: &str = "duty-leads";

/// What a test is told when the database or a command says no.
#[derive(Debug, PartialEq)]
enum No {
    Group(GroupError),
    Other(String),
    Contended,
}

impl From<DbError> for No {
    fn from(e: DbError) -> Self {
        if e.is_contended() { Self::Contended } else { Self::Other(format!("{e:?}")) }
    }
}

impl From<GroupError> for No {
    fn from(e: GroupError) -> Self {
        Self::Group(e)
    }
}

impl Contended for No {
    fn is_contended(&self) -> bool {
        *self == Self::Contended
    }
}

struct Shop {
    test: Arc<TestDb>,
    team: TeamId,
    ana: StaffId,
    bo: StaffId,
    case: i64,
}

async fn shop(test: Arc<TestDb>) -> Shop {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let (team, ana, bo, case) = write(&test, |tx| {
        Box::pin(async move {
            charters::publish(tx, include_str!("../../../charters/shop.toml"), None, "first", &Actor::System, AT).await.unwrap();
            let hours = json!({ "timezone": "Europe/Amsterdam", "weekly": { "mon": [["09:00", "18:00"]], "tue": [["09:00", "18:00"]] } });
            calendars::keep(tx, "shop", &serde_json::from_value(hours).unwrap(), &Actor::System, AT).await?;
            let team = teams::create_team(tx, "Leads", None, &Actor::System, AT).await.unwrap();
            let (ana, bo) = (person(tx, "Ana").await, person(tx, "Bo").await);
            groups::set_team(tx, GROUP, team, &Actor::System, AT).await?;
            for staff in [ana, bo] {
                let new = NewMembership { staff, team, role: TeamRole::Member, from: AT, until: None };
                teams::begin_membership(tx, &new, &Actor::System, AT).await.unwrap();
            }
            let new = NewCase { channel: "mail".to_owned(), ..NewCase::default() };
            Ok((team, ana, bo, cases::open(tx, &new, &Actor::System, AT).await.unwrap()))
        })
    })
    .await
    .unwrap();
    Shop { test, team, ana, bo, case }
}

async fn person(tx: &mut Tx, name: &str) -> StaffId {
    let new = NewPerson {
        name: name.to_owned(),
        email: format!("{name}@shop.example"),
        level: Some("lead".to_owned()),
        locale: "en".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    people::add_person(tx, &new, &["agent".to_owned(), "lead".to_owned()], &Actor::System, AT).await.unwrap()
}

async fn write<T, F>(test: &TestDb, body: F) -> Result<T, No>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, No> + Clone + Send + 'static,
{
    test.db.write(body).await
}

impl Shop {
    /// Puts somebody into the rota on Mondays.
    async fn begin(&self, staff: StaffId, is_deputy: bool, hours: Option<(u16, u16)>) -> ShiftId {
        let hours = hours.map(|(from, to)| Hours::new(from * 60, to * 60).unwrap()).into_iter().collect();
        let new = NewShift { group: GROUP.to_owned(), staff, is_deputy, days: Days(1), hours, zone: "Europe/Amsterdam".to_owned() };
        write(&self.test, move |tx| Box::pin(async move { Ok(groups::begin_shift(tx, &new, &Actor::System, AT).await?) })).await.unwrap()
    }

    async fn away(&self, staff: StaffId, substitute: Option<StaffId>, from: Instant, until: Instant) -> Result<groups::AbsenceId, No> {
        let new = NewAbsence { staff, substitute, from, until };
        write(&self.test, move |tx| Box::pin(async move { Ok(groups::enter_absence(tx, GROUP, &new, &Actor::System, AT).await?) })).await
    }

    /// The first openings of the group, as the engine is told.
    async fn openings(&self) -> Vec<String> {
        let (case, staff) = (self.case, self.ana.0);
        let openings: Value = write(&self.test, move |tx| {
            Box::pin(async move {
                let case = cases::by_number(tx, case).await?.unwrap();
                let asker = Asker { staff, level: "agent".to_owned(), kind: Kind::Person };
                let now = deciding::situation(tx, &Charters::default(), &case, &asker, Held::Nothing, AT).await.unwrap();
                Ok(now.request.get("openings").and_then(|all| all.get(GROUP)).cloned().unwrap_or_default())
            })
        })
        .await
        .unwrap();
        let written = |span: &Value| format!("{}/{}", span[0].as_str().unwrap(), span[1].as_str().unwrap());
        openings.as_array().unwrap().iter().take(3).map(written).collect()
    }
}

#[test]
fn the_engine_is_told_when_somebody_is_there() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (monday, tuesday) = ("2026-11-23T10:00:00Z/2026-11-23T17:00:00Z", "2026-11-24T08:00:00Z/2026-11-24T17:00:00Z");
        assert_eq!(shop.openings().await[..2], [monday, tuesday], "without a rota, the hours of the calendar");
        let shift = shop.begin(shop.ana, false, Some((10, 14))).await;
        let next = "2026-11-30T09:00:00Z/2026-11-30T13:00:00Z";
        assert_eq!(shop.openings().await[..2], ["2026-11-23T10:00:00Z/2026-11-23T13:00:00Z", next]);
        shop.begin(shop.bo, true, None).await;
        assert_eq!(shop.openings().await[..2], [monday, "2026-11-30T08:00:00Z/2026-11-30T17:00:00Z"], "a deputy whenever the group is open");

        // Who is disabled is in no rota, and stands in for nobody.
        let bo = shop.bo;
        write(&shop.test, move |tx| {
            Box::pin(async move {
                people::disable(tx, bo, &Actor::System, AT).await.unwrap();
                Ok(())
            })
        })
        .await
        .unwrap();
        assert_eq!(shop.openings().await[..2], ["2026-11-23T10:00:00Z/2026-11-23T13:00:00Z", next]);
        assert_eq!(shop.away(shop.ana, Some(shop.bo), AT, AT + DAY).await, Err(No::Group(GroupError::CannotStandIn)));
        shop.away(shop.ana, None, AT, AT + DAY).await.unwrap();
        assert_eq!(shop.openings().await[..1], [next]);

        write(&shop.test, move |tx| {
            Box::pin(async move {
                let rota = groups::rotas(tx, AT).await?.remove(GROUP).unwrap();
                let known = rota.shifts.iter().find(|known| known.id == shift).unwrap();
                groups::end_shift(tx, known, &Actor::System, AT).await?;
                assert_eq!(groups::end_shift(tx, known, &Actor::System, AT).await, Err(GroupError::NotFound), "once");
                Ok(())
            })
        })
        .await
        .unwrap();
        assert_eq!(shop.openings().await[..2], [monday, tuesday], "nobody is left in the rota");
    });
}

#[test]
fn somebody_stands_in_until_the_absence_is_called_off() {
    on_each(|test| async move {
        let shop = shop(test).await;
        shop.begin(shop.ana, false, Some((10, 14))).await;
        let covered = async |names: [(StaffId, bool); 1]| {
            let on = write(&shop.test, |tx| {
                Box::pin(async move {
                    let rota = groups::rotas(tx, AT).await?.remove(GROUP).unwrap();
                    let at = |at| jiff::Timestamp::from_microsecond(at).unwrap();
                    Ok(rota.covered(None, (at(AT), at(AT + DAY))).into_iter().map(|part| (part.on, part.by_deputies)).collect::<Vec<_>>())
                })
            });
            assert_eq!(on.await.unwrap(), names.map(|(staff, by_deputies)| (vec![staff], by_deputies)));
        };
        covered([(shop.ana, false)]).await;
        for (from, until, substitute, wrong) in [
            (AT + DAY, AT, None, GroupError::Over),
            (AT - 2 * DAY, AT - DAY, None, GroupError::Over),
            (AT, AT + DAY, Some(shop.ana), GroupError::CannotStandIn),
        ] {
            assert_eq!(shop.away(shop.ana, substitute, from, until).await, Err(No::Group(wrong)));
        }
        let absence = shop.away(shop.ana, Some(shop.bo), AT - DAY, AT + 5 * DAY).await.unwrap();
        covered([(shop.bo, false)]).await;
        let ana = shop.ana;
        let call_off = || write(&shop.test, move |tx| Box::pin(async move { Ok(groups::call_off(tx, absence, ana, &Actor::System, AT).await?) }));
        call_off().await.unwrap();
        covered([(shop.ana, false)]).await;
        assert_eq!(call_off().await, Err(No::Group(GroupError::NotFound)));

        // Called off before it begins, it is gone.
        let later = shop.away(shop.ana, Some(shop.bo), AT + DAY, AT + 2 * DAY).await.unwrap();
        write(&shop.test, move |tx| {
            Box::pin(async move {
                groups::call_off(tx, later, ana, &Actor::System, AT).await?;
                assert_eq!(groups::rotas(tx, AT).await?.remove(GROUP).unwrap().absences, []);
                assert_eq!(groups::call_off(tx, later, ana, &Actor::System, AT).await, Err(GroupError::NotFound));
                Ok(())
            })
        })
        .await
        .unwrap();
    });
}

#[test]
fn a_rota_is_of_the_team_and_bounded_by_shifts_and_absences() {
    on_each(|test| async move {
        let shop = shop(test).await;
        shop.begin(shop.ana, false, None).await;
        let (ana, bo) = (shop.ana, shop.bo);
        write(&shop.test, move |tx| {
            Box::pin(async move {
                let stranger = person(tx, "Cleo").await;
                let hours = |staff| NewShift { group: GROUP.to_owned(), staff, is_deputy: false, days: Days(1), hours: Vec::new(), zone: "UTC".to_owned() };
                let away = |staff, substitute| NewAbsence { staff, substitute, from: AT, until: AT + DAY };
                let by = Actor::System;
                assert_eq!(groups::begin_shift(tx, &hours(stranger), &by, AT).await, Err(GroupError::NotInTeam));
                assert_eq!(groups::enter_absence(tx, GROUP, &away(stranger, None), &by, AT).await, Err(GroupError::NotInTeam));
                assert_eq!(groups::enter_absence(tx, GROUP, &away(ana, Some(stranger)), &by, AT).await, Err(GroupError::CannotStandIn));
                assert_eq!(groups::enter_absence(tx, "key-care", &away(ana, None), &by, AT).await, Err(GroupError::NotInTeam), "nobody serves it");
                assert_eq!(groups::enter_absence(tx, GROUP, &away(bo, None), &by, AT).await, Err(GroupError::NotInRota), "of the team, without hours");
                let stands_in = groups::enter_absence(tx, GROUP, &away(ana, Some(bo)), &by, AT).await?;
                let too = groups::enter_absence(tx, GROUP, &away(bo, None), &by, AT).await?;
                for (absence, staff) in [(stands_in, ana), (too, bo)] {
                    groups::call_off(tx, absence, staff, &by, AT).await?;
                }
                assert_eq!(groups::enter_absence(tx, GROUP, &away(bo, None), &by, AT).await, Err(GroupError::NotInRota), "and stands in no more");
                for _ in 1..SHIFTS {
                    groups::begin_shift(tx, &hours(bo), &by, AT).await?;
                }
                assert_eq!(groups::begin_shift(tx, &hours(bo), &by, AT).await, Err(GroupError::TooMany(SHIFTS)));
                for _ in 0..ABSENCES {
                    groups::enter_absence(tx, GROUP, &away(bo, None), &by, AT).await?;
                }
                assert_eq!(groups::enter_absence(tx, GROUP, &away(bo, None), &by, AT).await, Err(GroupError::TooMany(ABSENCES)));
                Ok(())
            })
        })
        .await
        .unwrap();
        // On and off all week: told as far as a request can say.
        assert_eq!(shop.openings().await.len(), 3);
    });
}

#[test]
fn a_team_serves_a_group() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let team = shop.team;
        write(&shop.test, move |tx| {
            Box::pin(async move {
                groups::set_team(tx, GROUP, team, &Actor::System, AT).await?;
                assert_eq!(groups::teams(tx).await?.remove(GROUP), Some((team, "Leads".to_owned())));
                let told = platform::events::of(tx, &platform::actor::Subject::new("group", &GROUP), i64::MAX, 10).await?;
                assert_eq!(told.len(), 1, "the same again is nothing new");
                assert_eq!(groups::set_team(tx, GROUP, TeamId::new(AT), &Actor::System, AT).await, Err(GroupError::NoTeam));
                Ok(())
            })
        })
        .await
        .unwrap();
    });
}
