//! The page on imports, done as it says.

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    fn page() -> String {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/import.md")).unwrap()
    }

    /// The blocks of a page, each with the line above it.
    fn blocks(page: &str) -> Vec<(&str, &str)> {
        let mut blocks = Vec::new();
        let mut parts = page.split("```");
        let mut before = parts.next().unwrap();
        while let (Some(block), Some(after)) = (parts.next(), parts.next()) {
            let (_, text) = block.split_once('\n').unwrap();
            blocks.push((before.trim_end().lines().last().unwrap_or_default(), text));
            before = after;
        }
        blocks
    }

    /// A line without its speed, which differs from run to run.
    fn lasting(line: &str) -> &str {
        line.rsplit_once(" (").filter(|(_, rate)| rate.ends_with(" rows/s)")).map_or(line, |(line, _)| line)
    }

    #[test]
    fn the_example_does_what_the_page_shows() {
        let (page, folder) = (page(), tempfile::tempdir().unwrap());
        let (mut files, mut ran) = (0, 0);
        for (above, text) in blocks(&page) {
            if let Some(name) = above.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
                fs::write(folder.path().join(name), text).unwrap();
                files += 1;
            }
            for one in text.split("$ leeway ").skip(1) {
                let (command, expected) = one.split_once('\n').unwrap();
                let output = Command::new(env!("CARGO_BIN_EXE_leeway")).args(command.split(' ')).current_dir(folder.path()).output().unwrap();
                let said = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
                let lines = |text: &str| text.lines().map(|line| lasting(line).to_owned()).collect::<Vec<_>>();
                assert_eq!(lines(&said), lines(expected), "{command}");
                assert_eq!(output.status.code(), Some(1), "one row is bad: {command}");
                ran += 1;
            }
        }
        assert_eq!((files, ran), (4, 3));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("fine.toml", "source = \"shop\"\ntime_zone = \"UTC\"\nreference = \"id\"\n");
        write("wrong.toml", "source = \"shop\"\nreference = \"id\"\n");
        write("not.toml", "source = \n");
        write("rows.csv", "id\n1\n");
        write("rows.txt", "id\n1\n");
        let cases: [(&[&str], i32, &str); 6] = [
            (&["customers", "rows.csv", "--map", "fine.toml"], 0, ""),
            (&["customers", "rows.csv", "--map", "wrong.toml"], 2, "`time_zone` is ``: name the time zone"),
            (&["customers", "rows.csv", "--map", "not.toml"], 2, "not.toml: TOML parse error"),
            (&["customers", "rows.txt", "--map", "fine.toml"], 2, "whose name ends in `.csv`"),
            (&["customers", "nowhere.csv", "--map", "fine.toml"], 2, "cannot read nowhere.csv"),
            (&["customers", "rows.csv", "--map", "fine.toml", "--database", "no/such/folder.db"], 2, "the database `no/such/folder.db` cannot be used"),
        ];
        for (arguments, code, expected) in cases {
            let output = Command::new(env!("CARGO_BIN_EXE_leeway")).arg("import").args(arguments).current_dir(folder.path()).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
            assert!(said.contains(expected), "{arguments:?}: {said}");
        }
    }
}
