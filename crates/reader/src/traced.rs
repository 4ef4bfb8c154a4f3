//! What passes between host and card, in the log, secrets left out.

use negin_apdu::{Atr, Interface, Limits, PinPad, Sink, Trace, Traced, Transmit, TransmitError};

use crate::Connection;

/// Writes a line an exchange to the log, at level debug, target `negin_reader`.
struct Log {
    reader: String,
}

impl Sink for Log {
    fn record(&mut self, trace: &Trace) {
        log::debug!(target: "negin_reader", "{}: {trace}", self.reader);
    }
}

struct TracedConnection {
    traced: Traced<Box<dyn Connection>, Log>,
}

/// The same connection, its exchanges in the log where that takes lines of level debug.
#[must_use]
pub fn traced(connection: Box<dyn Connection>, reader: &str) -> Box<dyn Connection> {
    if !log::log_enabled!(target: "negin_reader", log::Level::Debug) {
        return connection;
    }
    let sink = Log {
        reader: reader.to_owned(),
    };
    Box::new(TracedConnection {
        traced: Traced::new(connection, sink),
    })
}

impl Transmit for TracedConnection {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransmitError> {
        self.traced.transmit(command)
    }

    fn limits(&self) -> Limits {
        self.traced.limits()
    }

    fn interface(&self) -> Interface {
        self.traced.interface()
    }
}

impl Connection for TracedConnection {
    fn atr(&self) -> &Atr {
        self.traced.get_ref().atr()
    }

    fn reset(&mut self) -> Result<(), TransmitError> {
        self.traced.get_mut().reset()
    }

    fn pin_pad(&self) -> Option<Box<dyn PinPad>> {
        self.traced.get_ref().pin_pad()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

    struct Collect;

    impl log::Log for Collect {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            LINES.lock().unwrap().push(record.args().to_string());
        }

        fn flush(&self) {}
    }

    struct Refusing(Atr);

    impl Transmit for Refusing {
        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransmitError> {
            Ok(vec![0x63, 0xC2])
        }

        fn limits(&self) -> Limits {
            Limits::SHORT
        }

        fn interface(&self) -> Interface {
            Interface::Contact
        }
    }

    impl Connection for Refusing {
        fn atr(&self) -> &Atr {
            &self.0
        }

        fn reset(&mut self) -> Result<(), TransmitError> {
            Ok(())
        }
    }

    #[test]
    fn a_pin_is_in_no_line() {
        log::set_logger(&Collect).unwrap();
        log::set_max_level(log::LevelFilter::Debug);
        let atr = Atr::parse(&[0x3B, 0x00]).unwrap();
        let mut card = traced(Box::new(Refusing(atr)), "desk");
        let verify = b"\x00\x20\x00\x80\x08135790\xFF\xFF";
        assert_eq!(card.transmit(verify).unwrap(), [0x63, 0xC2]);
        let lines = LINES.lock().unwrap();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].starts_with("desk: 00200080 VERIFY"), "{lines:?}");
        assert!(lines[0].contains("63C2"));
        assert!(!lines[0].contains("313335"), "the PIN is in the log");
    }
}
