//! An approval: for one use, one charter and a time.

use super::*;

#[test]
fn an_approval_is_for_one_use_one_charter_and_a_time() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let lapsed = desk.approved(desk.raised("60").await).await;
        assert!(matches!(desk.use_up(lapsed, &desk.ana, AT + 72 * HOUR).await, Err(GrantError::Lapsed)));
        let at = AT + 72 * HOUR;
        write(&desk.test, move |tx| Box::pin(async move { Ok(grants::lapse(tx, lapsed, at).await?) })).await;
        assert_eq!(desk.state(lapsed).await, GrantState::Withdrawn);
        let outdated = desk.approved(desk.raised("61").await).await;
        let other = SHOP.replace("goodwill-per-day", "goodwill-each-day");
        write(&desk.test, move |tx| {
            Box::pin(async move {
                charters::publish(tx, &other, None, "second", &Actor::System, AT + HOUR).await.unwrap();
                Ok(())
            })
        })
        .await;
        assert!(matches!(desk.use_up(outdated, &desk.ana, AT + HOUR).await, Err(GrantError::OtherCharter)));
        assert_eq!(desk.state(outdated).await, GrantState::Offered);
        // Its room is free again as soon as the work that follows is done; one of the charter in force stays.
        let current = desk.approved(desk.raised("62").await).await;
        assert_eq!(desk.lapse_due(AT + HOUR).await, 1, "what was approved since then waits for its time");
        assert_eq!([desk.state(outdated).await, desk.state(current).await], [GrantState::Withdrawn, GrantState::Offered]);
        write(&desk.test, move |tx| {
            Box::pin(async move {
                charters::put_in_force(tx, 2, &Actor::System, AT + HOUR).await.unwrap();
                Ok(())
            })
        })
        .await;
        assert_eq!(desk.lapse_due(AT + HOUR).await, 1);
        assert_eq!(desk.state(current).await, GrantState::Offered);
        assert_eq!(desk.lapse_due(AT + 72 * HOUR).await, 1);
        assert_eq!(desk.state(current).await, GrantState::Withdrawn);
        desk.verify().await;
    });
}

#[test]
fn a_hundred_try_to_use_one_approval_and_one_does() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let grant = desk.approved(desk.raised("60").await).await;
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let desk = desk.clone();
            tries.spawn(async move { desk.use_up(grant, &desk.ana, AT + 2 * MINUTE).await });
        }
        let results = tries.join_all().await;
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
        let told = results.iter().filter(|r| matches!(r, Err(GrantError::CannotMove(GrantState::Granted)))).count();
        assert_eq!(told, 99, "{results:?}");
        desk.verify().await;
    });
}

/// What comes of a hundred tries at once.
async fn at_once<T, F>(one: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut tries = tokio::task::JoinSet::new();
    for place in 0..100 {
        tries.spawn(one(place));
    }
    tries.join_all().await
}

#[test]
fn a_hundred_try_an_approval_after_its_time_and_none_gets_it() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let grant = desk.approved(desk.raised("60").await).await;
        // The instant at which it ends is one too late, and so is every later one.
        let results = at_once(|place| {
            let (desk, at) = (desk.clone(), AT + 72 * HOUR + i64::try_from(place).unwrap());
            async move { desk.use_up(grant, &desk.ana, at).await }
        });
        let results = results.await;
        assert!(results.iter().all(|result| matches!(result, Err(GrantError::Lapsed))), "{results:?}");
        assert_eq!(desk.ledger().await, [(GrantState::Offered, Some(6_000))]);
        desk.verify().await;
    });
}

#[test]
fn a_hundred_try_an_approval_under_a_newer_charter_and_none_gets_it() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let grant = desk.approved(desk.raised("60").await).await;
        // It says the same, by another name: it is another version all the same.
        let newer = SHOP.replace("goodwill-per-day", "goodwill-each-day");
        write(&desk.test, move |tx| {
            Box::pin(async move {
                charters::publish(tx, &newer, None, "second", &Actor::System, AT + HOUR).await.unwrap();
                Ok(())
            })
        })
        .await;
        let results = at_once(|_| {
            let desk = desk.clone();
            async move { desk.use_up(grant, &desk.ana, AT + HOUR).await }
        });
        let results = results.await;
        assert!(results.iter().all(|result| matches!(result, Err(GrantError::OtherCharter))), "{results:?}");
        assert_eq!(desk.ledger().await, [(GrantState::Offered, Some(6_000))]);
        desk.verify().await;
    });
}

#[test]
fn a_hundred_try_another_amount_than_the_approved_one_and_none_gets_it() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let grant = desk.approved(desk.raised("60").await).await;
        // Using an approval takes no amount. So they give another one on the strength of it, less and more, and the same beside it: an approval is no authority.
        let results = at_once(|place| {
            let (desk, amount) = (desk.clone(), ["30", "59.99", "60", "60.01", "90"][place % 5]);
            async move {
                let (known, ana, number) = (desk.known.clone(), desk.ana.clone(), desk.case);
                let offer = Offer { case: number, items: vec![refund(amount)], beyond_no: place % 2 == 0 };
                desk.test.db.write(move |tx| Box::pin(async move { grants::give(tx, &known, &offer, &ana, AT + 2 * MINUTE).await })).await
            }
        });
        let results = results.await;
        let is_refused = |result: &Result<Offered, GrantError>| matches!(result, Ok(Offered::NotGiven { item: 0, .. }));
        assert!(results.iter().all(is_refused), "{results:?}");
        assert_eq!(desk.ledger().await, [(GrantState::Offered, Some(6_000))]);
        // And what was approved is still there, to the cent.
        desk.use_up(grant, &desk.ana, AT + 3 * MINUTE).await.unwrap();
        assert_eq!(desk.ledger().await, [(GrantState::Granted, Some(6_000))]);
        desk.verify().await;
    });
}

#[test]
fn a_hundred_times_somebody_answers_their_own_and_nothing_comes_of_it() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let id = desk.raised("60").await;
        // The one who raised it is a lead by now, and a manager: it is no question of authority.
        let results = at_once(|place| {
            let desk = desk.clone();
            async move {
                let me = Asker { level: ["agent", "lead", "manager"][place % 3].to_owned(), ..desk.ana.clone() };
                let verdict = [Verdict::Give, Verdict::Less(vec![Some("10".to_owned())]), Verdict::No][place / 3 % 3].clone();
                if place % 10 == 0 {
                    let (test, by) = (desk.test.clone(), me.actor());
                    return test.db.write(move |tx| Box::pin(async move { escalations::take(tx, id, None, &by, AT).await })).await;
                }
                desk.answer(id, &me, verdict, because("I say so"), AT + MINUTE).await.map(drop)
            }
        });
        let results = results.await;
        assert!(results.iter().all(|result| matches!(result, Err(EscalationError::Own))), "{results:?}");
        let row = desk.row(id).await;
        assert_eq!((row.state, row.taken_by, row.outcome), (State::Open, None, None));
        assert_eq!(desk.ledger().await, []);
        desk.verify().await;
    });
}

#[test]
fn an_approval_reserves_its_room() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let grant = desk.approved(desk.raised("60").await).await;
        // A lead may give 150 in a case. What is approved counts as if it were given, until somebody takes it back.
        let beyond = desk.raised("91").await;
        let refused = desk.answer(beyond, &desk.lena, Verdict::Give, because("Yes"), AT + MINUTE).await;
        assert!(matches!(refused, Err(EscalationError::NotRaised { item: 0, .. })), "{refused:?}");
        let by = desk.lena.actor();
        assert!(write(&desk.test, move |tx| Box::pin(async move { Ok(grants::take_back_approved(tx, grant, &by, AT + MINUTE).await?) })).await);
        desk.answer(beyond, &desk.lena, Verdict::Give, because("Yes"), AT + MINUTE).await.unwrap();
        // What no rule covers is an exception, for those with the level of a group that may make them.
        let exception = desk.raised("200").await;
        assert_eq!(desk.row(exception).await.group, "managers");
        let refused = desk.answer(exception, &desk.lena, Verdict::Give, because("Yes"), AT + MINUTE).await;
        assert!(matches!(refused, Err(EscalationError::NotRaised { item: 0, .. })), "{refused:?}");
        let unsaid = desk.answer(exception, &desk.max, Verdict::Give, because("Yes"), AT + MINUTE).await;
        assert!(matches!(unsaid, Err(EscalationError::Kept)), "an exception is a one-off or a precedent: {unsaid:?}");
        let kept = Feedback { kept: Keeping::Is(Standing::Precedent), ..because("Whoever loses a wedding gets it all") };
        desk.answer(exception, &desk.max, Verdict::Give, kept, AT + MINUTE).await.unwrap();
        assert_eq!(desk.row(exception).await.outcome.unwrap().kept, Some(Standing::Precedent));
        desk.verify().await;
    });
}

#[test]
fn a_charter_that_is_published_meanwhile_ends_the_approval_too() {
    on_each(|test| async move {
        let desk = desk(test).await;
        let asked = desk.raised("60").await;
        let (answering, publishing) = (desk.clone(), desk.clone());
        let answered = tokio::spawn(async move {
            let (known, lena, is_alone) = (answering.known.clone(), answering.lena.clone(), answering.test.is_sqlite());
            let answer = answering.test.db.write::<_, EscalationError, _>(move |tx| {
                Box::pin(async move {
                    let (_, approvals) = escalations::answer(tx, &known, asked, (&Verdict::Give, &because("Yes")), &lena, AT + MINUTE).await?;
                    if !is_alone {
                        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
                    }
                    Ok(approvals[0])
                })
            });
            answer.await.unwrap()
        });
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        write(&publishing.test, |tx| {
            Box::pin(async move {
                charters::publish(tx, SHOP, None, "meanwhile", &Actor::System, AT + MINUTE).await.unwrap();
                Ok(())
            })
        })
        .await;
        let approval = answered.await.unwrap();
        assert_eq!((desk.lapse_due(AT + HOUR).await, desk.state(approval).await), (1, GrantState::Withdrawn));
        desk.verify().await;
    });
}
