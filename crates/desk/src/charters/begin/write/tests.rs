use charter::calendar::Hours;
use charter::diagnostics::Severity;

use super::super::answers::Top;
use super::super::troubles::TROUBLES;
use super::*;
use crate::groups::Days;

/// Answers like those that are filled in, in this currency.
fn answers(code: &str, unit: Unit, (free, why, more): (i64, i64, i64)) -> Answers {
    Answers {
        currency: Currency::with_code(code).unwrap(),
        troubles: TROUBLES.iter().collect(),
        unit,
        free,
        why,
        more,
        next: "lead".to_owned(),
        top: Top::Manager,
        days: Days(0b1_1111),
        hours: vec![Hours::new(540, 1020).unwrap()],
        zone: "Europe/Amsterdam".to_owned(),
    }
}

fn sound(answers: &Answers) -> Begun {
    write(answers).unwrap_or_else(|e| panic!("{e}\n{answers:?}\n{}", charter_text(answers).unwrap()))
}

/// Free, why and more, in shares: as filled in, the ends of what can be answered, and no step between them.
const SHARES: [(i64, i64, i64); 7] =
    [(1_000, 2_000, 5_000), (0, 1, 1), (0, 10_000, 10_000), (1, 1, 2), (9_999, 9_999, 10_000), (9_999, 10_000, 10_000), (1_250, 1_333, 3_333)];
/// The same in minor units.
const MONEY: [(i64, i64, i64); 7] =
    [(2_500, 4_000, 15_000), (0, 1, 1), (0, 5, 6), (1, 1, 2), (1, 2, 2), (1, 1_000_000_000_000, 1_000_000_000_000), (999, 999, 1_000)];

#[test]
fn every_choice_of_troubles_comes_to_a_sound_charter() {
    for chosen in 1_u32..1 << TROUBLES.len() {
        for (unit, limits) in [(Unit::Share, SHARES[0]), (Unit::Money, MONEY[0]), (Unit::Money, MONEY[2])] {
            let troubles = TROUBLES.iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1).map(|(_, trouble)| trouble).collect();
            sound(&Answers { troubles, ..answers("EUR", unit, limits) });
        }
    }
}

#[test]
fn all_limits_in_currencies_of_every_kind_come_to_sound_charters() {
    // Without decimal places, with two, three and four.
    for code in ["JPY", "KRW", "CLP", "EUR", "USD", "CHF", "INR", "KWD", "BHD", "TND", "CLF"] {
        for (unit, all) in [(Unit::Share, SHARES), (Unit::Money, MONEY)] {
            for limits in all {
                let begun = sound(&answers(code, unit, limits));
                assert_eq!(*begun.charter.currency.code, *code);
            }
        }
    }
}

#[test]
fn whoever_decides_and_wherever_they_are() {
    for (next, top) in
        [("lead", Top::Owner), ("shift-leader", Top::Manager), ("boss", Top::Owner), ("owner", Top::Manager), ("manager", Top::Owner), ("x1", Top::Owner)]
    {
        for zone in ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"] {
            let begun = sound(&Answers { next: next.to_owned(), top, zone: zone.to_owned(), ..answers("EUR", Unit::Share, SHARES[0]) });
            let levels: Vec<&str> = begun.charter.levels.iter().map(|level| &**level).collect();
            assert_eq!(levels, ["agent", next, top.level()]);
            assert_eq!(begun.charter.groups.len(), 2);
        }
    }
}

/// The same answers give the same text, laid out as `leeway charter fmt` does; all that is to be noted is that no cap binds those who decide about caps.
#[test]
fn it_is_laid_out_and_leaves_nothing_to_note() {
    for (unit, limits) in [(Unit::Share, SHARES[0]), (Unit::Money, MONEY[0])] {
        let of = answers("EUR", unit, limits);
        let begun = sound(&of);
        assert_eq!(begun.text, sound(&of).text);
        assert_eq!(format::format(&begun.text).unwrap(), begun.text);
        assert_eq!(format::format(&begun.scenarios).unwrap(), begun.scenarios);
        let loaded = load(&Sources { text: &begun.text, outer: None, today: None });
        let said: Vec<&str> = loaded.findings.iter().map(|f| f.message.as_str()).collect();
        let repeats = ["return", "next-level", "all-of-it"].map(|id| format!("every new case opens `{id}` again, and no cap bounds `refund`"));
        assert_eq!(said, repeats);
        assert!(loaded.findings.iter().all(|f| f.severity == Severity::Note));
    }
}

/// What comes back is paid for in full, with no word and however little anyone gives else; it counts for nothing.
#[test]
fn what_is_returned_goes_back_in_full() {
    for (unit, limits) in [(Unit::Share, SHARES[0]), (Unit::Money, MONEY[0]), (Unit::Share, SHARES[1]), (Unit::Money, MONEY[1])] {
        let of = answers("EUR", unit, limits);
        let begun = sound(&of);
        let cases = scenarios::read(&begun.scenarios).unwrap().cases;
        let whole = cases.iter().find(|case| case.name == "return: all of it goes back").unwrap();
        assert!(scenarios::run(&begun.charter, whole).passed);
        let rule = |id: &str| {
            let (_, rest) = begun.text.split_once(&format!("id = \"{id}\"\nremedies")).unwrap();
            rest.split_once("\n\n").unwrap().0.to_owned()
        };
        let back = rule("return");
        assert!(back.contains("up_to = 'case.price_paid'") && !back.contains("stretch") && !back.contains("say_why"), "{back}");
        let capped = rule("per-customer");
        assert!(capped.contains("\"late\"") && !capped.contains("\"return\""), "{capped}");
    }
}

/// Every rule and group is either what was answered, or is marked as added, with why.
#[test]
fn what_nobody_asked_for_is_marked() {
    for (unit, limits) in [(Unit::Share, SHARES[0]), (Unit::Money, MONEY[2])] {
        let of = answers("EUR", unit, limits);
        let text = sound(&of).text;
        let ids = |kind: &str| {
            let opens = format!("[[{kind}]]\nid = \"");
            text.split(&opens).skip(1).map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect::<Vec<_>>()
        };
        let asked: Vec<&str> = TROUBLES.iter().map(|trouble| trouble.reason).chain(["next-level", "all-of-it"]).collect();
        let all: Vec<String> = ["allow", "forbid", "cap", "group"].iter().flat_map(|kind| ids(kind)).collect();
        assert!(all.len() > 20, "{all:?}");
        for id in all {
            let why = super::super::added::added(&id, &of);
            assert_eq!(why.is_none(), asked.contains(&id.as_str()), "{id}");
            assert!(why.is_none_or(|why| why.starts_with("We added this, because ")), "{id}");
        }
    }
}

/// Where the ruler starts is written where one amount is right for every reason: not for shares, nor where something goes back in full.
#[test]
fn where_the_ruler_starts_is_written_where_it_is_one_amount() {
    let some = || TROUBLES.iter().filter(|trouble| !trouble.is_in_full).collect::<Vec<_>>();
    let cases = [
        (some(), Unit::Money, (2_500, 4_000, 15_000), Some(2_500)),
        (some(), Unit::Money, (0, 4_000, 15_000), Some(4_000)),
        (TROUBLES.iter().collect(), Unit::Money, MONEY[0], None),
        (some(), Unit::Share, SHARES[0], None),
    ];
    for (troubles, unit, limits, usual) in cases {
        let begun = sound(&Answers { troubles, ..answers("EUR", unit, limits) });
        let refund = begun.charter.remedies.iter().find(|remedy| *remedy.id == *"refund").unwrap();
        assert_eq!(refund.usual, usual, "{limits:?}");
    }
}

/// The scenarios can fail: a charter with other limits does not hold them.
#[test]
fn scenarios_hold_the_limits() {
    let (one, other) = (answers("EUR", Unit::Money, MONEY[0]), answers("EUR", Unit::Money, (2_501, 4_001, 15_001)));
    let cases = scenarios::read(&sound(&one).scenarios).unwrap().cases;
    assert!(cases.len() > 50, "{}", cases.len());
    let failed = cases.iter().filter(|case| !scenarios::run(&sound(&other).charter, case).passed).count();
    assert!(failed > 20, "{failed} of {}", cases.len());
    for gone in ["never-over-paid", "per-customer", "one-replacement", "already-replaced", "one-label", "damaged"] {
        let text = sound(&one).text;
        let begin = text.find(&format!("id = \"{gone}\"\nremedies")).unwrap();
        let (before, after) = (text[..begin].rfind("[[").unwrap(), begin + text[begin..].find("\n\n").unwrap());
        let without = format!("{}{}", &text[..before], &text[after..]);
        let charter = load(&Sources { text: &without, outer: None, today: None }).charter.unwrap();
        assert!(cases.iter().any(|case| !scenarios::run(&charter, case).passed), "nothing holds {gone}");
    }
}

/// As the reader of charters reads it back; the name of a charter can be any text of one line.
#[test]
fn texts_are_quoted() {
    for text in ["plain", "it's", "say \"so\"", "both ' and \"", "a\\b", "tab\there"] {
        let written = format!("leeway = 1\nname = {}\ncurrency = \"EUR\"\ntimezone = \"UTC\"\nlevels = [\"agent\"]\n", quoted(text));
        let loaded = load(&Sources { text: &written, outer: None, today: None });
        let charter = loaded.charter.unwrap_or_else(|| panic!("{written}: {:?}", loaded.findings));
        assert_eq!(&*charter.layers[0].name, text, "{written}");
    }
}
