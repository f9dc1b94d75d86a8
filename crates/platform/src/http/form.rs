//! Forms: what was typed, what it means, and what is wrong with it, field by field. What was typed is kept.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;

use super::{FieldProblem, Problem};

/// A form as it was sent.
#[derive(Clone, Debug, Default)]
pub struct Form {
    typed: BTreeMap<String, String>,
    problems: Vec<FieldProblem>,
}

impl Form {
    /// What was typed into a field, without blanks around it; empty when it was not sent.
    #[must_use]
    pub fn typed(&self, field: &str) -> &str {
        self.typed.get(field).map_or("", |text| text.trim())
    }

    /// All names and values.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.typed.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A text that must be there, of at most `most` characters.
    pub fn text(&mut self, field: &str, most: usize) -> String {
        let text = self.typed(field).to_owned();
        if text.is_empty() {
            self.wrong(field, "Fill this in.");
        }
        self.short(field, text, most)
    }

    /// A text that may be left out.
    pub fn optional(&mut self, field: &str, most: usize) -> Option<String> {
        let text = self.typed(field).to_owned();
        (!text.is_empty()).then(|| self.short(field, text, most))
    }

    fn short(&mut self, field: &str, text: String, most: usize) -> String {
        let length = text.chars().count();
        if length > most {
            self.wrong(field, format!("At most {most} characters; these are {length}."));
        }
        text
    }

    /// What a field means, by a function that says what would be right.
    pub fn parsed<T>(&mut self, field: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match parse(self.typed(field)) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong(field, message);
                None
            }
        }
    }

    /// Says what is wrong with a field.
    pub fn wrong(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(FieldProblem { field: field.to_owned(), message: message.into() });
    }

    /// What is wrong with a field; empty if nothing is.
    #[must_use]
    pub fn problem(&self, field: &str) -> &str {
        self.problems.iter().find(|p| p.field == field).map_or("", |p| &p.message)
    }

    /// What is wrong with a field, if anything is.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        Some(self.problem(field).to_owned()).filter(|problem| !problem.is_empty())
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        self.problems.is_empty()
    }

    /// Everything that is wrong.
    #[must_use]
    pub fn problems(&self) -> &[FieldProblem] {
        &self.problems
    }

    /// A form with these values, for a page that is opened with something filled in.
    #[must_use]
    pub fn filled<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { typed: values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), problems: Vec::new() }
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Problem::invalid("A form is expected (`application/x-www-form-urlencoded`)."));
        }
        let body = Bytes::from_request(request, state).await.map_err(|e| Problem::unread(&e))?;
        let typed: Vec<(String, String)> = serde_urlencoded::from_bytes(&body).map_err(|e| Problem::invalid(e.to_string()))?;
        if typed.iter().any(|(_, value)| value.contains('\0')) {
            return Err(Problem::invalid("A field contains a zero character, which no text has."));
        }
        Ok(Self { typed: typed.into_iter().collect(), problems: Vec::new() })
    }
}
