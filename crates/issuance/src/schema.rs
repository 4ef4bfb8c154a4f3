//! The published formats.

/// The JSON Schema (draft 2020-12) of a citizen's record, [`crate::record::VERSION`].
pub const RECORD: &str = include_str!("../schema/record.schema.json");

/// The JSON Schema (draft 2020-12) of an order's `order.json`, [`crate::order::VERSION`].
pub const ORDER: &str = include_str!("../schema/order.schema.json");
