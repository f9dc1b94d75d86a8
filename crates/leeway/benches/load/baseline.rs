//! The rows that one grant leaves, written again under other ids, and the sums it changes, changed again: one set to a transaction, through the same `Tx`, with
//! nothing looked up or decided.

use std::sync::Arc;
use std::time::Duration;

use platform::clock::Clock;
use platform::db::{Column, Db, DbError, FromRow, Inventory, Row, Statement, Value};
use platform::id::Id;

use crate::Failed;
use crate::figures::{Timed, cpu, now};

/// The tables a grant leaves rows in, in the order in which it does, and which rows are those of one grant: `?1` is its id, `?2` the same as text.
const TABLES: [(&str, &str); 8] = [
    ("idempotency_keys", "answer LIKE '%' || ?2 || '%' AND made_at >= (SELECT at FROM grants WHERE id = ?1) - 10000000"),
    ("texts", "id = (SELECT d.personal FROM grants g JOIN decisions d ON d.id = g.decision WHERE g.id = ?1) AND ?2 = ?2"),
    ("decisions", "id = (SELECT decision FROM grants WHERE id = ?1) AND ?2 = ?2"),
    ("grants", "id = ?1 AND ?2 = ?2"),
    ("grant_steps", "grant_id = ?1 AND state = 'granted' AND ?2 = ?2"),
    ("grant_keys", "grant_id = ?1 AND ?2 = ?2"),
    ("events", "kind = 'grant_made' AND data LIKE '%' || ?2 || '%' AND at = (SELECT at FROM grants WHERE id = ?1)"),
    ("jobs", "kind = 'send_grant' AND key = CAST(?2 AS TEXT) AND run_at >= (SELECT at FROM grants WHERE id = ?1)"),
];

/// Any row: its values, whatever they are.
struct Any(Vec<Value>);
struct One(Value);

impl Column for One {
    fn to_value(&self) -> Value {
        self.0.clone()
    }

    fn from_value(value: Value) -> Result<Self, DbError> {
        Ok(Self(value))
    }
}

impl FromRow for Any {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let mut values = Vec::new();
        while let Ok(One(value)) = row.take::<One>() {
            values.push(value);
        }
        Ok(Self(values))
    }
}

/// What is inserted, with the ids in it that are new each time, and which sums are changed.
#[derive(Clone)]
pub(crate) struct Rows {
    inserts: Vec<(&'static str, &'static Statement, Vec<Value>)>,
    ids: Vec<Id>,
    sums: Vec<Vec<Value>>,
}

/// The sums that a grant changed last, and one of them changed once more.
const SUMS_OF: &str = "SELECT names, key, span, bucket, remedy, reason, weighed FROM grant_sums
                       WHERE last_step = (SELECT MAX(seq) FROM grant_steps WHERE grant_id = ?1) ORDER BY names, key, span";
static CHANGE_SUM: Statement = Statement::new(
    "baseline::CHANGE_SUM",
    "UPDATE grant_sums SET number = number + 1, units = units + 1, worth = worth + 1, last_step = last_step + 1
     WHERE names = ?1 AND key = ?2 AND span = ?3 AND bucket = ?4 AND remedy = ?5 AND reason = ?6 AND weighed = ?7",
);

/// A statement that is made here. There are few, and they are needed to the end.
fn statement(text: String) -> &'static Statement {
    Box::leak(Box::new(Statement::new("baseline", Box::leak(text.into_boxed_str()))))
}

async fn all(db: &Db, text: String, values: Vec<Value>) -> Result<Vec<Vec<Value>>, DbError> {
    let statement = statement(text);
    let found: Vec<Any> = db.read::<_, DbError, _>(move |tx| Box::pin(async move { tx.all(statement, &values).await })).await?;
    Ok(found.into_iter().map(|row| row.0).collect())
}

impl Rows {
    /// The rows of the latest grant.
    pub(crate) async fn latest(db: &Db) -> Result<Self, Failed> {
        let found = all(db, "SELECT id, case_id FROM grants WHERE state = 'granted' ORDER BY seq DESC LIMIT 1".to_owned(), Vec::new()).await?;
        let mut ids: Vec<Id> = found.into_iter().flatten().map(Id::from_value).collect::<Result<_, _>>()?;
        let grant = *ids.first().ok_or("there is no grant to take the rows of")?;
        let mut inserts = Vec::new();
        for (table, which) in TABLES {
            let columns = columns(db, table).await?;
            let named = columns.join(", ");
            let rows = all(db, format!("SELECT {named} FROM {table} WHERE {which}"), vec![grant.to_value(), Value::Text(grant.to_string())]).await?;
            if rows.is_empty() {
                return Err(format!("the grant left nothing in `{table}`").into());
            }
            let open = (1..=columns.len()).map(|n| format!("?{n}")).collect::<Vec<_>>().join(", ");
            let insert = statement(format!("INSERT INTO {table} ({named}) VALUES ({open})"));
            for row in &rows {
                for (column, value) in columns.iter().zip(row) {
                    match value {
                        Value::Bytes(_) if column == "id" => ids.push(Id::from_value(value.clone())?),
                        Value::Text(key) if column == "key" && table == "idempotency_keys" => ids.push(key.parse()?),
                        _ => {}
                    }
                }
            }
            inserts.extend(rows.into_iter().map(|row| (table, insert, row)));
        }
        let sums = all(db, SUMS_OF.to_owned(), vec![grant.to_value()]).await?;
        Ok(Self { inserts, ids, sums })
    }

    /// Whether these are all the rows that so many grants left, by what is there before and after: so that the baseline writes what they did.
    pub(crate) fn are_those_of(&self, grants: i64, before: &Inventory, after: &Inventory) -> Result<(), Failed> {
        for ((table, before), (_, after)) in before.rows.iter().zip(&after.rows) {
            let each = i64::try_from(self.inserts.iter().filter(|(of, ..)| of == table).count())?;
            // A job that runs by itself, once in a while, leaves a few rows: a hundredth.
            if (after - before - each * grants).abs() > grants / 100 {
                return Err(format!("{grants} grants left {} rows in `{table}`; the baseline would write {each} for each", after - before).into());
            }
        }
        Ok(())
    }
}

/// The columns of a table that are not given by the database.
async fn columns(db: &Db, table: &str) -> Result<Vec<String>, Failed> {
    let text = if db.is_shared() {
        format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns WHERE table_name = '{table}' AND column_name <> 'seq' ORDER BY ordinal_position"
        )
    } else {
        format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'seq'")
    };
    let found = all(db, text, Vec::new()).await?;
    Ok(found.into_iter().flatten().map(String::from_value).collect::<Result<_, _>>()?)
}

impl Rows {
    /// The same without the sums.
    pub(crate) fn without_sums(&self) -> Self {
        Self { sums: Vec::new(), ..self.clone() }
    }

    /// The same under other ids.
    fn renewed(&self) -> Vec<(&'static Statement, Vec<Value>)> {
        let at = Clock::machine().now();
        let ids: Vec<(Id, Id, String, String)> =
            self.ids.iter().map(|old| (*old, Id::new(at))).map(|(old, new)| (old, new, old.to_string(), new.to_string())).collect();
        let renew = |value: &Value| match value {
            Value::Bytes(bytes) => ids.iter().find(|(old, ..)| old.bytes() == bytes.as_slice()).map_or_else(|| value.clone(), |(_, new, ..)| new.to_value()),
            Value::Text(text) => {
                Value::Text(ids.iter().fold(text.clone(), |text, (_, _, old, new)| if text.contains(old) { text.replace(old, new) } else { text }))
            }
            other => other.clone(),
        };
        self.inserts.iter().map(|(_, statement, row)| (*statement, row.iter().map(renew).collect())).collect()
    }
}

/// So many at a time, for as long as is said.
pub(crate) async fn written(db: &Arc<Db>, rows: &Rows, clients: u64, time: Duration) -> Result<Timed, Failed> {
    let rows = Arc::new(rows.clone());
    let (began, before) = (now(), cpu(std::process::id()));
    let mut writing = Vec::new();
    for _ in 0..clients {
        let (db, rows) = (Arc::clone(db), Arc::clone(&rows));
        writing.push(tokio::spawn(async move {
            let mut took = Vec::new();
            while began.elapsed() < time {
                let sent = now();
                let (set, sums) = (Arc::new(rows.renewed()), Arc::clone(&rows));
                db.write::<_, DbError, _>(move |tx| {
                    Box::pin(async move {
                        for (insert, row) in set.iter() {
                            tx.execute(insert, row).await?;
                        }
                        for sum in &sums.sums {
                            tx.execute(&CHANGE_SUM, sum).await?;
                        }
                        Ok(())
                    })
                })
                .await?;
                took.push(sent.elapsed());
            }
            Ok::<_, DbError>(took)
        }));
    }
    let mut timed = Timed::new(format!("the same {} rows and {} sums without HTTP, {clients} at a time", rows.inserts.len(), rows.sums.len()));
    for one in writing {
        timed.took.extend(one.await??);
    }
    timed.over = began.elapsed();
    timed.cpu = (0, cpu(std::process::id()) - before);
    Ok(timed)
}
