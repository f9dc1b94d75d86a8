//! Values as they stand in JSON.

use serde_json::Value as Json;

use crate::decimal::Decimal;
use crate::facts::{NotValue, Type, Value, not_decimal};
use crate::limits::TEXT_BYTES;
use crate::model::Charter;
use crate::money::Measure;

/// A value of a type.
pub(super) fn value(charter: &Charter, kind: &Type, json: &Json) -> Result<Value, NotValue> {
    match (kind, json) {
        (Type::YesNo, Json::Bool(truth)) => Ok(Value::Truth(*truth)),
        (Type::Money, _) => kind.read(&money(charter, json)?, charter.currency.places),
        (Type::Number, Json::Number(number)) => kind.read(&number.to_string(), 6),
        (Type::List, Json::Array(entries)) => {
            let texts = entries.iter().map(|e| e.as_str().map(str::to_owned).ok_or_else(|| NotValue::Expected(kind.expected())));
            kind.read_list(texts.collect::<Result<_, _>>()?)
        }
        (Type::YesNo | Type::List, _) => Err(NotValue::Expected(kind.expected())),
        (_, Json::String(text)) if text.len() > TEXT_BYTES => Err(NotValue::TooLong("TEXT_BYTES")),
        (_, Json::String(text)) => kind.read(text, charter.currency.places),
        _ => Err(NotValue::Expected(kind.expected())),
    }
}

/// Money as digits in major units: a text, a number, or an amount with its currency.
pub(super) fn money(charter: &Charter, json: &Json) -> Result<String, NotValue> {
    let code = &*charter.currency.code;
    let expected = || NotValue::Expected(format!("money such as `{{\"amount\": \"15.00\", \"currency\": \"{code}\"}}` or `\"15.00\"`"));
    match json {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Object(parts) => match (parts.get("amount"), parts.get("currency").and_then(Json::as_str)) {
            (Some(Json::String(text)), Some(currency)) if currency == code => Ok(text.clone()),
            (Some(Json::Number(number)), Some(currency)) if currency == code => Ok(number.to_string()),
            (Some(_), Some(_)) => Err(NotValue::Expected(format!("an amount in {code}, the charter's currency"))),
            _ => Err(expected()),
        },
        _ => Err(expected()),
    }
}

/// An amount of a measure, in its units.
pub(super) fn amount(charter: &Charter, measure: &Measure, json: &Json) -> Result<i64, NotValue> {
    let text = match (measure, json) {
        (Measure::Money, _) => money(charter, json)?,
        (_, Json::Number(number)) => number.to_string(),
        (_, Json::String(text)) => text.clone(),
        _ => return Err(NotValue::Expected(expected_amount(measure, charter))),
    };
    let meant = if *measure == Measure::Percent { text.trim_end_matches('%') } else { &text };
    let decimal = Decimal::read(&text).map_err(|why| match Decimal::read(meant) {
        Ok(_) => NotValue::Expected(format!("digits and at most one point: write `{meant}`")),
        Err(_) => NotValue::Expected(not_decimal(&text, why)),
    })?;
    let units = decimal.in_units(measure.places(&charter.currency)).ok_or_else(|| NotValue::Expected(expected_amount(measure, charter)))?;
    let units = i64::try_from(units).map_err(|_| NotValue::OutOfRange)?;
    if units.abs() <= measure.most() { Ok(units) } else { Err(NotValue::OutOfRange) }
}

fn expected_amount(measure: &Measure, charter: &Charter) -> String {
    match measure {
        Measure::Money => format!("money with at most {} decimal places", charter.currency.places),
        Measure::Percent => "a percentage with at most two decimal places".to_owned(),
        Measure::Count(unit) => format!("a whole number of {unit}"),
        Measure::Act => "no amount".to_owned(),
    }
}
