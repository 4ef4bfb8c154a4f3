//! One citizen: the card's faces, the record, the fingers, the card's life, its certificates, its proof.

use maud::{Markup, html};

use super::bars::bars;
use super::fingers::finger;
use super::identity_card::faces;
use super::markup::{badge, column_heads, hexadecimal, label, moment, persian, subheading};
use super::model::{Activation, Card, Certificate, Citizen, Lane, Proof, StateReached};
use super::page::citizen_id;

pub(super) fn section(index: usize, citizen: &Citizen) -> Markup {
    html! {
        section.citizen id=(citizen_id(index)) {
            h2 {
                span { span.ordinal { (index + 1) } (citizen.latin.whole()) }
                (persian(&citizen.persian.whole()))
            }
            (faces(index, citizen))
            div.columns {
                (record(citizen))
                (dates(citizen))
            }
            (subheading("Fingers", "اثر انگشت"))
            @for (at, one) in citizen.fingers.iter().enumerate() { (finger(index, at, one)) }
            p.legend {
                span { span.key.ending {} "ridge ending" } span { span.key.bifurcation {} "bifurcation" }
                span.muted { "The card itself answers only yes or no; the score is the same algorithm’s, run beside it on the same bytes." }
            }
            (life(&citizen.card))
            (certificates(&citizen.card.certificates))
            div.columns {
                (activation(citizen.card.activation.as_ref()))
                (proof(citizen.card.proof.as_ref()))
            }
            (subheading("Time of each step", "زمان هر گام"))
            (bars(&citizen.steps))
        }
    }
}

fn record(citizen: &Citizen) -> Markup {
    html! {
        div {
            (subheading("Record", "پرونده"))
            table.record {
                tbody {
                    (row("Given name", "نام", &citizen.latin.given, &citizen.persian.given))
                    (row("Family name", "نام خانوادگی", &citizen.latin.family, &citizen.persian.family))
                    tr {
                        th scope="row" { "National number " (persian("کد ملی")) }
                        td.num colspan="2" { (citizen.national_number) }
                    }
                    @for field in &citizen.fields {
                        tr {
                            th scope="row" { (label(&field.label)) }
                            @if field.persian.is_empty() || field.persian == field.latin {
                                td colspan="2" { (field.latin) }
                            } @else if field.latin.is_empty() {
                                td colspan="2" lang="fa" dir="rtl" { (field.persian) }
                            } @else {
                                td { (field.latin) }
                                td lang="fa" dir="rtl" { (field.persian) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn row(en: &str, fa: &str, latin: &str, in_persian: &str) -> Markup {
    html! {
        tr {
            th scope="row" { (en) " " (persian(fa)) }
            td { (latin) }
            td lang="fa" dir="rtl" { (in_persian) }
        }
    }
}

fn dates(citizen: &Citizen) -> Markup {
    html! {
        div {
            (subheading("Dates in three calendars", "تاریخ‌ها در سه تقویم"))
            table.record.dates {
                thead {
                    tr {
                        th scope="col" {}
                        th scope="col" { "Gregorian" }
                        th scope="col" { "Persian " (persian("خورشیدی")) }
                        th scope="col" { "Hijri " (persian("قمری")) }
                    }
                }
                tbody {
                    @for date in &citizen.dates {
                        tr {
                            th scope="row" { (label(&date.label)) }
                            td.num { (date.gregorian) }
                            td lang="fa" dir="rtl" { (date.persian) }
                            td lang="fa" dir="rtl" { (date.hijri) }
                        }
                    }
                }
            }
            (subheading("Machine readable zone", "بخش ماشین‌خوان"))
            pre.mrz {
                @for line in &citizen.mrz { (line) "\n" }
            }
        }
    }
}

fn life(card: &Card) -> Markup {
    html! {
        (subheading("The card’s life", "زندگی کارت"))
        p.ids {
            "Card " strong { (card.number) } " · chip " (hexadecimal(&card.chip_id))
        }
        ol.life {
            @for reached in &card.states { (state(reached)) }
        }
    }
}

fn state(reached: &StateReached) -> Markup {
    let (class, lane) = match reached.lane {
        Lane::Card => ("card", "card"),
        Lane::Piv => ("piv", "PIV"),
        Lane::Ledger => ("ledger", "ledger"),
    };
    html! {
        li.(class) {
            strong { (reached.state) }
            span.lane { (lane) }
            (moment(&reached.when))
        }
    }
}

fn certificates(certificates: &[Certificate]) -> Markup {
    html! {
        (subheading("Certificates", "گواهی‌ها"))
        div.scroll {
            table.grid {
                (column_heads(&[("Slot", false), ("For", false), ("Subject", false), ("Serial", false), ("SHA-256", false)]))
                tbody {
                    @for certificate in certificates {
                        tr {
                            td { code { (certificate.slot) } }
                            td { (certificate.purpose) }
                            td { (certificate.subject) }
                            td { (hexadecimal(&certificate.serial)) }
                            td { (hexadecimal(&certificate.fingerprint)) }
                        }
                    }
                }
            }
        }
    }
}

fn activation(activation: Option<&Activation>) -> Markup {
    html! {
        div {
            (subheading("Activation, as the card keeps it", "فعال‌سازی"))
            @if let Some(activation) = activation {
                table.record {
                    tbody {
                        tr { th scope="row" { "Method" } td { (activation.method) } }
                        @if let Some(finger) = &activation.finger { tr { th scope="row" { "Finger" } td { (finger) } } }
                        tr { th scope="row" { "Operator" } td { (activation.operator) } }
                        tr { th scope="row" { "Receipt" } td.num { (activation.receipt) } }
                    }
                }
            } @else {
                p { (badge(false, "", "the card is locked")) }
            }
        }
    }
}

fn proof(proof: Option<&Proof>) -> Markup {
    html! {
        div {
            (subheading("Proof of life", "نشان زنده بودن"))
            @if let Some(proof) = proof {
                table.record {
                    tbody {
                        tr { th scope="row" { "Key" } td { code { (proof.slot) } } }
                        tr { th scope="row" { "Challenge" } td { (hexadecimal(&proof.challenge)) } }
                        tr { th scope="row" { "Signature" } td { (hexadecimal(&proof.signature)) } }
                        tr { th scope="row" { "Verified" } td { (badge(proof.verified, "against the certificate read from the card", "it does not verify")) } }
                    }
                }
            } @else {
                p { (badge(false, "", "none")) }
            }
        }
    }
}
