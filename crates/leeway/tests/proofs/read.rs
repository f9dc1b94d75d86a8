//! Who reads what: every page and document there is, for everybody whose role lets them in, filled with what is of others.

use axum::http::{Method, StatusCode};
use testkit::on_each;

use crate::house::{Holder, House, MARK, Who, form, nowhere};
use crate::owners::{TWO, everybody};

/// Every page and document there is, filled with what is of North: nobody of South reads what stands there.
#[test]
fn nothing_is_read_from_outside() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let (case, grant) = house.grant().await;
        let customers = house.get(&Who::Program(Holder::Owner, None), "/api/v1/customers?reference=C-0").await.json();
        let customer = customers["customers"][0]["id"].as_str().unwrap().to_owned();
        let (north, word) = (house.north, "Heirloom");
        let strangers = ["in no team", "operator", "far member", "far lead", "far manager", "far operator"].map(Who::Person);
        let programs = [Holder::FarMember, Holder::FarBot].map(|holder| Who::Program(holder, None));
        let (mut looked, mut read) = (0, 0);
        for route in house.routes().iter().filter(|route| route.method == Method::GET) {
            let id = if route.path.contains("customers") { &customer } else { &grant };
            let path = nowhere(&route.path.replace("{number}", &case.to_string()).replace("{id}", id));
            let queries =
                [String::new(), "?of=all".to_owned(), format!("?of={north}"), format!("?q={word}"), format!("?customer={customer}"), "?state=sent".to_owned()];
            for query in queries {
                let path = format!("{path}{query}");
                for who in strangers.iter().chain(&programs) {
                    let answer = house.get(who, &path).await;
                    looked += 1;
                    assert!(!answer.text.contains(MARK), "{path} as {who:?}: {}", answer.text);
                }
                read += usize::from(house.get(&Who::Person("member"), &path).await.text.contains(MARK));
            }
        }
        eprintln!("looked {looked} times; a member of the team reads it on {read} pages");
        assert!(read >= 5, "{read}");
    });
}

/// Every page and document there is, filled with what the giver and the lead talk over: nobody else reads it, in whatever role.
#[test]
fn a_debrief_is_read_by_the_two_alone() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let (case, _) = house.grant().await;
        let words = "Between us";
        let agent = house.staff["giver"].to_string();
        let hard = form(&[("note", words), ("with", &agent)]);
        assert_eq!(house.send(&Who::Person("lead"), Method::POST, &format!("/cases/{case}/debrief"), &hard).await.status, StatusCode::SEE_OTHER);
        let open = house.get(&Who::Person("giver"), "/api/v1/debriefs/points").await.json();
        let point = open["points"][0]["id"].as_str().unwrap().to_owned();
        let talk = house.talk().await;
        assert_eq!(
            house.send(&Who::Person("giver"), Method::POST, &format!("/debriefs/talks/{talk}/notes"), &form(&[("note", words)])).await.status,
            StatusCode::SEE_OTHER
        );
        let mut read = 0;
        for route in house.routes().iter().filter(|route| route.method == Method::GET) {
            let ids = [&agent, &point, &talk];
            for id in ids.into_iter().take(if route.path.contains("{id}") { ids.len() } else { 1 }) {
                let path = nowhere(&route.path.replace("{number}", &case.to_string()).replace("{id}", id));
                let queries = if route.path == "/api/v1/debriefs/points" { vec![String::new(), format!("?agent={agent}")] } else { vec![String::new()] };
                for path in queries.into_iter().map(|query| format!("{path}{query}")) {
                    for (name, who) in everybody() {
                        let is_there = house.get(&who, &path).await.text.contains(words);
                        assert!(!is_there || TWO.contains(&name.as_str()), "{path} as {name}");
                        read += usize::from(is_there);
                    }
                }
            }
        }
        assert!(read >= 10, "{read}");
        house.is_whole().await;
    });
}

#[test]
fn news_is_heard_by_whom_it_is_for() {
    on_each(|test| async move {
        let house = House::new(test).await;
        let (case, grant) = house.sent().await;
        let corrected =
            house.send(&Who::Person("lead"), Method::POST, &format!("/grants/{grant}/correction"), &form(&[("cause", "double"), ("note", "Twice.")])).await;
        assert_eq!(corrected.status, StatusCode::SEE_OTHER, "{}", corrected.text);
        assert_eq!(house.unseen("giver").await, 1);
        let page = house.get(&Who::Person("giver"), "/cases").await.text;
        let heard = page.split('"').find(|part| part.starts_with("/news/")).unwrap_or_else(|| panic!("{page}")).to_owned();
        for (name, who) in everybody().into_iter().filter(|(name, _)| name != "giver") {
            house.send(&who, Method::POST, &heard, &form(&[])).await;
            assert_eq!(house.unseen("giver").await, 1, "{name} heard it for them");
        }
        let leads = house.send(&Who::Person("giver"), Method::POST, &heard, &form(&[])).await;
        assert_eq!((leads.status, leads.header("location")), (StatusCode::SEE_OTHER, format!("/cases/{case}").as_str()));
        assert_eq!(house.unseen("giver").await, 0);
    });
}
