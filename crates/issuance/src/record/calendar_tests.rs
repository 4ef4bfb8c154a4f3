use proptest::prelude::*;

use super::*;

fn day(year: i32, month: u8, day: u8) -> Date {
    Date::new(Calendar::Gregorian, year, month, day).unwrap()
}

#[test]
fn nowruz_of_known_years() {
    // The equinox falls on 20 or 21 March; years from the calendars published in Iran.
    for (persian, gregorian) in [
        (1357, "1978-03-21"),
        (1375, "1996-03-20"),
        (1376, "1997-03-21"),
        (1399, "2020-03-20"),
        (1400, "2021-03-21"),
        (1403, "2024-03-20"),
        (1404, "2025-03-21"),
        (1405, "2026-03-21"),
        (1409, "2030-03-21"),
    ] {
        let nowruz = Date::new(Calendar::Persian, persian, 1, 1).unwrap();
        assert_eq!(nowruz.to_string(), gregorian, "{persian}");
        assert_eq!(nowruz.parts(Calendar::Persian), (persian, 1, 1));
    }
}

#[test]
fn persian_leap_years() {
    let leap = [
        1354, 1358, 1362, 1366, 1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408,
    ];
    for year in 1354..=1408 {
        let last = Date::new(Calendar::Persian, year, 12, 30);
        assert_eq!(last.is_ok(), leap.contains(&year), "{year}");
    }
    assert_eq!(
        Date::new(Calendar::Persian, 1402, 12, 30),
        Err(Fault::DateNonexistent {
            found: "1402-12-30".into(),
            calendar: "persian"
        })
    );
}

#[test]
fn hijri_is_umm_al_qura() {
    // First days as Saudi Arabia published them.
    for (year, month, gregorian) in [
        (1445, 9, "2024-03-11"),
        (1445, 10, "2024-04-10"),
        (1446, 1, "2024-07-07"),
        (1446, 9, "2025-03-01"),
        (1447, 1, "2025-06-26"),
    ] {
        let first = Date::new(Calendar::Hijri, year, month, 1).unwrap();
        assert_eq!(first.to_string(), gregorian, "{year}-{month}");
    }
    assert!(matches!(
        Date::new(Calendar::Hijri, 1445, 1, 31),
        Err(Fault::DateNonexistent { .. })
    ));
}

#[test]
fn one_day_prints_in_all_three() {
    let nowruz = day(2024, 3, 20);
    assert_eq!(nowruz.long(Calendar::Persian), "۱ فروردین ۱۴۰۳");
    assert_eq!(nowruz.long(Calendar::Gregorian), "20 March 2024");
    assert_eq!(nowruz.long(Calendar::Hijri), "۱۰ رمضان ۱۴۴۵");
    assert_eq!(nowruz.numeric(Calendar::Persian), "1403-01-01");
    assert_eq!(nowruz.weekday(), Weekday::Wednesday);
}

#[test]
fn notations() {
    let nowruz = day(2024, 3, 20);
    for text in [
        "2024-03-20",
        "2024/3/20",
        "gregorian:2024-03-20",
        "persian:1403-01-01",
        "persian:۱۴۰۳/۰۱/۰۱",
        "jalali:1403-1-1",
        "hijri:1445-09-10",
        "islamic-umalqura:١٤٤٥/٠٩/١٠",
    ] {
        assert_eq!(Date::parse(text).unwrap(), nowruz, "{text}");
    }
    assert_eq!(
        Date::parse_in(Calendar::Persian, "1403/01/01").unwrap(),
        nowruz
    );
}

#[test]
fn faults_are_told_apart() {
    assert_eq!(
        Date::parse("1403-01-01"),
        Err(Fault::DateAmbiguous {
            found: "1403-01-01".into()
        })
    );
    assert_eq!(
        Date::parse("julian:1403-01-01"),
        Err(Fault::DateCalendar {
            found: "julian".into(),
            known: CALENDARS
        })
    );
    for text in [
        "",
        "2024",
        "2024-03",
        "2024-03-20-1",
        "24-03-20",
        "2024-003-20",
        "2024-3/20",
        " 2024-03-20",
        "2024-03-20T00:00",
    ] {
        assert!(
            matches!(
                Date::parse(text),
                Err(Fault::DateNotation { .. } | Fault::DateCalendar { .. })
            ),
            "{text}"
        );
    }
    for text in [
        "2023-02-29",
        "1900-02-29",
        "2024-13-01",
        "2024-00-10",
        "persian:1403-07-31",
    ] {
        assert!(
            matches!(Date::parse(text), Err(Fault::DateNonexistent { .. })),
            "{text}"
        );
    }
    for text in [
        "1882-12-31",
        "2174-01-01",
        "persian:0900-01-01",
        "hijri:1299-12-29",
    ] {
        assert!(
            matches!(Date::parse(text), Err(Fault::DateOutOfRange { .. })),
            "{text}"
        );
    }
}

#[test]
fn years_are_added_in_their_calendar() {
    let leap_day = Date::new(Calendar::Persian, 1403, 12, 30).unwrap();
    assert_eq!(
        leap_day
            .plus_years(Calendar::Persian, 7)
            .unwrap()
            .numeric(Calendar::Persian),
        "1410-12-29"
    );
    assert_eq!(
        day(2024, 2, 29)
            .plus_years(Calendar::Gregorian, 1)
            .unwrap()
            .to_string(),
        "2025-02-28"
    );
    assert!(matches!(
        day(2170, 1, 1).plus_years(Calendar::Gregorian, 10),
        Err(Fault::DateOutOfRange { .. })
    ));
}

#[test]
fn ages_and_days() {
    let birth = Date::new(Calendar::Persian, 1388, 7, 15).unwrap();
    let eve = Date::new(Calendar::Persian, 1403, 7, 14).unwrap();
    assert_eq!(birth.years_until(eve, Calendar::Persian), 14);
    let birthday = eve.plus_days(1).unwrap();
    assert_eq!(birth.years_until(birthday, Calendar::Persian), 15);
    assert_eq!(eve.days_until(birthday), 1);
    assert_eq!(Date::from_unix(0, 0).unwrap(), day(1970, 1, 1));
    // Tehran is at +03:30: the day begins while it is still the day before in UTC.
    assert_eq!(
        Date::from_unix(1_710_880_200, 12_600).unwrap(),
        day(2024, 3, 20)
    );
    assert_eq!(
        Date::from_unix(1_710_880_199, 12_600).unwrap(),
        day(2024, 3, 19)
    );
}

#[test]
fn the_whole_span_is_tabulated() {
    for edge in [day(1883, 1, 1), day(2173, 12, 31)] {
        let (year, ..) = edge.parts(Calendar::Hijri);
        assert!((1300..=1600).contains(&year), "{year}");
    }
}

proptest! {
    #[test]
    fn every_calendar_reads_what_it_prints(days in 0_i64..106_000) {
        let date = day(1883, 1, 1).plus_days(days).unwrap();
        for calendar in Calendar::ALL {
            let text = format!("{}:{}", calendar.name(), date.numeric(calendar));
            prop_assert_eq!(Date::parse(&text).unwrap(), date);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
        let _ = Date::parse(&text);
    }
}
