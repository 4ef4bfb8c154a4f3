//! PIV's secure messaging as commands and objects (NIST SP 800-73-4 Part 1 tables 41 and 4b, Part 2 §3.2.4 and §4); the
//! protocol itself, keys and certificates included, is not of this room.
//!
//! | Command | Data | Does |
//! |---|---|---|
//! | GENERAL AUTHENTICATE `00 87 27 04` | `7C {81 {…}, 82 {}}` | sets a session up |
//! | GENERATE ASYMMETRIC KEY PAIR `47 00 04` | `AC {80 01 27}` | makes the key of all sessions; our card's certificate for it goes with the old one |
//!
//! The card's certificate is card-verifiable and comes with each session's answer. How it gets onto the card is not
//! standardised: our card takes it as a private container (DFC105), `53 {7F21 {…}}`, once its key is made.

use negin_apdu::{Command, StatusWord};

use crate::{Error, field};

const SIGNER: &str = "Secure Messaging Certificate Signer";
const CERTIFICATE: &str = "secure messaging certificate";

/// The key reference of the PIV Secure Messaging key.
pub const MESSAGING_KEY: u8 = 0x04;

/// The algorithm identifier of cipher suite 2 (SP 800-78-4 table 6-2): as a key's, as a protocol's, and in the
/// application property template.
pub const CIPHER_SUITE_2: u8 = 0x27;

/// GENERAL AUTHENTICATE `00 87 27 04`: the host's part of a key establishment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstablishMessaging {
    /// The template (7C), as it came.
    pub template: Vec<u8>,
}

impl EstablishMessaging {
    const INS: u8 = 0x87;

    pub(super) const fn is(command: &Command) -> bool {
        command.ins == Self::INS && command.p2 == MESSAGING_KEY
    }

    pub(super) fn parse(command: &Command) -> Result<Self, StatusWord> {
        if command.p1 != CIPHER_SUITE_2 {
            return Err(StatusWord::INCORRECT_P1P2);
        }
        Ok(Self {
            template: command.data().to_vec(),
        })
    }

    pub(super) fn to_apdu(&self) -> Command {
        Command::new(0x00, Self::INS, CIPHER_SUITE_2, MESSAGING_KEY)
            .with_data(&self.template[..])
            .with_le(256)
    }
}

/// GENERATE ASYMMETRIC KEY PAIR `00 47 00 04 AC {80 01 27}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GenerateMessagingKey;

impl GenerateMessagingKey {
    const INS: u8 = 0x47;

    pub(super) const fn is(command: &Command) -> bool {
        command.ins == Self::INS && command.p2 == MESSAGING_KEY
    }

    pub(super) fn parse(command: &Command) -> Result<Self, StatusWord> {
        if command.p1 != 0x00 {
            return Err(StatusWord::INCORRECT_P1P2);
        }
        let wrong = |_| StatusWord::WRONG_DATA;
        let template = field::only("key pair", command.data(), 0xAC).map_err(wrong)?;
        match field::find("key pair", template, 0x80).map_err(wrong)? {
            Some([CIPHER_SUITE_2]) => Ok(Self),
            _ => Err(StatusWord::WRONG_DATA),
        }
    }

    pub(super) fn to_apdu(self) -> Command {
        Command::new(0x00, Self::INS, 0x00, MESSAGING_KEY)
            .with_data(field::field(0xAC, &field::field(0x80, &[CIPHER_SUITE_2])))
            .with_le(256)
    }
}

/// The Secure Messaging Certificate Signer container (5FC122): who signed the card's certificate, and where it was an
/// intermediate signer, that one's card-verifiable certificate. `53 {70 <X.509>, 71 <info>, 7F21 {…}, FE 00}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecureMessagingSigner {
    /// The content signer's X.509 certificate, DER. Where `compressed`, GZIP of it.
    pub certificate: Vec<u8>,
    /// Whether the certificate is compressed. Ours never are.
    pub compressed: bool,
    /// The intermediate certificate, tag 7F21 and all.
    pub intermediate: Option<Vec<u8>>,
}

impl SecureMessagingSigner {
    /// A content signer that signs cards itself.
    #[must_use]
    pub fn new(certificate: impl Into<Vec<u8>>) -> Self {
        Self {
            certificate: certificate.into(),
            compressed: false,
            intermediate: None,
        }
    }

    /// The container's content, tag 53 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut value = field::field(0x70, &self.certificate);
        field::put(&mut value, 0x71, &[u8::from(self.compressed)]);
        value.extend_from_slice(self.intermediate.as_deref().unwrap_or_default());
        field::put(&mut value, 0xFE, &[]);
        field::field(0x53, &value)
    }

    /// Reads the container's content.
    ///
    /// # Errors
    /// [`Error::Missing`] where there is no certificate, [`Error::Malformed`] where it is no such container.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(SIGNER, bytes, 0x53)?;
        let certificate = match field::find(SIGNER, value, 0x70)? {
            None | Some([]) => return Err(Error::missing(SIGNER, "the certificate (70)")),
            Some(certificate) => certificate.to_vec(),
        };
        let info = field::find(SIGNER, value, 0x71)?;
        let intermediate = field::find(SIGNER, value, 0x7F21)?;
        Ok(Self {
            certificate,
            compressed: info.is_some_and(|info| info.first().is_some_and(|i| i & 1 != 0)),
            intermediate: intermediate.map(|value| field::field(0x7F21, value)),
        })
    }
}

/// Our card's own: the certificate of key 04 (DFC105), `53 {7F21 {…}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagingCertificate(
    /// The card-verifiable certificate, tag 7F21 and all.
    pub Vec<u8>,
);

impl MessagingCertificate {
    /// The container's content, tag 53 and all.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        field::field(0x53, &self.0)
    }

    /// Reads the container's content. The certificate is not looked into.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything but one object 7F21.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let value = field::only(CERTIFICATE, bytes, 0x53)?;
        field::only(CERTIFICATE, value, 0x7F21)?;
        Ok(Self(value.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_round_trip() {
        let establish = EstablishMessaging {
            template: vec![0x7C, 0x00],
        };
        let command = establish.to_apdu();
        assert_eq!(command.header(), [0x00, 0x87, 0x27, 0x04]);
        assert_eq!(EstablishMessaging::parse(&command), Ok(establish));
        let other = Command::new(0x00, 0x87, 0x2E, 0x04);
        assert_eq!(
            EstablishMessaging::parse(&other),
            Err(StatusWord::INCORRECT_P1P2)
        );
        let command = GenerateMessagingKey.to_apdu();
        assert_eq!(command.data(), [0xAC, 0x03, 0x80, 0x01, 0x27]);
        assert_eq!(
            GenerateMessagingKey::parse(&command),
            Ok(GenerateMessagingKey)
        );
        for data in [&[0xAC, 0x03, 0x80, 0x01, 0x11][..], &[0xAC, 0x00], &[]] {
            let other = Command::new(0x00, 0x47, 0x00, 0x04).with_data(data);
            assert_eq!(
                GenerateMessagingKey::parse(&other),
                Err(StatusWord::WRONG_DATA)
            );
        }
    }

    #[test]
    fn containers_round_trip() {
        let mut signer = SecureMessagingSigner::new([0x30, 0x01, 0x00]);
        assert_eq!(
            SecureMessagingSigner::decode(&signer.encode()).unwrap(),
            signer
        );
        signer.intermediate = Some(vec![0x7F, 0x21, 0x01, 0xAA]);
        assert_eq!(
            SecureMessagingSigner::decode(&signer.encode()).unwrap(),
            signer
        );
        assert!(SecureMessagingSigner::decode(&[0x53, 0x00]).is_err());
        let certificate = MessagingCertificate(vec![0x7F, 0x21, 0x01, 0xAA]);
        let object = certificate.encode();
        assert_eq!(MessagingCertificate::decode(&object).unwrap(), certificate);
        assert!(MessagingCertificate::decode(&[0x53, 0x02, 0x70, 0x00]).is_err());
    }
}
