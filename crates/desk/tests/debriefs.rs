//! Debriefs: what collects on the list, who writes and reads there, and what a talk does, on both databases.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use access::people::{self, NewAiAgent, NewPerson, Role, StaffId};
use access::teams::{self, MembershipId, NewMembership, TeamId, TeamRole};
use charter::time::Instant;
use desk::asker::{Asker, Kind};
use desk::cases::{self, CaseId, NewCase};
use desk::charters::{self, Charters};
use desk::debriefs::{self, DebriefError, NewPoint, Point, PointId, PointKind, Side, TalkId};
use desk::grants::{self, GrantError, GrantId, Item, Offer, Offered};
use desk::subjects::{self, FactRow, Standing};
use platform::actor::{Actor, Subject};
use platform::db::{Body, Contended, Db, DbError, Tx, schema};
use platform::id::Id;
use platform::limits::{DEBRIEF_NOTES, TALK_POINTS};
use platform::wiring::Wire;
use platform::{audit, events};
use testkit::{TestDb, on_each};

const AT: Instant = 1_795_428_000_000_000; // 2026-11-23, a Monday, 11:00 in Amsterdam
const SECOND: i64 = 1_000_000;

static WIRES: &[Wire] = &[
    Wire { event: "grant_made", apply: &[debriefs::stretched], jobs: &[] },
    Wire { event: "no_exceeded", apply: &[debriefs::exceeded], jobs: &[] },
    Wire { event: "grant_moved", apply: &[debriefs::taken_back], jobs: &[] },
];

/// What a test is told when the database or a command says no.
#[derive(Debug, PartialEq)]
enum No {
    Debrief(DebriefError),
    Other(String),
    Contended,
}

impl From<DbError> for No {
    fn from(e: DbError) -> Self {
        if e.is_contended() { Self::Contended } else { Self::Other(format!("{e:?}")) }
    }
}

impl From<DebriefError> for No {
    fn from(e: DebriefError) -> Self {
        Self::Debrief(e)
    }
}

impl From<GrantError> for No {
    fn from(e: GrantError) -> Self {
        Self::Other(format!("{e:?}"))
    }
}

impl Contended for No {
    fn is_contended(&self) -> bool {
        *self == Self::Contended
    }
}

/// Ana and a bot in North, which Lena leads from the team above; Olga owns the shop and leads nobody.
struct Shop {
    db: Db,
    care: TeamId,
    north: TeamId,
    ana: StaffId,
    bot: StaffId,
    lena: StaffId,
    leads: MembershipId,
    olga: StaffId,
    case: i64,
    id: CaseId,
    _test: Arc<TestDb>,
}

async fn shop(test: Arc<TestDb>) -> Shop {
    test.db.migrate(&schema().unwrap()).await.unwrap();
    let db = Db::open(&test.location, WIRES).unwrap();
    let made = db.write::<_, No, _>(|tx| {
        Box::pin(async move {
            let by = Actor::System;
            charters::publish(tx, include_str!("../../../charters/shop.toml"), None, "first", &by, AT).await.unwrap();
            let care = teams::create_team(tx, "Care", None, &by, AT).await.unwrap();
            let north = teams::create_team(tx, "North", Some(care), &by, AT).await.unwrap();
            let (ana, lena, olga) = (person(tx, "Ana").await, person(tx, "Lena").await, person(tx, "Olga").await);
            people::grant_role(tx, olga, Role::Owner, &by, AT).await.unwrap();
            let new = NewAiAgent { name: "Bot".to_owned(), level: Some("agent".to_owned()), locale: "en".to_owned(), time_zone: "UTC".to_owned() };
            let bot = people::add_ai_agent(tx, &new, &["agent".to_owned()], &by, AT).await.unwrap();
            join(tx, ana, north, TeamRole::Member).await;
            join(tx, bot, north, TeamRole::Member).await;
            let leads = join(tx, lena, care, TeamRole::Lead).await;
            let customer = subjects::keep_subject(tx, "customer", "C-1", None, AT).await?;
            let order = subjects::keep_subject(tx, "order", "O-1", Some(customer), AT).await?;
            for (subject, name, value) in
                [(order.0, "order.total", "\"75.00\""), (order.0, "order.days_late", "5"), (customer.0, "customer.tier", "\"standard\"")]
            {
                fact(tx, subject, name, value).await;
            }
            let about = vec![("order".to_owned(), order)];
            let new = NewCase { channel: "mail".to_owned(), issue: Some("late_parcel".to_owned()), customer: Some(customer), about, ..NewCase::default() };
            let case = cases::open(tx, &new, &by, AT).await.unwrap();
            let id = cases::by_number(tx, case).await?.unwrap().id;
            Ok((care, north, ana, bot, lena, leads, olga, case, id))
        })
    });
    let (care, north, ana, bot, lena, leads, olga, case, id) = made.await.unwrap();
    Shop { db, care, north, ana, bot, lena, leads, olga, case, id, _test: test }
}

async fn person(tx: &mut Tx, name: &str) -> StaffId {
    let (email, level) = (format!("{name}@shop.example"), Some("agent".to_owned()));
    let new = NewPerson { name: name.to_owned(), email, level, locale: "en".to_owned(), time_zone: "UTC".to_owned() };
    people::add_person(tx, &new, &["agent".to_owned()], &Actor::System, AT).await.unwrap()
}

async fn join(tx: &mut Tx, staff: StaffId, team: TeamId, role: TeamRole) -> MembershipId {
    teams::begin_membership(tx, &NewMembership { staff, team, role, from: AT, until: None }, &Actor::System, AT).await.unwrap()
}

async fn fact(tx: &mut Tx, subject: Id, name: &str, value: &str) {
    let actor = Actor::Source("shop".to_owned());
    let row = FactRow { name: name.to_owned(), value: value.to_owned(), standing: Standing::System, level: None, actor, at: AT };
    subjects::keep_fact(tx, &subject, &row).await.unwrap();
}

fn refund(amount: &str, why: Option<&str>) -> Item {
    Item { remedy: "refund".to_owned(), reason: Some("late".to_owned()), amount: Some(amount.to_owned()), why: why.map(str::to_owned) }
}

impl Shop {
    async fn write<T, F>(&self, body: F) -> Result<T, No>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> Body<'t, T, No> + Clone + Send + 'static,
    {
        self.db.write(body).await
    }

    fn asker(&self, staff: StaffId, level: &str) -> Asker {
        let kind = if staff == self.bot { Kind::Ai } else { Kind::Person };
        Asker { staff: staff.0, level: level.to_owned(), kind }
    }

    async fn give(&self, asker: Asker, item: Item) -> GrantId {
        let offer = Offer { case: self.case, items: vec![item], beyond_no: true };
        let given = self.write(move |tx| Box::pin(async move { Ok(grants::give(tx, &Charters::default(), &offer, &asker, AT).await?) })).await.unwrap();
        let Offered::Given { grants, .. } = given else { panic!("{given:?}") };
        grants.first().unwrap().grant
    }

    async fn open(&self, agent: StaffId) -> Vec<Point> {
        self.write(move |tx| Box::pin(async move { Ok(debriefs::open(tx, agent, PointId(Id::from_bytes([0; 16])), 1_000).await?) })).await.unwrap()
    }

    async fn put(&self, agent: StaffId, case: Option<CaseId>, text: Option<&str>, by: StaffId) -> Result<PointId, No> {
        let new = NewPoint { agent, case, text: text.map(str::to_owned) };
        self.write(move |tx| Box::pin(async move { Ok(debriefs::put(tx, &new, by, AT).await?) })).await
    }

    async fn note(&self, point: PointId, by: StaffId) -> Result<(), No> {
        self.write(move |tx| Box::pin(async move { Ok(debriefs::note_point(tx, point, "So it was", by, AT).await.map(drop)?) })).await
    }

    async fn note_talk(&self, talk: TalkId, by: StaffId) -> Result<(), No> {
        self.write(move |tx| Box::pin(async move { Ok(debriefs::note_talk(tx, talk, "It helped", by, AT).await.map(drop)?) })).await
    }

    async fn hold(&self, agent: StaffId, points: Vec<PointId>, by: StaffId) -> Result<TalkId, No> {
        self.write(move |tx| Box::pin(async move { Ok(debriefs::hold_talk(tx, agent, &points, Some("Ask me first"), by, AT + SECOND).await?) })).await
    }

    async fn side(&self, who: StaffId, agent: StaffId) -> Option<Side> {
        self.write(move |tx| Box::pin(async move { Ok(debriefs::side(tx, who, agent, AT).await?) })).await.unwrap()
    }

    async fn is_whole(&self) {
        let found = self.write(|tx| Box::pin(async move { Ok(audit::verify(tx, 10).await?) })).await.unwrap();
        assert_eq!(found, Vec::<String>::new());
    }
}

const fn no<T>(e: DebriefError) -> Result<T, No> {
    Err(No::Debrief(e))
}

#[test]
fn a_stretch_and_an_exceeded_no_are_talked_over_and_change_nothing() {
    on_each(|test| async move {
        let shop = shop(test).await;
        // Inside the limit there is nothing to talk over.
        let inside = shop.give(shop.asker(shop.ana, "agent"), refund("10.00", None)).await;
        assert_eq!(shop.open(shop.ana).await, []);
        let stretch = shop.give(shop.asker(shop.ana, "agent"), refund("10.00", Some("It was a birthday"))).await;
        let (agent, case) = (shop.asker(shop.ana, "agent"), shop.case);
        shop.write(move |tx| Box::pin(async move { Ok(grants::refuse(tx, &Charters::default(), case, &refund("17.00", None), &agent, AT).await.map(drop)?) }))
            .await
            .unwrap();
        let more = shop.give(shop.asker(shop.lena, "lead"), refund("17.00", None)).await;

        let points = shop.open(shop.ana).await;
        let told: Vec<_> = points.iter().map(|p| (p.kind, p.grant, p.case, p.by.clone())).collect();
        let (ana, lena) = (Actor::Staff(shop.ana.0), Actor::Staff(shop.lena.0));
        let mut expected = vec![(PointKind::Stretch, Some(stretch), Some(shop.id), ana), (PointKind::Exceeded, Some(more), Some(shop.id), lena)];
        expected.sort_by_key(|(_, grant, ..)| points.iter().position(|p| p.grant == *grant));
        assert_eq!(told, expected);

        let before = shop.write(move |tx| Box::pin(async move { Ok((grants::by_id(tx, stretch).await?, grants::by_id(tx, more).await?)) })).await.unwrap();
        shop.hold(shop.ana, points.iter().map(|p| p.id).collect(), shop.lena).await.unwrap();
        let after = shop.write(move |tx| Box::pin(async move { Ok((grants::by_id(tx, stretch).await?, grants::by_id(tx, more).await?)) })).await.unwrap();
        assert_eq!(after, before, "what was given stays as it is");
        assert_eq!(shop.open(shop.ana).await, []);

        let by = Actor::Staff(shop.ana.0);
        shop.write(move |tx| Box::pin(async move { Ok(grants::withdraw(tx, inside, &by, AT).await?) })).await.unwrap();
        shop.is_whole().await;
    });
}

#[test]
fn what_was_taken_back_leaves_nothing_to_talk_over() {
    on_each(|test| async move {
        let shop = shop(test).await;
        shop.give(shop.asker(shop.ana, "agent"), refund("12.00", None)).await;
        let take_back = async |grant| {
            let by = Actor::Staff(shop.bot.0);
            shop.write(move |tx| Box::pin(async move { Ok(grants::withdraw(tx, grant, &by, AT).await?) })).await.unwrap();
        };
        let first = shop.give(shop.asker(shop.bot, "agent"), refund("6.00", Some("Asked twice"))).await;
        assert_eq!(shop.open(shop.bot).await.iter().map(|p| (p.kind, p.grant)).collect::<Vec<_>>(), [(PointKind::Stretch, Some(first))]);
        assert_eq!(shop.side(shop.lena, shop.bot).await, Some(Side::Lead), "the list of an AI agent is its lead's");
        take_back(first).await;
        assert_eq!(shop.open(shop.bot).await, []);
        let second = shop.give(shop.asker(shop.bot, "agent"), refund("6.00", Some("Asked again"))).await;
        shop.note(shop.open(shop.bot).await.first().unwrap().id, shop.lena).await.unwrap();
        take_back(second).await;
        assert_eq!(shop.open(shop.bot).await.len(), 1, "what somebody wrote something on stays");
        shop.is_whole().await;
    });
}

#[test]
fn either_of_the_two_writes_and_nobody_else() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (ana, lena, case) = (shop.ana, shop.lena, Some(shop.id));
        let hard = shop.put(ana, case, None, ana).await.unwrap();
        assert_eq!(shop.put(ana, case, Some("She cried"), lena).await, Ok(hard), "the same case once, with what the other says");
        let other = shop.put(ana, None, Some("The night shifts"), lena).await.unwrap();
        assert_eq!(shop.put(ana, None, None, ana).await, no(DebriefError::NothingSaid));
        let points: Vec<_> = shop.open(ana).await.iter().map(|p| (p.id, p.kind)).collect();
        assert_eq!(points.len(), 2);
        assert!(points.contains(&(hard, PointKind::Hard)) && points.contains(&(other, PointKind::Other)));

        // An owner, a stranger, and another system's id: it is not there.
        let stranger = shop.write(|tx| Box::pin(async move { Ok(person(tx, "Mo").await) })).await.unwrap();
        for who in [shop.olga, stranger, shop.bot] {
            assert_eq!(shop.side(who, ana).await, None);
            assert_eq!(shop.put(ana, case, None, who).await, no(DebriefError::NotFound));
            assert_eq!(shop.note(hard, who).await, no(DebriefError::NotFound));
            assert_eq!(shop.hold(ana, vec![hard], who).await, no(DebriefError::NotFound));
        }
        shop.note(hard, ana).await.unwrap();
        shop.note(other, lena).await.unwrap();
        assert_eq!(shop.hold(ana, vec![hard], ana).await, no(DebriefError::NotTheLead));
        assert_eq!(shop.hold(ana, vec![], lena).await, no(DebriefError::Points(0)));
        let talk = shop.hold(ana, vec![hard, hard], lena).await.unwrap();
        assert_eq!(shop.open(ana).await.iter().map(|p| p.id).collect::<Vec<_>>(), [other], "the chosen points alone");
        assert_eq!(shop.hold(ana, vec![hard, other], lena).await, no(DebriefError::TalkedOver));
        assert_eq!(shop.open(ana).await.len(), 1, "all or none");
        for who in [ana, lena] {
            shop.note(hard, who).await.unwrap();
            shop.note_talk(talk, who).await.unwrap();
        }
        for who in [shop.olga, stranger, shop.bot] {
            assert_eq!(shop.note(hard, who).await, no(DebriefError::NotFound));
            assert_eq!(shop.note_talk(talk, who).await, no(DebriefError::NotFound));
        }
        // A case that was talked over can be hard once more.
        assert_ne!(shop.put(ana, case, None, ana).await.unwrap(), hard);

        let told = shop.write(move |tx| {
            Box::pin(async move {
                let mine = events::of(tx, &Subject::new("debriefs", &ana), i64::MAX, 100).await?;
                let of_case = events::of(tx, &Subject::new("case", &case.unwrap()), i64::MAX, 100).await?;
                Ok((mine, of_case))
            })
        });
        let (mine, of_case) = told.await.unwrap();
        assert!(mine.iter().all(|event| !event.data.contains("She cried") && !event.data.contains("Ask me first")), "events hold no words");
        assert!(of_case.iter().all(|event| !event.kind.starts_with("debrief")), "the case tells nobody");
        shop.is_whole().await;
    });
}

#[test]
fn whoever_leads_now_talks_and_who_talked_reads_it_later() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (ana, lena, north, care, leads) = (shop.ana, shop.lena, shop.north, shop.care, shop.leads);
        let (first, second) = (shop.put(ana, Some(shop.id), None, ana).await.unwrap(), shop.put(ana, None, Some("Something else"), lena).await.unwrap());
        let talk = shop.hold(ana, vec![first], lena).await.unwrap();
        // Somebody leads the team itself: they are nearer.
        let nora = shop.write(move |tx| {
            Box::pin(async move {
                let nora = person(tx, "Nora").await;
                join(tx, nora, north, TeamRole::Lead).await;
                Ok(nora)
            })
        });
        let nora = nora.await.unwrap();
        assert_eq!((shop.side(nora, ana).await, shop.side(lena, ana).await), (Some(Side::Lead), None));
        assert_eq!(shop.side(lena, nora).await, Some(Side::Lead), "who leads a team is led from above");
        assert_eq!(shop.note(second, lena).await, no(DebriefError::NotFound), "the open points are the new lead's");
        assert_eq!(shop.hold(ana, vec![second], lena).await, no(DebriefError::NotFound));
        shop.note_talk(talk, lena).await.unwrap();
        assert_eq!(shop.note_talk(talk, nora).await, no(DebriefError::NotFound), "and the talk stays of the two who held it");
        assert_eq!(shop.note(first, nora).await, no(DebriefError::NotFound));
        let later = shop.hold(ana, vec![second], nora).await.unwrap();
        let talks = async |who: StaffId| {
            let read = shop.write(move |tx| {
                Box::pin(async move {
                    let all = debriefs::talks(tx, who, TalkId::last(), 10).await?;
                    let newer = debriefs::talks_newer(tx, who, TalkId(Id::from_bytes([0; 16])), 10).await?;
                    assert_eq!(all, newer);
                    Ok(all.into_iter().map(|talk| talk.id).collect::<Vec<_>>())
                })
            });
            read.await.unwrap()
        };
        let mut both = vec![talk, later];
        both.sort_by_key(|id| std::cmp::Reverse(*id));
        assert_eq!((talks(ana).await, talks(lena).await, talks(nora).await), (both, vec![talk], vec![later]));

        // Nobody leads: it waits.
        shop.put(ana, Some(shop.id), None, ana).await.unwrap();
        shop.write(move |tx| {
            Box::pin(async move {
                teams::end_membership(tx, leads, AT, &Actor::System, AT).await.unwrap();
                people::disable(tx, nora, &Actor::System, AT).await.unwrap();
                assert_eq!(debriefs::leads_of(tx, ana, AT).await?, []);
                join(tx, nora, care, TeamRole::Member).await;
                Ok(())
            })
        })
        .await
        .unwrap();
        assert_eq!(shop.open(ana).await.len(), 1);
    });
}

#[test]
fn points_of_a_talk_and_notes_are_bounded() {
    on_each(|test| async move {
        let shop = shop(test).await;
        let (ana, lena) = (shop.ana, shop.lena);
        let point = shop.put(ana, None, Some("One"), ana).await.unwrap();
        for _ in 1..DEBRIEF_NOTES {
            shop.note(point, lena).await.unwrap();
        }
        assert_eq!(shop.note(point, ana).await, no(DebriefError::TooManyNotes));
        let mut points = vec![point];
        for _ in 0..TALK_POINTS {
            points.push(shop.put(ana, None, Some("One more"), ana).await.unwrap());
        }
        assert_eq!(shop.hold(ana, points.clone(), lena).await, no(DebriefError::Points(TALK_POINTS + 1)));
        points.pop();
        let talk = shop.hold(ana, points, lena).await.unwrap();
        assert_eq!(shop.open(ana).await.len(), 1);
        for _ in 0..DEBRIEF_NOTES {
            shop.note_talk(talk, ana).await.unwrap();
        }
        assert_eq!(shop.note_talk(talk, lena).await, no(DebriefError::TooManyNotes));
    });
}

#[test]
fn two_leads_hold_it_once() {
    on_each(|test| async move {
        let shop = Arc::new(shop(test).await);
        let (ana, lena, care) = (shop.ana, shop.lena, shop.care);
        let other = shop.write(move |tx| {
            Box::pin(async move {
                let other = person(tx, "Nora").await;
                join(tx, other, care, TeamRole::Lead).await;
                Ok(other)
            })
        });
        let other = other.await.unwrap();
        let point = shop.put(ana, Some(shop.id), None, ana).await.unwrap();
        let tries: Vec<_> = (0..10)
            .map(|n| (Arc::clone(&shop), if n % 2 == 0 { lena } else { other }))
            .map(|(shop, by)| tokio::spawn(async move { shop.hold(ana, vec![point], by).await }))
            .collect();
        let mut held = 0;
        for tried in tries {
            match tried.await.unwrap() {
                Ok(_) => held += 1,
                Err(e) => assert_eq!(e, No::Debrief(DebriefError::TalkedOver)),
            }
        }
        assert_eq!(held, 1);
        shop.is_whole().await;
    });
}
