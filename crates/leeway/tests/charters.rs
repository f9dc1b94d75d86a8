//! The example charters: nothing wrong or odd in them, every scenario met, laid out in the one way.

#[cfg(test)]
mod program;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use charter::{Sources, explain::Answer, format::format, load, scenarios};

    use crate::program::{leeway, root};

    fn charters() -> Vec<String> {
        let mut list = Vec::new();
        for folder in ["charters", "charters/inside"] {
            let entries = fs::read_dir(root().join(folder)).unwrap();
            let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            list.extend(names.filter(|n| n.ends_with(".toml") && !n.ends_with(".scenarios.toml")).map(|n| format!("{folder}/{n}")));
        }
        list.sort();
        list
    }

    #[test]
    fn each_is_fine() {
        for charter in charters() {
            let ran = leeway(&["check", "--strict", &charter], "");
            assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        }
    }

    #[test]
    fn every_scenario_is_met() {
        let ran = leeway(&["test", "charters"], "");
        println!("{}", ran.out);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        assert!(!ran.out.contains("note:"), "{}", ran.out);
        for charter in charters() {
            let file = charter.replace(".toml", ".scenarios.toml");
            assert!(ran.out.contains(&format!("{file}: ")), "no scenarios for {charter}");
        }
    }

    #[test]
    fn each_page_has_a_request_that_is_answered() {
        for charter in charters().iter().filter(|charter| !charter.starts_with("charters/inside/")) {
            let (request, page) = (charter.replace(".toml", ".request.json"), charter.replace(".toml", ".md"));
            let page = fs::read_to_string(root().join(page)).unwrap();
            for command in ["decide", "explain", "options"] {
                let ran = leeway(&[command, charter, "--request", &request], "");
                assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command} {request}\n{}", ran.out);
                assert!(!ran.out.contains("note: "), "{}", ran.out);
            }
            let typed: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("leeway charter ")).collect();
            assert!(typed.iter().any(|line| *line == format!("decide {charter} --request {request}")), "{typed:?}");
            for line in typed {
                assert_eq!(leeway(&line.split(' ').collect::<Vec<_>>(), "").code, 0, "{line}");
            }
        }
    }

    #[test]
    fn each_is_laid_out() {
        let mut arguments = vec!["fmt".to_owned(), "--check".to_owned()];
        arguments.extend(charters());
        let ran = leeway(&arguments, "");
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    }

    /// The same charter, written by somebody in a hurry.
    fn hurried(text: &str) -> String {
        let squeezed = |expression: &str| expression.replace(" && ", "&&").replace(" >= ", ">=").replace(", ", " ,");
        let hurry = |line: &str| match line.split_once(" = ") {
            Some((key, value)) if !key.contains(['#', '\'', '"']) => match value.strip_prefix('\'').and_then(|rest| rest.split_once('\'')) {
                Some((expression, comment)) => format!("  {key}='{}'{comment} \n\n", squeezed(expression)),
                None => format!("  {key}={value} \n\n"),
            },
            _ => format!("{line}\n"),
        };
        text.lines().filter(|line| !line.is_empty()).map(hurry).collect()
    }

    fn answers(charter: &str, outer: Option<&str>, scenarios: &str) -> Vec<Answer> {
        let loaded = load(&Sources { text: charter, outer, today: None });
        let charter = loaded.charter.unwrap_or_else(|| panic!("{:#?}", loaded.findings));
        let scenarios = scenarios::read(scenarios).unwrap();
        let answers = scenarios.cases.iter().map(|case| scenarios::run(&charter, case).answer);
        answers.map(|answer| Answer { charters: Vec::new(), why: Vec::new(), ..answer }).collect()
    }

    #[test]
    fn layout_says_the_same() {
        for name in charters() {
            let path: PathBuf = root().join(&name);
            let text = fs::read_to_string(&path).unwrap();
            let scenarios = fs::read_to_string(path.with_extension("scenarios.toml")).unwrap();
            let outer = charter::stands_inside(&text).map(|outer| fs::read_to_string(path.with_file_name(format!("{outer}.toml"))).unwrap());
            let (quick, outer) = (hurried(&text), outer.as_deref());
            let once = format(&quick).unwrap();
            assert_eq!(format(&once).as_ref(), Ok(&once), "{name}: twice");
            assert_eq!(answers(&quick, outer, &scenarios), answers(&once, outer, &scenarios), "{name}");
            // Nothing but blank lines may differ.
            let [ours, theirs] = [&once, &text].map(|text| text.lines().filter(|line| !line.is_empty()));
            assert!(ours.clone().count() == theirs.clone().count(), "{name}");
            ours.zip(theirs).for_each(|(ours, theirs)| assert_eq!(ours, theirs, "{name}"));
        }
    }
}
