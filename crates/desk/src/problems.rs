//! What goes wrong at the desk, as it is told at the edge.

use axum::http::StatusCode;
use charter::explain::Answer;
use platform::http::{FieldProblem, Problem};
use platform::limits::{DEBRIEF_NOTES, OFFER_ITEMS, TALK_POINTS};
use serde_json::json;

use crate::cases::{CaseError, Move, State};
use crate::charters::NotPublished;
use crate::customers::CustomerError;
use crate::debriefs::DebriefError;
use crate::deciding::NoSituation;
use crate::escalations::{EscalationError, State as EscalationState};
use crate::grants::api::not_given;
use crate::grants::{GrantError, GrantState};
use crate::groups::GroupError;
use crate::promises::PromiseError;

impl From<CaseError> for Problem {
    fn from(e: CaseError) -> Self {
        match e {
            CaseError::NotFound => Self::not_found(),
            CaseError::CannotMove { state, by } => {
                Self::conflict("case-moved", format!("The case is {} now, so it cannot be {}. Load it again.", state.word(), done(by)))
            }
            CaseError::MayNotConfirm => Self::not_permitted().detail("Somebody has confirmed this already; what is only stated does not change it."),
            CaseError::SystemSaysOtherwise => Self::conflict(
                "system-says-so",
                "A system has said what is so here, and nobody types over it. Mend it where it comes from, and bring it in again.",
            ),
            CaseError::NotAbout(kind) => Self::invalid(format!("This case is about no {kind}, so nothing can be said of one.")),
            CaseError::NoKind(kind) => field("kind", format!("`{kind}` is not what a case can be about, such as `customer` or `order`.")),
            CaseError::AboutTooMuch => field("kind", "This case is about as many things as a case can be about. Take one away first.".to_owned()),
            CaseError::OfAnotherCustomer(kind) => Self::conflict(
                "of-another-customer",
                format!("This {kind} is another customer's than this case. Look at both numbers, and take away the wrong one first."),
            ),
            CaseError::NobodyThere => field("owner", "There is nobody of this id here any more.".to_owned()),
            CaseError::NoOffering => field("offering", "There is no such offering.".to_owned()),
            CaseError::Db(e) => e.into(),
        }
    }
}

impl From<GroupError> for Problem {
    fn from(e: GroupError) -> Self {
        match e {
            GroupError::NotFound => Self::not_found(),
            GroupError::NoTeam => field("team", "There is no such team any more.".to_owned()),
            GroupError::NobodyThere => field("staff", "There is no such person here any more; programs are in no rota.".to_owned()),
            GroupError::Over => field("until", "The last day is today or later, and not before the first.".to_owned()),
            GroupError::NotInTeam => field("staff", "They are not in the team that serves this group now.".to_owned()),
            GroupError::NotInRota => field("staff", "They have no hours in the rota of this group, and stand in for nobody in it.".to_owned()),
            GroupError::CannotStandIn => field("substitute", "Somebody else of the team that serves this group stands in.".to_owned()),
            GroupError::TooMany(most) => field("staff", format!("There can be at most {most}; take one away first.")),
            GroupError::Db(e) => e.into(),
        }
    }
}

impl From<DebriefError> for Problem {
    fn from(e: DebriefError) -> Self {
        match e {
            DebriefError::NotFound => Self::not_found(),
            DebriefError::NotTheLead => Self::not_permitted().detail("Who leads you says that you talked."),
            DebriefError::NothingSaid => field("text", "Say what it is about, or in which case it was.".to_owned()),
            DebriefError::Points(_) => field("points", format!("A talk is over 1 to {TALK_POINTS} points. Choose what you talked over.")),
            DebriefError::TalkedOver => {
                Self::conflict("talked-over", "One of these points was talked over meanwhile, or was taken off the list. Load it again.")
            }
            DebriefError::TooManyNotes => field("text", format!("There can be at most {DEBRIEF_NOTES} notes here. Say the rest when you talk.")),
            DebriefError::Db(e) => e.into(),
        }
    }
}

fn field(name: &str, message: String) -> Problem {
    Problem::invalid(message.clone()).fields(vec![FieldProblem { field: name.to_owned(), message }])
}

fn done(by: Move) -> &'static str {
    match by {
        Move::Wait => "set to waiting",
        Move::Resume => "resumed",
        Move::Solve => "solved",
        Move::Reopen => "reopened",
        Move::Close => "closed",
    }
}

impl From<NoSituation> for Problem {
    fn from(e: NoSituation) -> Self {
        match e {
            NoSituation::NoCharter => Self::new(StatusCode::CONFLICT, "no-charter", "No charter is in force yet")
                .detail("An owner publishes one: `leeway charter publish FILE`, or on the page Charter."),
            NoSituation::Problems(problems) => {
                let first = problems.first().map_or_else(String::new, |p| format!("{} ({}); expected {}.", p.message, p.at, p.expected));
                Self::new(StatusCode::CONFLICT, "does-not-fit", "What is known does not fit the charter in force").detail(first).more(json!(problems))
            }
            NoSituation::Db(e) => e.into(),
        }
    }
}

impl From<GrantError> for Problem {
    fn from(e: GrantError) -> Self {
        match e {
            GrantError::NotFound => Self::not_found(),
            GrantError::CaseSettled(State::Closed) => {
                Self::conflict("case-settled", "The case is closed, and stays so. If there is more to do, open a new one.")
            }
            GrantError::CaseSettled(state) => Self::conflict("case-settled", format!("The case is {}. Reopen it before anything more is given.", state.word())),
            GrantError::Items(n) => Self::invalid(format!("An offer has 1 to {OFFER_ITEMS} remedies; this one has {n}.")),
            GrantError::NoSituation(e) => e.into(),
            GrantError::CannotMove(state) => Self::conflict("grant-moved", format!("{} {}", stands(state), "Load the case again to see it.")),
            GrantError::NotTheGiver => Self::not_permitted().detail("Only the one who gave it can take it back."),
            GrantError::OwnGrant => Self::not_permitted()
                .detail("Nobody corrects a grant of their own: before it is sent you can take it back, after that another lead can correct it."),
            GrantError::Lapsed => Self::conflict("approval-lapsed", "The time in which this could be given is over. If it is still right, ask once more."),
            GrantError::OtherCharter => {
                Self::conflict("approval-outdated", "A new charter is in force since this was approved. Ask once more: it is decided by the new one.")
            }
            GrantError::Db(e) => e.into(),
        }
    }
}

fn stands(state: GrantState) -> &'static str {
    match state {
        GrantState::Offered => "It was approved, and has not been given yet.",
        GrantState::Granted => "It was given, and has not been sent yet.",
        GrantState::Withdrawn => "It was taken back.",
        GrantState::Sent => "It has been sent, so it can no longer be taken back.",
        GrantState::Fulfilled => "The customer has it already.",
        GrantState::Failed => "It failed and waits to be settled.",
        GrantState::Unclear => "It is unclear whether it was done; it waits to be settled.",
        GrantState::Corrected => "It was corrected already.",
    }
}

impl From<EscalationError> for Problem {
    fn from(e: EscalationError) -> Self {
        match e {
            EscalationError::NotFound => Self::not_found(),
            EscalationError::Waits(id) => {
                Self::conflict("waits", "Something of this case waits for an answer already.").more(json!({ "escalation": id.to_string() }))
            }
            EscalationError::CannotMove(state) => Self::conflict("escalation-moved", turn(state)),
            EscalationError::Taken(_) => Self::conflict("escalation-taken", "A colleague has taken this. Take it over from them first, if they agree."),
            EscalationError::Own => Self::not_permitted().detail("Nobody answers what they raised themselves."),
            EscalationError::NotTheRaiser => Self::not_permitted().detail("Only the one who raised it can."),
            EscalationError::NotForPrograms => Self::not_permitted().detail("What was passed up is answered by people."),
            EscalationError::NoRule(rule) => field("rule", format!("The charter in force has no rule `{rule}` that allows anything.")),
            EscalationError::Amounts(_) => field("amounts", "Say how much of each, at least of one, and not more than was asked for.".to_owned()),
            EscalationError::NotLess => field("amounts", "This is all that was asked for: give all of it, or write less.".to_owned()),
            EscalationError::Kept => {
                field("kept", "No rule covers what is given, so it is an exception: say whether it is a one-off or a precedent.".to_owned())
            }
            EscalationError::NoException => field("kept", "A rule covers what is given, so it is no exception: leave this out.".to_owned()),
            EscalationError::PromiseDue => field("due", "A time that is still to come, at most 60 days ahead.".to_owned()),
            EscalationError::NotGiven(offered) => not_given(*offered, None),
            EscalationError::NotRaised { item, answer } => not_decided(item, &answer),
            EscalationError::Apart => Self::conflict("apart", "Nobody may give all of it: ask for the remedies one at a time."),
            EscalationError::Grant(e) => e.into(),
            EscalationError::Db(e) => e.into(),
        }
    }
}

/// What the charter does not let somebody do, with the whole answer.
fn not_decided(item: usize, answer: &Answer) -> Problem {
    Problem::conflict("not-allowed", answer.sentence.clone()).more(json!({ "item": item, "answer": answer }))
}

fn turn(state: EscalationState) -> &'static str {
    match state {
        EscalationState::Open => "It waits for the group. Load it again to see it.",
        EscalationState::AskedBack => "The one who raised it is asked something first. Load it again to see it.",
        EscalationState::Withdrawn => "The customer has given up meanwhile. The feedback is still owed: answer it.",
        EscalationState::Answered => "It was answered meanwhile. Load it again to see it.",
    }
}

impl From<PromiseError> for Problem {
    fn from(e: PromiseError) -> Self {
        match e {
            PromiseError::NotFound => Self::not_found(),
            PromiseError::Ended => Self::conflict("promise-ended", "It was kept, given up or put off meanwhile. Load the case again to see it."),
            PromiseError::CaseClosed => GrantError::CaseSettled(State::Closed).into(),
            PromiseError::Due => field("due", "A time that is still to come, later than what the customer was told, at most 60 days ahead.".to_owned()),
            PromiseError::NoGroup => field("who", "Only what is passed up has a group that contacts the customer.".to_owned()),
            PromiseError::Db(e) => e.into(),
        }
    }
}

impl From<CustomerError> for Problem {
    fn from(e: CustomerError) -> Self {
        match e {
            CustomerError::NotFound => Self::not_found(),
            CustomerError::Merged(into) => {
                Self::conflict("customer-merged", "This customer was merged with another one. Go on there.").more(json!({ "customer": into.to_string() }))
            }
            CustomerError::BeingErased => {
                Self::conflict("customer-being-erased", "The data of the first of them are just being erased. Merge them in a few minutes.")
            }
            CustomerError::Same => Self::invalid("Both are the same customer already. Name another one."),
            CustomerError::Db(e) => e.into(),
        }
    }
}

impl From<NotPublished> for Problem {
    fn from(e: NotPublished) -> Self {
        match e {
            NotPublished::Findings(findings) => {
                let lines: Vec<String> = findings.iter().map(|f| format!("{}: {}; expected {}", f.code.name(), f.message, f.expected)).collect();
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "charter-has-errors", "The charter has errors").detail(lines.join("\n"))
            }
            NotPublished::CountsOtherwise(lines) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "charter-counts-otherwise", "The charter counts otherwise than the grants there are")
                    .detail(lines.join("\n"))
            }
            NotPublished::NoSuchVersion(version) => Self::not_found().detail(format!("There is no charter {version}.")),
            NotPublished::Db(e) => e.into(),
        }
    }
}
