//! `kill -9` of the server while programs give remedies through HTTP. They keep a journal of what they were answered: nothing of that is lost or doubled, and the server
//! answers again within two seconds. `ROUNDS` says how often it is killed.

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::path::Path;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use access::Secret;
    use access::people::{self, NewAiAgent};
    use access::teams::{self, NewMembership, TeamRole};
    use access::tokens::{self, Bearer, NewToken, PREFIX, Scope};
    use charter::time::Instant;
    use desk::cases::{self, NewCase};
    use platform::actor::Actor;
    use platform::db::{Db, DbError, Location, schema};

    use crate::server::{Server, leeway, now};

    /// Before the clock of the machine that the server goes by.
    const AT: Instant = 1_790_000_000_000_000;
    const CHARTER: &str = include_str!("kept.toml");
    /// Cases that remedies are given in, in turn.
    const CASES: u64 = 200;
    /// Programs that give at once.
    const CLIENTS: u64 = 8;

    /// What each key was answered: the whole body.
    type Journal = Mutex<BTreeMap<u64, String>>;

    /// A charter, cases, and somebody with a token for giving remedies in them.
    async fn prepare(path: &Path) -> String {
        let db = Db::open(&Location::File(path.to_owned()), leeway::wiring::WIRES).unwrap();
        db.migrate(&schema().unwrap()).await.unwrap();
        let secret = Secret::fresh().unwrap();
        let token = format!("{PREFIX}{}", secret.show());
        let filled = db.write(move |tx| {
            Box::pin(async move {
                let roomy = CHARTER.replace("20.00", "1000000.00");
                desk::charters::publish(tx, &roomy, None, "first", &Actor::System, AT).await.unwrap();
                let team = teams::create_team(tx, "Care", None, &Actor::System, AT).await.unwrap();
                let new = NewAiAgent { name: "Bot".to_owned(), level: Some("agent".to_owned()), locale: "en".to_owned(), time_zone: "UTC".to_owned() };
                let bot = people::add_ai_agent(tx, &new, &["agent".to_owned()], &Actor::System, AT).await.unwrap();
                let new = NewMembership { staff: bot, team, role: TeamRole::Member, from: AT, until: None };
                teams::begin_membership(tx, &new, &Actor::System, AT).await.unwrap();
                let new =
                    NewToken { name: "drill".to_owned(), bearer: Bearer::Staff(bot), scopes: [Scope::CasesRead, Scope::GrantsWrite].into_iter().collect() };
                tokens::make(tx, &new, &secret, &Actor::Staff(bot.0), AT).await.unwrap();
                for _ in 0..CASES {
                    let new = NewCase { channel: "mail".to_owned(), team: Some(team.0), ..NewCase::default() };
                    cases::open(tx, &new, &Actor::System, AT).await.unwrap();
                }
                Ok::<_, DbError>(())
            })
        });
        filled.await.unwrap();
        token
    }

    fn body(key: u64) -> String {
        format!("{{\"items\":[{{\"remedy\":\"credit\",\"reason\":\"late\",\"amount\":\"{}.00\"}}]}}", 1 + key % 20)
    }

    /// Gives under a key; nothing, if no whole answer came.
    fn give(address: &str, token: &str, key: u64) -> Option<(u16, String)> {
        let (case, body) = (1 + key % CASES, body(key));
        let request = format!(
            "POST /api/v1/cases/{case}/grants HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: drill-{key}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let text = exchange(address, &request)?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok())?;
        (body.len() == length).then(|| (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned()))
    }

    fn exchange(address: &str, request: &str) -> Option<String> {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        stream.write_all(request.as_bytes()).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        String::from_utf8(bytes).ok()
    }

    /// Programs that give until the server is gone; each gives the key that had no answer.
    fn load(address: &str, token: &str, next: &Arc<AtomicU64>, journal: &Arc<Journal>) -> Vec<std::thread::JoinHandle<u64>> {
        let client = |_| {
            let (address, token) = (address.to_owned(), token.to_owned());
            let (next, journal) = (Arc::clone(next), Arc::clone(journal));
            std::thread::spawn(move || {
                loop {
                    let key = next.fetch_add(1, Ordering::SeqCst);
                    match give(&address, &token, key) {
                        Some((201, answer)) => drop(journal.lock().unwrap().insert(key, answer)),
                        Some(other) => panic!("key {key}: {other:?}"),
                        None => return key,
                    }
                }
            })
        };
        (0..CLIENTS).map(client).collect()
    }

    /// The ids of grants in an answer.
    fn granted(answer: &str) -> Vec<String> {
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        answer["grants"].as_array().unwrap().iter().map(|g| g["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The ids of all grants in the database.
    fn kept(path: &Path) -> Vec<String> {
        let connection = rusqlite::Connection::open(path).unwrap();
        let mut ids = connection.prepare("SELECT lower(hex(id)) FROM grants").unwrap();
        ids.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn what_was_acknowledged_outlives_every_kill() {
        let rounds: u64 = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(4);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leeway.db");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let token = runtime.block_on(prepare(&path));
        drop(runtime);
        let (journal, next): (Arc<Journal>, _) = (Arc::default(), Arc::new(AtomicU64::new(0)));
        let (mut slowest, mut without, mut done_unseen) = (Duration::ZERO, 0, 0);
        let mut seed = 0x9e37_79b9_u64;
        let mut server = Server::start(folder.path(), "leeway.db", &[]);
        for round in 0..rounds {
            let began_at = next.load(Ordering::SeqCst);
            let clients = load(&server.address, &token, &next, &journal);
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            std::thread::sleep(Duration::from_millis(100 + (seed >> 33) % 400));
            server.kill();
            let unknown: Vec<u64> = clients.into_iter().map(|client| client.join().unwrap()).collect();
            let before: BTreeSet<String> = kept(&path).into_iter().collect();
            let began = now();
            server = Server::start(folder.path(), "leeway.db", &[]);
            assert_eq!(server.get("/readyz").status, 200);
            let took = began.elapsed();
            assert!(took < Duration::from_secs(2), "round {round}: ready after {took:?}");
            slowest = slowest.max(took);
            // What had no answer is sent again under its key; what had one gets the same one.
            for key in &unknown {
                let (status, answer) = give(&server.address, &token, *key).unwrap();
                assert_eq!(status, 201, "key {key}: {answer}");
                done_unseen += usize::from(granted(&answer).iter().all(|id| before.contains(&id.replace('-', ""))));
                journal.lock().unwrap().insert(*key, answer);
            }
            without += unknown.len();
            let of_round: Vec<(u64, String)> = journal.lock().unwrap().range(began_at..).map(|(key, answer)| (*key, answer.clone())).collect();
            assert!(of_round.len() > unknown.len(), "round {round}: nothing was acknowledged");
            for (key, answer) in of_round {
                assert_eq!(give(&server.address, &token, key), Some((201, answer)), "key {key} in round {round}");
            }
        }
        server.stop();
        let (journal, kept) = (journal.lock().unwrap(), kept(&path));
        let acknowledged: BTreeSet<String> = journal.values().flat_map(|answer| granted(answer)).map(|id| id.replace('-', "")).collect();
        assert_eq!(acknowledged.len(), journal.len(), "each key has a grant of its own");
        assert_eq!(kept.len(), acknowledged.len(), "as many grants as keys");
        assert_eq!(kept.into_iter().collect::<BTreeSet<_>>(), acknowledged);
        let verified = leeway(folder.path(), &["verify"], "");
        assert_eq!(verified.code, 0, "{verified:?}");
        eprintln!(
            "{rounds} kills, {} grants acknowledged, none lost or doubled; {without} had no answer, {done_unseen} of them had been done; ready again after at most {slowest:?}",
            journal.len()
        );
    }
}
