//! The server, on both databases: it starts in an empty folder, answers, stops, and starts again after it was killed.

#[cfg(test)]
mod server;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use platform::db::Location;
    use tempfile::TempDir;
    use testkit::{TestDb, on_each};

    use crate::server::{Server, leeway, now};

    /// A test on each database there is, in a folder of its own. The database is empty, and the program is told where it is.
    fn on_each_database(test: fn(&TempDir, &str)) {
        on_each(move |on: Arc<TestDb>| async move {
            let folder = tempfile::tempdir().unwrap();
            match &on.location {
                Location::File(_) => test(&folder, "leeway.db"),
                Location::Postgres(url) => test(&folder, url),
            }
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
            assert!(sign_in.body.contains("name=\"password\""), "{}", sign_in.body);
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

    #[test]
    fn the_first_owner_signs_in() {
        on_each_database(|folder, database| {
            let owner = ["admin", "create-owner", "--database", database, "--name", "Ana Silva", "--email", "ana@shop.example"];
            let made = leeway(folder.path(), &[&owner[..], &["--password-stdin"]].concat(), "seven old lanterns\n");
            assert_eq!(made.code, 0, "{made:?}");
            let second = leeway(folder.path(), &owner, "");
            assert_eq!(second.code, 2, "{second:?}");
            assert!(second.err.contains("There is an owner"), "{second:?}");
            let server = Server::start(folder.path(), database, &[]);
            let body = "email=ana%40shop.example&password=seven+old+lanterns";
            let sign_in = server.send(&format!(
                "POST /sign-in HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                server.address,
                body.len()
            ));
            assert_eq!(sign_in.status, 303, "{sign_in:?}");
            let cookie = sign_in.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap().split(';').next().unwrap().to_owned();
            // The head was put in small letters; the cookie is of letters that differ by their size, so it is read again as it was sent.
            assert!(cookie.starts_with("leeway="), "{cookie}");
            server.stop();
            let reset = leeway(folder.path(), &["admin", "reset-password", "--database", database, "--email", "ana@shop.example"], "");
            assert_eq!(reset.code, 0, "{reset:?}");
            assert!(reset.out.contains("http://127.0.0.1:7878/invitations/"), "{reset:?}");
            let nobody = leeway(folder.path(), &["admin", "reset-password", "--database", database, "--email", "bo@shop.example"], "");
            assert!(nobody.err.contains("nobody has the address `bo@shop.example`"), "{nobody:?}");
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
