use super::answers::Answers;

/// What stands in the charter though nobody was asked, by the id of the rule or group, and why: said before it is published.
pub(super) fn added(id: &str, answers: &Answers) -> Option<String> {
    let (first, last) = (answers.first_group(), answers.last_group());
    let why = match id {
        "never-over-paid" => "nobody should get back more than they paid",
        "per-customer" => "what goes wrong again and again for one customer needs another look than one more refund",
        "one-replacement" => "a second one is a sign of something else",
        "already-replaced" => "another one and the money is twice the same",
        "one-label" => "one label brings everything back",
        "next-level-replaces" | "next-level-labels" => "whoever may give more may also send it without being asked for proof",
        "label-return" => "nobody can send something back without knowing how; 30 days are what most shops give",
        _ if id.starts_with("replace-") => "most customers want the thing they ordered, not a part of its price",
        _ if id.starts_with("label-") => "what is not theirs should cost them nothing to send back",
        _ if id == first => "somebody on the phone does not wait for longer than an hour: the hour is ours",
        _ if id == last => "something always comes that no rule foresaw; the four hours are ours too",
        _ => return None,
    };
    Some(format!("We added this, because {why}."))
}
