//! PIV's standard administration: with the card management key 9B (NIST SP 800-73-4 Part 2 §3.2.4), on any PIV card.
//!
//! Both sides prove themselves ([`Piv::authenticate_administrator`]): a host that sends private keys and reads back
//! what it wrote wants to know the card, too. What was proved is over with the next SELECT or reset.

use negin_apdu::{StatusWord, Transmit};
use negin_eid::piv::{
    Administration, AdministratorStep, AuthenticateAdministrator, ManagementAlgorithm,
    ManagementKey, PivCommand, PutData, YubicoCommand,
};
use negin_secure_channel::challenge::{Block, ChallengeKey};
use subtle::ConstantTimeEq;

use super::Piv;
use crate::Error;
use crate::ask::{answer, ask};

impl<T: Transmit> Piv<T> {
    /// Proves to hold the card management key, and has the card prove it, too (mutual authentication). `challenge` is
    /// random, drawn for this one time; of its bytes as many are used as a block of the key's algorithm has.
    ///
    /// On success the administrator may [`put`](Piv::put) and generate until the next SELECT.
    ///
    /// # Errors
    /// [`Error::WrongManagementKey`] where the card holds another key, [`Error::Refused`] with 6A86 where it has none
    /// or one of another algorithm, [`Error::Data`], [`Error::Transmit`].
    pub fn authenticate_administrator(
        &mut self,
        key: &ManagementKey,
        challenge: &[u8; 16],
    ) -> Result<(), Error> {
        self.authenticate_administrator_by(&cipher(key)?, challenge)
    }

    /// The same with a key that a key store holds and lends for challenges only.
    ///
    /// # Errors
    /// As [`Piv::authenticate_administrator`].
    pub fn authenticate_administrator_by(
        &mut self,
        cipher: &ChallengeKey,
        challenge: &[u8; 16],
    ) -> Result<(), Error> {
        let algorithm = management_algorithm(cipher);
        let challenge = &challenge[..algorithm.block_length()];
        let step = |step| AuthenticateAdministrator { algorithm, step };

        let asks = step(AdministratorStep::AskWitness);
        let witness = self.administrator_step(&asks)?;
        let witness = cipher.decrypt(asks.decode_answer(&witness)?)?;
        let proves = step(AdministratorStep::Mutual {
            witness: witness.as_bytes().into(),
            challenge: challenge.into(),
        });
        let proof = self.administrator_step(&proves)?;
        let expected: Block = cipher.encrypt(challenge)?;
        let proved = expected.as_bytes().ct_eq(proves.decode_answer(&proof)?);
        if proved.into() {
            Ok(())
        } else {
            Err(Error::WrongManagementKey)
        }
    }

    /// Proves to hold the card management key, to a card that proves nothing in turn (external authentication): for
    /// cards that know no other.
    ///
    /// # Errors
    /// As [`Piv::authenticate_administrator`].
    pub fn authenticate_to_card(&mut self, key: &ManagementKey) -> Result<(), Error> {
        let algorithm = key.algorithm();
        let cipher = cipher(key)?;
        let step = |step| AuthenticateAdministrator { algorithm, step };

        let asks = step(AdministratorStep::AskChallenge);
        let challenge = self.administrator_step(&asks)?;
        let response = cipher.encrypt(asks.decode_answer(&challenge)?)?;
        let proves = step(AdministratorStep::Respond(response.as_bytes().into()));
        self.administrator_step(&proves)?;
        Ok(())
    }

    fn administrator_step(&mut self, step: &AuthenticateAdministrator) -> Result<Vec<u8>, Error> {
        let command = PivCommand::AuthenticateAdministrator(step.clone()).to_apdu();
        let proves = matches!(
            step.step,
            AdministratorStep::Respond(_) | AdministratorStep::Mutual { .. }
        );
        let (instruction, response) = answer(&mut self.carrier, &command)?;
        match response.sw {
            StatusWord::SUCCESS => Ok(response.data),
            // Cards say it in one of these ways (ISO/IEC 7816-4 §7.5.6).
            StatusWord::SECURITY_STATUS_NOT_SATISFIED
            | StatusWord::AUTHENTICATION_FAILED
            | StatusWord::WRONG_DATA
                if proves =>
            {
                Err(Error::WrongManagementKey)
            }
            sw => Err(Error::Refused { instruction, sw }),
        }
    }

    /// Yubico's extension: another card management key. The administrator stays authenticated.
    ///
    /// # Errors
    /// [`Error::Refused`] with 6D00 on a card without the extensions, 6982 before
    /// [`Piv::authenticate_administrator`]; [`Error::Transmit`].
    pub fn set_management_key(&mut self, key: ManagementKey) -> Result<(), Error> {
        let command = YubicoCommand::SetManagementKey(key).to_apdu();
        ask(&mut self.carrier, &command)?;
        Ok(())
    }

    /// Our card: switches administration on or off, over the issuer's enciphered channel while personalising.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Transmit`].
    pub fn set_administration(&mut self, switch: Option<Administration>) -> Result<(), Error> {
        self.ask(&PivCommand::PutData(PutData::Administration(switch)))?;
        Ok(())
    }
}

/// As PIV names the algorithm of a management key that is lent for challenges.
#[must_use]
pub fn management_algorithm(key: &ChallengeKey) -> ManagementAlgorithm {
    match key {
        ChallengeKey::TripleDes(_) => ManagementAlgorithm::TripleDes,
        ChallengeKey::Aes(key) => match key.expose().len() {
            16 => ManagementAlgorithm::Aes128,
            24 => ManagementAlgorithm::Aes192,
            _ => ManagementAlgorithm::Aes256,
        },
    }
}

fn cipher(key: &ManagementKey) -> Result<ChallengeKey, Error> {
    let cipher = match key.algorithm() {
        ManagementAlgorithm::TripleDes => ChallengeKey::triple_des(key.expose()),
        ManagementAlgorithm::Aes128 | ManagementAlgorithm::Aes192 | ManagementAlgorithm::Aes256 => {
            ChallengeKey::aes(key.expose())
        }
    };
    Ok(cipher?)
}

#[cfg(test)]
mod tests {
    use negin_eid::piv::Extensions;

    use super::*;
    use crate::script::Script;

    const CHALLENGE: [u8; 16] = [0xC5; 16];

    fn aes() -> ManagementKey {
        ManagementKey::new(ManagementAlgorithm::Aes128, (0..16).collect::<Vec<u8>>()).unwrap()
    }

    /// The witness is FIPS 197's example; what the card answers to the challenge, the same cipher's.
    fn mutual(last: &str) -> Piv<Script> {
        let witness = "00112233445566778899AABBCCDDEEFF";
        let enciphered = "69C4E0D86A7B0430D8CDB78070B4C55A";
        let challenge = "C5".repeat(16);
        let first = format!("7C128010{enciphered}9000");
        let second = format!("0087089B267C248010{witness}8110{challenge}00");
        Piv::selected(Script::new([
            ("0087089B047C02800000", &first),
            (&second, last),
        ]))
    }

    #[test]
    fn both_sides_prove_themselves() {
        let cipher = cipher(&aes()).unwrap();
        let proof = cipher.encrypt(&CHALLENGE).unwrap();
        let proof = format!("7C128210{}9000", hex::encode_upper(proof.as_bytes()));
        assert_eq!(
            mutual(&proof).authenticate_administrator(&aes(), &CHALLENGE),
            Ok(())
        );
    }

    #[test]
    fn a_card_with_another_key_and_one_that_only_says_yes() {
        let of = |last| mutual(last).authenticate_administrator(&aes(), &CHALLENGE);
        assert_eq!(of("6982"), Err(Error::WrongManagementKey));
        let parrot = format!("7C128210{}9000", "C5".repeat(16));
        assert_eq!(of(&parrot), Err(Error::WrongManagementKey));
        assert_eq!(of("9000").unwrap_err().key(), "card.data");
        assert_eq!(
            of("7C0A82080000000000000000 9000").unwrap_err().key(),
            "card.data"
        );
        let sw = StatusWord::CONDITIONS_NOT_SATISFIED;
        let instruction = "GENERAL AUTHENTICATE";
        assert_eq!(of("6985"), Err(Error::Refused { instruction, sw }));
    }

    #[test]
    fn a_card_without_such_a_key() {
        let mut piv = Piv::selected(Script::new([("0087039B047C02800000", "6A86")]));
        let refused = piv.authenticate_administrator(&ManagementKey::factory(), &CHALLENGE);
        let sw = StatusWord::INCORRECT_P1P2;
        let instruction = "GENERAL AUTHENTICATE";
        assert_eq!(refused, Err(Error::Refused { instruction, sw }));
    }

    #[test]
    fn external_authentication() {
        // FIPS 197 again: the card's challenge is the plain text.
        let mut piv = Piv::selected(Script::new([
            (
                "0087089B047C02810000",
                "7C12811000112233445566778899AABBCCDDEEFF9000",
            ),
            (
                "0087089B147C12821069C4E0D86A7B0430D8CDB78070B4C55A00",
                "9000",
            ),
        ]));
        assert_eq!(piv.authenticate_to_card(&aes()), Ok(()));
    }

    #[test]
    fn another_key_and_the_switch() {
        let key = "010203040506070801020304050607080102030405060708";
        let set = format!("00FFFFFF1B039B18{key}");
        let on = format!("00DB3FFF275C03DFC1045320800103810103 8218{key}");
        let mut piv = Piv::selected(Script::new([
            (&set, "9000"),
            (&on, "9000"),
            ("00DB3FFF075C03DFC1045300", "6985"),
        ]));
        assert_eq!(piv.set_management_key(ManagementKey::factory()), Ok(()));
        let switch = Administration {
            extensions: Extensions::Yubico,
            key: ManagementKey::factory(),
        };
        assert_eq!(piv.set_administration(Some(switch)), Ok(()));
        assert_eq!(
            piv.set_administration(None).unwrap_err().key(),
            "card.refused"
        );
    }
}
