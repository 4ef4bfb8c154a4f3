//! pyscard: a Python program that exchanges APDUs.

use crate::bench::Bench;
use crate::cards::issued;

const PROGRAM: &str = r#"
from smartcard.System import readers
from smartcard.util import toBytes, toHexString
import os

reader, = readers()
print("reader", reader)
link = reader.createConnection()
link.connect()
print("atr", toHexString(link.getATR()))

def send(command):
    data, sw1, sw2 = link.transmit(toBytes(command))
    whole = list(data)
    while sw1 == 0x61:
        data, sw1, sw2 = link.transmit([0, 0xC0, 0, 0, sw2])
        whole += data
    return whole, (sw1 << 8) | sw2

template, sw = send("00 A4 04 00 05 A0 00 00 03 08")
print("select without Le %04X %02X" % (sw, template[0]))
template, sw = send("00 A4 04 00 0B A0 00 00 03 08 00 00 10 00 01 00 00")
print("select %04X %02X" % (sw, template[0]))
chuid, sw = send("00 CB 3F FF 05 5C 03 5F C1 02 00")
print("chuid %04X %02X %d" % (sw, chuid[0], len(chuid)))
face, sw = send("00 CB 3F FF 05 5C 03 5F C1 08 00")
print("face before the PIN %04X %d" % (sw, len(face)))
pin = os.environ["PIN"].encode().ljust(8, b"\xff")
_, sw = send("00 20 00 80 08 " + toHexString(list(pin)))
print("verify %04X" % sw)
face, sw = send("00 CB 3F FF 05 5C 03 5F C1 08 00")
print("face %04X %02X %s" % (sw, face[0], len(face) > 1000))
# The same by one extended command.
data, sw1, sw2 = link.transmit(toBytes("00 CB 3F FF 00 00 05 5C 03 5F C1 08 00 00"))
print("face at once %02X%02X %s" % (sw1, sw2, data == face))
link.disconnect()
"#;

#[test]
fn a_python_program_exchanges_apdus() {
    let bench = Bench::with(&[&issued().state]);
    bench.put("program.py", PROGRAM);
    // The system's Python, for which Debian packages pyscard.
    bench.run("step program /usr/bin/python3 program.py");
    bench.says(
        "program",
        &[
            "reader Negin Simulated Reader",
            "atr 3B",
            "select without Le 9000 61",
            "select 9000 61",
            "chuid 9000 53 ",
            "face before the PIN 6982 0",
            "verify 9000",
            "face 9000 53 True",
            "face at once 9000 True",
        ],
    );
}
