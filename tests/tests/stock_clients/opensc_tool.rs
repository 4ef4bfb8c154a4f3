//! opensc-tool: what card is this?

use crate::bench::Bench;
use crate::cards::issued;

#[test]
fn opensc_tool_names_the_card() {
    let bench = Bench::with(&[&issued().state]);
    bench.run(
        r"
        step readers opensc-tool --list-readers
        step name opensc-tool --reader 0 --name
        step atr opensc-tool --reader 0 --atr
        step serial opensc-tool --reader 0 --serial
        step select opensc-tool --reader 0 --send-apdu 00A4040009A0000003080000100000
        step unknown opensc-tool --reader 0 --send-apdu 00A404000CA0000003974349445F010000
        ",
    );
    bench.says("readers", &["Yes", "Negin"]);
    bench.says("name", &["Personal Identity Verification Card"]);
    bench.says("atr", &["4e:45:47:49:4e"]);
    // The card's UUID, sixteen bytes: our CHUID's FASC-N is that of a card outside the federal numbering.
    let serial = bench.succeeded("serial");
    assert_eq!(
        serial
            .split_whitespace()
            .filter(|word| word.len() == 2)
            .count(),
        16,
        "{serial}"
    );
    bench.says("select", &["SW1=0x90, SW2=0x00"]);
    bench.says("unknown", &["SW1=0x6A, SW2=0x82"]);
}
