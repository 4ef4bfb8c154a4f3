//! What each check is called, and what to do when it does not come out well; in both languages.

use crate::cli::Language;

struct Text {
    name: &'static str,
    title: [&'static str; 2],
    next: [&'static str; 2],
}

const TEXTS: &[Text] = &[
    Text {
        name: "folder",
        title: ["this folder can be written to", "در این پوشه می‌توان نوشت"],
        next: [
            "Go to a folder of your own, or give one with --out, before you make cards.",
            "پیش از ساختن کارت به پوشه‌ای از خودتان بروید یا با ‎--out پوشهٔ دیگری بدهید.",
        ],
    },
    Text {
        name: "disk",
        title: ["room on the disk", "جای خالی دیسک"],
        next: [
            "Make room: the ledger must never stop in the middle of an order.",
            "جا باز کنید؛ دفتر کل نباید میانهٔ یک سفارش از نوشتن بماند.",
        ],
    },
    Text {
        name: "clock",
        title: ["the clock", "ساعت"],
        next: [
            "Set the clock: certificates and the ledger carry its time.",
            "ساعت را درست کنید؛ گواهی‌ها و دفتر کل زمان را از آن می‌گیرند.",
        ],
    },
    Text {
        name: "openssl",
        title: [
            "openssl, for an independent look at certificates",
            "openssl برای بررسی مستقل گواهی‌ها",
        ],
        next: [
            "Install the package openssl if you want to check certificates with another program. Nothing else needs it.",
            "اگر می‌خواهید گواهی‌ها را با برنامهٔ دیگری بررسی کنید بستهٔ openssl را نصب کنید. جز این لازم نیست.",
        ],
    },
    Text {
        name: "locale",
        title: ["Persian text on the terminal", "نوشتهٔ فارسی در پایانه"],
        next: [
            "Set LANG to a UTF-8 locale, such as C.UTF-8 or fa_IR.UTF-8.",
            "متغیر LANG را UTF-8 کنید، برای نمونه C.UTF-8 یا fa_IR.UTF-8.",
        ],
    },
    Text {
        name: "fonts",
        title: [
            "a font with Persian letters, for the report",
            "قلمی با حروف فارسی برای گزارش",
        ],
        next: [
            "Look at the report on a machine with a Persian font, or install one (packages fonts-noto-core or fonts-dejavu-core).",
            "گزارش را در رایانه‌ای با قلم فارسی ببینید یا یکی نصب کنید (بستهٔ fonts-noto-core یا fonts-dejavu-core).",
        ],
    },
    Text {
        name: "terminal",
        title: ["the terminal", "پایانه"],
        next: [
            "Use a terminal that knows colour, or set NO_COLOR to have none.",
            "پایانه‌ای رنگی به کار ببرید یا NO_COLOR را بگذارید تا رنگی نباشد.",
        ],
    },
    Text {
        name: "keys",
        title: ["the key file", "فایل کلید"],
        next: [
            "Check the path; make a key file with 'negin keys new FILE'; keep it readable by its owner alone (chmod 600).",
            "نشانی را بررسی کنید؛ با «negin keys new FILE» بسازید؛ تنها دارنده‌اش باید بتواند بخواند (chmod 600).",
        ],
    },
    Text {
        name: "ledger",
        title: ["the ledger", "دفتر کل"],
        next: [
            "Do not write to this ledger. Keep a copy, and see what 'negin ledger verify' says of it.",
            "در این دفتر کل ننویسید. رونوشتی نگه دارید و ببینید «negin ledger verify» چه می‌گوید.",
        ],
    },
    Text {
        name: "comparison",
        title: [
            "the fingerprint engine, on two made-up fingers",
            "موتور اثر انگشت، با دو انگشت ساختگی",
        ],
        next: [
            "This program does not compute as it should here. Do not make cards with it; build it again from a clean tree.",
            "این برنامه اینجا درست حساب نمی‌کند. با آن کارت نسازید؛ از نو بسازیدش.",
        ],
    },
    Text {
        name: "card",
        title: [
            "a simulated card and its secure channel",
            "کارت شبیه‌سازی‌شده و کانال امن آن",
        ],
        next: [
            "This program does not compute as it should here. Do not make cards with it; build it again from a clean tree.",
            "این برنامه اینجا درست حساب نمی‌کند. با آن کارت نسازید؛ از نو بسازیدش.",
        ],
    },
];

fn pick(of: [&'static str; 2], language: Language) -> &'static str {
    match language {
        Language::En => of[0],
        Language::Fa => of[1],
    }
}

fn text(name: &str) -> Option<&'static Text> {
    TEXTS.iter().find(|text| text.name == name)
}

/// What the check is called.
pub(super) fn title(name: &str, language: Language) -> &'static str {
    text(name).map_or("", |text| pick(text.title, language))
}

/// What to do when it does not come out well.
pub(super) fn next(name: &str, language: Language) -> &'static str {
    text(name).map_or("", |text| pick(text.next, language))
}
