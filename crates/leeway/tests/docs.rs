//! What pages list or show, compared with the program. `UPDATE_DOCS=1 cargo test -p leeway --test docs --test tutorial` writes it anew.

#[cfg(test)]
mod operating;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod program;

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use charter::diagnostics::{Code, Severity};
    use charter::limits;
    use platform::wiring::{Apply, Wire};

    use crate::pages::Page;
    use crate::program::leeway;

    fn findings() -> String {
        let mut table = "| name | severity | what was found |\n|---|---|---|\n".to_owned();
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            for code in Code::ALL.iter().filter(|code| code.severity() == severity) {
                writeln!(table, "| `{}` | {severity} | {} |", code.name(), code.about()).unwrap();
            }
        }
        table
    }

    fn table_of_limits() -> String {
        let mut table = "| name | at most | what |\n|---|---:|---|\n".to_owned();
        for (name, value, about) in limits::ALL {
            writeln!(table, "| `{name}` | {} | {} |", with_commas(*value), about.trim()).unwrap();
        }
        table
    }

    fn with_commas(number: usize) -> String {
        let digits = number.to_string();
        let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
        groups.join(",")
    }

    /// The answer to a command as it stands in a page: `cargo run --release -- charter …`, then what it prints.
    fn shown(command: &str) -> String {
        let arguments: Vec<&str> = command.split(' ').collect();
        let ran = leeway(&arguments, "");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command}");
        format!("```console\n$ cargo run --release -- charter {command}\n{}```\n", ran.out)
    }

    /// The page with the part between the markers of this name replaced.
    fn with_part(text: &str, name: &str, part: &str) -> String {
        let (before, rest) = text.split_once(&format!("<!-- generated: {name} -->\n")).unwrap_or_else(|| panic!("no part `{name}`"));
        let (_, after) = rest.split_once("<!-- end -->\n").unwrap_or_else(|| panic!("no end of part `{name}`"));
        format!("{before}<!-- generated: {name} -->\n\n{part}\n<!-- end -->\n{after}")
    }

    #[test]
    fn tables_are_what_the_program_has() {
        let page = Page::read("docs/charter.md");
        let with_findings = with_part(&page.text, "findings", &findings());
        page.settle(&with_part(&with_findings, "limits", &table_of_limits()));
    }

    fn settings() -> String {
        let mut table = "| flag | variable | key in the file | default | what |\n|---|---|---|---|---|\n".to_owned();
        for s in leeway::settings::SETTINGS {
            let key = if s.name == "config" { String::new() } else { format!("`{}`", s.key()) };
            let default = if s.default.is_empty() { String::new() } else { format!("`{}`", s.default) };
            writeln!(table, "| `--{}` | `{}` | {key} | {default} | {} |", s.name, s.variable(), s.about).unwrap();
        }
        table
    }

    /// The limits of the web, of every crate that has some.
    fn limits_of_the_web() -> String {
        let mut table = "| name | at most | what |\n|---|---:|---|\n".to_owned();
        for (name, value, about) in platform::limits::ALL.iter().chain(access::limits::ALL) {
            writeln!(table, "| `{name}` | {} | {} |", with_commas(usize::try_from(*value).unwrap()), about.trim()).unwrap();
        }
        table
    }

    #[test]
    fn settings_and_limits_are_what_the_program_has() {
        let page = Page::read("docs/operating/configuration.md");
        let with_settings = with_part(&page.text, "settings", &settings());
        page.settle(&with_part(&with_settings, "limits", &limits_of_the_web()));
    }

    #[test]
    fn webhooks_hear_of_the_events_that_the_page_lists() {
        let page = Page::read("docs/operating/webhooks.md");
        let listed = page.text.split("Events: ").nth(1).unwrap().split('.').next().unwrap();
        let follows = |wire: &&Wire| wire.apply.iter().any(|apply| std::ptr::fn_addr_eq(*apply, platform::webhooks::follow as Apply));
        let wired = leeway::wiring::WIRES.iter().filter(follows).map(|wire| format!("`{}`", wire.event));
        let mut wired: Vec<String> = wired.collect();
        let mut listed: Vec<&str> = listed.split(", ").collect();
        wired.sort();
        listed.sort_unstable();
        assert_eq!(listed, wired);
        // What can be chosen is what is told; the message that hands a grant over follows from one of these.
        let mut chosen: Vec<String> = desk::webhooks::EVENTS.iter().map(|(event, _)| format!("`{event}`")).collect();
        chosen.retain(|event| *event != format!("`{}`", desk::webhooks::SENT_EVENT));
        chosen.sort();
        assert_eq!(chosen, wired);
    }

    #[test]
    fn the_commands_in_the_readme_run() {
        let page = Page::read("README.md");
        let commands: Vec<&str> = page.text.split("`cargo run --release -- charter ").skip(1).filter_map(|rest| rest.split('`').next()).collect();
        for must in ["options ", "decide ", "explain "] {
            assert!(commands.iter().any(|command| command.starts_with(must)), "no `{must}` in {commands:?}");
        }
        for command in commands {
            let ran = leeway(&command.split(' ').collect::<Vec<_>>(), "");
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command}");
        }
    }

    #[test]
    fn the_answer_in_the_readme_is_the_programs() {
        let page = Page::read("README.md");
        let answer = shown("options charters/shop.toml --request charters/shop.request.json");
        page.settle(&with_part(&page.text, "options", &answer));
    }
}
