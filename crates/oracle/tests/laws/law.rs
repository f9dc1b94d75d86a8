//! Each law: applied to a charter and a request, it says how many cases it saw, or what broke it.

use charter::decide::{Options, Work};
use charter::{Purpose, Request, options, options_into};
use oracle::generate::Random;
use serde_json::{Value, json};

use crate::change::{fill, shuffled, table_of, unknown_facts, without};
use crate::subject::{Answer, Subject, Verdict};

pub(crate) struct Law {
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
}

/// How a law is applied: to one request, or to a charter changed once for many.
pub(crate) enum Holds {
    One(fn(&Subject, &Value, &mut Random) -> Applied),
    Many(fn(&Subject, &[Value], &mut Random) -> Applied),
}
use Holds::{Many, One};

pub(crate) const LAWS: &[Law] = &[
    Law { name: "1, what is hit leaves no yes", holds: One(hit_leaves_no_yes) },
    Law { name: "1, what binds everybody and is hit forbids", holds: One(everybody_forbids) },
    Law { name: "2, every yes names an allow", holds: One(yes_names_an_allow) },
    Law { name: "3, the order of rules changes nothing", holds: Many(order_changes_nothing) },
    Law { name: "3, another id changes only the names", holds: Many(ids_change_only_names) },
    Law { name: "4, any one allow suffices", holds: Many(one_allow_suffices) },
    Law { name: "4, all caps must have room", holds: Many(all_caps_must_have_room) },
    Law { name: "5, a higher level has no lower verdict", holds: One(higher_is_no_lower) },
    Law { name: "6, what covers covers less", holds: One(less_is_covered) },
    Law { name: "7, what is certain stays", holds: One(certain_stays) },
    Law { name: "7, what is asked decides", holds: One(asked_decides) },
    Law { name: "8, a limit covers itself and not one unit more", holds: One(limits_are_exact) },
    Law { name: "9, the same again is the same", holds: Many(same_again) },
    Law { name: "10, options equal decide", holds: One(options_equal_decide) },
    Law { name: "10, options of all are those of each", holds: Many(options_are_those_of_each) },
    Law { name: "11, one grant more makes no room", holds: One(one_more_makes_no_room) },
];

pub(crate) type Applied = Result<u64, String>;

fn ensure(holds: bool, says: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(says()) }
}

fn layers(subject: &Subject) -> usize {
    subject.engine.layers.len()
}

fn hit_leaves_no_yes(subject: &Subject, request: &Value, _: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request) else { return Ok(0) };
    let closes = answer.why().any(|w| w["says"] == "closes" && w["asker"] == true);
    ensure(!(closes && answer.is_yes()), || format!("{:#}", answer.0))?;
    Ok(u64::from(closes))
}

fn everybody_forbids(subject: &Subject, request: &Value, random: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request) else { return Ok(0) };
    let binds_everybody = |w: &&Value| {
        let table = table_of(subject, w["rule"].as_str().unwrap());
        w["says"] == "closes" && !table.contains("\nbelow = ") && !table.contains("\nwho = ")
    };
    let hit = answer.why().any(|w| binds_everybody(&w));
    ensure(hit == (answer.outcome() == "forbidden"), || format!("{:#}", answer.0))?;
    if !random.chance(10) {
        return Ok(u64::from(hit));
    }
    let closed = Subject::of(format!("{}\n[[forbid]]\nid = \"zz-closed\"\n", subject.text), subject.outer.clone()).unwrap();
    ensure(closed.decide(request).outcome() == "forbidden", || "an unconditional forbid does not forbid".to_owned())?;
    Ok(1 + u64::from(hit))
}

fn yes_names_an_allow(subject: &Subject, request: &Value, _: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request).filter(|a| a.is_yes()) else { return Ok(0) };
    let named = answer.rules();
    let allows = named.iter().filter(|r| table_of(subject, r).starts_with("allow]]")).count();
    ensure(allows == named.len() && allows >= layers(subject), || format!("{named:?}"))?;
    Ok(1)
}

/// What does not name the version, nor say it in words.
fn data(answer: Answer) -> Value {
    let mut value = answer.0;
    let map = value.as_object_mut().unwrap();
    map.remove("charters");
    value
}

fn order_changes_nothing(subject: &Subject, requests: &[Value], random: &mut Random) -> Applied {
    let other = Subject::of(shuffled(&subject.text, random), subject.outer.as_ref().map(|o| shuffled(o, random)));
    let other = other.ok_or("the same rules in another order do not load")?;
    for request in requests {
        let (one, two) = (data(subject.decide(request)), data(other.decide(request)));
        ensure(one == two, || format!("{}\n{request:#}\n{one:#}\n{two:#}", other.text))?;
    }
    Ok(requests.len() as u64)
}

fn ids_change_only_names(subject: &Subject, requests: &[Value], random: &mut Random) -> Applied {
    let own: Vec<&str> = subject.engine.rules.iter().map(|r| &*r.id).filter(|r| !r.contains('/')).collect();
    if own.is_empty() {
        return Ok(0);
    }
    let id = *random.pick(&own);
    let renamed = subject.text.replace(&format!("\nid = \"{id}\"\n"), "\nid = \"a-new-name\"\n");
    let other = Subject::of(renamed, subject.outer.clone()).unwrap();
    let mut times = 0;
    for request in requests {
        let Some(answer) = subject.valid(request).filter(|a| a.says(id).is_some()) else { continue };
        let again = other.decide(request);
        ensure(again.outcome() == answer.outcome(), || format!("{id}: {request:#}\n{:#}", again.0))?;
        for key in ["free_up_to", "say_why_up_to", "asks", "assumed", "ignored"] {
            ensure(again.0[key] == answer.0[key], || format!("{id}, {key}: {request:#}\n{:#}", again.0))?;
        }
        let mut names: Vec<String> = again.rules().into_iter().map(|r| if r == "a-new-name" { id.to_owned() } else { r }).collect();
        names.sort();
        ensure(names == answer.rules(), || format!("{id}: {names:?}\n{request:#}"))?;
        times += 1;
    }
    Ok(times)
}

fn one_allow_suffices(subject: &Subject, requests: &[Value], random: &mut Random) -> Applied {
    let answers: Vec<_> = requests.iter().filter_map(|r| Some((r, subject.valid(r).filter(|a| a.is_yes())?))).collect();
    if layers(subject) > 1 || answers.is_empty() {
        return Ok(0);
    }
    let kept = random.pick(&random.clone().pick(&answers).1.rules()).clone();
    let alone = Subject::of(without(&subject.text, |kind, id| kind == "allow" && id != kept), None).unwrap();
    let mut times = 0;
    for (request, answer) in answers.iter().filter(|(_, a)| a.rules().contains(&kept)) {
        let again = alone.decide(request);
        let same = again.is_yes() && (answer.outcome() != "allowed" || again.outcome() == "allowed");
        ensure(same, || format!("{kept} alone: {request:#}\n{:#}", again.0))?;
        times += 1;
    }
    Ok(times)
}

/// Taking a cap away never makes anything worse, and putting it back is what closed what it closed.
fn all_caps_must_have_room(subject: &Subject, requests: &[Value], random: &mut Random) -> Applied {
    let caps: Vec<&str> = subject.engine.rules.iter().map(|r| &*r.id).filter(|r| !r.contains('/') && table_of(subject, r).starts_with("cap]]")).collect();
    if caps.is_empty() {
        return Ok(0);
    }
    let gone = *random.pick(&caps);
    let other = Subject::of(without(&subject.text, |kind, id| kind == "cap" && id == gone), subject.outer.clone()).unwrap();
    let mut times = 0;
    for request in requests {
        let Some(answer) = subject.valid(request).filter(|a| a.says(gone).is_some()) else { continue };
        let without_it = other.decide(request);
        let (with, less) = (answer.verdict(layers(subject)), without_it.verdict(layers(subject)));
        ensure(less >= with, || format!("without {gone}: {less:?}, with it {with:?}\n{request:#}"))?;
        ensure(!answer.is_yes() || without_it.is_yes(), || format!("without {gone}: {request:#}\n{:#}", without_it.0))?;
        times += 1;
    }
    Ok(times)
}

fn higher_is_no_lower(subject: &Subject, request: &Value, _: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request) else { return Ok(0) };
    let level = request["asker"]["level"].as_str().unwrap();
    let place = subject.engine.level(level).unwrap();
    let mut before = answer.verdict(layers(subject));
    let mut times = 0;
    for higher in &subject.engine.levels[place + 1..] {
        let mut request = request.clone();
        request["asker"]["level"] = json!(&**higher);
        let verdict = subject.decide(&request).verdict(layers(subject));
        ensure(verdict >= before, || format!("{higher}: {verdict:?} under {before:?}"))?;
        before = verdict;
        times += 1;
    }
    Ok(times)
}

/// What an allow covers, a smaller amount is covered too; what does not close at an amount does not at a smaller one.
fn less_is_covered(subject: &Subject, request: &Value, random: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request).filter(|_| !request["amount"].is_null()) else { return Ok(0) };
    let oracle = subject.oracle();
    let units = units_of(subject, request);
    let least = i128::from(subject.engine.remedies[subject.engine.remedy(request["remedy"].as_str().unwrap()).unwrap()].minimum);
    if units <= least {
        return Ok(0);
    }
    let less = [least, units - 1, i128::midpoint(least, units), (units - 10).max(least), (units - 1000).max(least)];
    let smaller = subject.decide(&oracle.with_amount(request, *random.pick(&less)));
    let covering = |says: &str| ["does_not_cover", "may_cover", "covers_saying_why", "covers"].iter().position(|s| *s == says);
    for why in answer.why() {
        let rule = why["rule"].as_str().unwrap();
        if table_of(subject, rule).contains("\nexactly = ") {
            continue;
        }
        let (at, below) = (why["says"].as_str().unwrap(), smaller.says(rule));
        if let (Some(at), Some(below)) = (covering(at), below.and_then(covering)) {
            ensure(below >= at, || format!("{rule}: {at} but {below} below\n{:#}", smaller.0))?;
        }
    }
    for why in smaller.why().filter(|w| w["asker"] == true && matches!(w["says"].as_str().unwrap(), "closes" | "may_close")) {
        let at = answer.says(why["rule"].as_str().unwrap());
        let bites = at == Some("closes") || (at == Some("may_close") && why["says"] == "may_close");
        ensure(bites, || format!("{} at the larger amount: {at:?}", why["rule"]))?;
    }
    Ok(1)
}

/// The amount asked for, in units.
fn units_of(subject: &Subject, request: &Value) -> i128 {
    let read = charter::Request::from_value(&subject.engine, request, charter::Purpose::Decide).unwrap();
    i128::from(read.amount.unwrap())
}

fn certain_stays(subject: &Subject, request: &Value, random: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request) else { return Ok(0) };
    let before = answer.outcome();
    if before == "needs_facts" {
        return Ok(0);
    }
    let unknown = unknown_facts(subject, request);
    if unknown.is_empty() {
        return Ok(0);
    }
    let mut known = request.clone();
    for fact in unknown {
        if random.chance(80) {
            fill(subject, &mut known, fact, random);
        }
    }
    let after = subject.decide(&known);
    let same = after.outcome() == before || (before == "allowed_say_why" && after.outcome() == "allowed");
    ensure(same, || format!("{before} became {}\n{known:#}\n{:#}", after.outcome(), after.0))?;
    Ok(1)
}

fn asked_decides(subject: &Subject, request: &Value, random: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request).filter(|a| a.outcome() == "needs_facts") else { return Ok(0) };
    let asked = answer.asked();
    ensure(!asked.is_empty(), || format!("nothing is asked: {:#}", answer.0))?;
    let open = answer.verdict(layers(subject)) == Verdict::Open;
    let mut times = 0;
    for _ in 0..3 {
        let mut known = request.clone();
        for fact in subject.engine.facts.iter().filter(|f| asked.iter().any(|a| **a == *f.name)) {
            fill(subject, &mut known, fact, random);
        }
        let after = subject.decide(&known);
        let verdict = after.verdict(layers(subject));
        ensure(after.outcome() != "invalid", || format!("{:#}", after.0))?;
        ensure(!open || verdict != Verdict::Open, || format!("still open\n{known:#}\n{:#}", after.0))?;
        ensure(open || after.outcome() != "needs_facts", || format!("still undecided\n{known:#}\n{:#}", after.0))?;
        times += 1;
    }
    Ok(times)
}

fn limits_are_exact(subject: &Subject, request: &Value, _: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request).filter(|_| !request["amount"].is_null()) else { return Ok(0) };
    let units = units_of(subject, request);
    let oracle = subject.oracle();
    let mut times = 0;
    for why in answer.why() {
        let (Some(limit), Some(total)) = (amount_of(&why["limit"]), amount_of(&why["total"])) else { continue };
        let at_limit = units + limit - total;
        let (rule, exact) = (why["rule"].as_str().unwrap(), table_of(subject, why["rule"].as_str().unwrap()).contains("\nexactly = "));
        let says = |amount: i128| subject.decide(&oracle.with_amount(request, amount)).says(rule).map(str::to_owned);
        let Some(at) = says(at_limit) else { continue };
        if at == "does_not_cover" {
            continue;
        }
        let Some(above) = says(at_limit + 1) else { continue };
        let stretched = table_of(subject, rule).contains("\nstretch = ");
        let beyond = above == "does_not_cover" || (stretched && matches!(above.as_str(), "covers_saying_why" | "may_cover"));
        ensure(beyond, || format!("{rule} at its limit: {at}, one unit above: {above}"))?;
        if exact && let Some(below) = says(at_limit - 1) {
            ensure(below == "does_not_cover", || format!("{rule} one unit below: {below}"))?;
        }
        times += 1;
    }
    Ok(times)
}

/// The digits of an amount as a whole number of its last place.
fn amount_of(amount: &Value) -> Option<i128> {
    let text = amount.as_str().or(amount["amount"].as_str())?;
    text.replace('.', "").parse().ok()
}

fn same_again(subject: &Subject, requests: &[Value], _: &mut Random) -> Applied {
    let again = Subject::of(subject.text.clone(), subject.outer.clone()).unwrap();
    for request in requests {
        let (one, two) = (subject.decide(request).0.to_string(), again.decide(request).0.to_string());
        ensure(one == two, || format!("{one}\n{two}"))?;
    }
    Ok(requests.len() as u64)
}

fn options_equal_decide(subject: &Subject, request: &Value, random: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request) else { return Ok(0) };
    let mut asked = request.clone();
    asked.as_object_mut().unwrap().remove("amount");
    let options = subject.options(&asked);
    let option = &options["options"][0];
    let zones = option["zones"].as_array().ok_or_else(|| format!("no zones: {options:#}"))?;
    if request["amount"].is_null() {
        same_zone(&zones[0], &answer)?;
        return Ok(1);
    }
    let oracle = subject.oracle();
    // The oracle finds the amounts that matter by itself, but slowly.
    let mut amounts = if random.chance(10) { oracle.interesting_amounts(request) } else { Vec::new() };
    amounts.push(units_of(subject, request));
    let ends = zones.iter().flat_map(|z| [amount_of(&z["from"]), amount_of(&z["to"])]).flatten();
    amounts.extend(ends.flat_map(|end| [end, end - 1, end + 1, end + 100]));
    let mut times = 0;
    for _ in 0..6 {
        let amount = *random.pick(&amounts);
        let zone = zones.iter().find(|z| amount_of(&z["from"]).unwrap() <= amount && amount_of(&z["to"]).is_none_or(|to| amount <= to));
        let decided = subject.decide(&oracle.with_amount(request, amount));
        if decided.outcome() == "invalid" {
            continue;
        }
        same_zone(zone.ok_or_else(|| format!("no zone at {amount}"))?, &decided).map_err(|e| format!("at {amount}: {e}"))?;
        ensure(option["free_up_to"] == decided.0["free_up_to"], || format!("at {amount}: {:#}", option["free_up_to"]))?;
        times += 1;
    }
    maximal(zones)?;
    Ok(times)
}

/// What is kept from one remedy and reason to the next, and from one request to the next, changes nothing.
fn options_are_those_of_each(subject: &Subject, requests: &[Value], _: &mut Random) -> Applied {
    let (charter, mut times) = (&subject.engine, 0);
    let (mut work, mut kept) = (Work::default(), Options::default());
    for request in requests {
        let mut asked = request.clone();
        ["remedy", "reason", "amount"].iter().for_each(|key| drop(asked.as_object_mut().unwrap().remove(*key)));
        let Ok(asked) = Request::from_value(charter, &asked, Purpose::Options) else { continue };
        options_into(charter, &asked, &mut work, &mut kept);
        ensure(kept == options(charter, &asked), || format!("the buffer was not clean: {request:#}"))?;
        for one in &kept.list {
            let mut narrow = asked.clone();
            narrow.remedy = Some(one.remedy);
            narrow.reason = one.reason;
            let alone = options(charter, &narrow).list;
            ensure(alone.first() == Some(one), || {
                format!(
                    "among others {one:#?}
alone {alone:#?}
{request:#}"
                )
            })?;
            times += 1;
        }
    }
    Ok(times)
}

const OF_ZONE: [&str; 4] = ["outcome", "rules", "clear", "any_of"];

fn same_zone(zone: &Value, answer: &Answer) -> Result<(), String> {
    for key in OF_ZONE {
        ensure(zone[key] == answer.0[key], || format!("{key}: {:#}\n{:#}", zone, answer.0))?;
    }
    ensure(zone["serves"] == answer.0["to"], || format!("to: {:#}\n{:#}", zone, answer.0))
}

/// No two zones beside each other say the same.
fn maximal(zones: &[Value]) -> Result<(), String> {
    for pair in zones.windows(2) {
        let differ = OF_ZONE.iter().chain(&["serves"]).any(|key| pair[0][*key] != pair[1][*key]);
        ensure(differ, || format!("two zones that say the same: {:#}\n{:#}", pair[0], pair[1]))?;
    }
    Ok(())
}

/// Whether a rule counts what was given, by way of definitions too.
fn reads_granted(subject: &Subject, rule: &str) -> bool {
    let text = if rule.contains('/') { subject.outer.as_deref().unwrap() } else { &subject.text };
    let definitions: Vec<(&str, &str)> = text.lines().filter_map(|l| l.split_once(" = '")).filter(|(name, _)| name.starts_with("named_")).collect();
    let mut counting = vec!["granted("];
    for _ in &definitions {
        let more = definitions.iter().filter(|(name, body)| !counting.contains(name) && counting.iter().any(|c| body.contains(c)));
        let more: Vec<&str> = more.map(|(name, _)| *name).collect();
        counting.extend(more);
    }
    counting.iter().any(|c| table_of(subject, rule).contains(c))
}

fn one_more_makes_no_room(subject: &Subject, request: &Value, random: &mut Random) -> Applied {
    let Some(answer) = subject.valid(request) else { return Ok(0) };
    let mut more = request.clone();
    let remedy = random.pick(&subject.engine.remedies);
    let mut entry = json!({ "at": request["at"], "remedy": &*remedy.id, "worth": "1", "amount": "1", "keys": {} });
    for name in ["customer", "order", "case"] {
        entry["keys"][name] = request["subjects"][name].clone();
    }
    for (name, fact) in request["facts"].as_object().into_iter().flatten() {
        let text = fact.as_str().or(fact["value"].as_str());
        if let Some(text) = text.filter(|_| random.chance(80)) {
            entry["keys"][name] = json!(text);
        }
    }
    if !remedy.reasons.is_empty() {
        entry["reason"] = json!(&*subject.engine.reasons[*random.pick(&remedy.reasons)]);
    }
    if more["ledger"].is_null() {
        more["ledger"] = json!([]);
    }
    more["ledger"].as_array_mut().unwrap().push(entry);
    let after = subject.decide(&more);
    if after.outcome() == "invalid" {
        return Ok(0);
    }
    let mut times = 0;
    for cap in answer.0["caps"].as_array().into_iter().flatten() {
        let rule = cap["rule"].as_str().unwrap();
        let then = after.0["caps"].as_array().into_iter().flatten().find(|c| c["rule"] == rule);
        // What a cap allows may itself depend on what was given; the law is about what is used.
        let Some(then) = then.filter(|_| !reads_granted(subject, rule)) else { continue };
        let (Some(left), Some(later)) = (amount_of(&cap["left"]), amount_of(&then["left"])) else { continue };
        ensure(later <= left, || format!("{rule}: {left} left, then {later}\n{more:#}"))?;
        let opened = answer.says(rule) == Some("closes") && after.says(rule) == Some("leaves_room");
        ensure(!opened, || format!("{rule} opened"))?;
        times += 1;
    }
    Ok(times)
}
