//! Tries a charter from the command line.
#![allow(clippy::unwrap_used)]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&a[1]).unwrap();
    let outer = charter::stands_inside(&text).map(|n| std::fs::read_to_string(std::path::Path::new(&a[1]).with_file_name(format!("{n}.toml"))).unwrap());
    let l = charter::load(&charter::Sources { text: &text, outer: outer.as_deref(), today: None });
    for f in &l.findings {
        let (l, c) = charter::diagnostics::line_and_column(&text, f.span.start);
        println!("{l}:{c} {:?} {} -- {} {:?}", f.code, f.message, f.expected, f.help);
    }
    let Some(c) = l.charter else { return };
    if let Some(r) = a.get(2) {
        let j: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(r).unwrap()).unwrap();
        if j.get("amount").is_some() {
            println!("{}", serde_json::to_string_pretty(&charter::decide_json(&c, &j)).unwrap());
        } else {
            let o = charter::options_json(&c, &j);
            for p in &o.problems {
                println!("{p:?}");
            }
            for o in o.options {
                println!("{} {:?} free {:?}", o.title, o.reason, o.free_up_to);
                for s in o.sentences {
                    println!("   {s}");
                }
            }
        }
    }
}
