//! The API in the words of OpenAPI: the parts of all areas as one, with what holds for every route and so is not written at each.

use std::sync::LazyLock;

use platform::limits::KEY_CHARS;
use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;

/// The whole description.
pub(crate) static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let mut whole = access::people::api::Description::openapi();
    whole.merge(desk::api());
    whole.merge(desk::embed::api::Description::openapi());
    whole.merge(desk::webhooks::api::Description::openapi());
    // A description is made of texts and lists: it can always be written.
    completed(serde_json::to_value(&whole).unwrap_or_default())
});

/// What a request with a body can be answered besides, before anybody looks at what it says.
const OF_BODIES: [(&str, &str); 3] = [
    ("400", "`key-unfit`: the key does not fit; `key-needed`: there is none"),
    ("413", "`too-large`: more was sent than is read"),
    ("415", "`not-json`: it is not said to be JSON"),
];

fn completed(mut whole: Value) -> Value {
    for operation in operations(&mut whole) {
        let takes_body = operation.contains_key("requestBody");
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            for (status, about) in OF_BODIES.iter().filter(|_| takes_body) {
                responses.entry(*status).or_insert_with(|| json!({ "description": about }));
            }
            refused(responses);
        }
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            key(parameter);
        }
    }
    if let Some(schemas) = whole.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.insert("Problem".to_owned(), problem());
    }
    whole
}

/// Every operation of every path.
fn operations(whole: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = whole.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut).filter_map(Value::as_object_mut)
}

/// Whoever is refused is told by a problem.
fn refused(responses: &mut Map<String, Value>) {
    for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('4')) {
        if let Some(response) = response.as_object_mut() {
            response.entry("content").or_insert_with(|| json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }));
        }
    }
}

/// How long a key may be.
fn key(parameter: &mut Value) {
    if parameter.get("name").is_some_and(|name| name == "Idempotency-Key")
        && let Some(parameter) = parameter.as_object_mut()
    {
        parameter.insert("schema".to_owned(), json!({ "type": "string", "minLength": 1, "maxLength": KEY_CHARS, "pattern": "^[!-~]+$" }));
    }
}

/// What [`platform::http::Problem`] says.
fn problem() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["status", "code", "title"],
        "properties": {
            "status": { "type": "integer", "description": "The HTTP status." },
            "code": { "type": "string", "description": "A word programs can rely on." },
            "title": { "type": "string", "description": "What happened, in a few words." },
            "detail": { "type": "string", "description": "What happened exactly, and what to do." },
            "fields": {
                "type": "array",
                "description": "What is wrong with which field.",
                "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": { "field": { "type": "string" }, "message": { "type": "string" } }
                }
            },
            "more": { "description": "Whatever else helps a program." }
        }
    })
}
