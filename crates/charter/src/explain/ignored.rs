//! Names in a request that the charter does not declare, and what may be meant by them.

use std::collections::BTreeMap;

use crate::diagnostics::nearest;
use crate::model::Charter;
use crate::request::Request;

/// For so many names a near one is looked for; who sends more sends them for somebody else.
const LOOKED_UP: usize = 10;

/// For the first of the names that were ignored, the declared name that may be meant: one that was not given itself.
pub(super) fn meant(charter: &Charter, request: &Request) -> BTreeMap<String, String> {
    let ignored = request.ignored.iter().take(LOOKED_UP);
    let of_facts = ignored.filter_map(|name| Some((name.clone(), near(charter, request, name)?)));
    of_facts.chain(request.meant.clone()).collect()
}

fn near(charter: &Charter, request: &Request, name: &str) -> Option<String> {
    let (subject, field) = name.split_once('.').unwrap_or(("", name));
    // A request names every subject, so none of them can be meant; keys of history have been looked at.
    if subject == "subjects" || subject.starts_with("ledger[") {
        return None;
    }
    if subject == "staff" {
        return nearest(name, charter.staff.iter().map(|f| &*f.name)).map(str::to_owned);
    }
    let missing = || charter.facts.iter().zip(&request.given).filter(|(_, given)| given.is_none()).filter_map(|(fact, _)| fact.name.split_once('.'));
    let of_subject = missing().filter(|(s, _)| *s == subject).map(|(_, f)| f);
    if let Some(found) = nearest(field, of_subject) {
        return Some(format!("{subject}.{found}"));
    }
    if let Some((elsewhere, _)) = missing().find(|(_, f)| *f == field) {
        return Some(format!("{elsewhere}.{field}"));
    }
    let all: Vec<String> = missing().map(|(s, f)| format!("{s}.{f}")).collect();
    nearest(name, all.iter().map(String::as_str)).map(str::to_owned)
}
