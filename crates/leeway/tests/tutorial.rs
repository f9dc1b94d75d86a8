//! The tutorial of `docs/charter.md`, done step by step in an empty folder: what it types is typed, what it shows is what the program prints.

#[cfg(test)]
mod pages;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    use crate::pages::Page;

    const STEPS_MAX: usize = 10;
    const CHARTER_LINES_MAX: usize = 50;
    const CHARTER: &str = "shop.toml";

    /// Types one block into its file: more text at the end of a TOML file, a changed line, or a whole JSON file.
    fn type_in(folder: &Path, kind: &str, file: &str, block: &str) {
        let path = folder.join(file);
        let before = fs::read_to_string(&path).unwrap_or_default();
        let gap = if before.is_empty() { "" } else { "\n" };
        let after = match kind {
            "toml" => format!("{before}{gap}{block}"),
            "diff" => changed(&before, block),
            "json" => block.to_owned(),
            _ => panic!("a block of kind `{kind}` with a file"),
        };
        fs::write(path, after).unwrap();
    }

    /// Takes the lines with `-` out, which must be there once, and puts those with `+` in their place.
    fn changed(text: &str, diff: &str) -> String {
        let lines = |sign: char| diff.lines().filter_map(|line| line.strip_prefix(sign)).fold(String::new(), |all, line| all + line + "\n");
        let (old, new) = (lines('-'), lines('+'));
        assert_eq!(text.matches(&old).count(), 1, "`{old}` in {text}");
        text.replace(&old, &new)
    }

    fn run(folder: &Path, command: &str) -> String {
        let arguments = command.trim().strip_prefix("leeway ").unwrap_or_else(|| panic!("`{command}` is not a command of the program"));
        let ran = Command::new(env!("CARGO_BIN_EXE_leeway")).args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert_ne!(ran.status.code(), Some(2), "{command}: {}", String::from_utf8_lossy(&ran.stderr));
        [ran.stdout, ran.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat()
    }

    /// The tutorial as it should be: every `text` block holds what the command before it prints.
    fn done(folder: &Path, tutorial: &str) -> String {
        let (mut page, mut printed) = (String::new(), None);
        let mut lines = tutorial.lines();
        while let Some(line) = lines.next() {
            page += &format!("{line}\n");
            let Some(info) = line.strip_prefix("```") else { continue };
            let block: String = lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
            match info.split_once(' ') {
                Some((kind, file)) => {
                    type_in(folder, kind, file, &block);
                    page += &block;
                }
                None if info == "sh" => {
                    printed = Some(run(folder, &block));
                    page += &block;
                }
                None => page += &printed.take().unwrap_or_else(|| panic!("no command before\n{block}")),
            }
            page += "```\n";
        }
        assert_eq!(printed, None, "a command without its output");
        page
    }

    #[test]
    fn every_step_does_what_it_shows() {
        let page = Page::read("docs/charter.md");
        let (before, rest) = page.text.split_once("## Tutorial\n").unwrap();
        let (tutorial, after) = rest.split_once("## Reference\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(CHARTER), "").unwrap();
        let tutorial = done(folder.path(), tutorial);
        page.settle(&format!("{before}## Tutorial\n{tutorial}## Reference\n{after}"));

        let steps: Vec<&str> = tutorial.lines().filter_map(|line| line.strip_prefix("### ")).collect();
        assert!(steps.len() <= STEPS_MAX, "{steps:?}");
        for (place, step) in steps.iter().enumerate() {
            assert!(step.starts_with(&format!("{}. ", place + 1)), "step {} is headed `{step}`", place + 1);
        }
        let charter = fs::read_to_string(folder.path().join(CHARTER)).unwrap();
        assert!(charter.lines().count() <= CHARTER_LINES_MAX, "{} lines", charter.lines().count());
        for must in ["did you mean `", "error[unknown-fact]", "Up to €", "0 passed, 1 failed\n", "\n1 passed, 0 failed\n", "needs_facts\n"] {
            assert!(tutorial.contains(must), "the tutorial never shows `{must}`");
        }
    }
}
