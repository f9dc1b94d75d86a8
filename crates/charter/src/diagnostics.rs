//! What is wrong with a charter, or worth a second look: findings with their place, and the words that help to mend it.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use crate::limits;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably not what was meant.
    Warning,
    /// The charter cannot be used.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($severity:ident $name:ident $text:literal $doc:literal;)+) => {
        /// The kinds of findings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $doc] $name),+ }

        impl Code {
            /// Every kind of finding.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The stable name, such as `unknown-fact`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// How much findings of this kind weigh.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity),+ }
            }

            /// What the kind is about, in one sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => $doc),+ }
            }
        }
    };
}

codes! {
    Error Toml "toml" "The file is not TOML.";
    Error TooLarge "too-large" "A limit of the language is passed.";
    Error UnknownKey "unknown-key" "A key that the language does not have.";
    Error MissingKey "missing-key" "A key that must be there is not.";
    Error WrongType "wrong-type" "A value of another type than the key takes.";
    Error BadId "bad-id" "An id or name with other characters than allowed.";
    Error DuplicateId "duplicate-id" "Two things of one kind, or two guardrails, with one id.";
    Error UnknownVersion "unknown-version" "A version of the language that this program does not know.";
    Error UnknownCurrency "unknown-currency" "A currency that is not in ISO 4217.";
    Error UnknownTimezone "unknown-timezone" "A time zone that is not in the IANA database.";
    Error UnknownLevel "unknown-level" "A level that the charter does not declare.";
    Error UnknownReason "unknown-reason" "A reason that the charter does not declare.";
    Error UnknownRemedy "unknown-remedy" "A remedy that the charter does not declare.";
    Error UnknownSubject "unknown-subject" "A subject that the charter does not have.";
    Error UnknownFact "unknown-fact" "A fact that the charter does not declare.";
    Error UnknownName "unknown-name" "A name that is neither a fact, a definition nor built in.";
    Error UnknownFunction "unknown-function" "A function that the language does not have.";
    Error UnknownChoice "unknown-choice" "A value that the choice does not have.";
    Error Syntax "syntax" "An expression that is not CEL.";
    Error Unsupported "unsupported" "A part of CEL that charters leave out.";
    Error TypeMismatch "type-mismatch" "An expression of another type than its place takes.";
    Error BadLiteral "bad-literal" "A literal that does not say a value of its type.";
    Error IncompleteTable "incomplete-table" "A table that leaves out values of its choice and has no default.";
    Error Cycle "cycle" "Definitions that use each other in a circle.";
    Error StaffInWhen "staff-in-when" "A condition on the case that reads facts of staff.";
    Error CaseInWho "case-in-who" "A condition on the person that reads anything but facts of staff.";
    Error MisplacedAmount "misplaced-amount" "The amount of the request where it may not stand.";
    Error AmountOfManyMeasures "amount-of-many-measures" "A forbid on the amount of remedies with different measures.";
    Error WorthMayFall "worth-may-fall" "A worth that may fall as the amount rises.";
    Error WorthMayBeNegative "worth-may-be-negative" "A worth that may be below zero.";
    Error ExistsAndFact "exists-and-fact" "A rule that asks whether a subject is there and reads its facts.";
    Error AssumeAndConfirm "assume-and-confirm" "A fact that is both assumed and to be confirmed.";
    Error StaffFact "staff-fact" "A fact of staff that is to be confirmed, fresh or asked.";
    Error PersonalKey "personal-key" "A personal fact in a scope: what grants are counted by is kept for ever.";
    Error BadRange "bad-range" "Bounds that leave no value, or a fact that takes none.";
    Error ConflictingKeys "conflicting-keys" "Keys that exclude each other.";
    Error BadLimit "bad-limit" "A limit that does not fit the measures of the remedies.";
    Error WorthNeeded "worth-needed" "A cap on an amount over a remedy that is not money and has no worth.";
    Error DatesReversed "dates-reversed" "A rule that ends before it begins.";
    Error UnknownOuter "unknown-outer" "The charter that this one stands inside cannot be found, or has errors.";
    Error OuterDiffers "outer-differs" "A declaration that differs from the charter this one stands inside.";
    Warning RuleEnded "rule-ended" "A rule whose last day has passed.";
    Warning StretchNotAbove "stretch-not-above" "A stretch that is not above its limit.";
    Warning StretchSayingWhy "stretch-saying-why" "A stretch of an allow for which one says why anyway.";
    Warning UsualBelowMinimum "usual-below-minimum" "A usual amount that is below the least.";
    Warning LimitElsewhere "limit-elsewhere" "A limit taken from one subject but counted per another.";
    Warning OnlyLimitDiffers "only-limit-differs" "Two allows of one level that differ only in their limit.";
    Warning NothingAllows "nothing-allows" "A remedy that no allow names.";
    Warning ReasonNotTaken "reason-not-taken" "A guardrail or issue names a reason that none of its remedies takes.";
    Warning BindsNobody "binds-nobody" "A guardrail below the lowest level, which binds nobody.";
    Warning NobodySecond "nobody-second" "A second allow that no group has the level to use.";
    Warning ConstantCondition "constant-condition" "A condition that is always true or never.";
    Warning ZeroLimit "zero-limit" "A limit or cap that lets nothing through.";
    Warning WasInUse "was-in-use" "An old id that is the id of another remedy.";
    Note Repeats "repeats" "An allow that no cap bounds and that its scope lets repeat.";
    Note UnusedFact "unused-fact" "A fact that nothing reads.";
    Note UnusedReason "unused-reason" "A reason that no remedy takes or no allow opens.";
    Note UnusedDefinition "unused-definition" "A definition that nothing uses.";
    Note GroupAddsNothing "group-adds-nothing" "A group of the lowest level, which can give no more than anyone.";
    Note NoBecause "no-because" "A forbid or cap without `because`: people will ask why.";
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A place in a file, in bytes.
pub type Span = Range<usize>;

/// One thing found in a charter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its kind.
    pub code: Code,
    /// Its weight.
    pub severity: Severity,
    /// What was found, with the offending text in backticks.
    pub message: String,
    /// Where, in bytes of the file.
    pub span: Span,
    /// What was expected there.
    pub expected: String,
    /// What to do, if there is a suggestion.
    pub help: Option<String>,
}

/// Collects findings up to the limit, the weightiest first.
#[derive(Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
    left_out: usize,
    /// How many of each weight there are.
    counts: [usize; 3],
    /// The last one that was left out, so that a suggestion can be added all the same.
    spare: Option<Finding>,
}

impl Findings {
    /// Adds a finding; returns it so that a suggestion can be added.
    pub fn add(&mut self, code: Code, span: Span, message: impl Into<String>, expected: impl Into<String>) -> &mut Finding {
        let severity = code.severity();
        let finding = Finding { code, severity, message: message.into(), span, expected: expected.into(), help: None };
        // Each weight has its own limit, so that many notes or warnings do not push out an error.
        let full = self.counts.get_mut(severity as usize).is_none_or(|count| {
            *count += 1;
            *count > limits::FINDINGS
        });
        if full {
            self.left_out += 1;
            // It is never shown: having a help, it spares the search for a near name.
            return self.spare.insert(Finding { help: Some(String::new()), ..finding });
        }
        self.list.push(finding);
        let last = self.list.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "one was pushed in the line above")]
        &mut self.list[last]
    }

    /// Whether another error would be left out.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.counts.get(Severity::Error as usize).is_some_and(|count| *count >= limits::FINDINGS)
    }

    /// Whether any finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|f| f.severity == Severity::Error)
    }

    /// The first error that was added.
    #[must_use]
    pub fn first_error(&self) -> Option<&Finding> {
        self.list.iter().find(|f| f.severity == Severity::Error)
    }

    /// The findings in the order of the file, and how many more there were.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Finding>, usize) {
        let place = |f: &Finding| (f.span.start, f.span.end, f.code);
        self.list.sort_by_key(place);
        self.list.dedup();
        self.list.sort_by_key(|f| std::cmp::Reverse(f.severity));
        self.left_out += self.list.len().saturating_sub(limits::FINDINGS);
        self.list.truncate(limits::FINDINGS);
        self.list.sort_by_key(place);
        for finding in &mut self.list {
            for text in [Some(&mut finding.message), Some(&mut finding.expected), finding.help.as_mut()].into_iter().flatten() {
                *text = visible(text);
            }
        }
        (self.list, self.left_out)
    }
}

/// Whether a character takes no room, changes the direction of a text, or steers a terminal: it is written out where people read.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    let marks = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    c.is_control() || marks || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A message with everything written out that could hide or turn around what it says, and cut where it quotes too much.
fn visible(text: &str) -> String {
    const LONGEST: usize = 4_000;
    const LONGEST_QUOTED: usize = 200;
    let mut shown = String::with_capacity(text.len().min(LONGEST));
    let mut quoted = None;
    for c in text.chars() {
        quoted = match (c, quoted) {
            ('`', Some(_)) => None,
            ('`', None) => Some(0),
            (_, length) => length.map(|l: usize| l + 1),
        };
        match quoted {
            _ if shown.len() > LONGEST => {
                shown.push('…');
                break;
            }
            Some(LONGEST_QUOTED) => shown.push('…'),
            Some(length) if length > LONGEST_QUOTED => {}
            _ if is_invisible(c) => shown.extend(c.escape_default()),
            _ => shown.push(c),
        }
    }
    shown
}

impl Finding {
    /// Adds a suggestion.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the nearest of the known names, if one is near and there is no suggestion yet.
    pub fn nearest<'a>(&mut self, word: &str, known: impl IntoIterator<Item = &'a str>) -> &mut Self {
        if self.help.is_none()
            && let Some(near) = nearest(word, known)
        {
            self.help = Some(format!("did you mean `{near}`?"));
        }
        self
    }
}

/// The known name nearest to a word, if few letters differ.
#[must_use]
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > limits::ID_BYTES * 2 {
        return None;
    }
    let allowed = (word.chars().count() / 3).max(1);
    known.into_iter().map(|name| (strsim::damerau_levenshtein(word, name), name)).filter(|(distance, _)| *distance <= allowed).min().map(|(_, name)| name)
}

/// Line and column (both from 1, the column in characters) of a byte in a text.
#[must_use]
pub fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    (line, column)
}
