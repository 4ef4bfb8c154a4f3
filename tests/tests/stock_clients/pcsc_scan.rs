//! pcsc_scan: readers and cards as they come and go.

use crate::bench::Bench;
use crate::cards::issued;

#[test]
fn pcsc_scan_sees_reader_and_card() {
    let bench = Bench::with(&[&issued().state]);
    // It runs until it is ended.
    bench.run("step scan timeout 2 pcsc_scan -n");
    let (status, said) = bench.step("scan");
    assert_eq!(status, 124, "{said}");
    for word in ["Negin Simulated Reader", "Card inserted", "ATR: 3B"] {
        assert!(
            said.contains(word),
            "pcsc_scan does not say {word:?}, but: {said}"
        );
    }
}
