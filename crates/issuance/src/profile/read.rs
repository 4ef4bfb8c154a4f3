//! Reading a profile: its form by serde, its meaning here, every fault with its line.

use negin_eid::piv::{KeyReference, RenewalPolicy};
use negin_fingerprint::FingerPosition;
use negin_fingerprint::compact::Limits;
use toml::Spanned;

use super::form::{
    AdministrationForm, CertificatesForm, DocumentForm, FingersForm, Form, KeyForm, PhotoForm,
    PinForm, RenewalForm, ValidityForm,
};
use super::judge::{Judge, position};
use super::words::{
    ALGORITHMS, CALENDARS, CONTAINERS, EXTENSIONS, FILES, KEYS, MANAGEMENT_KEYS, ORDERS,
    PHOTO_FORMATS, RENEWABLE, VIRTUAL_CONTACT,
};
use super::{
    Administration, Certificates, Document, Fingers, Key, Photo, Pin, Profile, VERSION, Validity,
    VirtualContact,
};
use crate::fault::Fault;
use crate::finding::Rejected;

pub(super) fn read(text: &str, file: &str) -> Result<Profile, Rejected> {
    let form: Form = toml::from_str(text).map_err(|error| {
        let (line, column) = position(text, error.span().map_or(0, |span| span.start));
        Rejected::of_file(
            Fault::ProfileSyntax {
                line,
                column,
                detail: error.message().to_owned(),
            },
            file,
        )
    })?;
    let judge = Judge::new(text, file);
    let profile = judge.profile(&form);
    let findings = judge.into_findings();
    match (profile, Rejected::from_findings(findings)) {
        (Some(profile), None) => Ok(profile),
        (_, Some(rejected)) => Err(rejected),
        (None, None) => Err(Rejected::of_file(
            Fault::ProfileSyntax {
                line: 1,
                column: 1,
                detail: "nothing could be read".to_owned(),
            },
            file,
        )),
    }
}

impl Judge<'_> {
    fn profile(&self, form: &Form) -> Option<Profile> {
        let version = self.number::<i64>("version", &form.version, VERSION..=VERSION);
        let name = self.text("name", &form.name, 1..=64, "letters, digits and -", |c| {
            c.is_ascii_alphanumeric() || c == '-'
        });
        let document = self.document(&form.document);
        let validity = self.validity(&form.validity);
        let photo = self.photo(&form.photo);
        let fingers = self.fingers(&form.fingers);
        let pin = self.pin(&form.pin);
        let puk_tries = self.number("puk.tries", &form.puk.tries, 1..=10);
        let comparison_tries = self.number("comparison.tries", &form.comparison.tries, 1..=10);
        let keys = self.keys(&form.keys);
        let virtual_contact = match &form.piv.virtual_contact {
            Some(value) => self.word("piv.virtual_contact", value, VIRTUAL_CONTACT),
            None => Some(VirtualContact::None),
        };
        let containers = self.words("piv.containers", &form.piv.containers, CONTAINERS);
        let files = self.words("travel_document.files", &form.travel_document.files, FILES);
        let certificates = self.certificates(&form.certificates);
        let renewal = self.renewal(&form.renewal);
        let administration = match &form.administration {
            Some(form) => self.administration(form),
            None => Some(None),
        };
        version?;
        let profile = Profile {
            name: name?,
            document: document?,
            validity: validity?,
            photo: photo?,
            fingers: fingers?,
            pin: pin?,
            puk_tries: puk_tries?,
            comparison_tries: comparison_tries?,
            keys: keys?,
            containers: containers?,
            virtual_contact: virtual_contact?,
            files: files?,
            certificates: certificates?,
            renewal: renewal?,
            administration: administration?,
        };
        // Before each section is sound, disagreement is only an echo.
        if self.is_clean() {
            self.agree(form, &profile);
        }
        Some(profile)
    }

    /// What one section may say only if another does.
    fn agree(&self, form: &Form, profile: &Profile) {
        let written = profile.written_containers();
        let renewed = form.renewal.containers.get_ref();
        for (word, container) in renewed.iter().zip(&profile.renewal.containers) {
            if !written.contains(container) {
                self.missing("renewal.containers", self.line(word), word.get_ref());
            }
        }
        let renewed = form.renewal.keys.get_ref();
        for (word, reference) in renewed.iter().zip(&profile.renewal.keys) {
            if !profile.keys.iter().any(|key| key.reference == *reference) {
                self.missing("renewal.keys", self.line(word), word.get_ref());
            }
        }
        for (name, container) in CONTAINERS {
            use negin_eid::piv::Container::{
                CardCapability, Chuid, Discovery, FacialImage, PrintedInformation,
            };
            // Stock clients look for the first three; the counter's clerk for the other two.
            let needed = matches!(
                container,
                CardCapability | Chuid | Discovery | FacialImage | PrintedInformation
            );
            if needed && !profile.containers.contains(container) {
                self.missing("piv.containers", self.line(&form.piv.containers), name);
            }
        }
        for (name, file) in FILES {
            use super::LdsFile::{Com, Dg1, Sod};
            if matches!(file, Com | Dg1 | Sod) && !profile.files.contains(file) {
                self.missing(
                    "travel_document.files",
                    self.line(&form.travel_document.files),
                    name,
                );
            }
        }
    }

    fn document(&self, form: &DocumentForm) -> Option<Document> {
        let kind = self.text(
            "document.kind",
            &form.kind,
            1..=20,
            "up to 20 ASCII characters",
            |c| c == ' ' || c.is_ascii_graphic(),
        );
        let capital = |c: char| c.is_ascii_uppercase();
        let code = self.text(
            "document.code",
            &form.code,
            1..=2,
            "one or two capital letters, the first A, C or I",
            capital,
        );
        let code = code.filter(|code| {
            let first = code.starts_with(['A', 'C', 'I']);
            if !first {
                self.report(
                    "document.code",
                    Fault::ProfileWordUnknown {
                        line: self.line(&form.code),
                        found: code.clone(),
                        known: "one or two capital letters, the first A, C or I".to_owned(),
                    },
                );
            }
            first
        });
        let state =
            |field, value| self.text(field, value, 1..=3, "one to three capital letters", capital);
        let issuing_state = state("document.issuing_state", &form.issuing_state);
        let nationality = state("document.nationality", &form.nationality);
        let prefix = self.text(
            "document.number_prefix",
            &form.number_prefix,
            0..=4,
            "up to four capital letters or digits",
            |c| c.is_ascii_uppercase() || c.is_ascii_digit(),
        );
        let room = 9 - form.number_prefix.get_ref().chars().count().min(4);
        let digits = self.number(
            "document.number_digits",
            &form.number_digits,
            4..=i64::try_from(room).unwrap_or(9),
        );
        Some(Document {
            kind: kind?,
            code: code?,
            issuing_state: issuing_state?,
            nationality: nationality?,
            number_prefix: prefix?,
            number_digits: digits?,
        })
    }

    fn validity(&self, form: &ValidityForm) -> Option<Validity> {
        let years = self.number("validity.years", &form.years, 1..=20);
        let calendar = self.word("validity.calendar", &form.calendar, CALENDARS);
        let minimum_age = self.number("validity.minimum_age", &form.minimum_age, 0..=100);
        let ahead = self.number("validity.issue_ahead_days", &form.issue_ahead_days, 0..=366);
        Some(Validity {
            years: years?,
            calendar: calendar?,
            minimum_age: minimum_age?,
            issue_ahead_days: ahead?,
        })
    }

    fn photo(&self, form: &PhotoForm) -> Option<Photo> {
        let formats = self.words("photo.formats", &form.formats, PHOTO_FORMATS);
        if form.formats.get_ref().is_empty() {
            self.missing("photo.formats", self.line(&form.formats), "jpeg");
        }
        let min_width = self.number("photo.min_width", &form.min_width, 60..=2000);
        let min_height = self.number("photo.min_height", &form.min_height, 80..=2000);
        let min_aspect = self.real("photo.min_aspect", &form.min_aspect, 0.2..=2.0);
        let least = *form.min_aspect.get_ref();
        let max_aspect = self.real(
            "photo.max_aspect",
            &form.max_aspect,
            least.clamp(0.2, 2.0)..=2.0,
        );
        // A file's size is given in two bytes.
        let max_bytes = self.number("photo.max_bytes", &form.max_bytes, 1000..=60_000);
        Some(Photo {
            formats: formats?,
            min_width: min_width?,
            min_height: min_height?,
            min_aspect: min_aspect?,
            max_aspect: max_aspect?,
            max_bytes: max_bytes?,
        })
    }

    fn fingers(&self, form: &FingersForm) -> Option<Fingers> {
        let enrol = self.number("fingers.enrol", &form.enrol, 1..=2);
        let preference = self.preference(form);
        let min = self.number("fingers.min_minutiae", &form.min_minutiae, 1..=60);
        let least = (*form.min_minutiae.get_ref()).clamp(1, 60);
        // SP 800-76-2, 5.5.1: a card compares at most 60.
        let max = self.number("fingers.max_minutiae", &form.max_minutiae, least..=60);
        let order = self.word("fingers.order", &form.order, ORDERS);
        let min_quality = self.number("fingers.min_quality", &form.min_quality, 0..=100);
        let min_side_mm = self.number("fingers.min_side_mm", &form.min_side_mm, 5..=100);
        let least = (*form.min_side_mm.get_ref()).clamp(5, 100);
        let max_side_mm = self.number("fingers.max_side_mm", &form.max_side_mm, least..=100);
        Some(Fingers {
            enrol: enrol?,
            preference: preference?,
            limits: Limits {
                min: min?,
                max: max?,
                order: order?,
            },
            min_quality: min_quality?,
            min_side_mm: min_side_mm?,
            max_side_mm: max_side_mm?,
        })
    }

    fn preference(&self, form: &FingersForm) -> Option<Vec<FingerPosition>> {
        const FIELD: &str = "fingers.preference";
        let mut seen = Vec::new();
        let codes: Vec<Option<FingerPosition>> = form
            .preference
            .get_ref()
            .iter()
            .map(|value| {
                let code = self.number::<u8>(FIELD, value, 1..=10)?;
                if seen.contains(&code) {
                    self.report(
                        FIELD,
                        Fault::ProfileRepeated {
                            line: self.line(value),
                            found: code.to_string(),
                        },
                    );
                }
                seen.push(code);
                FingerPosition::from_code(code)
            })
            .collect();
        let codes: Vec<FingerPosition> = codes.into_iter().collect::<Option<_>>()?;
        let wanted = usize::try_from(*form.enrol.get_ref()).unwrap_or_default();
        if codes.len() < wanted {
            let line = self.line(&form.preference);
            return self.outside(FIELD, line, codes.len(), wanted, 10);
        }
        Some(codes)
    }

    fn pin(&self, form: &PinForm) -> Option<Pin> {
        let min_digits = self.number("pin.min_digits", &form.min_digits, 6..=8);
        let least = (*form.min_digits.get_ref()).clamp(6, 8);
        let max_digits = self.number("pin.max_digits", &form.max_digits, least..=8);
        let tries = self.number("pin.tries", &form.tries, 1..=10);
        Some(Pin {
            min_digits: min_digits?,
            max_digits: max_digits?,
            tries: tries?,
        })
    }

    fn keys(&self, list: &Spanned<Vec<KeyForm>>) -> Option<Vec<Key>> {
        let mut seen = Vec::new();
        let read: Vec<Option<Key>> = list
            .get_ref()
            .iter()
            .map(|form| {
                let reference = self.word("keys.reference", &form.reference, KEYS);
                let algorithm = self.word("keys.algorithm", &form.algorithm, ALGORITHMS);
                let key = Key {
                    reference: reference?,
                    algorithm: algorithm?,
                };
                if seen.contains(&key.reference) {
                    self.report(
                        "keys.reference",
                        Fault::ProfileRepeated {
                            line: self.line(&form.reference),
                            found: form.reference.get_ref().clone(),
                        },
                    );
                }
                seen.push(key.reference);
                Some(key)
            })
            .collect();
        let keys: Vec<Key> = read.into_iter().collect::<Option<_>>()?;
        // Delivery ends with a signature of this key.
        if !seen.contains(&KeyReference::Authentication) {
            self.missing("keys", self.line(list), "9A");
        }
        Some(keys)
    }

    fn certificates(&self, form: &CertificatesForm) -> Option<Certificates> {
        let country = self.text(
            "certificates.country",
            &form.country,
            2..=2,
            "two capital letters",
            |c| c.is_ascii_uppercase(),
        );
        let organisation = self.text(
            "certificates.organisation",
            &form.organisation,
            1..=64,
            "up to 64 characters",
            |c| !c.is_control(),
        );
        let authority_years = self.number(
            "certificates.authority_years",
            &form.authority_years,
            1..=40,
        );
        let signer_years = self.number("certificates.signer_years", &form.signer_years, 1..=40);
        Some(Certificates {
            country: country?,
            organisation: organisation?,
            authority_years: authority_years?,
            signer_years: signer_years?,
        })
    }

    fn administration(&self, form: &AdministrationForm) -> Option<Option<Administration>> {
        let extensions = self.word("administration.extensions", &form.extensions, EXTENSIONS);
        const KEY: &str = "administration.management_key";
        let key = form.management_key.as_ref();
        let key = key.map(|word| self.word(KEY, word, MANAGEMENT_KEYS));
        match (extensions?, key) {
            (None, Some(key)) => key.map(|_| None),
            (None, None) => Some(None),
            (Some(extensions), Some(key)) => Some(Some(Administration {
                extensions,
                key: key?,
            })),
            (Some(_), None) => {
                self.missing(KEY, self.line(&form.extensions), "management_key");
                None
            }
        }
    }

    fn renewal(&self, form: &RenewalForm) -> Option<RenewalPolicy> {
        let containers = self.words("renewal.containers", &form.containers, RENEWABLE);
        let keys = self.words("renewal.keys", &form.keys, KEYS);
        Some(RenewalPolicy {
            containers: containers?,
            keys: keys?,
        })
    }
}
