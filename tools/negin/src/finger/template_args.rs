//! Formats of templates on the command line: which one a file is in, and what one is written in.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use negin_fingerprint::Format;
use negin_fingerprint::compact::{Limits, Order};

/// The formats by their names.
pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .try_map(|name| Format::from_name(&name).ok_or("unknown"))
}

/// The formats without a word in them by which they are told.
fn bare_formats() -> impl TypedValueParser<Value = Format> {
    let names = Format::ALL.into_iter().filter(|it| it.is_bare());
    PossibleValuesParser::new(names.map(Format::name))
        .try_map(|name| Format::from_name(&name).ok_or("unknown"))
}

fn orders() -> impl TypedValueParser<Value = Order> {
    PossibleValuesParser::new(Order::NAMED.map(|(name, _)| name)).try_map(|name| {
        let found = Order::NAMED.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, order)| order).ok_or("unknown")
    })
}

/// How templates are read.
#[derive(Debug, Clone, Copy, Args)]
pub struct ReadArgs {
    /// What a file is that is neither an image nor a record: bare minutiae for a card
    #[arg(long = "as", value_name = "FORMAT", value_parser = bare_formats())]
    pub bare: Option<Format>,
}

/// What is written for a card.
#[derive(Debug, Clone, Copy, Args)]
pub struct LimitArgs {
    /// Most minutiae of a card's format; the best stay
    #[arg(long, default_value_t = 60, value_name = "N")]
    pub max: u8,
    /// Fewest minutiae of a card's format
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub min: u8,
    /// The order of the minutiae of a card's format
    #[arg(long, default_value = "none", value_name = "ORDER", value_parser = orders())]
    pub order: Order,
}

impl LimitArgs {
    pub(super) fn limits(self) -> Limits {
        Limits {
            min: self.min,
            max: self.max,
            order: self.order,
        }
    }
}
