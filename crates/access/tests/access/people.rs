//! People and teams: the last owner, the tree, who belongs where when.

use std::sync::Arc;

use crate::site::{AT, Browser, access, grant, join, new_person, person, team, with_password, write};
use access::people::{self, Asking, NewPerson, PeopleError, Role, StaffId};
use access::teams::{self, NewMembership, TeamError, TeamId, TeamRole};
use axum::http::StatusCode;
use platform::actor::{Actor, Subject};
use platform::db::DbError;
use platform::{audit, events};
use testkit::on_each;

const BY: Actor = Actor::System;

#[test]
fn every_statement_fits_the_schema() {
    on_each(|test| async move {
        let access = access(&test).await;
        let statements = access::statements();
        assert!(statements.len() > 40);
        for statement in statements {
            write::<(), DbError>(&access, move |tx| Box::pin(async move { tx.prepare(statement).await })).await.unwrap();
        }
    });
}

#[test]
fn the_last_owner_stays() {
    on_each(|test| async move {
        let access = access(&test).await;
        let (ana, ben) = (person(&access, "Ana Marques").await, person(&access, "Ben Okafor").await);
        grant(&access, ana, Role::Owner).await;
        let withdraw = |id| {
            let access = access.clone();
            async move { write(&access, move |tx| Box::pin(async move { people::withdraw_role(tx, id, Role::Owner, &BY, AT).await })).await }
        };
        let disable = |id| {
            let access = access.clone();
            async move { write(&access, move |tx| Box::pin(async move { people::disable(tx, id, &BY, AT).await })).await }
        };
        let enable = |id| {
            let access = access.clone();
            async move { write(&access, move |tx| Box::pin(async move { people::enable(tx, id, &BY, AT).await })).await }
        };
        assert_eq!(withdraw(ana).await, Err(PeopleError::LastOwner));
        assert_eq!(disable(ana).await, Err(PeopleError::LastOwner));
        grant(&access, ben, Role::Owner).await;
        assert_eq!(disable(ben).await, Ok(()));
        assert_eq!(withdraw(ana).await, Err(PeopleError::LastOwner), "one who is disabled does not count");
        assert_eq!(withdraw(ben).await, Ok(()), "and can be stripped of the role");
        assert_eq!(enable(ben).await, Ok(()));
        // Two owners take the role from each other, at once, again and again: one of them always keeps it.
        for round in 0..150 {
            for id in [ana, ben] {
                drop(write::<(), PeopleError>(&access, move |tx| Box::pin(async move { people::grant_role(tx, id, Role::Owner, &BY, AT).await })).await);
            }
            let first = tokio::spawn(withdraw(ana));
            let second = if round % 2 == 0 { tokio::spawn(withdraw(ben)) } else { tokio::spawn(disable(ben)) };
            let (first, second) = (first.await.unwrap(), second.await.unwrap());
            assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
            assert!(access.db.read::<_, DbError, _>(|tx| Box::pin(async move { people::has_owner(tx).await })).await.unwrap());
            drop(enable(ben).await);
        }
        assert_eq!(write::<_, DbError>(&access, |tx| Box::pin(async move { audit::verify(tx, 10).await })).await, Ok(Vec::new()));
    });
}

#[test]
fn an_address_is_one_persons_in_whatever_case() {
    on_each(|test| async move {
        let access = access(&test).await;
        person(&access, "Ana Marques").await;
        let add = |new: NewPerson| {
            let access = access.clone();
            async move { write(&access, move |tx| Box::pin(async move { people::add_person(tx, &new, &["agent".to_owned()], &BY, AT).await.map(drop) })).await }
        };
        let with = |change: fn(&mut NewPerson)| {
            let mut new = new_person("Cleo Park");
            change(&mut new);
            add(new)
        };
        let field = |result: Result<(), PeopleError>| result.unwrap_err().field().map(|(field, _)| field);
        assert_eq!(field(with(|new| new.email = "ANA.Marques@Leeway.example".to_owned()).await), Some("email"));
        assert_eq!(field(with(|new| new.email = "nobody".to_owned()).await), Some("email"));
        assert_eq!(field(with(|new| new.name = " ".to_owned()).await), Some("name"));
        assert_eq!(field(with(|new| new.name = "x".repeat(201)).await), Some("name"));
        assert_eq!(field(with(|new| new.level = Some("chief".to_owned())).await), Some("level"));
        assert_eq!(field(with(|new| new.time_zone = "Europe/Nowhere".to_owned()).await), Some("time_zone"));
        assert_eq!(field(with(|new| new.locale = "<b>".to_owned()).await), Some("locale"));
        assert_eq!(with(|new| new.name = "x".repeat(200)).await, Ok(()));
        let tries = (0..20).map(|_| tokio::spawn(add(NewPerson { email: "one@leeway.example".to_owned(), ..new_person("One") })));
        let mut made = 0;
        for task in tries.collect::<Vec<_>>() {
            made += usize::from(task.await.unwrap().is_ok());
        }
        assert_eq!(made, 1);
    });
}

#[test]
fn no_team_stands_below_itself() {
    on_each(|test| async move {
        let access = access(&test).await;
        let all = team(&access, "All", None).await;
        let north = team(&access, "North", Some(all)).await;
        let lisbon = team(&access, "Lisbon", Some(north)).await;
        let other = team(&access, "Other", None).await;
        let put = |id: TeamId, parent| {
            let access = access.clone();
            async move { write(&access, move |tx| Box::pin(async move { teams::move_team(tx, id, parent, &BY, AT).await })).await }
        };
        let cases = [
            (all, Some(all), Err(TeamError::Cycle)),
            (all, Some(north), Err(TeamError::Cycle)),
            (all, Some(lisbon), Err(TeamError::Cycle)),
            (all, Some(TeamId::new(AT)), Err(TeamError::Unknown)),
            (north, Some(other), Ok(())),
            (all, Some(lisbon), Ok(())),
            (other, Some(all), Err(TeamError::Cycle)),
            (all, None, Ok(())),
        ];
        for (id, parent, expected) in cases {
            assert_eq!(put(id, parent).await, expected, "{id} below {parent:?}");
        }
        // Two teams are put below each other, at once.
        for _ in 0..60 {
            put(all, None).await.unwrap();
            put(other, None).await.unwrap();
            let (first, second) = (tokio::spawn(put(all, Some(other))), tokio::spawn(put(other, Some(all))));
            let (first, second) = (first.await.unwrap(), second.await.unwrap());
            assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        }
        let again = write(&access, |tx| Box::pin(async move { teams::create_team(tx, " NORTH ", None, &BY, AT).await }));
        assert_eq!(again.await, Err(TeamError::NameTaken("North".to_owned())));
    });
}

#[test]
fn memberships_hold_from_one_instant_until_another() {
    on_each(|test| async move {
        let access = access(&test).await;
        let ana = person(&access, "Ana Marques").await;
        let (north, south) = (team(&access, "North", None).await, team(&access, "South", None).await);
        let begin = |team, from, until| {
            let new = NewMembership { staff: ana, team, role: TeamRole::Member, from, until };
            write(&access, move |tx| Box::pin(async move { teams::begin_membership(tx, &new, &BY, AT).await }))
        };
        let reached = |at| {
            let reach = access.db.read::<_, DbError, _>(move |tx| Box::pin(async move { teams::reach(tx, ana, at).await }));
            async move { reach.await.unwrap().into_iter().map(|r| r.name).collect::<Vec<_>>() }
        };
        let first = begin(north, AT, Some(AT + 10)).await.unwrap();
        assert_eq!(begin(north, AT + 9, None).await, Err(TeamError::Overlap));
        assert_eq!(begin(north, AT - 5, Some(AT + 1)).await, Err(TeamError::Overlap));
        assert_eq!(begin(north, AT + 5, Some(AT + 5)).await, Err(TeamError::Backwards));
        let second = begin(north, AT + 10, None).await.unwrap();
        let third = begin(south, AT + 5, None).await.unwrap();
        for (at, expected) in [(-1, vec![]), (0, vec!["North"]), (5, vec!["North", "South"]), (9, vec!["North", "South"]), (10, vec!["North", "South"])] {
            assert_eq!(reached(AT + at).await, expected, "{at}");
        }
        let end = |id, until| write(&access, move |tx| Box::pin(async move { teams::end_membership(tx, id, until, &BY, AT).await }));
        assert_eq!(end(second, AT + 3).await, Ok(()), "called off before it begins");
        assert_eq!(end(third, AT + 20).await, Ok(()));
        assert_eq!(end(third, AT + 20).await, Err(TeamError::Ended));
        assert_eq!(end(third, AT + 15).await, Ok(()), "earlier than was said");
        assert_eq!(end(first, AT + 10).await, Err(TeamError::Ended));
        for (at, expected) in [(10, vec!["South"]), (14, vec!["South"]), (15, vec![])] {
            assert_eq!(reached(AT + at).await, expected, "{at}");
        }
        begin(north, AT + 10, None).await.unwrap();
    });
}

#[test]
fn a_lead_reaches_the_teams_below() {
    on_each(|test| async move {
        let access = access(&test).await;
        let (ana, ben) = (person(&access, "Ana Marques").await, person(&access, "Ben Okafor").await);
        let all = team(&access, "All", None).await;
        let north = team(&access, "North", Some(all)).await;
        team(&access, "Lisbon", Some(north)).await;
        let south = team(&access, "South", Some(all)).await;
        join(&access, ana, north, TeamRole::Lead).await;
        join(&access, ana, south, TeamRole::Member).await;
        join(&access, ben, all, TeamRole::Member).await;
        let reach = |id: StaffId| access.db.read::<_, DbError, _>(move |tx| Box::pin(async move { teams::reach(tx, id, AT).await }));
        let seen: Vec<_> = reach(ana).await.unwrap().into_iter().map(|r| (r.name, r.role, r.is_own)).collect();
        let expected = [("Lisbon", TeamRole::Lead, false), ("North", TeamRole::Lead, true), ("South", TeamRole::Member, true)];
        assert_eq!(seen, expected.map(|(name, role, is_own)| (name.to_owned(), role, is_own)));
        assert_eq!(reach(ben).await.unwrap().len(), 1, "a member sees no team below");
        let names = |seen_by, words: &str, after| {
            let asking = Asking { words: words.to_owned(), after, seen_by };
            let list = access.db.read::<_, DbError, _>(move |tx| Box::pin(async move { people::list(tx, &asking, AT).await }));
            async move { list.await.unwrap().into_iter().map(|staff| staff.name).collect::<Vec<_>>() }
        };
        assert_eq!(names(None, "", None).await, ["Ana Marques", "Ben Okafor"]);
        assert_eq!(names(Some(ana), "", None).await, ["Ana Marques"]);
        assert_eq!(names(None, "OKA", None).await, ["Ben Okafor"]);
        assert_eq!(names(None, "%", None).await, [] as [&str; 0]);
        assert_eq!(names(None, "", Some(("Ana Marques".to_owned(), ana))).await, ["Ben Okafor"]);
    });
}

#[test]
fn what_is_done_is_recorded_without_names() {
    on_each(|test| async move {
        let access = access(&test).await;
        let ana = person(&access, "Ana Marques").await;
        let north = team(&access, "North", None).await;
        join(&access, ana, north, TeamRole::Member).await;
        let by = Actor::Staff(ana.0);
        write::<(), PeopleError>(&access, move |tx| Box::pin(async move { people::set_level(tx, ana, Some("lead"), &["lead".to_owned()], &by, AT + 1).await }))
            .await
            .unwrap();
        let events =
            access.db.read::<_, DbError, _>(move |tx| Box::pin(async move { events::of(tx, &Subject::new("staff", &ana), i64::MAX, 10).await })).await.unwrap();
        let kinds: Vec<&str> = events.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(kinds, ["level_set", "membership_begun", "staff_added"]);
        assert_eq!((events[0].at, &events[0].actor), (AT + 1, &Actor::Staff(ana.0)));
        assert!(events[0].data.contains(r#""before":"agent","level":"lead""#), "{}", events[0].data);
        assert!(events.iter().all(|e| !e.data.contains("Ana") && !e.data.contains('@')), "{events:?}");
    });
}

/// Added is not invited: an invitation that works is, and two who came in need none.
#[test]
fn who_is_added_first_is_to_be_invited() {
    on_each(|test| async move {
        let access = access(&test).await;
        let olga = with_password(&access, "Olga Hart").await;
        grant(&access, olga, Role::Owner).await;
        let owner = Browser::signed_in(&access, "Olga Hart").await;
        let uninvited = |now| {
            let db = Arc::clone(&access.db);
            async move { db.read::<_, DbError, _>(move |tx| Box::pin(async move { people::uninvited(tx, now).await })).await.unwrap().map(|(_, name)| name) }
        };
        assert_eq!(uninvited(AT).await, None, "she is there herself");
        let ana = person(&access, "Ana Marques").await;
        assert_eq!(uninvited(AT).await.as_deref(), Some("Ana Marques"));
        assert_eq!(owner.post(&format!("/people/{ana}/invitation"), &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(uninvited(AT).await, None);
        let (week, day) = (7 * 86_400_000_000, 86_400_000_000);
        assert_eq!(uninvited(AT + week + day).await.as_deref(), Some("Ana Marques"), "the invitation has run out");
        with_password(&access, "Ben Okafor").await;
        assert_eq!(uninvited(AT + week + day).await, None, "two have come in");
    });
}

#[test]
fn whoever_is_added_begins_in_a_team() {
    on_each(|test| async move {
        let access = access(&test).await;
        let olga = with_password(&access, "Olga Hart").await;
        grant(&access, olga, Role::Owner).await;
        let owner = Browser::signed_in(&access, "Olga Hart").await;
        let unplaced =
            || async { access.db.read::<_, DbError, _>(|tx| Box::pin(async move { people::unplaced(tx, AT).await })).await.unwrap().map(|(_, name)| name) };
        assert!(owner.get("/people/new").await.text.contains("There is no team yet"));
        let north = team(&access, "North", None).await.to_string();
        let form = owner.get("/people/new").await.text;
        // Who is added answers customers, in a team, where the company is.
        for chosen in [&format!("<option value=\"{north}\" selected>North"), "<option value=\"agent\" selected>", "value=\"Europe/Paris\""] {
            assert!(form.contains(chosen), "{chosen}\n{form}");
        }
        let add = |name: &'static str, level: &'static str, team: String, role: &'static str| {
            let owner = owner.clone();
            async move {
                let email = new_person(name).email;
                let fields = [
                    ("kind", "person"),
                    ("name", name),
                    ("email", &email),
                    ("level", level),
                    ("team", &team),
                    ("role", role),
                    ("locale", "en"),
                    ("time_zone", "UTC"),
                ];
                owner.post("/people", &fields).await
            }
        };
        assert_eq!(unplaced().await, None, "owners need neither level nor team");
        let added = add("Ana Marques", "agent", north.clone(), "lead").await;
        let (page, _) = added.location().split_once('?').unwrap();
        let page = owner.get(page).await.text;
        assert!(page.contains("<th scope=\"row\">North</th><td>lead</td>"), "{page}");
        let list = owner.get("/people").await.text;
        assert!(list.contains("<th scope=\"col\">Team</th>") && list.contains("<td>North</td><td>agent</td>"), "{list}");
        assert_eq!(unplaced().await, None);
        for (team, role) in [("nowhere".to_owned(), "lead"), (TeamId::new(AT).to_string(), "lead"), (north.clone(), "boss")] {
            let again = add("Ben Okafor", "agent", team, role).await;
            assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(again.text.contains("Ben Okafor"), "what was typed stays");
        }
        assert_eq!(add("Cleo Park", "agent", String::new(), "member").await.status, StatusCode::SEE_OTHER);
        assert_eq!(unplaced().await.as_deref(), Some("Cleo Park"), "in no team");
        assert_eq!(add("Bo Lind", "", north, "member").await.status, StatusCode::SEE_OTHER);
        assert_eq!(unplaced().await.as_deref(), Some("Bo Lind"), "without a level");
    });
}
