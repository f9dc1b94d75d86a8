//! Keeping data: what is verified, copied and restored; that every statement fits; that tables of the program and its pages agree.

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use charter::time::Instant;
    use desk::asker::{Asker, Kind};
    use desk::cases::{self, NewCase};
    use desk::charters::{self, Charters};
    use desk::grants::{self, Item, Offer, Offered};
    use leeway::app::App;
    use platform::actor::Actor;
    use platform::audit;
    use platform::clock::Clock;
    use platform::db::{Db, DbError, Location, free_sqlite, schema};
    use platform::id::Id;
    use platform::webhooks;
    use tempfile::TempDir;
    use testkit::{TestDb, on_each};

    use crate::server::{Server, leeway};
    use crate::settings::settings;

    const AT: Instant = 1_800_000_000_000_000;
    const CHARTER: &str = include_str!("kept.toml");

    /// A charter, two cases, and in each a grant that was sent; sealed.
    async fn fill(db: &Db) {
        db.migrate(&schema().unwrap()).await.unwrap();
        db.write(|tx| Box::pin(async move { charters::publish(tx, CHARTER, None, "first", &Actor::System, AT).await })).await.unwrap();
        let known = Charters::default();
        for n in 0..2 {
            let new = NewCase { channel: "mail".to_owned(), ..NewCase::default() };
            let case = db.write(move |tx| Box::pin(async move { cases::open(tx, &new, &Actor::System, AT).await })).await.unwrap();
            let asker = Asker { staff: Id::from_bytes([n; 16]), level: "agent".to_owned(), kind: Kind::Person };
            let item = Item { remedy: "credit".to_owned(), reason: Some("late".to_owned()), amount: Some("5.00".to_owned()), why: None };
            let (offer, known) = (Offer { case, items: vec![item], beyond_no: false }, known.clone());
            let given = db.write(move |tx| Box::pin(async move { grants::give(tx, &known, &offer, &asker, AT).await })).await.unwrap();
            let Offered::Given { grants, undo_until, .. } = given else { panic!("{given:?}") };
            let id = grants[0].grant;
            db.write(move |tx| Box::pin(async move { grants::send_due(tx, id, undo_until).await })).await.unwrap();
        }
        db.write(|tx| Box::pin(async move { audit::seal(tx, AT + 10 * audit::SEALED_AFTER_MICROS).await })).await.unwrap();
    }

    /// A file with something in it.
    fn filled() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leeway.db");
        tokio_block(async {
            fill(&Db::open(&Location::File(path.clone()), &[]).unwrap()).await;
            // The thread that writes closes the file in a moment; then all of it is in the one file.
            while free_sqlite(&path).is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        (folder, path)
    }

    fn tokio_block(future: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future);
    }

    #[test]
    fn what_is_whole_verifies() {
        on_each(|test| async move {
            fill(&test.db).await;
            let database = address(&test);
            let ran = leeway(Path::new("/"), &["verify", "--database", &database], "");
            assert_eq!(ran.code, 0, "{ran:?}");
            assert!(ran.out.contains("1 seals, 2 grants; decided again: 2 the same, 0 erased, 0 different\nnothing was found"), "{ran:?}");
        });
    }

    #[test]
    fn an_installation_is_copied_to_the_other_database_and_back() {
        on_each(|test| async move {
            if test.is_sqlite() {
                return;
            }
            let (folder, _) = tokio::task::spawn_blocking(filled).await.unwrap();
            let server = address(&test);
            let copy = |from: &str, to: &str| leeway(folder.path(), &["copy", "--from", from, "--to", to], "");
            let there = copy("leeway.db", &server);
            assert_eq!(there.code, 0, "{there:?}");
            assert!(there.out.contains("nothing was found") && there.out.contains("copied `leeway.db` to `postgres://"), "{there:?}");
            // A database that holds something is never copied into, nor a file that is there.
            let again = copy("leeway.db", &server);
            assert!(again.code == 2 && again.err.contains("is not empty"), "{again:?}");
            let onto = copy(&server, "leeway.db");
            assert!(onto.code == 2 && onto.err.contains("is there already"), "{onto:?}");
            let alike = copy("leeway.db", "other.db");
            assert!(alike.code == 2 && alike.err.contains("`leeway backup` and `leeway restore`"), "{alike:?}");
            assert!(copy("none.db", &server).code == 2);

            let back = copy(&server, "back.db");
            assert_eq!(back.code, 0, "{back:?}");
            let steps = schema().unwrap();
            let files = ["leeway.db", "back.db"].map(|name| Location::File(folder.path().join(name)));
            let mut inventories = Vec::new();
            for location in files.iter().chain([&test.location]) {
                inventories.push(Db::open(location, &[]).unwrap().inventory(&steps).await.unwrap());
            }
            assert!(inventories[0].total() > 20 && inventories[0].heads.iter().all(Option::is_some), "{inventories:?}");
            assert!(inventories.iter().all(|one| *one == inventories[0]), "{inventories:?}");

            // Numbers go on where they ended, and the rules of the schema hold again.
            for database in [&files[1], &test.location] {
                let db = Db::open(database, &[]).unwrap();
                let new = NewCase { channel: "mail".to_owned(), ..NewCase::default() };
                let number = db.write(move |tx| Box::pin(async move { cases::open(tx, &new, &Actor::System, AT).await })).await.unwrap();
                assert_eq!(number, 3);
                let refused = match database {
                    Location::File(path) => {
                        let edited = rusqlite::Connection::open(path).unwrap().execute("UPDATE events SET kind = 'x'", []);
                        edited.unwrap_err().to_string()
                    }
                    Location::Postgres(url) => {
                        let (client, talking) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                        let talking = tokio::spawn(talking);
                        let refused = client.execute("UPDATE events SET kind = 'x'", &[]).await.unwrap_err();
                        drop(client);
                        drop(talking.await);
                        format!("{:?}", refused.as_db_error())
                    }
                };
                assert!(refused.contains("never changed"), "{refused}");
            }
        });
    }

    fn address(test: &TestDb) -> String {
        match &test.location {
            Location::File(path) => path.display().to_string(),
            Location::Postgres(url) => url.clone(),
        }
    }

    #[test]
    fn what_was_tampered_with_is_found() {
        let cases = [
            ("UPDATE events SET data = replace(data, 'late', 'lost') WHERE kind = 'grant_made'", "was changed after it was written"),
            ("DELETE FROM events WHERE seq = (SELECT MAX(seq) FROM events)", "seal 1: it was put over"),
            ("DELETE FROM events WHERE number = 1 AND kind = 'case_opened'", "number 1 is missing"),
            ("UPDATE grants SET units = 900 WHERE seq = 2", "the log does not tell of it as it is"),
            ("UPDATE grants SET giver = 'system' WHERE seq = 2", "who gave it is not who its steps say"),
            ("UPDATE seals SET digest = x'00'", "seal 1: what it was put over has changed"),
            ("UPDATE grants SET state = 'fulfilled' WHERE seq = 1", "it stands at `fulfilled`, and its last step says `sent`"),
            ("DELETE FROM grant_steps", "it has no steps"),
            ("DELETE FROM grant_keys WHERE name = ''", "what it counts under is not what was kept"),
            ("UPDATE decisions SET outcome = 'forbidden'", "the decision it rests on is `forbidden`"),
            ("UPDATE decisions SET request = replace(request, '5.00', '500.00')", "it comes out as"),
            ("UPDATE charters SET text = replace(text, '20.00', '4.00')", "decision"),
            ("PRAGMA foreign_keys = OFF; DELETE FROM decisions", "the decision it rests on is not there"),
        ];
        let (folder, path) = filled();
        for (edit, says) in cases {
            let edited = folder.path().join("edited.db");
            std::fs::copy(&path, &edited).unwrap();
            tamper(&edited, edit);
            let ran = leeway(folder.path(), &["verify", "--database", "edited.db"], "");
            assert_eq!(ran.code, 1, "{edit}: {ran:?}");
            assert!(ran.out.contains(says), "{edit}: {ran:?}");
            assert!(ran.out.contains("the trigger events_stay is missing"), "{edit}: {ran:?}");
            std::fs::remove_file(&edited).unwrap();
        }
    }

    /// Takes out all triggers, and then edits.
    fn tamper(path: &Path, edit: &str) {
        let connection = rusqlite::Connection::open(path).unwrap();
        let triggers: Vec<String> = {
            let mut names = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").unwrap();
            names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        assert!(triggers.len() > 5);
        for name in triggers {
            connection.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        connection.execute_batch(edit).unwrap();
    }

    #[test]
    fn a_copy_made_under_load_verifies_and_can_be_restored() {
        let (folder, path) = filled();
        let server = Server::start(folder.path(), "leeway.db", &[]);
        let location = Location::File(path);
        tokio_block(async {
            let db = std::sync::Arc::new(Db::open(&location, &[]).unwrap());
            let writing = std::sync::Arc::clone(&db);
            let load = tokio::spawn(async move {
                for n in 0..2_000_i64 {
                    let new = NewCase { channel: "mail".to_owned(), ..NewCase::default() };
                    writing.write(move |tx| Box::pin(async move { cases::open(tx, &new, &Actor::System, AT + n).await })).await.unwrap();
                }
            });
            // What a copy has left that was killed.
            for left in ["first.db.partial", "first.db.partial.pages", "first.db.partial.pages-journal"] {
                std::fs::write(folder.path().join(left), [0x5a; 8_192]).unwrap();
            }
            for name in ["first.db", "second.db"] {
                let to = folder.path().to_owned();
                let ran = tokio::task::spawn_blocking(move || leeway(&to, &["backup", name], "")).await.unwrap();
                assert_eq!(ran.code, 0, "{ran:?}");
            }
            load.abort();
        });
        let again = leeway(folder.path(), &["backup", "first.db"], "");
        assert!(again.code == 2 && again.err.contains("is there already"), "{again:?}");
        let verified = leeway(folder.path(), &["verify", "--database", "second.db"], "");
        assert_eq!(verified.code, 0, "{verified:?}");
        let in_use = leeway(folder.path(), &["restore", "first.db"], "");
        assert!(in_use.code == 2 && in_use.err.contains("stop the server first"), "{in_use:?}");
        server.stop();
        for left in [".restoring", ".restoring.pages", ".restoring.pages-journal"] {
            std::fs::write(folder.path().join(format!("leeway.db{left}")), [0x5a; 8_192]).unwrap();
        }
        let restored = leeway(folder.path(), &["restore", "first.db"], "");
        assert_eq!(restored.code, 0, "{restored:?}");
        let files: Vec<String> = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        assert!(files.iter().any(|name| name.starts_with("leeway.db.before-")), "{files:?}");
        assert!(!files.iter().any(|name| name.contains(".restoring") || name.contains(".partial")), "{files:?}");
        assert_eq!(Server::start(folder.path(), "leeway.db", &[]).get("/readyz").status, 200);
    }

    #[test]
    fn a_damaged_copy_is_refused() {
        let (folder, path) = filled();
        let backup = leeway(folder.path(), &["backup", "copy.db"], "");
        assert_eq!(backup.code, 0, "{backup:?}");
        let before = std::fs::read(&path).unwrap();
        let whole = std::fs::read(folder.path().join("copy.db")).unwrap();
        let half = whole[..whole.len() / 2].to_vec();
        let mut torn = whole;
        let middle = torn.len() / 2;
        torn[middle..middle + 8_192].fill(0x5a);
        for (name, bytes) in [("half.db", half), ("torn.db", torn), ("text.db", b"no database at all".to_vec()), ("nothing.db", Vec::new())] {
            std::fs::write(folder.path().join(name), bytes).unwrap();
            let ran = leeway(folder.path(), &["restore", name], "");
            assert_ne!(ran.code, 0, "{name}: {ran:?}");
        }
        std::fs::copy(folder.path().join("copy.db"), folder.path().join("edited.db")).unwrap();
        tamper(&folder.path().join("edited.db"), "UPDATE grants SET state = 'fulfilled' WHERE seq = 1");
        let ran = leeway(folder.path(), &["restore", "edited.db"], "");
        assert!(ran.code == 1 && ran.out.contains("`edited.db` was not restored; nothing was changed"), "{ran:?}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "the database is as it was");
    }

    #[test]
    fn a_postgres_copy_verifies_and_goes_into_an_empty_database() {
        if std::process::Command::new("pg_dump").arg("--version").output().is_err() {
            eprintln!("not run: pg_dump is not there");
            return;
        }
        on_each(|test| async move {
            if test.is_sqlite() {
                return;
            }
            fill(&test.db).await;
            let folder = tempfile::tempdir().unwrap();
            let ran = leeway(folder.path(), &["backup", "copy.dump", "--database", &address(&test)], "");
            assert_eq!(ran.code, 0, "{ran:?}");
            let full = leeway(folder.path(), &["restore", "copy.dump", "--database", &address(&test)], "");
            assert!(full.code == 2 && full.err.contains("is not empty"), "{full:?}");
            let empty = TestDb::new(testkit::Engine::Postgres).await.unwrap();
            let restored = leeway(folder.path(), &["restore", "copy.dump", "--database", &address(&empty)], "");
            assert_eq!(restored.code, 0, "{restored:?}");
            assert!(restored.out.contains("2 grants; decided again: 2 the same"), "{restored:?}");
        });
    }

    #[test]
    fn a_charter_is_published_and_rolled_back() {
        on_each(|test| async move {
            let (folder, database) = (tempfile::tempdir().unwrap(), address(&test));
            std::fs::write(folder.path().join("kept.toml"), CHARTER).unwrap();
            std::fs::write(folder.path().join("bad.toml"), CHARTER.replace("[levels]", "[ladder]").replace("agent", "nobody at all")).unwrap();
            let run = |arguments: &[&str]| leeway(folder.path(), &[&["charter"], arguments, &["--database", &database]].concat(), "");
            for version in ["1", "2"] {
                let ran = run(&["publish", "kept.toml", "--note", "More credit for late parcels."]);
                assert_eq!((ran.code, ran.out), (0, format!("version {version} is in force\n")), "{}", ran.err);
            }
            let ran = run(&["roll-back", "1"]);
            assert_eq!((ran.code, ran.out.as_str()), (0, "version 1 is in force\n"), "{}", ran.err);
            let ran = run(&["roll-back", "7"]);
            assert!(ran.code == 2 && ran.err.contains("there is no version 7"), "{ran:?}");
            let ran = run(&["publish", "bad.toml", "--note", "x"]);
            assert!(ran.code == 1 && ran.err.contains("error"), "{ran:?}");
        });
    }

    #[test]
    fn every_statement_fits_the_schema() {
        on_each(|test| async move {
            test.db.migrate(&schema().unwrap()).await.unwrap();
            let mut names = BTreeSet::new();
            for statement in leeway::statements() {
                let prepared: Result<(), DbError> = test.db.write(move |tx| Box::pin(async move { tx.prepare(statement).await })).await;
                prepared.unwrap();
                assert!(names.insert(statement.name), "{} is listed twice", statement.name);
            }
            assert!(names.len() > 100, "only {} statements", names.len());
        });
    }

    #[test]
    fn every_list_of_statements_is_a_part_of_the_whole() {
        // Each `statements!` is in the list of its crate: counted in the texts.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut named = 0;
        for of in ["platform", "access", "desk"] {
            count(&root.join(of).join("src"), &mut named);
        }
        assert_eq!(named, leeway::statements().len(), "a list is missing in `statements()` of its crate");
    }

    /// Counts the SQL texts that stand in `statements!` of shipped code.
    fn count(folder: &Path, named: &mut usize) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                count(&path, named);
                continue;
            }
            if path.ends_with("tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for block in text.split("\nstatements! {\n").skip(1) {
                let block = block.split("\n}\n").next().unwrap();
                *named +=
                    block.lines().filter(|line| line.starts_with("    ") && line.trim_start().split_once(" =").is_some_and(|(name, _)| is_name(name))).count();
            }
        }
    }

    fn is_name(text: &str) -> bool {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    }

    #[test]
    fn steps_of_the_schema_have_one_name_for_both_databases() {
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
        let names = |engine: &str| -> BTreeSet<String> {
            std::fs::read_dir(migrations.join(engine)).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
        };
        assert_eq!(names("sqlite"), names("postgres"));
        let schema = schema().unwrap();
        assert_eq!(schema.len(), names("sqlite").len());
        for (place, step) in (1..).zip(&schema) {
            assert_eq!(step.number, place, "numbers have no gaps: {}", step.name);
        }
    }

    #[test]
    fn what_is_wired_is_an_event_and_each_job_has_a_function() {
        let wired: BTreeSet<&str> = leeway::wiring::WIRES.iter().map(|wire| wire.event).collect();
        assert_eq!(wired.len(), leeway::wiring::WIRES.len(), "an event stands twice");
        let folder = tempfile::tempdir().unwrap();
        let location = Location::File(folder.path().join("leeway.db"));
        let db = std::sync::Arc::new(Db::open(&location, &[]).unwrap());
        let app = App::new(db, Clock::standing_at(AT), "http://127.0.0.1".to_owned(), &settings(&location)).unwrap();
        let known = leeway::work::table(&app).kinds();
        for job in leeway::wiring::WIRES.iter().flat_map(|wire| wire.jobs).chain([&webhooks::DELIVER_JOB, &grants::SEND_JOB, &"mail"]) {
            assert!(known.contains(job), "no function does `{job}`");
        }
    }
}
