//! The pages of cases, lists and the search, on both databases.

use std::sync::Arc;

use crate::app::{self, Answer, App};
use access::people::StaffId;
use access::teams::TeamRole;
use axum::http::StatusCode;
use desk::asker::{Asker, Kind};
use desk::cases::{self, NewCase};
use desk::charters::Charters;
use desk::grants::{self, GrantId, Item, Offer, Offered};
use desk::subjects;
use platform::actor::Actor;
use testkit::on_each;

const SECOND: i64 = 1_000_000;

fn has(answer: &Answer, words: &[&str]) {
    for word in words {
        assert!(answer.text.contains(word), "{word}: {}", answer.text);
    }
}

/// An app with a charter, an order, and Ana (agent), Lena (lead) and Olga (owner).
async fn desk(test: Arc<testkit::TestDb>) -> (Arc<App>, StaffId) {
    let app: Arc<App> = App::new(test).await;
    app.publish(app::SHOP).await;
    app.order().await;
    app.owner("Olga").await;
    app.person("Lena", "lead", TeamRole::Lead).await;
    let ana = app.person("Ana", "agent", TeamRole::Member).await;
    (app, ana)
}

/// A case about the order, in the team of everybody, or in another one.
async fn case(app: &App, issue: &'static str, team: Option<access::teams::TeamId>) -> i64 {
    let team = team.unwrap_or(app.team);
    app.write(move |tx| {
        Box::pin(async move {
            let order = subjects::find(tx, "order", "O-1").await?.unwrap();
            let new = NewCase {
                channel: "mail".to_owned(),
                issue: Some(issue.to_owned()),
                customer: order.customer,
                about: vec![("order".to_owned(), order.id)],
                team: Some(team.0),
                ..NewCase::default()
            };
            Ok(cases::open(tx, &new, &Actor::System, app::AT).await.unwrap())
        })
    })
    .await
}

/// Gives something in a case, as an agent.
async fn give(app: &App, giver: StaffId, case: i64, item: Item) -> GrantId {
    app.write(move |tx| {
        Box::pin(async move {
            let asker = Asker { staff: giver.0, level: "agent".to_owned(), kind: Kind::Person };
            let offer = Offer { case, items: vec![item], beyond_no: false };
            let given = grants::give(tx, &Charters::default(), &offer, &asker, app::AT).await.unwrap();
            let Offered::Given { grants: given, .. } = given else { panic!("{given:?}") };
            Ok(given[0].grant)
        })
    })
    .await
}

/// Gives a card, and it is sent.
async fn sent_card(app: &App, giver: StaffId, case: i64) -> GrantId {
    let grant = give(app, giver, case, Item { remedy: "apology_card".to_owned(), reason: None, amount: None, why: None }).await;
    app.write(move |tx| {
        Box::pin(async move {
            assert!(grants::send_due(tx, grant, app::AT + 21 * SECOND).await.unwrap());
            Ok(())
        })
    })
    .await;
    grant
}

#[test]
fn what_was_typed_is_kept_and_the_error_stands_at_the_field() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        let at = format!("/cases/{}", case(&app, "cheaper_elsewhere", None).await);
        has(&app.page("Ana", &at).await, &["What did the customer pay us for it?", "€"]);
        let wrong = app.form("Ana", &format!("{at}/facts"), &[("is.case.paid_price", "a lot"), ("reason", "price_match")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&wrong, &["Write an amount, such as 75.00.", "value=\"a lot\"", "name=\"reason\" value=\"price_match\"", "aria-invalid=\"true\""]);
        let right = app.form("Ana", &format!("{at}/facts"), &[("is.case.paid_price", "€ 75,00"), ("reason", "price_match")]).await;
        assert_eq!((right.status, right.place.as_str()), (StatusCode::SEE_OTHER, format!("{at}?reason=price_match").as_str()));
        has(&app.page("Ana", &at).await, &["€75.00"]);
        let below = app.form("Ana", &format!("{at}/facts"), &[("is.order.days_late", "-3")]).await;
        assert_eq!(below.status, StatusCode::UNPROCESSABLE_ENTITY);

        let note = app.form("Ana", &format!("{at}/notes"), &[("note", " ")]).await;
        assert_eq!(note.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&note, &["Fill this in.", "<details class=\"more\" open>"]);

        let late = format!("/cases/{}", case(&app, "late_parcel", None).await);
        let given = app.form("Ana", &format!("{late}/grants"), &[("remedy", "refund"), ("reason", "late"), ("amount", "ten")]).await;
        assert_eq!(given.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&given, &["Write an amount, such as 15.00.", "value=\"ten\""]);
        let moved = app.form("Ana", &format!("{late}/moves"), &[("move", "close")]).await;
        assert_eq!(moved.status, StatusCode::CONFLICT);
        has(&moved, &["Somebody was faster", "What you can do now"]);
    });
}

#[test]
fn all_that_is_asked_is_saved_together_or_not_at_all() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        let at = format!("/cases/{}", case(&app, "cheaper_elsewhere", None).await);
        let (paid, rival) = ("name=\"is.case.paid_price\"", "name=\"is.case.rival_price\"");
        has(&app.page("Ana", &at).await, &[paid, rival]);
        let to = format!("{at}/facts");
        let wrong = app.form("Ana", &to, &[("is.case.paid_price", "75"), ("is.case.rival_price", "less")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&wrong, &["value=\"75\"", "value=\"less\"", "Write an amount, such as 75.00."]);
        assert_eq!(wrong.text.matches("aria-invalid=\"true\"").count(), 1, "only one of them is wrong");
        assert!(app.page("Ana", &at).await.text.contains(paid), "nothing was saved");
        assert_eq!(app.form("Ana", &to, &[("is.case.paid_price", ""), ("is.case.rival_price", "68")]).await.status, StatusCode::SEE_OTHER);
        let first = app.page("Ana", &at).await;
        assert!(first.text.contains(paid) && !first.text.contains(rival), "one of them can be left for later");
        assert_eq!(app.form("Ana", &to, &[("is.case.paid_price", "75")]).await.status, StatusCode::SEE_OTHER);
        has(&app.page("Ana", &at).await, &["€75.00", "€68.00"]);
        assert_eq!(app.form("Ana", &to, &[("is.case.colour", "red")]).await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn an_answer_can_be_changed_but_not_what_a_system_says() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        let at = format!("/cases/{}", case(&app, "cheaper_elsewhere", None).await);
        app.form("Ana", &format!("{at}/facts"), &[("is.case.paid_price", "75")]).await;
        let shown = app.page("Ana", &at).await;
        has(&shown, &[&format!("{at}?change=case.paid_price#change")]);
        assert!(!shown.text.contains("change=order.total"), "a system has said so");
        let asked = app.page("Ana", &format!("{at}?change=case.paid_price")).await;
        has(&asked, &["id=\"change\"", "value=\"75.00\"", "Leave it as it is"]);
        assert!(!app.page("Ana", &format!("{at}?change=order.total")).await.text.contains("id=\"change\""));
        let wrong = app.form("Ana", &format!("{at}/facts"), &[("is.case.paid_price", "none"), ("again", "yes")]).await;
        has(&wrong, &["id=\"change\"", "value=\"none\"", "Write an amount"]);
        app.form("Ana", &format!("{at}/facts"), &[("is.case.paid_price", "80"), ("again", "yes")]).await;
        has(&app.page("Ana", &at).await, &["€80.00"]);
        let typed_over = app.form("Ana", &format!("{at}/facts"), &[("is.order.total", "900")]).await;
        assert_eq!(typed_over.status, StatusCode::CONFLICT);
        has(&typed_over, &["A system has said what is so here", "What you can do now"]);
    });
}

#[test]
fn a_no_is_noted_and_whoever_goes_beyond_it_sees_it_first() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        let at = format!("/cases/{}", case(&app, "late_parcel", None).await);
        has(&app.page("Ana", &at).await, &["Tell the customer no"]);
        let refusal = |amount| [("remedy", "refund"), ("reason", "late"), ("sent", "first"), ("amount", amount)];
        let wrong = app.form("Ana", &format!("{at}/refusals"), &refusal("much")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&wrong, &["Write an amount, such as 15.00, or leave it empty.", "value=\"much\""]);
        for _ in 0..2 {
            assert_eq!(app.form("Ana", &format!("{at}/refusals"), &refusal("10.00")).await.status, StatusCode::SEE_OTHER);
        }
        let shown = app.page("Ana", &at).await;
        assert_eq!(shown.text.matches("Ana told the customer no: Refund of €10.00").count(), 1, "a form sent twice counts once: {}", shown.text);

        let give = [("remedy", "refund"), ("reason", "late"), ("amount", "12.00"), ("sent", "second")];
        let first = app.form("Lena", &format!("{at}/grants"), &give).await;
        assert_eq!(first.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&first, &["Ana said no to €10.00, today", "Give it all the same", "name=\"beyond_no\" value=\"yes\""]);
        assert!(!app.page("Lena", &at).await.text.contains("Refund of €12.00"));
        let again = app.form("Lena", &format!("{at}/grants"), &[&give[..], &[("beyond_no", "yes")]].concat()).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        has(&app.page("Lena", &at).await, &["Refund of €12.00 given", "Lena gave more where somebody had said no"]);
    });
}

#[test]
fn several_are_given_together_or_none() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        let at = format!("/cases/{}", case(&app, "late_parcel", None).await);
        let offer = format!("{at}/offer");
        has(&app.page("Ana", &at).await, &["Give several of these together", &format!("{offer}?reason=late")]);
        let shown = app.page("Ana", &format!("{offer}?reason=late")).await;
        has(&shown, &["name=\"give-refund\"", "name=\"give-apology_card\"", "Give these together"]);
        assert_eq!(shown.text.matches(">Show</button>").count(), 1, "one button, without script: {}", shown.text);
        let send = |fields: &'static [(&'static str, &'static str)]| {
            let (app, offer) = (Arc::clone(&app), offer.clone());
            async move { app.form("Ana", &offer, &[&[("reason", "late")], fields].concat()).await }
        };
        let nothing = send(&[]).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&nothing, &["Say how much of at least one."]);
        let unread = send(&[("give-refund", "much"), ("give-apology_card", "yes")]).await;
        has(&unread, &["Write an amount, such as 15.00, or leave it empty.", "value=\"much\"", "checked"]);
        let much = send(&[("give-refund", "900"), ("sent", "once"), ("give-apology_card", "yes")]).await;
        assert_eq!(much.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&much, &["id=\"give-refund-error\"", "value=\"900\""]);
        assert!(!app.page("Ana", &at).await.text.contains("Given in this case"), "all of it or nothing");
        // Mended, and sent twice at once.
        let mended = || send(&[("give-refund", "6.00"), ("sent", "once")]);
        let (first, second) = tokio::join!(mended(), mended());
        for given in [first, second] {
            assert_eq!((given.status, given.place), (StatusCode::SEE_OTHER, format!("{at}?reason=late")), "{}", given.text);
        }
        let given = app.page("Ana", &at).await;
        has(&given, &["Refund of €6.00 given"]);
        assert_eq!(given.text.matches("Take it back").count(), 1, "once: {}", given.text);
        assert_eq!(send(&[("give-refund", "1.00"), ("give-apology_card", "yes"), ("sent", "another")]).await.status, StatusCode::SEE_OTHER);
        let both = app.page("Ana", &at).await;
        has(&both, &["Refund of €6.00 given", "Refund of €1.00 given", "Handwritten card given"]);
        assert_eq!(both.text.matches("Take it back").count(), 3, "each once: {}", both.text);
    });
}

#[test]
fn who_is_too_late_sees_the_case_as_it_is() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        let at = format!("/cases/{}", case(&app, "late_parcel", None).await);
        for _ in 0..2 {
            let give = [("remedy", "refund"), ("reason", "late"), ("amount", "6.00"), ("sent", "once")];
            assert_eq!(app.form("Ana", &format!("{at}/grants"), &give).await.status, StatusCode::SEE_OTHER);
        }
        let given = app.page("Ana", &at).await;
        assert_eq!(given.text.matches("Ana gave: Refund of €6.00").count(), 1, "a form sent twice gives once");
        has(&given, &["Take it back", "Given", "data-from=\"/live?topic="]);
        let action = given.text.split("action=\"/grants/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        app.clock.forward(21 * SECOND);
        let late = app.page("Ana", &at).await;
        assert!(!late.text.contains("Take it back"), "{}", late.text);
        let withdrawn = app.form("Ana", &format!("/grants/{action}"), &[]).await;
        assert_eq!(withdrawn.status, StatusCode::CONFLICT);
        has(&withdrawn, &["It could no longer be taken back", "What you can do now"]);
        assert!(!withdrawn.text.contains("/live?"), "what was typed stays as it is");
    });
}

#[test]
fn a_closed_case_says_what_is_so_and_a_level_is_missing_with_a_way_out() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        let at = format!("/cases/{}", case(&app, "late_parcel", None).await);
        for step in ["solve", "close"] {
            assert_eq!(app.form("Ana", &format!("{at}/moves"), &[("move", step)]).await.status, StatusCode::SEE_OTHER);
        }
        let closed = app.page("Ana", &at).await;
        has(&closed, &["This case is closed, and stays so", "Open a new case for this customer", "/cases/new?q=C-1"]);
        assert!(!closed.text.contains("Reopen"));
        let refused = app.form("Ana", &format!("{at}/grants"), &[("remedy", "refund"), ("reason", "late"), ("amount", "12.00")]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        has(&refused, &["Nothing was given", "The case is closed, and stays so."]);

        let open = format!("/cases/{}", case(&app, "late_parcel", None).await);
        app.without_level("Olga").await;
        app.without_level("Ana").await;
        has(&app.page("Olga", &open).await, &["You have no level of authority yet", "Give yourself a level", "#level"]);
        has(&app.page("Ana", &open).await, &["Ask an owner to set it"]);
    });
}

#[test]
fn a_case_is_opened_for_somebody_who_was_found() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        let found = app.page("Ana", "/cases/new?q=O-").await;
        has(&found, &["Order O-1", "Create a new customer", "Go on without a customer"]);
        let open = |more: &[(&'static str, &'static str)]| [&[("channel", "phone"), ("title", "A vase")][..], more].concat();
        let nobody = app.form("Ana", "/cases", &open(&[("q", "Wilma")])).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        let new_is_chosen = "value=\"new\" checked";
        has(&nobody, &["Choose one of those found", "value=\"A vase\"", "Nobody is found by “Wilma”", new_is_chosen]);
        let found = app.page("Ana", "/cases/new?q=C-1&pick=new&meant=yes").await;
        assert!(!found.text.contains(new_is_chosen), "somebody is found now");
        has(&app.page("Ana", "/cases/new?q=C-1&pick=new").await, &[new_is_chosen]);

        let of_order = app.form("Ana", "/cases", &open(&[("q", "O-1")])).await;
        assert_eq!(of_order.status, StatusCode::SEE_OTHER, "a number that is meant whole needs no choice: {}", of_order.text);
        has(&app.page("Ana", &of_order.place).await, &["C-1", "Order <b class=\"num\">O-1</b>"]);

        let taken = app.form("Ana", "/cases", &open(&[("q", "C-1"), ("pick", "new"), ("reference", "C-1")])).await;
        assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&taken, &["is a customer already. Choose them above."]);
        let wilma = [("q", "Wilma"), ("pick", "new"), ("reference", "C-9"), ("name", "Wilma Bos"), ("order", "O-9")];
        let new = app.form("Ana", "/cases", &open(&wilma)).await;
        assert_eq!(new.status, StatusCode::SEE_OTHER, "{}", new.text);
        has(&app.page("Ana", &new.place).await, &["Wilma Bos", "O-9"]);
        has(&app.page("Ana", "/search?q=wil").await, &["Wilma Bos", "C-9"]);
        has(&app.page("Ana", "/search?q=O-9").await, &["A vase", "Order O-9", "of Wilma Bos"]);
        let number = new.place.rsplit('/').next().unwrap();
        assert_eq!(app.page("Ana", &format!("/search?q={number}")).await.place, new.place, "the number of a case leads to it");

        has(
            &app.page("Ana", "/cases/new?q=Mia+de+Groot").await,
            &["name=\"name\" type=\"text\" value=\"Mia de Groot\"", "name=\"reference\" type=\"text\" value=\"\""],
        );
        has(&app.page("Ana", "/cases/new?q=C-77").await, &["name=\"name\" type=\"text\" value=\"\"", "name=\"reference\" type=\"text\" value=\"C-77\""]);
        let number = app.page("Ana", "/cases/new?q=O-77").await;
        assert!(number.text.contains("Nobody is found") && !number.text.contains(new_is_chosen), "it may be an order's");
        let empty = app.form("Ana", "/cases", &open(&[("q", "x"), ("pick", "new")])).await;
        has(&empty, &["Write a name or a customer number."]);
        let mia = app.form("Ana", "/cases", &open(&[("q", "Mia de Groot"), ("pick", "new"), ("name", "Mia de Groot"), ("reference", "")])).await;
        assert_eq!(mia.status, StatusCode::SEE_OTHER, "{}", mia.text);
        has(&app.page("Ana", "/search?q=groot").await, &["Mia de Groot", "N-"]);

        let without = app.form("Ana", "/cases", &open(&[("q", "somebody"), ("pick", "none")])).await;
        has(&app.page("Ana", &without.place).await, &["Whose is it?"]);
        let about = format!("{}/about", without.place);
        let unnamed = app.page("Ana", &format!("{}?remedy=refund&reason=late", without.place)).await;
        has(&unnamed, &["Some of its rules go by the order, and none is named here.", &format!("href=\"{about}\">Say which")]);
        has(&app.page("Ana", &format!("{about}?q=Wilma")).await, &["Wilma Bos"]);
        assert_eq!(app.form("Ana", &about, &[("q", "Wilma")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&app.page("Ana", &format!("{about}?q=Jo+Verne")).await, &["Nobody is found", "value=\"Jo Verne\"", "Create the customer"]);
        has(&app.page("Ana", &format!("{about}?q=O-77")).await, &["Create the order “O-77”"]);
        let new = |name: &'static str, reference: &'static str| {
            vec![("do", "new"), ("kind", "customer"), ("q", "Jo Verne"), ("name", name), ("reference", reference)]
        };
        let taken = app.form("Ana", &about, &new("Jo Verne", "C-9")).await;
        has(&taken, &["is a customer already. Choose them above.", "value=\"Jo Verne\""]);
        assert_eq!((taken.status, app.form("Ana", &about, &new("", "")).await.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
        has(&app.page("Ana", "/search?q=C-9").await, &["Wilma Bos"]);
        assert_eq!(app.form("Ana", &about, &new("Jo Verne", "")).await.status, StatusCode::SEE_OTHER);
        has(&app.page("Ana", &about).await, &["Jo Verne, N-"]);
        assert_eq!(app.form("Ana", &about, &[("do", "not"), ("kind", "customer")]).await.status, StatusCode::SEE_OTHER);
        let page = app.page("Ana", &format!("{about}?q=O-9")).await;
        let pick = page.text.split("name=\"pick\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(app.form("Ana", &about, &[("q", "O-9"), ("pick", &pick)]).await.status, StatusCode::SEE_OTHER);
        has(&app.page("Ana", &without.place).await, &["Wilma Bos", "O-9"]);
        assert_eq!(app.form("Ana", &about, &[("do", "words"), ("issue", "damaged_parcel")]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(app.form("Ana", &about, &[("do", "not"), ("kind", "order")]).await.status, StatusCode::SEE_OTHER);
        assert!(!app.page("Ana", &about).await.text.contains("<b class=\"num\">O-9</b>"));
    });
}

#[test]
fn lists_have_pages_both_ways_and_references_where_names_are_missing() {
    on_each(|test| async move {
        let (app, _) = desk(test).await;
        for _ in 0..53 {
            case(&app, "late_parcel", None).await;
        }
        let list = format!("/cases?of={}&state=open", app.team);
        let first = app.page("Ana", &list).await;
        has(&first, &["50 cases, highest number first", "Next", "<td>C-1<"]);
        assert!(!first.text.contains("rel=\"prev\""));
        let older = link(&first, "next");
        let second = app.page("Ana", &older).await;
        has(&second, &["3 cases, highest number first", "Previous"]);
        let newer = link(&second, "prev");
        let back = app.page("Ana", &newer).await;
        has(&back, &["50 cases, highest number first", "/cases/53\"", "/cases/4\""]);
        assert!(!back.text.contains("rel=\"prev\""), "there is nothing newer");
    });
}

fn link(page: &Answer, rel: &str) -> String {
    let before = page.text.split(&format!("rel=\"{rel}\"")).next().unwrap();
    before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

#[test]
fn cases_of_no_team_have_a_list_on_the_page_and_over_the_api() {
    on_each(|test| async move {
        let (app, ana) = desk(test).await;
        case(&app, "late_parcel", None).await;
        for _ in 0..52 {
            let new = NewCase { channel: "mail".to_owned(), ..NewCase::default() };
            app.write(move |tx| Box::pin(async move { Ok(cases::open(tx, &new, &Actor::System, app::AT).await.unwrap()) })).await;
        }
        let first = app.page("Ana", "/cases?of=none&state=open").await;
        has(&first, &["50 cases, highest number first", "No team", "/cases/53\"", "/cases/4\""]);
        let second = app.page("Ana", &link(&first, "next")).await;
        has(&second, &["2 cases, highest number first", "/cases/2\"", "/cases/3\""]);
        assert!(!second.text.contains("/cases/1\""), "that one has a team");
        has(&app.page("Ana", &link(&second, "prev")).await, &["50 cases, highest number first"]);
        let token = app.token("Anas", Some(ana), "cases:read").await;
        let listed = app.get(&token, "/api/v1/cases?of=none").await.json();
        assert_eq!(listed["cases"].as_array().unwrap().len(), 50);
        let rest = app.get(&token, &format!("/api/v1/cases?of=none&after={}", listed["next"].as_str().unwrap())).await.json();
        assert_eq!((rest["cases"].as_array().unwrap().len(), &rest["next"]), (2, &serde_json::Value::Null));
    });
}

async fn elsewhere(app: &App, place: i64, team: access::teams::TeamId) -> i64 {
    app.write(move |tx| {
        Box::pin(async move {
            let customer = subjects::keep_subject(tx, "customer", &format!("X-{place}"), None, app::AT).await?;
            let new = NewCase { channel: "mail".to_owned(), customer: Some(customer), team: Some(team.0), ..NewCase::default() };
            Ok(cases::open(tx, &new, &Actor::System, app::AT).await.unwrap())
        })
    })
    .await
}

#[test]
fn what_waits_is_filtered_before_it_is_cut_into_pages() {
    on_each(|test| async move {
        let (app, ana) = desk(test).await;
        let other =
            app.write(|tx| Box::pin(async move { Ok(access::teams::create_team(tx, "Elsewhere", None, &Actor::System, app::AT).await.unwrap()) })).await;
        for place in 0..56 {
            // One card a month for each customer: those elsewhere are others'.
            let number = if place < 55 { elsewhere(&app, place, other).await } else { case(&app, "late_parcel", None).await };
            sent_card(&app, ana, number).await;
        }
        let seen = app.page("Lena", "/grants/unsettled").await;
        has(&seen, &["1 remedy", "data-label=\"Given by\">Ana<", "data-label=\"Order\">O-1<", ">C-1</a>", "settled=fulfilled"]);
        has(&app.page("Ana", "/grants/unsettled").await, &["You gave this yourself, so somebody else says whether the customer has it."]);
        let all = app.page("Olga", "/grants/unsettled").await;
        has(&all, &["50 remedies, first given first"]);
        let rest = app.page("Olga", &link(&all, "next")).await;
        has(&rest, &["6 remedies"]);
        has(&app.page("Olga", &link(&rest, "prev")).await, &["50 remedies"]);
    });
}

#[test]
fn what_came_of_a_grant_is_asked_once_and_what_failed_is_sent_again() {
    on_each(|test| async move {
        let (app, ana) = desk(test).await;
        let number = case(&app, "late_parcel", None).await;
        let id = sent_card(&app, ana, number).await;
        let settlement = format!("/grants/{id}/settlement");
        let asked = |settled: &str| format!("{settlement}?settled={settled}&state=sent");
        let sure = app.page("Lena", &asked("fulfilled")).await;
        has(&sure, &["Does the customer have it?", "This is final", "for C-1", "given by Ana", "Leave it as it is"]);
        assert_eq!(app.page("Ana", &asked("fulfilled")).await.status, StatusCode::FORBIDDEN, "whoever gave it does not say");
        has(&app.page("Lena", &asked("failed")).await, &["What happened?"]);
        let long = "x".repeat(platform::limits::TEXT_CHARS + 1);
        let again = app.form("Lena", &settlement, &[("settled", "failed"), ("state", "sent"), ("note", &long)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&again, &["At most", &long]);
        let failed = app.form("Lena", &settlement, &[("settled", "failed"), ("state", "sent"), ("note", "The <bank> says no.")]).await;
        assert_eq!((failed.status, failed.place.as_str()), (StatusCode::SEE_OTHER, "/grants/unsettled?state=sent"));
        has(&app.page("Lena", "/grants/unsettled?state=failed").await, &["“The &#60;bank&#62; says no.”", "Send again", "settled=unclear"]);
        has(&app.page("Lena", &format!("/cases/{number}")).await, &["The &#60;bank&#62; says no.", "Send again"]);
        assert!(!app.page("Ana", &format!("/cases/{number}")).await.text.contains("Send again"));
        has(&app.page("Lena", &format!("{settlement}?settled=sent")).await, &["Send it again?", &format!("href=\"/cases/{number}\">Leave it as it is")]);
        let sent = app.form("Lena", &settlement, &[("settled", "sent"), ("note", "Another account.")]).await;
        assert_eq!((sent.status, sent.place), (StatusCode::SEE_OTHER, format!("/cases/{number}")));
        has(&app.page("Lena", "/grants/unsettled").await, &["1 remedy"]);
        assert_eq!(app.form("Lena", &settlement, &[("settled", "sent")]).await.status, StatusCode::CONFLICT, "it waits already");
        assert_eq!(app.form("Lena", &settlement, &[("settled", "fulfilled"), ("state", "sent")]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(app.form("Lena", &settlement, &[("settled", "failed")]).await.status, StatusCode::CONFLICT, "it is final");
        has(&app.page("Lena", "/grants/unsettled").await, &["Nothing waits here"]);
    });
}

#[test]
fn news_are_read_with_the_page_of_their_case() {
    on_each(|test| async move {
        let (app, ana) = desk(test).await;
        let (number, other) = (case(&app, "late_parcel", None).await, case(&app, "late_parcel", None).await);
        for case in [number, other] {
            let item = Item { remedy: "refund".to_owned(), reason: Some("late".to_owned()), amount: Some("5.00".to_owned()), why: None };
            let id = give(&app, ana, case, item).await;
            let correction = format!("/grants/{id}/correction");
            has(&app.page("Lena", &correction).await, &["Refund of €5.00 for C-1, in case", "given by Ana"]);
            let corrected = app.form("Lena", &correction, &[("cause", "double"), ("note", "Given twice.")]).await;
            assert_eq!(corrected.status, StatusCode::SEE_OTHER, "{}", corrected.text);
        }
        let told = |page: &Answer| page.text.matches("An error in a grant of yours was corrected").count();
        let ways = |page: &Answer| page.text.matches("Look at case").count();
        let list = app.page("Ana", "/cases").await;
        assert_eq!((told(&list), ways(&list)), (2, 2));
        assert_eq!(told(&app.page("Lena", &format!("/cases/{number}")).await), 0, "it is Ana's to hear");
        let first = app.page("Ana", &format!("/cases/{number}")).await;
        assert_eq!((told(&first), ways(&first)), (2, 1), "it is shown once more, and the way there is gone");
        assert_eq!(told(&app.page("Ana", "/cases").await), 1);
        assert_eq!(told(&app.page("Ana", &format!("/cases/{number}")).await), 1);
        assert_eq!(told(&app.page("Ana", &format!("/cases/{other}")).await), 1);
        assert_eq!(told(&app.page("Ana", "/cases").await), 0);
    });
}
