//! Talking points: what the agent can say to the customer while something is passed up, and when it has come back. In the customer's language, as plain text. Nothing
//! in them says what anybody may give, or who decides with which authority.

use access::people::StaffId;
use charter::Charter;
use jiff::Timestamp;
use platform::db::{DbError, Tx};
use ui::format::{Formats, Locale};

use super::model::{Answer, EscalationRow, ItemRow};
use crate::cases::CaseRow;
use crate::grants::{GrantRow, GrantState, Usable};
use crate::promises::{How, PromiseRow};
use crate::subjects;

/// What there is to talk about.
pub(super) struct About<'a> {
    pub(super) row: &'a EscalationRow,
    pub(super) items: &'a [ItemRow],
    /// Of the case.
    pub(super) given: &'a [GrantRow],
    /// Which approvals of the case can be given.
    pub(super) usable: &'a Usable,
    /// Of the case.
    pub(super) promises: &'a [PromiseRow],
    pub(super) charter: Option<&'a Charter>,
    /// Who talks.
    pub(super) staff: Option<StaffId>,
}

/// What is filled in.
struct Points<'a> {
    /// What was given already and stands, as people say it: `Refund of €25.00`.
    given: &'a [String],
    /// What was approved, or given since.
    approved: &'a [String],
    /// What came of it; nothing while it waits.
    answer: Option<Answer>,
    /// Whether the agent contacts the customer, by when, and how.
    promise: Option<(bool, Timestamp, How)>,
    /// Now.
    now: Timestamp,
}

/// The sentences of one language. `{}` is what is filled in.
struct Said {
    stands: &'static str,
    asked: &'static str,
    asked_the_rest: &'static str,
    i_contact: &'static str,
    we_contact: &'static str,
    offer: &'static str,
    no_more: &'static str,
    ways: [&'static str; 5],
    and: &'static str,
}

const EN: Said = Said {
    stands: "I have already arranged this for you: {}. That stays, whatever else is decided.",
    asked: "I have asked a colleague to look at this.",
    asked_the_rest: "I have asked a colleague to look at the rest.",
    i_contact: "I will contact you {how} by {when}.",
    we_contact: "One of us will contact you {how} by {when}.",
    offer: "We have looked at it again, and can offer you this: {}.",
    no_more: "We have looked at it again, and cannot offer more than that.",
    ways: ["by phone", "by e-mail", "by chat", "by letter", "in person"],
    and: " and ",
};
const DE: Said = Said {
    stands: "Das habe ich bereits für Sie veranlasst: {}. Dabei bleibt es, was auch immer sonst entschieden wird.",
    asked: "Darum kümmert sich auf meine Bitte hin eine Kollegin oder ein Kollege.",
    asked_the_rest: "Um alles Weitere kümmert sich auf meine Bitte hin eine Kollegin oder ein Kollege.",
    i_contact: "Ich melde mich {how} bei Ihnen, spätestens {when}.",
    we_contact: "Wir melden uns {how} bei Ihnen, spätestens {when}.",
    offer: "Wir haben es noch einmal geprüft und können Ihnen Folgendes anbieten: {}.",
    no_more: "Wir haben es noch einmal geprüft und können Ihnen darüber hinaus leider nichts anbieten.",
    ways: ["telefonisch", "per E-Mail", "im Chat", "per Brief", "persönlich"],
    and: " und ",
};
const FR: Said = Said {
    stands: "J’ai déjà prévu ceci pour vous : {}. Cela vous reste acquis, quelle que soit la suite.",
    asked: "J’ai demandé à une personne de mon équipe d’examiner votre demande.",
    asked_the_rest: "J’ai demandé à une personne de mon équipe d’examiner le reste.",
    i_contact: "Je vous recontacterai {how} au plus tard {when}.",
    we_contact: "Nous vous recontacterons {how} au plus tard {when}.",
    offer: "Nous avons réexaminé votre demande et pouvons vous proposer ceci : {}.",
    no_more: "Nous avons réexaminé votre demande et ne pouvons pas vous proposer davantage.",
    ways: ["par téléphone", "par e-mail", "par chat", "par courrier", "en personne"],
    and: " et ",
};
const NL: Said = Said {
    stands: "Dit heb ik al voor u geregeld: {}. Dat blijft zo, wat er verder ook besloten wordt.",
    asked: "Ik heb een collega gevraagd ernaar te kijken.",
    asked_the_rest: "Ik heb een collega gevraagd naar de rest te kijken.",
    i_contact: "Ik neem {how} contact met u op, uiterlijk {when}.",
    we_contact: "Wij nemen {how} contact met u op, uiterlijk {when}.",
    offer: "We hebben er nog eens naar gekeken en kunnen u dit aanbieden: {}.",
    no_more: "We hebben er nog eens naar gekeken en kunnen u niet meer aanbieden dan dat.",
    ways: ["telefonisch", "per e-mail", "via de chat", "per brief", "persoonlijk"],
    and: " en ",
};
const ES: Said = Said {
    stands: "Ya he dispuesto esto para usted: {}. Eso se mantiene, se decida lo que se decida después.",
    asked: "He pedido a otra persona del equipo que lo examine.",
    asked_the_rest: "He pedido a otra persona del equipo que examine lo demás.",
    i_contact: "Me pondré en contacto con usted {how}, como muy tarde {when}.",
    we_contact: "Nos pondremos en contacto con usted {how}, como muy tarde {when}.",
    offer: "Lo hemos examinado de nuevo y podemos ofrecerle esto: {}.",
    no_more: "Lo hemos examinado de nuevo y no podemos ofrecerle más.",
    ways: ["por teléfono", "por correo electrónico", "por chat", "por carta", "en persona"],
    and: " y ",
};

fn said(locale: Locale) -> &'static Said {
    match locale {
        Locale::En | Locale::EnUs => &EN,
        Locale::De => &DE,
        Locale::Fr => &FR,
        Locale::Nl => &NL,
        Locale::Es => &ES,
    }
}

impl Said {
    fn list(&self, things: &[String]) -> String {
        match things.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{}{}{last}", others.join(", "), self.and),
            None => String::new(),
        }
    }

    fn way(&self, how: How) -> &'static str {
        let [phone, email, chat, letter, visit] = self.ways;
        match how {
            How::Phone => phone,
            How::Email => email,
            How::Chat => chat,
            How::Letter => letter,
            How::Visit => visit,
        }
    }
}

/// The customer's language, as far as it is known and there are words in it; else that of the one who reads.
pub(super) async fn language(tx: &mut Tx, case: &CaseRow, reader: Locale) -> Result<Locale, DbError> {
    let Some(customer) = case.customer else { return Ok(reader) };
    let tag = subjects::customer(tx, customer).await?.and_then(|customer| customer.locale);
    Ok(tag.and_then(|tag| Locale::with_tag(&tag)).unwrap_or(reader))
}

/// What can be said now, in a language, by the clocks of the charter.
pub(super) fn filled_in(about: &About<'_>, locale: Locale, reader: &Formats, now: Timestamp) -> String {
    let approvals: Vec<_> = about.items.iter().filter_map(|item| item.grant).collect();
    let stands = |grant: &&GrantRow| !matches!(grant.state, GrantState::Withdrawn | GrantState::Corrected);
    let (approved, given): (Vec<&GrantRow>, Vec<&GrantRow>) = about.given.iter().filter(stands).partition(|grant| approvals.contains(&grant.id));
    let named = |grants: Vec<&GrantRow>| {
        let said = grants.into_iter().rev().filter(|g| g.state != GrantState::Offered || (approvals.contains(&g.id) && about.usable.contains(&g.id)));
        said.map(|grant| grant.in_words(about.charter)).collect::<Vec<_>>()
    };
    let promise = about.promises.iter().find(|p| p.escalation == Some(about.row.id) && p.ended.is_none());
    let is_mine = |p: &PromiseRow| p.staff.is_some() && p.staff == about.staff;
    let filled = Points {
        given: &named(given),
        approved: &named(approved),
        answer: about.row.outcome.as_ref().map(|outcome| outcome.answer),
        promise: promise.filter(|_| about.row.state.is_owed()).map(|p| (is_mine(p), Timestamp::from_microsecond(p.due_at).unwrap_or(now), p.how)),
        now,
    };
    let time_zone = about.charter.map_or_else(|| reader.time_zone.clone(), |charter| charter.zone.clone());
    points(&filled, &Formats { locale, time_zone })
}

/// What can be said, in sentences.
fn points(points: &Points<'_>, formats: &Formats) -> String {
    let said = said(formats.locale);
    let mut sentences = Vec::new();
    if !points.given.is_empty() {
        sentences.push(said.stands.replace("{}", &said.list(points.given)));
    }
    match points.answer {
        None if points.given.is_empty() => sentences.push(said.asked.to_owned()),
        None => sentences.push(said.asked_the_rest.to_owned()),
        Some(_) if !points.approved.is_empty() => sentences.push(said.offer.replace("{}", &said.list(points.approved))),
        Some(Answer::None) => {}
        Some(_) => sentences.push(said.no_more.to_owned()),
    }
    if let Some((is_mine, due, how)) = points.promise {
        let text = if is_mine { said.i_contact } else { said.we_contact };
        sentences.push(text.replace("{how}", said.way(how)).replace("{when}", &formats.deadline(due, points.now)));
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn what_stands_who_and_by_when_in_every_language() {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let due: Timestamp = "2026-11-23T13:30:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let given = ["Refund of €25.00".to_owned(), "Return label".to_owned()];
        for locale in Locale::ALL {
            let formats = Formats { locale, time_zone: TimeZone::UTC };
            let waits = Points { given: &given, approved: &[], answer: None, promise: Some((false, due, How::Phone)), now };
            let text = points(&waits, &formats);
            let time = formats.time(due);
            assert!(text.contains("€25.00") && text.contains("Return label") && text.contains(&time) && !text.contains('{'), "{text}");
            let back = Points { answer: Some(Answer::Less), approved: &given, promise: None, ..waits };
            assert_eq!(points(&back, &formats).matches("€25.00").count(), 2);
            let no = Points { answer: Some(Answer::No), given: &[], approved: &[], promise: None, now };
            assert!(!points(&no, &formats).is_empty());
        }
    }
}
