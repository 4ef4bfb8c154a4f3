//! A profile's form: its sections and fields, each value with its place in the text.

use serde::Deserialize;
use toml::Spanned;

pub(super) type Number = Spanned<i64>;
pub(super) type Real = Spanned<f64>;
pub(super) type Word = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    pub(super) name: Word,
    pub(super) version: Number,
    pub(super) document: DocumentForm,
    pub(super) validity: ValidityForm,
    pub(super) photo: PhotoForm,
    pub(super) fingers: FingersForm,
    pub(super) pin: PinForm,
    pub(super) puk: TriesForm,
    pub(super) comparison: TriesForm,
    pub(super) keys: Spanned<Vec<KeyForm>>,
    pub(super) piv: PivForm,
    pub(super) travel_document: FilesForm,
    pub(super) certificates: CertificatesForm,
    pub(super) renewal: RenewalForm,
    pub(super) administration: Option<AdministrationForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DocumentForm {
    pub(super) kind: Word,
    pub(super) code: Word,
    pub(super) issuing_state: Word,
    pub(super) nationality: Word,
    pub(super) number_prefix: Word,
    pub(super) number_digits: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidityForm {
    pub(super) years: Number,
    pub(super) calendar: Word,
    pub(super) minimum_age: Number,
    pub(super) issue_ahead_days: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhotoForm {
    pub(super) formats: Spanned<Vec<Word>>,
    pub(super) min_width: Number,
    pub(super) min_height: Number,
    pub(super) min_aspect: Real,
    pub(super) max_aspect: Real,
    pub(super) max_bytes: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FingersForm {
    pub(super) enrol: Number,
    pub(super) preference: Spanned<Vec<Number>>,
    pub(super) min_minutiae: Number,
    pub(super) max_minutiae: Number,
    pub(super) order: Word,
    pub(super) min_quality: Number,
    pub(super) min_side_mm: Number,
    pub(super) max_side_mm: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PinForm {
    pub(super) min_digits: Number,
    pub(super) max_digits: Number,
    pub(super) tries: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TriesForm {
    pub(super) tries: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyForm {
    pub(super) reference: Word,
    pub(super) algorithm: Word,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PivForm {
    pub(super) containers: Spanned<Vec<Word>>,
    pub(super) virtual_contact: Option<Word>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilesForm {
    pub(super) files: Spanned<Vec<Word>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificatesForm {
    pub(super) country: Word,
    pub(super) organisation: Word,
    pub(super) authority_years: Number,
    pub(super) signer_years: Number,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RenewalForm {
    pub(super) containers: Spanned<Vec<Word>>,
    pub(super) keys: Spanned<Vec<Word>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdministrationForm {
    pub(super) extensions: Word,
    pub(super) management_key: Option<Word>,
}
