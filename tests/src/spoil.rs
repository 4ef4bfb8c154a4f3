//! Orders with something wrong in them.

use std::path::{Path, PathBuf};

use negin_fingerprint::Image;

use crate::citizen::Citizen;

/// The one file of that name under a citizen's folder.
fn file(folder: &Path, citizen: &Citizen, name: &str) -> PathBuf {
    folder
        .join(citizen.record.national_number.as_str())
        .join(name)
}

/// Replaces a file's content.
///
/// # Panics
/// Where there is no such file.
pub fn rewrite(path: &Path, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let bytes = std::fs::read(path).expect("a file of the order");
    std::fs::write(path, change(bytes)).expect("room");
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let pixels = vec![230; (width * height) as usize];
    let image = Image::new(width, height, 500, pixels).expect("an image");
    image.to_png().expect("a PNG file")
}

/// What may be wrong with the second citizen of an order: what is done to their folder, and the key of what is found.
pub type Spoilt = (&'static str, fn(&Path, &[Citizen; 2]));

/// Each of them once.
pub const SPOILT: [Spoilt; 8] = [
    ("check.finger-blank", |folder, [_, second]| {
        rewrite(&file(folder, second, "fingers/2-1.png"), |_| png(192, 224));
    }),
    ("check.finger-truncated", |folder, [_, second]| {
        rewrite(&file(folder, second, "fingers/2-1.png"), |mut bytes| {
            bytes.truncate(bytes.len() / 2);
            bytes
        });
    }),
    ("check.finger-size", |folder, [_, second]| {
        rewrite(&file(folder, second, "fingers/2-1.png"), |_| png(60, 60));
    }),
    ("check.photo-damaged", |folder, [_, second]| {
        rewrite(&file(folder, second, "photo.jpg"), |mut bytes| {
            bytes.truncate(bytes.len() / 2);
            bytes
        });
    }),
    ("check.photo-duplicate", |folder, [first, second]| {
        let photo = std::fs::read(file(folder, first, "photo.jpg")).expect("a photo");
        rewrite(&file(folder, second, "photo.jpg"), |_| photo);
    }),
    ("check.finger-duplicate", |folder, [first, second]| {
        let print = std::fs::read(file(folder, first, "fingers/2-1.png")).expect("a print");
        rewrite(&file(folder, second, "fingers/2-1.png"), |_| print);
    }),
    (
        "check.national-number-duplicate",
        |folder, [first, second]| {
            let number = first.record.national_number.as_str();
            renumber(&file(folder, second, "record.json"), second, number);
        },
    ),
    (
        "record.national-number-check-digit",
        |folder, [_, second]| {
            let mut number = second.record.national_number.to_string();
            let last = number.pop().and_then(|digit| digit.to_digit(10));
            number += &((last.expect("a digit") + 1) % 10).to_string();
            renumber(&file(folder, second, "record.json"), second, &number);
        },
    ),
];

fn renumber(path: &Path, citizen: &Citizen, number: &str) {
    rewrite(path, |bytes| {
        let text = String::from_utf8(bytes).expect("JSON");
        let changed = text.replacen(citizen.record.national_number.as_str(), number, 1);
        assert_ne!(changed, text);
        changed.into_bytes()
    });
}
