//! PIV's secure messaging as the host opens it, and with it the virtual contact interface (NIST SP 800-73-4 Part 1 §5,
//! Part 2 §4): over the antenna what the contacts serve, to a reader that knows the pairing code.

use negin_apdu::{StatusWord, Transmit};
use negin_eid::piv::{
    Container, EstablishMessaging, GenerateMessagingKey, MessagingCertificate, PairingCode,
    PivCommand, PublicPoint, SecureMessagingSigner, Verify, VerifyAction, VerifyReference,
};
use negin_secure_channel::opacity::host::{Channel, KeyEstablishment};
use negin_secure_channel::opacity::{ContentSigner, Cvc};

use super::Piv;
use crate::ask::answer;
use crate::{CardApplication, Error};

impl<T: Transmit> Piv<T> {
    /// The Secure Messaging Certificate Signer container: whose certificate signed that of the card's messaging. Free on
    /// either interface. The certificate in it is the card's word until its own issuer was verified.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn messaging_signer(&mut self) -> Result<Option<SecureMessagingSigner>, Error> {
        let object = self.get(Container::SecureMessagingSigner)?;
        let signer = object.as_deref().map(SecureMessagingSigner::decode);
        Ok(signer.transpose()?)
    }

    /// Sets up secure messaging (cipher suite 2) with the selected application and gives it over the channel, with the
    /// card's verified certificate. `intermediate` is that of the signer container, where it has one; `random` fills bytes
    /// from a source of keys.
    ///
    /// The channel lasts until another application is selected; selecting anything through it ends it.
    ///
    /// # Errors
    /// [`Error::Channel`] for a card that is not this signer's or does not hold its certificate's key: nothing secret was
    /// sent. [`Error::Refused`] with 6A86 for a card without secure messaging; [`Error::Transmit`].
    pub fn establish(
        mut self,
        signer: &ContentSigner,
        intermediate: Option<&Cvc>,
        random: impl FnMut(&mut [u8]),
    ) -> Result<(Piv<Channel<T>>, Cvc), Error> {
        let establishment = KeyEstablishment::begin(random)?;
        let template = establishment.command().data().to_vec();
        let answer = self.ask(&PivCommand::EstablishMessaging(EstablishMessaging {
            template,
        }))?;
        let established = establishment.finish(&answer, signer, intermediate)?;
        let certificate = established.certificate.clone();
        let channel = established.channel(self.into_carrier());
        Ok((Piv::selected(channel), certificate))
    }

    /// VERIFY of the pairing code, over secure messaging: whether it is the right one. From then on the channel is the
    /// virtual contact interface.
    ///
    /// # Errors
    /// [`Error::Refused`], with 6982 outside secure messaging; [`Error::Transmit`].
    pub fn verify_pairing_code(&mut self, code: PairingCode) -> Result<bool, Error> {
        let command = PivCommand::Verify(Verify {
            reference: VerifyReference::PairingCode,
            action: VerifyAction::PairingCode(code),
        });
        let (instruction, response) = answer(&mut self.carrier, &command.to_apdu())?;
        match response.sw {
            StatusWord::SUCCESS => Ok(true),
            StatusWord::AUTHENTICATION_FAILED => Ok(false),
            sw => Err(Error::Refused { instruction, sw }),
        }
    }

    /// Our card: has it make the key of its secure messaging, over the issuer's channel while personalising; gives the
    /// public point. The old key is gone, and its certificate with it.
    ///
    /// # Errors
    /// [`Error::Data`], [`Error::Refused`], [`Error::Transmit`].
    pub fn generate_messaging_key(&mut self) -> Result<PublicPoint, Error> {
        let command = PivCommand::GenerateMessagingKey(GenerateMessagingKey);
        Ok(PublicPoint::decode(&self.ask(&command)?)?)
    }

    /// Our card: the certificate of its messaging key, over the issuer's channel while personalising. The card takes none
    /// of another key.
    ///
    /// # Errors
    /// [`Error::Refused`], with 6A80 for another key's; [`Error::Transmit`].
    pub fn put_messaging_certificate(&mut self, certificate: &Cvc) -> Result<(), Error> {
        let object = MessagingCertificate(certificate.as_bytes().to_vec()).encode();
        self.put(Container::MessagingCertificate, object)
    }
}

#[cfg(test)]
mod tests {
    use negin_apdu::StatusWord;
    use negin_secure_channel::Error as ChannelError;

    use super::*;
    use crate::script::Script;

    fn signer() -> ContentSigner {
        // The base point of P-256.
        let point = "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296\
                     4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";
        ContentSigner::new(&[1; 20], &hex::decode(point).unwrap()).unwrap()
    }

    #[test]
    fn the_pairing_code_is_right_or_wrong() {
        let verify = "0020009808 3133353732343638";
        let code = || PairingCode::new(b"13572468").unwrap();
        let mut piv = Piv::selected(Script::new([
            (verify, "9000"),
            (verify, "6300"),
            (verify, "6982"),
        ]));
        assert_eq!(piv.verify_pairing_code(code()), Ok(true));
        assert_eq!(piv.verify_pairing_code(code()), Ok(false));
        let refused = Error::Refused {
            instruction: "VERIFY",
            sw: StatusWord::SECURITY_STATUS_NOT_SATISFIED,
        };
        assert_eq!(piv.verify_pairing_code(code()), Err(refused));
    }

    #[test]
    fn a_card_without_messaging_and_one_that_answers_something_else() {
        // The scalar and the name are drawn as 01…01: its point follows.
        let establish = {
            let begun = KeyEstablishment::begin(|out| out.fill(1)).unwrap();
            hex::encode_upper(begun.command().to_bytes().unwrap())
        };
        let open = |answer: &str| {
            let card = Script::new([(establish.as_str(), answer)]);
            let opened = Piv::selected(card).establish(&signer(), None, |out| out.fill(1));
            opened.err().unwrap()
        };
        let refused = Error::Refused {
            instruction: "GENERAL AUTHENTICATE",
            sw: StatusWord::INCORRECT_P1P2,
        };
        assert_eq!(open("6A86"), refused);
        let malformed = Error::Channel(ChannelError::KeyEstablishment);
        assert_eq!(open("7C02 8200 9000"), malformed);
    }

    #[test]
    fn what_the_card_says_of_its_signer() {
        let get = "00CB3FFF05 5C035FC122 00";
        let mut piv = Piv::selected(Script::new([
            (get, "53 09 70 02 3000 71 01 00 FE 00 9000"),
            (get, "6A82"),
        ]));
        let signer = piv.messaging_signer().unwrap().unwrap();
        assert_eq!(signer, SecureMessagingSigner::new([0x30, 0x00]));
        assert_eq!(piv.messaging_signer(), Ok(None));
    }
}
