/// Something that goes wrong, and what a rule about it hangs on.
#[derive(Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Its name in the form.
    pub field: &'static str,
    /// What the form says.
    pub label: &'static str,
    /// The reason something is given for, and the id of the issue and of the rule.
    pub reason: &'static str,
    /// The title of the issue.
    pub title: &'static str,
    /// Why anyone may put it right.
    pub because: &'static str,
    /// What is asked: name and declaration.
    pub fact: Option<(&'static str, &'static str)>,
    /// When the rule holds.
    pub when: Option<&'static str>,
    /// What the limit is besides the one that was answered.
    pub bound: Option<&'static str>,
    /// Whether all that was paid goes back, whatever anyone may give else: a thing that was returned is not a favour.
    pub is_in_full: bool,
    /// What the form says below the label.
    pub hint: &'static str,
    /// What scenarios state so that the rule holds.
    pub holds: &'static str,
    /// What they state so that it does not.
    pub fails: &'static str,
    /// Whether another one can be sent.
    pub is_replaced: bool,
    /// When a return label is given; nothing where there is nothing to send back.
    pub label_when: Option<&'static str>,
}

/// What asks for how long somebody has had it.
pub(super) const DAYS_WITH_THEM: &str = "{ type = \"number\", min = 0, ask = \"For how many days have they had it?\" }";

/// What goes wrong most, anywhere.
pub static TROUBLES: [Trouble; 7] = [
    Trouble {
        field: "late",
        label: "It comes late",
        reason: "late",
        title: "It came late, or is late",
        because: "Waiting longer than we said is our fault.",
        fact: Some(("days_late", "{ type = \"number\", min = 0, ask = \"How many days late is it, or was it?\" }")),
        when: Some("case.days_late >= 1"),
        bound: None,
        is_in_full: false,
        hint: "",
        holds: "days_late = 3",
        fails: "days_late = 0",
        is_replaced: false,
        label_when: None,
    },
    Trouble {
        field: "damaged",
        label: "It arrives damaged",
        reason: "damaged",
        title: "Something came broken",
        because: "What arrives broken was not packed well enough.",
        fact: Some(("photo_seen", "{ type = \"yes_no\", confirm = \"person\", ask = \"Have you seen a photo of the damage?\" }")),
        when: Some("case.photo_seen"),
        bound: None,
        is_in_full: false,
        hint: "",
        holds: "photo_seen = { value = true, by = \"agent\" }",
        fails: "photo_seen = { value = false, by = \"agent\" }",
        is_replaced: true,
        label_when: None,
    },
    Trouble {
        field: "lost",
        label: "It never comes",
        reason: "lost",
        title: "A parcel never came",
        because: "A week without news is long enough.",
        fact: Some(("days_without_news", "{ type = \"number\", min = 0, ask = \"Look up the tracking: for how many days is there no news?\" }")),
        when: Some("case.days_without_news >= 7"),
        bound: None,
        is_in_full: false,
        hint: "",
        holds: "days_without_news = 8",
        fails: "days_without_news = 6",
        is_replaced: true,
        label_when: None,
    },
    Trouble {
        field: "wrong_item",
        label: "The wrong item comes",
        reason: "wrong_item",
        title: "Something else came",
        because: "We sent something else than was ordered.",
        fact: Some(("wrong_item_seen", "{ type = \"yes_no\", confirm = \"person\", ask = \"Have you seen that something else came?\" }")),
        when: Some("case.wrong_item_seen"),
        bound: None,
        is_in_full: false,
        hint: "",
        holds: "wrong_item_seen = { value = true, by = \"agent\" }",
        fails: "wrong_item_seen = { value = false, by = \"agent\" }",
        is_replaced: true,
        label_when: Some("case.wrong_item_seen"),
    },
    Trouble {
        field: "cheaper",
        label: "It is cheaper elsewhere",
        reason: "price_match",
        title: "Cheaper in another shop",
        because: "We meet the other price, and do not go below it.",
        fact: Some(("price_elsewhere", "{ type = \"money\", confirm = \"person\", ask = \"Look at the other shop: what does it ask, delivery included?\" }")),
        when: None,
        bound: Some("case.price_paid - case.price_elsewhere"),
        is_in_full: false,
        hint: "",
        holds: "price_elsewhere = { value = 0, by = \"agent\" }",
        fails: "price_elsewhere = { value = \"PAID\", by = \"agent\" }",
        is_replaced: false,
        label_when: None,
    },
    Trouble {
        field: "return",
        label: "They want to send it back",
        reason: "return",
        title: "Wants to send it back",
        because: "First it is back, then the money goes.",
        fact: Some(("goods_are_back", "{ type = \"yes_no\", confirm = \"person\", ask = \"Is what they sent back here?\" }")),
        when: Some("case.goods_are_back"),
        bound: None,
        is_in_full: true,
        hint: "Once it is here, all they paid goes back: the limits below are for the rest.",
        holds: "goods_are_back = { value = true, by = \"agent\" }",
        fails: "goods_are_back = { value = false, by = \"agent\" }",
        is_replaced: false,
        label_when: Some("case.days_with_them <= 30"),
    },
    Trouble {
        field: "other",
        label: "Something else",
        reason: "goodwill",
        title: "Something else",
        because: "Not everything that goes wrong has a name.",
        fact: None,
        when: None,
        bound: None,
        is_in_full: false,
        hint: "",
        holds: "",
        fails: "",
        is_replaced: false,
        label_when: None,
    },
];
