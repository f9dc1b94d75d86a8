//! The server, on both databases: it starts in an empty folder, answers, stops, and starts again after it was killed.

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::Arc;
    use std::time::Duration;

    use platform::db::Location;
    use tempfile::TempDir;
    use testkit::{TestDb, on_each};

    use crate::server::{Ran, Server, leeway, now};

    /// A test on each database there is, in a folder of its own. The database is empty, and the program is told where it is.
    fn on_each_database(test: fn(&TempDir, &str)) {
        on_each(move |on: Arc<TestDb>| async move {
            let folder = tempfile::tempdir().unwrap();
            let database = match &on.location {
                Location::File(_) => "leeway.db".to_owned(),
                Location::Postgres(url) => url.clone(),
            };
            tokio::task::spawn_blocking(move || test(&folder, &database)).await.unwrap();
        });
    }

    #[test]
    fn it_starts_in_an_empty_folder_and_answers() {
        on_each_database(|folder, database| {
            let server = Server::start(folder.path(), database, &[]);
            assert_eq!(server.get("/healthz").body, "ok\n");
            assert_eq!(server.get("/readyz").body, "ready\n");
            let sign_in = server.get("/sign-in");
            assert_eq!(sign_in.status, 200);
            assert!(sign_in.body.contains("Nobody is here yet") && !sign_in.body.contains("name=\"password\""), "{}", sign_in.body);
            for header in ["content-security-policy: default-src 'none'", "x-frame-options: deny", "cache-control: no-store"] {
                assert!(sign_in.head.contains(header), "{header} in {}", sign_in.head);
            }
            let style = sign_in.body.split('"').find(|part| part.starts_with("/assets/") && part.ends_with(".css")).unwrap();
            let style = server.get(style);
            assert_eq!(style.status, 200);
            assert!(style.head.contains("immutable"), "{}", style.head);
            let away = server.get("/cases");
            assert_eq!(away.status, 303);
            assert!(away.head.contains("location: /sign-in?next=%2fcases"), "{}", away.head);
            let (status, took) = server.stop();
            assert!(status.success() && took < Duration::from_secs(5), "{status} after {took:?}");
        });
    }

    /// Who finds the port taken hears that, and no welcome before it: nothing was begun.
    #[test]
    fn a_port_that_is_taken_is_told_first() {
        let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = other.local_addr().unwrap().to_string();
        for command in [&["serve"][..], &["demo", "--days", "0"], &["demo", "--shop", "--days", "0"]] {
            let folder = tempfile::tempdir().unwrap();
            let ran = leeway(folder.path(), &[command, &["--listen", &taken]].concat(), "");
            assert!(ran.code != 0 && ran.out.is_empty() && ran.err.contains("give another address with --listen"), "{command:?} {ran:?}");
            assert_eq!(folder.path().read_dir().unwrap().count(), 0, "{command:?} left something behind");
        }
    }

    #[test]
    fn the_demo_names_its_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let help = |command: &str| leeway(folder.path(), &[command, "--help"], "").out.split_whitespace().collect::<Vec<_>>().join(" ");
        let demo = help("demo");
        assert!(demo.contains("[default: leeway-demo.db, with --shop leeway-shop.db]") && !demo.contains("leeway.db"), "{demo}");
        assert!(help("serve").contains("[default: leeway.db]"));
    }

    #[test]
    fn whether_it_is_ready_is_told_by_the_program_itself() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), "leeway.db", &[]);
        let address = server.address.clone();
        let health = || leeway(folder.path(), &["health", "--listen", &address], "");
        let ready = health();
        assert_eq!((ready.code, ready.out.as_str()), (0, "ready\n"), "{ready:?}");
        server.stop();
        let gone = health();
        assert!(gone.code == 1 && gone.out.starts_with(&format!("the server on {address} is not ready: ")), "{gone:?}");
    }

    #[test]
    fn without_certificates_it_says_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let mut serve = Command::new(env!("CARGO_BIN_EXE_leeway"));
        serve.args(["serve", "--listen", "127.0.0.1:0", "--database", "leeway.db"]).current_dir(folder.path());
        let ran = serve.env("SSL_CERT_FILE", "none.pem").env("SSL_CERT_DIR", "none").output().unwrap();
        let err = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.code() == Some(2) && err.contains("install `ca-certificates`, or name a file"), "{err}");
    }

    #[test]
    fn it_counts_what_it_answers() {
        on_each_database(|folder, database| {
            let server = Server::start(folder.path(), database, &[]);
            server.get("/healthz");
            server.get("/nothing");
            let metrics = server.get("/metrics");
            assert_eq!(metrics.status, 200);
            for line in ["leeway_requests_total{status=\"2xx\"} 1", "leeway_requests_total{status=\"4xx\"} 1", "leeway_jobs_given_up 0"] {
                assert!(metrics.body.contains(line), "{line} in {}", metrics.body);
            }
        });
    }

    #[test]
    fn metrics_are_not_for_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), "leeway.db", &["--behind-proxy"]);
        let from = |place: &str| {
            let request = format!("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {place}\r\nConnection: close\r\n\r\n");
            server.send(&request).status
        };
        assert_eq!((from("203.0.113.7"), from("127.0.0.1")), (403, 200));
    }

    #[test]
    fn a_problem_is_a_page_for_people_and_a_document_for_programs() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), "leeway.db", &[]);
        let page = server.get("/nothing");
        assert_eq!(page.status, 404);
        assert!(page.head.contains("content-type: text/html") && page.head.contains("content-security-policy"), "{}", page.head);
        assert!(page.body.contains("<!doctype html>") && page.body.contains("There is nothing here"), "{}", page.body);
        let document = server.send("GET /nothing HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nConnection: close\r\n\r\n");
        assert!(document.head.contains("content-type: application/problem+json"), "{}", document.head);
        assert!(document.body.contains("\"code\":\"not-found\""), "{}", document.body);
        let api = server.get("/api/v1/me");
        assert_eq!(api.status, 401);
        assert!(api.head.contains("application/problem+json"), "{}", api.head);
        assert_eq!(server.get("/_components").status, 404);
    }

    #[test]
    fn pages_for_developers_are_shown_to_developers() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(folder.path(), "leeway.db", &["--development"]);
        assert_eq!(server.get("/_components").status, 200);
    }

    #[test]
    fn after_kill_it_answers_again_within_two_seconds() {
        on_each_database(|folder, database| {
            // The first time it makes the schema, which takes as long as it takes.
            Server::start(folder.path(), database, &[]).kill();
            for _ in 0..3 {
                let began = now();
                let server = Server::start(folder.path(), database, &[]);
                assert_eq!(server.get("/readyz").status, 200);
                let took = began.elapsed();
                assert!(took < Duration::from_secs(2), "{took:?}");
                server.kill();
            }
            let verified = leeway(folder.path(), &["verify", "--database", database], "");
            assert_eq!(verified.code, 0, "{verified:?}");
        });
    }

    fn create_owner(folder: &TempDir, database: &str) -> Ran {
        let owner = ["admin", "create-owner", "--database", database, "--name", "Ana Silva", "--email", "ana@shop.example", "--password-stdin"];
        leeway(folder.path(), &owner, "seven old lanterns\n")
    }

    fn sign_in(server: &Server) -> String {
        let answer = server.post("/sign-in", "email=ana%40shop.example&password=seven+old+lanterns");
        assert_eq!(answer.status, 303, "{answer:?}");
        assert!(answer.cookie.starts_with("leeway="), "{answer:?}");
        answer.cookie
    }

    /// Looks again until it is so.
    fn in_a_while(what: &str, is_so: impl Fn() -> bool) {
        let began = now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_secs(20), "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_forgotten_password_ends_in_a_mail() {
        on_each_database(|folder, database| {
            assert_eq!(create_owner(folder, database).code, 0);
            // Without a mail server the mail waits, and operators see why.
            let server = Server::start(folder.path(), database, &[]);
            assert!(server.post("/forgot", "email=ana%40shop.example").status < 400);
            let cookie = sign_in(&server);
            in_a_while("the mail waits", || server.get_as(&cookie, "/settings/jobs").body.contains("no mail server is configured"));
            server.stop();
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let sink = runtime.block_on(testkit::MailSink::start(None)).unwrap();
            let server = Server::start(folder.path(), database, &["--smtp", &sink.url, "--mail-from", "leeway@shop.example"]);
            assert!(server.post("/forgot", "email=nobody%40shop.example").status < 400);
            assert!(server.post("/forgot", "email=ana%40shop.example").status < 400);
            in_a_while("the mail comes", || !sink.received().is_empty());
            let mail = sink.received().remove(0);
            assert_eq!(mail.to, "ana@shop.example");
            assert!(mail.text.contains(&format!("http://{}/reset/", server.address)), "{}", mail.text);
        });
    }

    #[test]
    fn the_first_owner_signs_in() {
        on_each_database(|folder, database| {
            let first = create_owner(folder, database);
            assert_eq!(first.code, 0, "{first:?}");
            let second = create_owner(folder, database);
            assert!(second.code == 2 && second.err.contains("There is an owner"), "{second:?}");
            let server = Server::start(folder.path(), database, &[]);
            let wrong = server.post("/sign-in", "email=ana%40shop.example&password=seven+new+lanterns");
            assert_eq!((wrong.status, wrong.cookie.as_str()), (422, ""), "{wrong:?}");
            let cookie = sign_in(&server);
            for page in ["/cases", "/people", "/settings/tokens", "/settings/jobs"] {
                assert_eq!(server.get_as(&cookie, page).status, 200, "{page}");
            }
            assert_eq!(server.get_as(&cookie, "/").status, 200, "an owner sees what is still to be done");
            server.stop();
            let reset = leeway(folder.path(), &["admin", "reset-password", "--database", database, "--email", "ana@shop.example"], "");
            assert_eq!(reset.code, 0, "{reset:?}");
            assert!(reset.out.contains("http://127.0.0.1:7878/invitations/"), "{reset:?}");
            let nobody = leeway(folder.path(), &["admin", "reset-password", "--database", database, "--email", "bo@shop.example"], "");
            assert!(nobody.err.contains("nobody has the address `bo@shop.example`"), "{nobody:?}");
        });
    }

    #[test]
    fn the_first_run_makes_the_one_owner() {
        on_each_database(|folder, database| {
            let (first, old) = Server::start_anew(folder.path(), database);
            first.kill();
            // Started again before it was used, and a second server beside it.
            let (server, path) = Server::start_anew(folder.path(), database);
            let (beside, other) = Server::start_anew(folder.path(), database);
            let start = server.get("/");
            assert!(start.status == 303 && start.head.contains("location: /sign-in"), "{start:?}");
            assert!(server.get("/sign-in").body.contains("Nobody is here yet"));
            for link in [&old, &path, &other] {
                assert_eq!((server.get(link).status, beside.get(link).status), (200, 200), "{link}");
            }
            let form = "name=Ana+Silva&email=ana%40shop.example&password=seven+old+lanterns&time_zone=UTC";
            let made = beside.post(&old, form);
            assert_eq!(made.status, 303, "{made:?}");
            let page = server.get_as(&made.cookie, "/");
            assert!(page.status == 200 && page.body.contains("Answer six questions"), "{page:?}");
            for link in [&old, &path, &other] {
                let late = server.post(link, &form.replace("ana", "eve"));
                assert!(late.status == 410 && late.body.contains("This installation has its owner"), "{late:?}");
            }
            sign_in(&server);
            for running in [server, beside] {
                running.stop();
            }
            let log = std::fs::read_to_string(folder.path().join("log.txt")).unwrap();
            assert!(log.contains("/begin/{secret}"), "the log names the route: {log}");
            for link in [&old, &path, &other] {
                assert!(!log.contains(link.rsplit('/').next().unwrap()), "the log holds a secret");
            }
            // A start of a server that has its owner prints no link: its whole output is the address.
            assert_eq!(Server::start(folder.path(), database, &[]).said(), "");
        });
    }

    #[test]
    fn settings_that_make_no_sense_are_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("leeway.toml"), "port = 80\n").unwrap();
        let ran = leeway(folder.path(), &["serve"], "");
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("the settings in `leeway.toml`: `port` is not a setting"), "{ran:?}");
        let ran = leeway(folder.path(), &["serve", "--config", "other.toml"], "");
        assert!(ran.err.contains("`other.toml` cannot be read"), "{ran:?}");
    }
}
