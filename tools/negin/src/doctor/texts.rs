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
        name: "pcsc-library",
        title: ["the PC/SC library", "کتابخانهٔ PC/SC"],
        next: [
            "Install the package libpcsclite1.",
            "بستهٔ libpcsclite1 را نصب کنید.",
        ],
    },
    Text {
        name: "pcsc-service",
        title: ["the card service", "سرویس کارت"],
        next: [
            "Restart the card service: systemctl restart pcscd.",
            "سرویس کارت را از نو به راه بیندازید: systemctl restart pcscd.",
        ],
    },
    Text {
        name: "pcsc-service-missing",
        title: ["the card service", "سرویس کارت"],
        next: [
            "Install the packages pcscd and, for readers on USB, libccid. Simulated cards (sim:) need neither.",
            "بستهٔ pcscd و برای کارت‌خوان‌های USB بستهٔ libccid را نصب کنید. کارت‌های شبیه‌سازی‌شده (sim:) به آن‌ها نیازی ندارند.",
        ],
    },
    Text {
        name: "pcsc-service-stopped",
        title: ["the card service", "سرویس کارت"],
        next: [
            "Start it: systemctl enable --now pcscd.socket; where there is no systemd, run pcscd as root. To try things out with simulated readers: negin-sim pcsc -- COMMAND.",
            "آن را به راه بیندازید: systemctl enable --now pcscd.socket؛ جایی که systemd نیست pcscd را با دسترسی ریشه اجرا کنید. برای آزمودن با کارت‌خوان شبیه‌سازی‌شده: negin-sim pcsc -- COMMAND.",
        ],
    },
    Text {
        name: "pcsc-service-stale",
        title: ["the card service", "سرویس کارت"],
        next: [
            "The service died or speaks another version. Restart it: systemctl restart pcscd; see journalctl -u pcscd for why it stopped; keep pcscd and libpcsclite1 of one version.",
            "سرویس از کار افتاده یا از نسخهٔ دیگری است. از نو به راهش بیندازید: systemctl restart pcscd؛ علتش در journalctl -u pcscd است؛ pcscd و libpcsclite1 باید از یک نسخه باشند.",
        ],
    },
    Text {
        name: "pcsc-service-permission",
        title: ["the card service", "سرویس کارت"],
        next: [
            "You may not open the service's socket: see who may with ls -l /run/pcscd, and have the administrator add you to that group; in a container, pass /run/pcscd in.",
            "اجازهٔ باز کردن سوکت سرویس را ندارید: با ls -l /run/pcscd ببینید چه کسی دارد و از مدیر بخواهید شما را به آن گروه بیفزاید؛ در کانتینر، /run/pcscd را به درون بدهید.",
        ],
    },
    Text {
        name: "pcsc-service-polkit",
        title: ["the card service", "سرویس کارت"],
        next: [
            "Have the administrator allow you the polkit actions org.debian.pcsc-lite.access_pcsc and access_card, or work at the machine's own screen: remote sessions are refused by default.",
            "از مدیر بخواهید کنش‌های polkit به نام org.debian.pcsc-lite.access_pcsc و access_card را برایتان مجاز کند، یا پای خود رایانه کار کنید: نشست‌های راه دور در آغاز مجاز نیستند.",
        ],
    },
    Text {
        name: "pcsc-readers",
        title: ["card readers", "کارت‌خوان‌ها"],
        next: [
            "See what lies in them with 'negin readers'.",
            "با «negin readers» ببینید در آن‌ها چیست.",
        ],
    },
    Text {
        name: "pcsc-readers-none",
        title: ["card readers", "کارت‌خوان‌ها"],
        next: [
            "Plug a reader in. Where one is plugged in and not seen: install libccid, look for it with lsusb, and see that no other driver holds it (modprobe -r pn533_usb for NFC readers).",
            "کارت‌خوانی وصل کنید. اگر وصل است و دیده نمی‌شود: libccid را نصب کنید، با lsusb دنبالش بگردید و ببینید درایور دیگری آن را نگرفته باشد (برای کارت‌خوان‌های NFC: modprobe -r pn533_usb).",
        ],
    },
    Text {
        name: "pcsc-readers-mute",
        title: ["card readers", "کارت‌خوان‌ها"],
        next: [
            "A card lies the wrong way round, is dirty, or is broken: 'negin readers' shows in which reader. Turn it, clean it, try another.",
            "کارتی وارونه، کثیف یا خراب است: «negin readers» نشان می‌دهد در کدام کارت‌خوان. برش گردانید، پاکش کنید یا کارت دیگری بگذارید.",
        ],
    },
    Text {
        name: "scanner",
        title: ["fingerprint scanner", "اسکنر اثر انگشت"],
        next: [
            "Take a print with 'negin scanner capture'.",
            "با «negin scanner capture» اثری بگیرید.",
        ],
    },
    Text {
        name: "scanner-none",
        title: ["fingerprint scanner", "اسکنر اثر انگشت"],
        next: [
            "Plug a scanner in; lsusb shows a U.are.U as 05ba:0007, 0008 or 000a. To try things out with a simulated one: negin-sim usb --device uru4000 -- COMMAND. Modules on a serial port are named by it: serial:/dev/ttyUSB0.",
            "اسکنری وصل کنید؛ lsusb اسکنر U.are.U را با شمارهٔ 05ba:0007، 0008 یا 000a نشان می‌دهد. برای آزمودن با اسکنر شبیه‌سازی‌شده: negin-sim usb --device uru4000 -- COMMAND. ماژول درگاه سریال با نام درگاهش خوانده می‌شود: serial:/dev/ttyUSB0.",
        ],
    },
    Text {
        name: "scanner-libusb",
        title: ["fingerprint scanner", "اسکنر اثر انگشت"],
        next: [
            "USB cannot be looked at: see that /dev/bus/usb is there; in a container, pass /dev/bus/usb and /sys in.",
            "USB را نمی‌توان دید: ببینید ‎/dev/bus/usb هست؛ در کانتینر، ‎/dev/bus/usb و ‎/sys را به درون بدهید.",
        ],
    },
    Text {
        name: "scanner-denied",
        title: ["fingerprint scanner", "اسکنر اثر انگشت"],
        next: [
            "Install the rules, as root: cp udev/70-negin-scanners.rules /etc/udev/rules.d/ && udevadm control --reload && udevadm trigger --subsystem-match=usb. Then plug the scanner in again.",
            "قاعده‌ها را با دسترسی ریشه نصب کنید: cp udev/70-negin-scanners.rules /etc/udev/rules.d/ && udevadm control --reload && udevadm trigger --subsystem-match=usb. سپس اسکنر را دوباره وصل کنید.",
        ],
    },
    Text {
        name: "scanner-denied-ruled",
        title: ["fingerprint scanner", "اسکنر اثر انگشت"],
        next: [
            "Plug the scanner in again. If that does not help: the rules let in whoever sits at the machine's own screen; for work over the network have the administrator put a group beside the rule's tag.",
            "اسکنر را دوباره وصل کنید. اگر نشد: قاعده‌ها به کسی اجازه می‌دهند که پای خود رایانه نشسته است؛ برای کار از راه دور از مدیر بخواهید گروهی در کنار برچسب قاعده بنویسد.",
        ],
    },
    Text {
        name: "scanner-fprintd",
        title: ["fingerprint scanner", "اسکنر اثر انگشت"],
        next: [
            "fprintd, the system's fingerprint login, most likely holds it: systemctl stop fprintd; at a counter: systemctl mask fprintd.",
            "به احتمال زیاد fprintd (ورود به سیستم با اثر انگشت) آن را گرفته است: systemctl stop fprintd؛ در پیشخوان: systemctl mask fprintd.",
        ],
    },
    Text {
        name: "scanner-busy",
        title: ["fingerprint scanner", "اسکنر اثر انگشت"],
        next: [
            "Close the other program that uses the scanner: another negin, fprintd, a virtual machine. As root, lsof /dev/bus/usb/*/* shows which.",
            "برنامهٔ دیگری را که اسکنر را به کار می‌برد ببندید: یک negin دیگر، fprintd یا ماشین مجازی. با دسترسی ریشه lsof /dev/bus/usb/*/* نشانش می‌دهد.",
        ],
    },
    Text {
        name: "scanner-failing",
        title: ["fingerprint scanner", "اسکنر اثر انگشت"],
        next: [
            "Pull the scanner out and put it into another socket of the machine itself, without a hub; try another cable; see what dmesg says.",
            "اسکنر را بکشید و به درگاه دیگری از خود رایانه بزنید، بی‌واسطهٔ هاب؛ کابل دیگری امتحان کنید؛ ببینید dmesg چه می‌گوید.",
        ],
    },
    Text {
        name: "serial-ports",
        title: [
            "serial ports, for fingerprint modules",
            "درگاه‌های سریال برای ماژول اثر انگشت",
        ],
        next: [
            "Name a module by its port: serial:/dev/ttyUSB0.",
            "ماژول را با درگاهش نام ببرید: serial:/dev/ttyUSB0.",
        ],
    },
    Text {
        name: "serial-ports-denied",
        title: [
            "serial ports, for fingerprint modules",
            "درگاه‌های سریال برای ماژول اثر انگشت",
        ],
        next: [
            "Become a member of the group that owns the port, on Debian dialout (as root: adduser NAME dialout), and log in anew.",
            "به گروهی بپیوندید که درگاه از آن اوست، در Debian گروه dialout (با دسترسی ریشه: adduser NAME dialout)، و دوباره وارد شوید.",
        ],
    },
    Text {
        name: "serial-ports-unlisted",
        title: [
            "serial ports, for fingerprint modules",
            "درگاه‌های سریال برای ماژول اثر انگشت",
        ],
        next: [
            "The system does not list its serial ports; one can still be named: serial:/dev/ttyUSB0.",
            "سیستم درگاه‌های سریالش را نشان نمی‌دهد؛ باز هم می‌توان یکی را نام برد: serial:/dev/ttyUSB0.",
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
