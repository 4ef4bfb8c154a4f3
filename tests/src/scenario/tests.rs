use super::bytes::{Values, parse, value};
use super::pattern::fits;
use super::*;

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    value(&parse(text)?, &Values::from([("id".into(), vec![1, 2])]))
}

fn fit(pattern: &str, bytes: &[u8]) -> Option<Values> {
    let patterns: Vec<_> = pattern
        .split('|')
        .map(|one| parse(one).expect("a pattern"))
        .collect();
    let mut values = Values::from([("id".into(), vec![1, 2])]);
    fits(&patterns, bytes, &mut values).ok().map(|()| values)
}

#[test]
fn bytes_are_what_they_read_like() {
    assert_eq!(bytes("00A4 0400").unwrap(), [0x00, 0xA4, 0x04, 0x00]);
    assert_eq!(bytes("00 [{id}] 00").unwrap(), [0, 2, 1, 2, 0]);
    assert_eq!(bytes("53 ( 7E(AA) )").unwrap(), [0x53, 3, 0x7E, 1, 0xAA]);
    assert_eq!(bytes("pin(271828)").unwrap(), *b"271828\xFF\xFF");
    assert_eq!(bytes("text(a b)").unwrap(), *b"a b");
    let long = bytes("[53(fill(5A 300))]").unwrap();
    assert_eq!(long[..7], [0, 1, 0x30, 0x53, 0x82, 1, 0x2C]);
    assert_eq!(long.len(), 7 + 300);
}

#[test]
fn what_is_no_bytes_is_told() {
    for (text, problem) in [
        ("0", "`0` is half a byte"),
        ("0g", "`0g` is no byte"),
        ("[00", "a `]` is missing"),
        ("{id", "a `}` is missing"),
        ("{who}", "nothing is named `who`"),
        ("..", "a pattern stands where bytes are sent"),
        ("[]", "`[ ]` holds nothing"),
        ("fill(5A)", "`fill(5A)` is not like `fill(5A 300)`"),
    ] {
        assert_eq!(bytes(text).unwrap_err(), problem, "{text}");
    }
}

#[test]
fn patterns_fit_what_they_say() {
    assert!(fit("6. C.", &[0x63, 0xC4]).is_some());
    assert!(fit("6. C.", &[0x73, 0xC4]).is_none());
    assert!(fit(".. 90 00", &[7, 0x90, 0]).is_some());
    assert!(fit("* 90 00", &[0x90, 0]).is_some());
    assert!(fit("90 00 | 6A 82", &[0x6A, 0x82]).is_some());
    assert!(fit("90 00 | 6A 82", &[0x6A, 0x88]).is_none());
    assert!(fit("53 (01 *) {id}", &[0x53, 2, 1, 9, 1, 2]).is_some());
    assert!(fit("53 (01) {id}", &[0x53, 2, 1, 9, 1, 2]).is_none());
    let named = fit("{a:2} {b:*} 90 00", &[1, 2, 3, 4, 5, 0x90, 0]).unwrap();
    assert_eq!(
        (&named["a"][..], &named["b"][..]),
        (&[1, 2][..], &[3, 4, 5][..])
    );
}

#[test]
fn lines_that_are_none_are_named_by_number() {
    let parse = |text: &str| Scenario::parse("x.scenario", text).unwrap_err().to_string();
    assert_eq!(parse("# nothing"), "x.scenario:1: nothing happens");
    assert_eq!(
        parse("card live\n> 00 A4\n# no answer\nreset"),
        "x.scenario:2: the answer `<` is missing"
    );
    assert_eq!(
        parse("card live\n\n< 90 00"),
        "x.scenario:3: an answer, and nothing was sent"
    );
    assert_eq!(
        parse("card dead"),
        "x.scenario:1: `dead` is no state of a card"
    );
    assert_eq!(
        parse("> 00\n< 67 00"),
        "x.scenario:1: no card is on the table"
    );
    assert_eq!(
        parse("card live\nrepeat 2\nreset"),
        "x.scenario:2: the `end` of this is missing"
    );
    assert_eq!(
        parse("card live\n> 00 A4\n  04 0g\n< 90 00"),
        "x.scenario:2: `0g` is no byte"
    );
    assert_eq!(
        parse("card live\nchannel king"),
        "x.scenario:2: `king` is no role"
    );
    assert_eq!(
        parse("card live\ndance"),
        "x.scenario:2: `dance` is no step"
    );
}
