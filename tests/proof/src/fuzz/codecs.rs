//! Parsers: what they read and write again, they read the same.

use negin_apdu::tlv::{self, Tlv};
use negin_apdu::{Aid, Atr, Command, Response};
use negin_eid::gp::{CardRecognition, Cplc, GpCommand, KeyInformation, StatusEntry};
use negin_eid::lds::{Dg1, Dg2, Dg11, EfCom, LdsCommand, LdsSecurityObject};
use negin_eid::mrz::Td1;
use negin_eid::piv::{
    ActivationRecord, BiometricInformation, CardCapability, CertificateObject, Chuid, Discovery,
    EnrolReference, FascN, GeneralAuthenticate, HolderDisplay, KeyHistory, MessagingCertificate,
    PivCommand, PrintedInformation, PropertyTemplate, PublicPoint, RenewalPolicy,
    SecureMessagingSigner, SecurityObject, YubicoCommand,
};
use negin_eid::select::SelectApplication;
use negin_fingerprint::compact::{self, Limits};
use negin_fingerprint::{Format, format};
use negin_recognition::on_card;
use negin_secure_channel::opacity::Cvc;

/// Commands and answers: bytes read, written, and read again are the same; so are typed commands.
pub fn command(bytes: &[u8]) {
    if let Ok(response) = Response::parse(bytes) {
        assert_eq!(response.to_bytes(), bytes);
    }
    let Ok(command) = Command::parse(bytes) else {
        return;
    };
    let written = command.to_bytes().expect("what was read can be written");
    assert_eq!(Command::parse(&written).as_ref(), Ok(&command));
    let _ = (format!("{command:?}"), command.secret());
    if let Ok(piv) = PivCommand::parse(&command) {
        assert_eq!(PivCommand::parse(&piv.to_apdu()).as_ref(), Ok(&piv));
    }
    if let Ok(extension) = YubicoCommand::parse(&command) {
        assert_eq!(
            YubicoCommand::parse(&extension.to_apdu()).as_ref(),
            Ok(&extension)
        );
    }
    if let Ok(domain) = GpCommand::parse(&command) {
        assert_eq!(GpCommand::parse(&domain.to_apdu()).as_ref(), Ok(&domain));
    }
    if let Ok(travel) = LdsCommand::parse(&command) {
        assert_eq!(LdsCommand::parse(&travel.to_apdu()).as_ref(), Ok(&travel));
    }
    if let Ok(select) = SelectApplication::parse(&command) {
        assert_eq!(SelectApplication::parse(&select.to_apdu()), Ok(select));
    }
}

/// BER-TLV: a tree read, written and read again is the same, and a search in it ends.
pub fn tlv(bytes: &[u8]) {
    if let Ok(trees) = Tlv::parse_all(bytes) {
        let written: Vec<u8> = trees.iter().flat_map(Tlv::to_bytes).collect();
        assert_eq!(Tlv::parse_all(&written).as_ref(), Ok(&trees));
    }
    if let Ok((tag, value, rest)) = tlv::read(bytes) {
        let written = tlv::encode(tag, value);
        assert_eq!(tlv::read(&written), Ok((tag, value, &[][..])));
        assert!(rest.len() + value.len() < bytes.len());
        assert!(tlv::find(bytes, &[tag]).is_none_or(|found| found.len() <= bytes.len()));
    }
}

/// Reads with `decode`; what was read is written with `encode` and read the same.
macro_rules! comes_back {
    ($bytes:expr, $($object:ty),+ $(,)?) => {
        $(if let Ok(object) = <$object>::decode($bytes) {
            comes_back!(@written object.encode(), $object, object);
        })+
    };
    (@written $written:expr, $object:ty, $read:expr) => {
        if let Some(written) = Written::bytes($written) {
            let again = <$object>::decode(&written);
            assert!(again.is_ok_and(|again| again == $read), stringify!($object));
        }
    };
}

/// What writing gives: bytes, or an error where more was read than is ever written.
trait Written {
    fn bytes(self) -> Option<Vec<u8>>;
}

impl Written for Vec<u8> {
    fn bytes(self) -> Option<Vec<u8>> {
        Some(self)
    }
}

impl<E> Written for Result<Vec<u8>, E> {
    fn bytes(self) -> Option<Vec<u8>> {
        self.ok()
    }
}

impl Written for negin_eid::Secret {
    fn bytes(self) -> Option<Vec<u8>> {
        Some(self.expose().to_vec())
    }
}

/// Data objects of all applications.
pub fn objects(bytes: &[u8]) {
    comes_back!(
        bytes,
        ActivationRecord,
        BiometricInformation,
        CardCapability,
        CardRecognition,
        CertificateObject,
        Chuid,
        Dg1,
        Dg2,
        Dg11,
        Discovery,
        EfCom,
        EnrolReference,
        HolderDisplay,
        KeyHistory,
        MessagingCertificate,
        PrintedInformation,
        PublicPoint,
        RenewalPolicy,
        SecureMessagingSigner,
        SecurityObject,
    );
    if let Ok(certificate) = Cvc::parse(bytes) {
        assert_eq!(certificate.as_bytes(), bytes);
    }
    let _ = (
        Cplc::decode(bytes).is_ok(),
        FascN::decode(bytes).is_ok(),
        GeneralAuthenticate::decode_answer(bytes).is_ok(),
        KeyInformation::decode_template(bytes).is_ok(),
        LdsSecurityObject::decode(bytes).is_ok(),
        PropertyTemplate::decode(bytes).is_ok(),
        StatusEntry::decode_all(bytes).is_ok(),
        Aid::new(bytes).is_ok(),
        Atr::parse(bytes).is_ok(),
    );
    if let Ok(zone) = std::str::from_utf8(bytes) {
        let _ = Td1::parse(zone).is_ok();
    }
}

/// Templates of fingers in every format: what was read is written in every other within its bounds, as its standard has
/// it, and reads back the same; minutiae compare with themselves and others in bounded time, the same whichever comes
/// first.
pub fn templates(bytes: &[u8]) {
    let limits = Limits::default();
    for format in Format::ALL {
        let Ok(record) = format.decode(bytes) else {
            continue;
        };
        let _ = format!("{record:?}");
        for other in Format::ALL {
            let Ok(written) = other.encode(&record, &limits) else {
                continue;
            };
            assert_eq!(other.check(&written), Ok(()), "{}", other.name());
            let again = other.decode(&written).expect("what was written");
            if other.is_bare() {
                assert!(again.views[0].template.minutiae.len() <= usize::from(limits.max));
                if other == Format::Compact {
                    assert!(written.is_empty() || on_card::check(&written).is_ok());
                }
                continue;
            }
            for (old, new) in record.views.iter().zip(&again.views) {
                assert_eq!(old.template.minutiae.len(), new.template.minutiae.len());
            }
            let same = other.encode(&again, &limits).expect("what was read");
            assert_eq!(same[..], written[..], "{}", other.name());
        }
    }
    // Which of them it is, no bytes leave unsaid or said twice.
    if let Ok(record) = format::decode(bytes) {
        assert!(!record.format.is_bare() && format::is_record(bytes));
    }
    if let Ok(template) = compact::decode(bytes) {
        assert_eq!(template.minutiae.len() * 3, bytes.len());
        // Short of the card's limits it goes through once more unchanged.
        let limits = Limits {
            max: 255,
            ..Limits::default()
        };
        if bytes.len() <= 3 * 255 {
            let _ = compact::encode(&template, &limits).expect("no minimum");
        }
    }
    let (one, two) = bytes.split_at(bytes.len() / 6 * 3);
    assert_eq!(on_card::compare(one, two), on_card::compare(two, one));
}
