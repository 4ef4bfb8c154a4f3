//! Object identifiers by their names in the standards.

use der::asn1::ObjectIdentifier;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

// X.520 attribute types.
pub(super) const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");
pub(super) const SERIAL_NUMBER: ObjectIdentifier = oid("2.5.4.5");
pub(super) const COUNTRY: ObjectIdentifier = oid("2.5.4.6");
pub(super) const ORGANISATION: ObjectIdentifier = oid("2.5.4.10");

// Algorithms (RFC 5480, 5754, 5758).
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier = oid("1.2.840.10045.2.1");
/// RFC 8017.
pub(super) const RSA_ENCRYPTION: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
pub(super) const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
pub(super) const ECDSA_WITH_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
pub(super) const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");

// Cryptographic Message Syntax (RFC 5652).
pub(super) const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
pub(super) const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
pub(super) const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
pub(super) const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
pub(super) const CONTENT_IDENTIFIER: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.7");

// Extended key usages (RFC 5280 §4.2.1.12, RFC 9336, Microsoft smart card logon, FIPS 201-3 appendix B).
pub(super) const CLIENT_AUTHENTICATION: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.2");
pub(super) const EMAIL_PROTECTION: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.4");
pub(super) const DOCUMENT_SIGNING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.36");
pub(super) const SMART_CARD_LOGON: ObjectIdentifier = oid("1.3.6.1.4.1.311.20.2.2");
pub(super) const PIV_CONTENT_SIGNING: ObjectIdentifier = oid("2.16.840.1.101.3.6.7");
pub(super) const PIV_CARD_AUTHENTICATION: ObjectIdentifier = oid("2.16.840.1.101.3.6.8");

// What PIV's signed objects contain, and their signed attributes (FIPS 201-3 appendix B).
pub(super) const PIV_CHUID: ObjectIdentifier = oid("2.16.840.1.101.3.6.1");
pub(super) const PIV_BIOMETRIC: ObjectIdentifier = oid("2.16.840.1.101.3.6.2");
pub(super) const PIV_SIGNER_NAME: ObjectIdentifier = oid("2.16.840.1.101.3.6.5");
pub(super) const PIV_FASC_N: ObjectIdentifier = oid("2.16.840.1.101.3.6.6");

/// The card's UUID (RFC 4530).
pub(super) const ENTRY_UUID: ObjectIdentifier = oid("1.3.6.1.1.16.4");

// ICAO (Doc 9303-10 §4.6.2, 9303-12 §7.1.1.6).
pub(super) const LDS_SECURITY_OBJECT: ObjectIdentifier = oid("2.23.136.1.1.1");
pub(super) const ICAO_DOCUMENT_TYPES: ObjectIdentifier = oid("2.23.136.1.1.6.2");

// Certificate extensions (RFC 5280 §4.2.1).
pub(super) const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
pub(super) const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
pub(super) const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
