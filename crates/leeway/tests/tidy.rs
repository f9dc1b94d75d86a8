//! What every file of the project keeps to: sizes, words, lints, and a place on the map.

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    const FILE_LINES_MAX: usize = 700;
    const FUNCTION_LINES_MAX: usize = 70;

    /// Files that may be longer, each with the reason.
    const LONGER: &[(&str, &str)] = &[("crates/charter/src/calendar.rs", "a third of it are its tests")];

    /// Folders of what programs write, and of inputs that need not be well written.
    const GENERATED: &[&str] = &["target", "fuzz/artifacts", "fuzz/corpus", "fuzz/found"];

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
    }

    /// A file of the project, by its path from the root.
    struct File {
        name: String,
        text: String,
    }

    impl File {
        fn is_code(&self) -> bool {
            self.name.ends_with(".rs")
        }

        fn is_test(&self) -> bool {
            self.name.contains("/tests/") || self.name.ends_with("/tests.rs")
        }
    }

    /// Every text that people write here.
    fn files() -> Vec<File> {
        let (root, mut files) = (root(), Vec::new());
        for folder in ["crates", "charters", "docs", "fuzz", ".ci"] {
            walk(&root.join(folder), &mut files);
        }
        files.extend(entries(&root).into_iter().filter(|path| path.is_file() && !path.ends_with(".git")));
        let text = |path: PathBuf| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            fs::read_to_string(&path).ok().map(|text| File { name, text })
        };
        let files: Vec<File> = files.into_iter().filter_map(text).filter(|file| !file.name.ends_with("Cargo.lock")).collect();
        assert!(files.len() > 50, "only {} files", files.len());
        files
    }

    fn entries(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    }

    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for path in entries(folder).into_iter().filter(|path| !GENERATED.iter().any(|folder| path.ends_with(folder))) {
            if path.is_dir() { walk(&path, files) } else { files.push(path) }
        }
    }

    /// Fails with all that is wrong, a line each.
    fn none(what: &str, wrong: Vec<String>) {
        assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
    }

    #[test]
    fn files_are_short() {
        let may = |file: &File| LONGER.iter().any(|(name, _)| *name == file.name);
        let long = |file: &File| file.text.lines().count() > FILE_LINES_MAX;
        let (longer, files): (Vec<File>, Vec<File>) = files().into_iter().filter(File::is_code).partition(may);
        let wrong = files.iter().filter(|file| long(file)).map(|file| format!("{}: {} lines", file.name, file.text.lines().count()));
        none(&format!("longer than {FILE_LINES_MAX} lines"), wrong.collect());
        none("no longer an exception", longer.iter().filter(|file| !long(file)).map(|file| file.name.clone()).collect());
        assert_eq!(longer.len(), LONGER.len(), "an exception for a file that is not there");
    }

    /// Each function of a text that rustfmt has laid out, by its first line, with how many lines it has: it ends at the next line that is
    /// indented as its first and closes it.
    fn functions(text: &str) -> Vec<(&str, usize)> {
        let lines: Vec<&str> = text.lines().collect();
        let indent = |line: &str| line.len() - line.trim_start().len();
        let begins = |line: &str| {
            let words = line.split(['(', ' ']).filter(|word| !word.is_empty());
            words.take_while(|word| word.starts_with("pub") || ["crate)", "super)", "const", "async", "fn"].contains(word)).any(|word| word == "fn")
        };
        let closes = |line: &str| line.trim_start().starts_with('}') || line.ends_with(';');
        let mut found = Vec::new();
        for (start, line) in lines.iter().enumerate().filter(|(_, line)| begins(line.trim_start())) {
            let is_whole = line.ends_with(['}', ';']);
            let rest = lines[start + 1..].iter().position(|next| indent(next) == indent(line) && !next.is_empty() && closes(next));
            found.push((line.trim(), if is_whole { 1 } else { rest.map_or(1, |rest| rest + 2) }));
        }
        found
    }

    #[test]
    fn functions_are_short() {
        let shipped = files().into_iter().filter(|file| file.is_code() && !file.is_test());
        let mut wrong = Vec::new();
        let mut seen = 0;
        for file in shipped {
            let text = file.text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let functions = functions(text);
            seen += functions.len();
            let long = functions.iter().filter(|(_, lines)| *lines > FUNCTION_LINES_MAX);
            wrong.extend(long.map(|(first, lines)| format!("{}: {lines} lines: {first}", file.name)));
        }
        assert!(seen > 500, "only {seen} functions seen");
        none(&format!("functions longer than {FUNCTION_LINES_MAX} lines"), wrong);
    }

    #[test]
    fn functions_are_measured_to_their_end() {
        let text = "fn a() {}\npub(crate) fn b(\n    x: u8,\n) -> u8 {\n    if x > 1 {\n    }\n    x\n}\ntrait T {\n    fn c(\n        x: u8,\n    );\n    const fn d() {\n        e();\n    }\n}\n";
        let lines: Vec<usize> = functions(text).into_iter().map(|(_, lines)| lines).collect();
        assert_eq!(lines, [1, 7, 3, 3]);
    }

    #[test]
    fn no_lint_is_silenced() {
        let silenced = ["#[al", "#![al"].map(|start| format!("{start}low"));
        let mut wrong = Vec::new();
        for file in files().iter().filter(|file| file.is_code()) {
            let lines = file.text.lines().enumerate().filter(|(_, line)| silenced.iter().any(|s| line.trim_start().starts_with(s.as_str())));
            wrong.extend(lines.map(|(place, line)| format!("{}:{}: {}", file.name, place + 1, line.trim())));
        }
        none("`expect` with a reason says why", wrong);
    }

    /// Whether a line has a word at its beginning or behind something that is no letter, not followed by a letter.
    fn has(line: &str, word: &str) -> bool {
        let outside = |neighbour: Option<char>| neighbour.is_none_or(|c| !c.is_alphanumeric());
        line.match_indices(word).any(|(at, _)| outside(line[..at].chars().next_back()) && outside(line[at + word.len()..].chars().next()))
    }

    #[test]
    fn words_that_do_not_belong_are_not_there() {
        // Taken apart, so that this file has none of them.
        let words = [["TO", "DO"], ["FIX", "ME"], ["/wo", "rk"], ["/ro", "ot"], ["/ho", "me"], ["ses", "sion"], ["ses", "sions"]].map(|parts| parts.concat());
        // Where people sign in, and where the tables of that are filled and asked, the last two mean just that.
        let folders = ["crates/access/", "crates/testkit/src/years/", "crates/leeway/tests/scale/"];
        let about_it = |file: &File| folders.iter().any(|folder| file.name.starts_with(folder)) || file.name.ends_with("-rows-of-sign-ins-of-our-own.md");
        let signs_in = |file: &File, word: &str| about_it(file) && word.starts_with(&words[5]);
        // The address of the page about it is no word.
        let address = format!("/settings/{}", words[6]);
        let mut wrong = Vec::new();
        for file in files() {
            for (place, line) in file.text.lines().enumerate() {
                let line = line.replace(&address, "");
                let found = words.iter().filter(|word| has(&line, word) && !signs_in(&file, word));
                wrong.extend(found.map(|word| format!("{}:{}: `{word}`", file.name, place + 1)));
            }
        }
        none("words that do not belong", wrong);
    }

    fn crates() -> Vec<String> {
        let folders = entries(&root().join("crates")).into_iter().filter(|path| path.join("Cargo.toml").is_file());
        folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn each_crate_is_on_the_map_and_under_the_lints() {
        let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
        let mut wrong = Vec::new();
        for name in crates() {
            if !map.contains(&format!("`crates/{name}`")) {
                wrong.push(format!("{name}: not in ARCHITECTURE.md"));
            }
            let manifest = fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
            if !manifest.contains("[lints]\nworkspace = true\n") {
                wrong.push(format!("{name}: without the lints of the workspace"));
            }
        }
        none("crates", wrong);
    }

    /// Where the links of a page lead that stay in the project, without the part behind `#`.
    fn links(text: &str) -> impl Iterator<Item = &str> {
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        targets.filter(|target| !target.contains("://")).map(|target| target.split('#').next().unwrap()).filter(|target| !target.is_empty())
    }

    #[test]
    fn links_lead_somewhere() {
        let mut wrong = Vec::new();
        for page in files().iter().filter(|file| file.name.ends_with(".md")) {
            let folder = root().join(&page.name).parent().unwrap().to_owned();
            wrong.extend(links(&page.text).filter(|target| !folder.join(target).exists()).map(|target| format!("{}: {target}", page.name)));
        }
        none("links that lead nowhere", wrong);
    }
}
