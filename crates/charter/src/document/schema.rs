use schemars::generate::SchemaSettings;

use super::Document;

/// The JSON Schema of a charter file, for editors.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Document>();
    schema.insert("title".to_owned(), "Leeway charter".into());
    schema.to_value()
}
