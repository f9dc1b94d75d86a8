use super::format;

fn formatted(text: &str) -> String {
    let once = format(text).unwrap_or_else(|findings| panic!("{text}: {findings:?}"));
    assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "twice: {text}");
    assert!(once.lines().all(|line| line.trim_end() == line), "a space at the end of a line: {once:?}");
    once
}

#[test]
fn every_layout_has_one_form() {
    let long = "when = 'a.b'                                               # why\n";
    let cases = [
        ("leeway=1", "leeway = 1\n"),
        ("\n\n  leeway   = 1   \r\n\n\n\nname='x'", "leeway = 1\n\nname = 'x'\n"),
        (
            "# top\n\n\nleeway = 1\n[[allow]]\n\nid=\"a\"\n[[ allow ]]\n# inside\nid = \"b\"",
            "# top\n\nleeway = 1\n\n[[allow]]\nid = \"a\"\n\n[[allow]]\n# inside\nid = \"b\"\n",
        ),
        (
            "leeway = 1\n# --- section\n\n\n\n# note\n[ facts . order ]\ntotal   =   \"money\"\n\n\n# end\n\n",
            "leeway = 1\n\n# --- section\n\n# note\n[facts.order]\ntotal = \"money\"\n\n# end\n",
        ),
        ("levels = [ \"a\",\"b\" , ]", "levels = [\"a\", \"b\"]\n"),
        ("levels = [\n \"a\", # low\n\n  # high\n\"b\" # top\n , # odd\n]", "levels = [\n  \"a\", # low\n  # high\n  \"b\" # top\n  , # odd\n]\n"),
        ("levels = [ # all\n]\nreasons=[\n]", "levels = [ # all\n]\nreasons = []\n"),
        ("[facts.order]\ntotal={type=\"money\",min=0}\nx = {  }", "[facts.order]\ntotal = { type = \"money\", min = 0 }\nx = {}\n"),
        ("[facts.order]\ntotal={type=\"money\", # t\n min . x=0}", "[facts.order]\ntotal = {\n  type = \"money\", # t\n  min.x = 0,\n}\n"),
        (
            "[[allow]]\nwhen=\"a.b&&(c.d>3)\"\nup_to = { x = \"25\", y=\"percent( 5,a.b )\" }",
            "[[allow]]\nwhen = 'a.b && c.d > 3'\nup_to = { x = \"25\", y = 'percent(5, a.b)' }\n",
        ),
        ("[[allow]]\nup_to.refund=\"min( 1,2 )\"\nbecause = \"a==b\"", "[[allow]]\nup_to.refund = 'min(1, 2)'\nbecause = \"a==b\"\n"),
        ("[[allow]]\nup_to=\"25.00\"\nstretch=\"not (\"\nexactly = 7", "[[allow]]\nup_to = \"25.00\"\nstretch = \"not (\"\nexactly = 7\n"),
        ("[[remedy]]\nmeasure={count=\"months\"}\nworth='''\n amount *\n 2'''", "[[remedy]]\nmeasure = { count = \"months\" }\nworth = 'amount * 2'\n"),
        ("[define]\nx='''a.b==\"it's\"'''", "[define]\nx = '''a.b == \"it's\"'''\n"),
        ("[[cap]]\nwhen='a.b' # why", &format!("[[cap]]\n{long}")),
        ("[[cap]]     # what\nid = 'a'", "[[cap]]                                                    # what\nid = 'a'\n"),
        ("# only a comment", "# only a comment\n"),
        ("", ""),
        ("name = '''\n  two \n lines\n'''\n\n", "name = '''\n  two \n lines\n'''\n"),
    ];
    for (text, expected) in cases {
        let once = format(text).unwrap_or_else(|findings| panic!("{text}: {findings:?}"));
        assert_eq!(once, expected, "{text}");
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "twice: {text}");
    }
}

#[test]
fn comments_of_neighbours_begin_in_one_column() {
    let text = formatted(
        "leeway = 1 # one\nname = \"A shop\"   # two\n[[allow]] # three\nid = \"x\" # four\nup_to.a = 1 # five\n[facts.order]\ntotal = \"money\" # six\n",
    );
    let columns: Vec<_> = text.lines().filter_map(|line| line.find('#')).collect();
    assert_eq!(columns, [59; 6], "{text}");
}

#[test]
fn what_is_not_toml_is_told_with_its_place() {
    let findings = format("leeway = 1\nname = \n").unwrap_err();
    assert!(findings.iter().all(|f| f.code.name() == "toml" && f.span.start >= 11), "{findings:?}");
}

#[test]
fn what_is_nested_too_deeply_is_refused_as_it_is_when_checked() {
    let text = format!("leeway = 1\nx = {}{}\n", "[".repeat(40), "]".repeat(40));
    let codes: Vec<_> = format(&text).unwrap_err().into_iter().map(|f| f.code.name()).collect();
    assert_eq!(codes, ["too-large"]);
}
