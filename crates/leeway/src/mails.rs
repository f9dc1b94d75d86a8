//! What mails say. Nobody reads a limit, a level or another customer's case in one.

use platform::jobs::Leased;
use platform::mail::Mail;
use serde::Deserialize;

/// The job that sends one mail.
pub(crate) const JOB: &str = "mail";

/// What a job holds.
#[derive(Deserialize)]
struct Wanted {
    to: String,
    template: String,
    /// Where it leads.
    link: Option<String>,
    /// Or to which page of this installation.
    path: Option<String>,
    /// Whom it greets.
    name: Option<String>,
}

fn approval_ended(why: &str, link: &str) -> (&'static str, String) {
    ("What was approved for you cannot be given any more", format!("{why}. What it was, and what you can do, stands here:\n\n{link}"))
}

/// The mail that a job wants sent.
pub(crate) fn written(job: &Leased, origin: &str) -> Result<Mail, String> {
    let Wanted { to, template, link, path, name } = serde_json::from_str(&job.payload).map_err(|e| e.to_string())?;
    let link = link.or_else(|| path.map(|path| format!("{origin}{path}"))).unwrap_or_default();
    let (subject, says) = match template.as_str() {
        "invitation" => (
            "Your place in Leeway",
            format!("you have been invited to Leeway. Choose a password here, and you are in:\n\n{link}\n\nThe link works once, and not for ever."),
        ),
        "reset" => (
            "Choose a new password",
            format!(
                "somebody, probably you, asked for a new password for Leeway. Choose it here:\n\n{link}\n\nThe link works once, and not for long. If it was not \
                 you, nothing has changed, and there is nothing to do."
            ),
        ),
        "password_changed" => (
            "Your password was changed",
            "the password you sign in to Leeway with was changed. If it was not you, ask for a new one on the sign-in page now, and tell whoever runs \
             Leeway where you are."
                .to_owned(),
        ),
        "grant_corrected" if link.is_empty() => {
            ("Something you gave was corrected", "an error in something you gave was mended, in a case that another team has now.".to_owned())
        }
        "grant_corrected" => {
            ("Something you gave was corrected", format!("an error in something you gave was mended. Who did it, and why, stands here:\n\n{link}"))
        }
        "no_exceeded" if link.is_empty() => ("Somebody gave more where you had said no", "it was in a case that another team has now.".to_owned()),
        "no_exceeded" => ("Somebody gave more where you had said no", format!("what it was, and why, stands here:\n\n{link}")),
        "escalation_raised" => {
            ("You are asked for a decision", format!("a colleague asks for a decision. What it is about, and by when, stands here:\n\n{link}"))
        }
        "escalation_urgent" => (
            "Urgent: you are asked for a decision",
            format!("a colleague asks for a decision that cannot wait. What it is about, and by when, stands here:\n\n{link}"),
        ),
        "escalation_waits" => ("A decision still waits for you", format!("a colleague has asked for a decision, and still waits:\n\n{link}")),
        "escalation_replied_to" => {
            ("What you asked was answered", format!("what was asked about a decision is answered, and it waits for you again:\n\n{link}"))
        }
        "escalation_passed_on" => ("A decision was passed on to you", format!("a decision was not made in time, and now it is yours:\n\n{link}")),
        "escalation_handed_on" => {
            ("A decision was passed on to you", format!("nobody of those who were asked for a decision was there, and now it is yours:\n\n{link}"))
        }
        "escalation_answered" => ("What you passed up has come back", format!("what was decided, and why, stands here:\n\n{link}")),
        "escalation_asked_back" => {
            ("You are asked something about what you passed up", format!("it goes on once you have answered. What is asked stands here:\n\n{link}"))
        }
        "approval_lapsed" => approval_ended("it was not given in time", &link),
        "approval_outdated" => approval_ended("another charter came into force before it was given", &link),
        "approval_taken_back" => approval_ended("whoever approved it, or leads them, took it back", &link),
        // One that was to be sent before the others were there.
        "approval_ended" => approval_ended("it was not given in time, was taken back, or another charter is in force", &link),
        other => return Err(format!("`{other}` is not a mail that this version knows")),
    };
    let hello = name.map_or_else(|| "Hello".to_owned(), |name| format!("Hello {name}"));
    Ok(Mail { key: job.id.to_string(), to, subject: subject.to_owned(), text: format!("{hello},\n\n{says}\n") })
}
