//! The finger minutiae records of ISO/IEC 19794-2.

mod v2005;
mod v2011;

pub use v2005::{decode, encode};
pub use v2011::{decode as decode_2011, encode as encode_2011};

use zeroize::Zeroizing;

use crate::{Error, Format, Record, Template};

/// Encodes one template as a record of 2005: one live-scan plain view at 500 dpi.
///
/// # Errors
/// As [`encode`].
pub fn encode_template(template: &Template) -> Result<Zeroizing<Vec<u8>>, Error> {
    encode(&Record::of(Format::Iso2005, [template.clone()]))
}

/// Decodes the first view of a record of 2005.
///
/// # Errors
/// As [`decode`]; [`Error::RecordField`] when there is no view.
pub fn decode_template(bytes: &[u8]) -> Result<Template, Error> {
    decode(bytes)?.into_template()
}
