//! A page of another crate: it extends the layout, calls macros and prints components.

#[cfg(test)]
mod tests {
    use askama::Template;
    use ui::components::{Field, Notice, Pager, Tone};
    use ui::shell::{Area, Crumb, NavArea, NavLink, Person, Shell, ShellSearch};

    #[derive(Template)]
    #[template(
        ext = "html",
        source = r##"{% extends "layout.html" %}
{% import "components.html" as c %}
{% block actions %}{{ c::link_button("New idea", "/ideas/new", key = "n") }}{% endblock %}
{% block content %}
{% call c::form(shell, "/ideas") %}{{ title }}{{ c::button("Save") }}{% endcall %}
{{ pager }}
{% endblock %}"##
    )]
    struct IdeasPage {
        shell: Shell,
        title: Field,
        pager: Pager,
    }

    #[derive(Template)]
    #[template(ext = "html", source = r#"{% extends "bare.html" %}{% block content %}<p>Here</p>{% endblock %}"#)]
    struct BarePage {
        shell: Shell,
    }

    #[derive(Template)]
    #[template(ext = "html", source = r#"{% extends "embed.html" %}{% block content %}<p>Here</p>{% endblock %}"#)]
    struct EmbeddedPage {
        shell: Shell,
    }

    fn shell() -> Shell {
        let mut shell = Shell::new("Ideas & trials");
        shell.areas = vec![NavArea { area: Area::Steer, links: vec![NavLink { key: Some('i'), is_current: true, ..NavLink::new("Ideas", "/ideas") }] }];
        shell.crumbs = vec![Crumb::area(Area::Steer)];
        shell.person = Some(Person { name: "Ana Marques".to_owned(), sign_out: "/sign-out".to_owned(), ..Person::default() });
        shell.search = Some(ShellSearch { action: "/search".to_owned(), label: "Search".to_owned(), value: "<late>".to_owned() });
        shell.csrf = "t0ken".to_owned();
        shell.notices = vec![Notice::new(Tone::Positive, "Saved")];
        shell
    }

    #[test]
    fn a_page_of_another_crate_has_the_shell_around_it() {
        let pager = Pager { next: Some("/ideas?after=7".to_owned()), ..Pager::default() };
        let title = Field { value: "\"Call\" <first>".to_owned(), error: Some("Say it in fewer words.".to_owned()), ..Field::new("title", "Title") };
        let html = IdeasPage { shell: shell(), title, pager }.render().unwrap();
        let expected = [
            "<title>Ideas &#38; trials · Leeway</title>",
            "aria-current=\"page\"",
            "data-key=\"g i\"",
            "href=\"/ideas/new\" data-key=\"n\"",
            "name=\"_csrf\" value=\"t0ken\"",
            "value=\"&#34;Call&#34; &#60;first&#62;\"",
            "aria-describedby=\"title-error\"",
            "href=\"/ideas?after=7\" rel=\"next\"",
            "value=\"&#60;late&#62;\"",
            "role=\"status\"",
        ];
        for part in expected {
            assert!(html.contains(part), "{part} is not in\n{html}");
        }
    }

    #[test]
    fn what_has_nobody_is_left_out() {
        let html = IdeasPage { shell: Shell::new("Ideas"), title: Field::default(), pager: Pager::default() }.render().unwrap();
        for part in ["class=\"person\"", "class=\"live", "topbar-search", "rail-area\"", "aria-label=\"Breadcrumb\""] {
            assert!(!html.contains(part), "{part}");
        }
    }

    #[test]
    fn other_frames() {
        for html in [BarePage { shell: shell() }.render().unwrap(), EmbeddedPage { shell: shell() }.render().unwrap()] {
            assert!(html.contains("<p>Here</p>") && html.contains("Ideas &#38; trials") && !html.contains("class=\"rail\""), "{html}");
        }
    }
}
