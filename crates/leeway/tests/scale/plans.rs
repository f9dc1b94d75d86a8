//! The plan of every SQL text, on both databases.

use std::collections::BTreeMap;

use platform::db::{Location, Statement};
use serde_json::Value as Json;
use testkit::on_each;

use crate::AT;
use crate::company::company;

/// Tables that stay small, each with the reason. All others grow.
const SMALL: &[(&str, &str)] = &[
    ("absences", "a few to each who works here"),
    ("calendars", "as many as there are opening hours"),
    ("charter_in_force", "one row"),
    ("charter_answers", "at most one to each charter that was published"),
    ("charters", "as many as were published"),
    ("draft_answers", "at most one to each owner"),
    ("first_links", "one for each start of the server before there is an owner, for a day"),
    ("grant_sum_sets", "as many as broad caps of charters ever counted by"),
    ("group_chats", "one for each group of the charter"),
    ("group_teams", "one for each group of the charter"),
    ("shifts", "a few to each who works here"),
    ("offering_versions", "a few to each promise"),
    ("offerings", "as many as there are promises"),
    ("refinery_schema_history", "a row to each step of the schema"),
    ("staff", "as many as work here"),
    ("staff_roles", "a row to each owner and operator"),
    ("memberships", "a few to each who works here"),
    ("passwords", "one for each who works here"),
    ("teams", "as many as there are teams"),
    ("tokens", "as many as programs were let in"),
    ("webhooks", "as many as systems listen"),
    ("webhook_events", "a few to each webhook"),
];

/// Statements that look at a whole table, each with the reason.
const LONG: &[(&str, &str)] = &[
    ("desk::customers::store::UNDER_WAY", "the first row of an index that holds only what is under way"),
    ("desk::deciding::tried::OWN", "what was one's own in a quarter, a hundred at a time, when the demo's rule is pulled down"),
    ("desk::escalations::store::PRECEDENTS", "an index that holds only precedents: as many as somebody made for others to go by"),
    ("desk::search::store::BY_NAME", "those in whose name a word begins as the longest one typed, until a page of them has the others too"),
    ("desk::search::store::BY_NAME_BEFORE", "the same, the other way"),
    ("desk::verify::COUNTS", "`verify` says how much it looked at"),
    ("platform::audit::EVENTS", "`verify` says how much it looked at"),
    ("platform::audit::LAST_SEAL", "one row from the end of the key"),
    ("platform::webhooks::store::FORGET", "takes out all that is old; what it passes over still waits"),
    ("platform::jobs::CALL_OFF_ALL", "once, when the demo is made: what waits is all of this kind"),
    ("platform::jobs::HASTEN", "once, when a charter is published: what waits"),
    ("platform::jobs::WAITING", "when somebody looks at a charter before it is published: what waits"),
    ("platform::jobs::COUNTS", "jobs that were done are taken out: what is left waits or was given up"),
];

/// Statements that sort, each with why there is little to sort.
const SORTED: &[(&str, &str)] = &[
    ("access::people::store::LIST", "as many as work here"),
    ("access::people::store::UNINVITED", "as many as work here"),
    ("access::sessions::store::LIST", "where one person is signed in"),
    ("access::teams::store::OF_NOW", "the teams of one person"),
    ("access::teams::store::OF_PEOPLE", "the teams of a page of people"),
    ("access::teams::store::OF_STAFF", "the teams of one person"),
    ("access::teams::store::OF_TEAM", "the members of one team"),
    ("access::teams::store::REACH", "the teams one person has to do with"),
    ("access::teams::store::SIZES", "as many as there are teams"),
    ("desk::cases::store::ABOUT", "a subject of each kind"),
    ("desk::cases::store::BY_NUMBERS", "fifty rows"),
    ("desk::cases::store::ERASE_TITLES", "the cases of one customer"),
    ("desk::cases::store::EVER_OF_CUSTOMER", "the cases of one customer"),
    ("desk::charters::store::HISTORY", "as many as were published"),
    ("desk::customers::store::ERASE", "one customer, and those who were merged into them"),
    ("desk::customers::store::ERASE_FACT", "what is known of one customer"),
    ("desk::customers::store::ERASE_WORDS", "one customer, and those who were merged into them"),
    ("desk::customers::store::FACT_NAMES", "what is known of one customer"),
    ("desk::customers::store::TEXTS_OF_CASE", "what was written in one case"),
    ("desk::deciding::sums::store::SETS", "as many as broad caps of charters ever counted by"),
    ("desk::grants::store::STEP_ALL", "what one customer was given"),
    ("desk::offerings::store::LIST", "as many as there are promises"),
    ("desk::offerings::store::LIST_SHOWN", "as many as there are promises"),
    ("desk::verify::TOLD", "what happened in one case"),
    ("platform::webhooks::store::EVENTS", "as many as systems listen"),
    ("platform::webhooks::store::EVENTS_OF", "the events of one webhook"),
    ("platform::webhooks::store::TOLD_OF", "as many as listen to one event"),
];

struct Plans {
    wrong: Vec<String>,
    excused: Vec<&'static str>,
}

impl Plans {
    /// A statement that looks at the whole of a table, or of an index.
    fn scans(&mut self, statement: &Statement, table: &str, line: &str) {
        if SMALL.iter().any(|(small, _)| *small == table) {
            return;
        }
        self.excuse(LONG, statement, line);
    }

    fn sorts(&mut self, statement: &Statement, line: &str) {
        self.excuse(SORTED, statement, line);
    }

    fn excuse(&mut self, list: &[(&'static str, &str)], statement: &Statement, line: &str) {
        match list.iter().find(|(name, _)| *name == statement.name) {
            Some((name, _)) => self.excused.push(name),
            None => self.wrong.push(format!("{}: {line}", statement.name)),
        }
    }
}

#[test]
fn no_plan_scans_a_table_that_grows() {
    let _turn = crate::TURN.lock();
    let excused = std::sync::Mutex::new(Vec::new());
    let excused = &excused;
    on_each(|test| async move {
        // PostgreSQL goes by how much there is, SQLite by the schema alone.
        let cases = if test.is_sqlite() { 1_000 } else { 8_000 };
        company(&test.location, (cases, 200), AT).await.unwrap();
        let mut plans = Plans { wrong: Vec::new(), excused: Vec::new() };
        match &test.location {
            Location::File(path) => on_sqlite(&mut plans, &rusqlite::Connection::open(path).unwrap()),
            Location::Postgres(url) => on_postgres(&mut plans, url).await,
        }
        assert!(plans.wrong.is_empty(), "{} plans:\n{}", plans.wrong.len(), plans.wrong.join("\n"));
        excused.lock().unwrap().extend(plans.excused);
    });
    let excused = excused.lock().unwrap();
    // Some scan on one of the databases alone. Whether PostgreSQL sorts hangs on how much there is.
    let is_idle = |name: &&str| testkit::engines().len() == 2 && !excused.contains(name);
    let idle: Vec<&str> = LONG.iter().map(|(name, _)| *name).filter(is_idle).collect();
    assert!(idle.is_empty(), "listed, and needs no excuse: {idle:?}");
    let statements = leeway::statements();
    let is_gone = |name: &&str| statements.iter().all(|statement| statement.name != *name);
    let gone: Vec<&str> = LONG.iter().chain(SORTED).map(|(name, _)| *name).filter(is_gone).collect();
    assert!(gone.is_empty(), "listed, and not there: {gone:?}");
}

fn on_sqlite(plans: &mut Plans, connection: &rusqlite::Connection) {
    for statement in leeway::statements() {
        let tables = tables(statement.sqlite());
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.sqlite())).unwrap();
        let lines = explained.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>().unwrap();
        for line in lines {
            if let Some(scanned) = line.strip_prefix("SCAN ") {
                let name = scanned.split(' ').next().unwrap();
                // Anything else is a row of constants, or what another part of the same statement found.
                if let Some(table) = tables.get(name) {
                    plans.scans(statement, table, &line);
                }
            } else if line.starts_with("USE TEMP B-TREE") {
                plans.sorts(statement, &line);
            }
        }
    }
}

/// The tables of a statement, by the names they have in it.
fn tables(sql: &str) -> BTreeMap<String, String> {
    let words: Vec<&str> = sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| !w.is_empty()).collect();
    let mut found = BTreeMap::new();
    for (place, word) in words.iter().enumerate() {
        if !["FROM", "JOIN", "INTO", "UPDATE"].contains(word) {
            continue;
        }
        let Some(table) = words.get(place + 1).filter(|t| t.chars().all(|c| c.is_lowercase() || c == '_')) else { continue };
        let alias = words.get(place + 2).filter(|a| a.chars().all(char::is_lowercase)).unwrap_or(table);
        found.insert((*alias).to_owned(), (*table).to_owned());
        found.insert((*table).to_owned(), (*table).to_owned());
    }
    let of_statement: Vec<&str> = sql.split("RECURSIVE ").skip(1).filter_map(|rest| rest.split('(').next()).collect();
    found.retain(|_, table| !of_statement.contains(&table.as_str()));
    found
}

async fn on_postgres(plans: &mut Plans, url: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let talking = tokio::spawn(connection);
    // A table of few rows is read whole whatever its indexes; here it is read whole only where there is no other way. Pages of an index cost what others do, as
    // they do in memory.
    client.batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET random_page_cost = 1.1").await.unwrap();
    for statement in leeway::statements() {
        client.batch_execute(&format!("PREPARE asked AS {}", statement.postgres())).await.unwrap();
        let open: i32 = client.query_one("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'", &[]).await.unwrap().get(0);
        let values = vec!["NULL"; usize::try_from(open).unwrap()].join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        let told = client.simple_query(&format!("EXPLAIN (FORMAT JSON, COSTS OFF) EXECUTE asked{values}")).await.unwrap();
        let text: String = told.iter().filter_map(|m| if let tokio_postgres::SimpleQueryMessage::Row(row) = m { row.get(0) } else { None }).collect();
        let plan: Json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        look(plans, statement, &plan[0]["Plan"], &Json::Null);
        client.batch_execute("DEALLOCATE asked").await.unwrap();
    }
    drop(client);
    talking.await.unwrap().unwrap();
}

/// A step of a plan, and those below it.
fn look(plans: &mut Plans, statement: &Statement, step: &Json, above: &Json) {
    let word = |key: &str| step[key].as_str().unwrap_or_default();
    let (kind, table) = (word("Node Type"), word("Relation Name"));
    let line = format!("{kind} {table} {} {}", word("Index Name"), word("Filter"));
    // A range alone may be nearly all there is, of which a filter then leaves little.
    let is_whole = step["Index Cond"].is_null() || !word("Index Cond").contains(" = ") && !step["Filter"].is_null();
    // The whole of an index, unless it ends with the first rows.
    let ends = above["Node Type"] == "Limit" && step["Filter"].is_null();
    match kind {
        "Seq Scan" => plans.scans(statement, table, &line),
        "Index Scan" | "Index Only Scan" if is_whole && !ends => plans.scans(statement, table, &line),
        "Bitmap Index Scan" if is_whole => plans.scans(statement, above["Relation Name"].as_str().unwrap_or_default(), &line),
        "Sort" | "Incremental Sort" => plans.sorts(statement, &format!("{line} by {}", step["Sort Key"])),
        _ => {}
    }
    for below in step["Plans"].as_array().into_iter().flatten() {
        look(plans, statement, below, step);
    }
}
