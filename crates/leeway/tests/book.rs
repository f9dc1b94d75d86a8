//! The guide: every page has its place in it, links lead to pages that are in it, and every picture is shown somewhere and made by a script.

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::{Component, Path, PathBuf};

    const CONTENTS: &str = "SUMMARY.md";
    const PICTURES: &str = "pictures";
    /// The scripts of `e2e` that make pictures.
    const MAKERS: [&str; 3] = ["pictures.mjs", "ruler.mjs", "recording.mjs"];

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
    }

    /// Every file of `docs`, by its path from there.
    fn files() -> BTreeSet<String> {
        fn walk(folder: &Path, docs: &Path, files: &mut BTreeSet<String>) {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    walk(&path, docs, files);
                } else {
                    files.insert(path.strip_prefix(docs).unwrap().to_str().unwrap().to_owned());
                }
            }
        }
        let (docs, mut files) = (root().join("docs"), BTreeSet::new());
        walk(&docs, &docs, &mut files);
        files
    }

    fn pages() -> Vec<(String, String)> {
        let pages = files().into_iter().filter(|name| name.ends_with(".md") && name != CONTENTS);
        pages.map(|name| (fs::read_to_string(root().join("docs").join(&name)).unwrap(), name)).map(|(text, name)| (name, text)).collect()
    }

    /// Where the links of a page lead that stay in the project, pictures included.
    fn links(text: &str) -> impl Iterator<Item = &str> {
        text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).filter(|target| !target.contains("://"))
    }

    /// Where a link of a page leads, from `docs`; nothing if it leaves it.
    fn led(page: &str, target: &str) -> Option<String> {
        let mut at: Vec<&str> = Path::new(page).parent()?.iter().filter_map(|part| part.to_str()).collect();
        for part in Path::new(target).components() {
            match part {
                Component::ParentDir => at.pop().map(|_| ())?,
                Component::Normal(name) => at.push(name.to_str()?),
                _ => {}
            }
        }
        Some(at.join("/"))
    }

    /// What a heading is called in addresses, on forges and in the book.
    fn anchors(text: &str) -> BTreeSet<String> {
        let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        let kept = |c: &char| c.is_alphanumeric() || "-_ ".contains(*c);
        headings.map(|heading| heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
    }

    /// The names of pictures in a text; not those that a script puts together.
    fn pictures(text: &str) -> BTreeSet<String> {
        let ends = text.match_indices(".png").map(|(at, _)| &text[..at]);
        let names = ends.map(|before| before.rsplit(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap());
        names.filter(|name| !name.is_empty()).map(|name| format!("{name}.png")).collect()
    }

    fn none(what: &str, wrong: &[String]) {
        assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
    }

    #[test]
    fn every_page_has_its_place_once() {
        let contents = fs::read_to_string(root().join("docs").join(CONTENTS)).unwrap();
        let mut listed: Vec<&str> = links(&contents).collect();
        listed.sort_unstable();
        let pages: Vec<String> = pages().into_iter().map(|(name, _)| name).collect();
        assert!(pages.len() > 20, "only {} pages", pages.len());
        assert_eq!(listed, pages, "left: docs/{CONTENTS}, right: the pages there are");
    }

    #[test]
    fn links_stay_in_the_book() {
        let (files, pages) = (files(), pages());
        let mut wrong = Vec::new();
        for (page, text) in &pages {
            for target in links(text) {
                let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
                let to = if path.is_empty() { Some(page.clone()) } else { led(page, path) };
                let Some(to) = to.filter(|to| files.contains(to)) else {
                    wrong.push(format!("{page}: {target}: no page of the book"));
                    continue;
                };
                let has = |(name, text): &(String, String)| *name == to && anchors(text).contains(anchor);
                if !anchor.is_empty() && !pages.iter().any(has) {
                    wrong.push(format!("{page}: {target}: no such heading"));
                }
            }
        }
        none("links that lead nowhere in the book; name a file outside of docs without a link", &wrong);
    }

    #[test]
    fn every_picture_is_shown_and_made() {
        let there: BTreeSet<String> = files().iter().filter_map(|name| name.strip_prefix(&format!("{PICTURES}/"))).map(str::to_owned).collect();
        let readme = fs::read_to_string(root().join("README.md")).unwrap();
        let shown = pages().iter().map(|(_, text)| pictures(text)).chain([pictures(&readme)]).flatten().collect();
        let made = MAKERS.iter().flat_map(|maker| pictures(&fs::read_to_string(root().join("e2e").join(maker)).unwrap())).collect();
        assert_eq!(there, shown, "left: docs/{PICTURES}, right: what pages show");
        assert_eq!(there, made, "left: docs/{PICTURES}, right: what {MAKERS:?} make");
    }

    #[test]
    fn what_is_read_from_texts_is_what_stands_there() {
        let text = "# A page, of *two* words\n[x](../a.md#b) ![y](pictures/c-d.png) [z](https://e.example) `${n}.png`";
        assert_eq!(links(text).collect::<Vec<_>>(), ["../a.md#b", "pictures/c-d.png"]);
        assert_eq!(anchors(text), BTreeSet::from(["a-page-of-two-words".to_owned()]));
        assert_eq!(pictures(text), BTreeSet::from(["c-d.png".to_owned()]));
        assert_eq!(led("guide/x.md", "../y/z.md").as_deref(), Some("y/z.md"));
        assert_eq!(led("guide/x.md", "../../z.md"), None);
    }
}
