//! A search for an image in what a program has written.

use std::collections::HashSet;

use base64ct::{Base64, Base64Unpadded, Base64Url, Encoding};
use negin_fingerprint::Image;

/// So many pixels one after the other are no chance.
const RUN: usize = 12;
/// So many different greys must be among them; an empty ground is found everywhere.
const GREYS: usize = 6;

/// Bytes of an image in the forms in which a program might write them, each with its name.
pub fn forms(pixels: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut forms = Vec::new();
    for (order, bytes) in orders(pixels) {
        let list = |open: &str, between: &str| {
            let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
            format!("{open}{}", numbers.join(between)).into_bytes()
        };
        let hex = hex::encode(&bytes);
        let spaced: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let prefixed: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02X}")).collect();
        let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        for (form, text) in [
            ("raw", bytes.clone()),
            ("hex", hex.clone().into_bytes()),
            ("HEX", hex.to_uppercase().into_bytes()),
            ("spaced hex", spaced.join(" ").into_bytes()),
            ("prefixed hex", prefixed.join(", ").into_bytes()),
            ("escaped", escaped.into_bytes()),
            ("base64", Base64::encode_string(&bytes).into_bytes()),
            (
                "base64 from 1",
                Base64Unpadded::encode_string(&bytes[1..]).into_bytes(),
            ),
            (
                "base64 from 2",
                Base64Url::encode_string(&bytes[2..]).into_bytes(),
            ),
            ("Debug", list("[", ", ")),
            ("JSON", list("[", ",")),
            ("lines", list("", "\n")),
            (
                "text",
                bytes
                    .iter()
                    .copied()
                    .map(char::from)
                    .collect::<String>()
                    .into_bytes(),
            ),
        ] {
            forms.push((format!("{order}, {form}"), text));
        }
    }
    forms
}

/// How many bytes of a form are planted to be found.
pub fn planted(form: &str) -> usize {
    match form.rsplit(", ").next() {
        Some("raw" | "text") => 48,
        Some("hex" | "HEX" | "base64" | "base64 from 1" | "base64 from 2") => 128,
        _ => 320,
    }
}

/// As it is, as the sensor sees it, from its end, and as a serial module packs it.
fn orders(pixels: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let inverted: Vec<u8> = pixels.iter().map(|pixel| !pixel).collect();
    let packed = pixels
        .chunks_exact(2)
        .map(|pair| pair[0] & 0xF0 | pair[1] >> 4);
    let reversed = |bytes: &[u8]| bytes.iter().rev().copied().collect();
    vec![
        ("as it is", pixels.to_vec()),
        ("turned", reversed(pixels)),
        ("turned and inverted", reversed(&inverted)),
        ("packed", packed.collect()),
        ("inverted", inverted),
    ]
}

/// A search for one image.
pub struct Search {
    /// Runs of its pixels, in every order.
    runs: HashSet<[u8; RUN]>,
}

impl Search {
    pub fn of(image: &Image) -> Self {
        let mut runs = HashSet::new();
        for (_, bytes) in orders(image.pixels()) {
            runs.extend(bytes.windows(RUN).filter_map(telling));
            // As it comes over a serial line: 16 greys.
            runs.extend(sixteen(&bytes).windows(RUN).filter_map(telling));
        }
        Self { runs }
    }

    /// What was found of it, and where.
    pub fn found(&self, written: &[u8]) -> Option<String> {
        readings(written).into_iter().find_map(|(form, bytes)| {
            let mut runs = bytes.windows(RUN);
            let at =
                runs.position(|run| telling(run).is_some_and(|run| self.runs.contains(&run)))?;
            Some(format!("pixels, as {form}, at byte {at} of it"))
        })
    }
}

/// A run with enough greys in it to be a print's.
fn telling(run: &[u8]) -> Option<[u8; RUN]> {
    let greys: HashSet<&u8> = run.iter().collect();
    (greys.len() >= GREYS).then(|| run.try_into().ok())?
}

/// Brought to 16 greys and back, as images of serial modules are.
fn sixteen(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| (byte >> 4) * 17).collect()
}

/// What was written, read in every form in which bytes can stand in text.
fn readings(written: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8_lossy(written);
    let mut readings = vec![
        ("raw bytes", written.to_vec()),
        (
            "letters",
            text.chars()
                .filter_map(|c| u8::try_from(u32::from(c)).ok())
                .collect(),
        ),
    ];
    // Numbers, whatever stands between them.
    let digits = |c: char| !c.is_ascii_digit();
    let decimal = text.split(digits).filter_map(|word| word.parse().ok());
    readings.push(("decimal numbers", decimal.collect()));
    let words = text.split(|c: char| !c.is_ascii_hexdigit());
    let two: String = words.filter(|word| word.len() == 2).collect();
    readings.push(("hexadecimal bytes", hex::decode(two).unwrap_or_default()));
    // Digits without anything between them, from the first and from the second one.
    for word in text.split(|c: char| !c.is_ascii_hexdigit()) {
        if word.len() >= 2 * RUN {
            for start in [0, 1] {
                let even = &word[start..start + (word.len() - start) / 2 * 2];
                readings.push(("hexadecimal", hex::decode(even).unwrap_or_default()));
            }
        }
    }
    let base64 = |c: char| !(c.is_ascii_alphanumeric() || "+/-_".contains(c));
    for word in text.split(base64).filter(|word| word.len() >= 2 * RUN) {
        let standard = word.replace('-', "+").replace('_', "/");
        for start in 0..4.min(standard.len()) {
            let whole = &standard[start..start + (standard.len() - start) / 4 * 4];
            readings.push((
                "base64",
                Base64Unpadded::decode_vec(whole).unwrap_or_default(),
            ));
        }
    }
    readings
}
