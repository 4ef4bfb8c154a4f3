//! A device in a port, as a host meets it.

use std::time::Duration;

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::{End, Port, Setup, Traced, Transfer};
use crate::loopback::{ALARM_IN, BULK_IN, BULK_OUT, Loopback};

const START: Duration = Duration::ZERO;

fn port() -> Port<Loopback> {
    Port::new(Loopback::new("1"), START)
}

fn setup(request_type: u8, request: u8, value: u16, index: u16, length: u16) -> Setup {
    Setup {
        request_type,
        request,
        value,
        index,
        length,
    }
}

/// One transfer, at once; None where it waits.
fn one(port: &mut Port<Loopback>, transfer: Transfer, now: Duration) -> Option<End> {
    let id = port.submit(transfer);
    let end = port
        .advance(now)
        .into_iter()
        .find_map(|ended| (ended.id == id).then_some(ended.end));
    if end.is_none() {
        assert!(port.cancel(id, now));
    }
    end
}

fn control(port: &mut Port<Loopback>, setup: Setup, data: &[u8]) -> End {
    one(port, Transfer::Control(setup, data.to_vec()), START).expect("it does not wait")
}

#[test]
fn standard_requests_are_answered_from_the_descriptors() {
    let mut port = port();
    let device = port.descriptors().device().to_vec();
    let whole = port.descriptors().configuration().to_vec();
    let cases = [
        (setup(0x80, 6, 0x0100, 0, 64), Some(device.clone())),
        (setup(0x80, 6, 0x0100, 0, 8), Some(device[..8].to_vec())),
        (setup(0x80, 6, 0x0200, 0, 9), Some(whole[..9].to_vec())),
        (setup(0x80, 6, 0x0200, 0, 255), Some(whole)),
        (setup(0x80, 6, 0x0300, 0, 255), Some(vec![4, 3, 9, 4])),
        (
            setup(0x80, 6, 0x0303, 0x0409, 255),
            Some(vec![4, 3, b'1', 0]),
        ),
        (setup(0x80, 6, 0x0304, 0x0409, 255), None),
        (setup(0x80, 6, 0x0600, 0, 10), None),
        (setup(0x80, 6, 0x0201, 0, 9), None),
        (setup(0x80, 0, 0, 0, 2), Some(vec![0, 0])),
        (setup(0x81, 0, 0, 0, 2), Some(vec![0, 0])),
        (setup(0x81, 0, 0, 1, 2), None),
        (setup(0x82, 0, 0, 0x82, 2), Some(vec![0, 0])),
        (setup(0x82, 0, 0, 0x84, 2), None),
        (setup(0x80, 8, 0, 0, 1), Some(vec![1])),
        (setup(0x81, 10, 0, 0, 1), Some(vec![0])),
        (setup(0x80, 12, 0, 0, 2), None),
    ];
    for (setup, expected) in cases {
        let expected = expected.map_or(End::Stalled, End::Received);
        assert_eq!(control(&mut port, setup, &[]), expected, "{setup:?}");
    }
    let sent = [
        (setup(0x00, 9, 1, 0, 0), true),
        (setup(0x00, 9, 2, 0, 0), false),
        (setup(0x01, 11, 0, 0, 0), true),
        (setup(0x01, 11, 1, 0, 0), false),
        (setup(0x00, 3, 1, 0, 0), false),
        (setup(0x00, 7, 0x0100, 0, 0), false),
        (setup(0x00, 6, 0x0100, 0, 0), false),
    ];
    for (setup, taken) in sent {
        let expected = if taken { End::Sent(0) } else { End::Stalled };
        assert_eq!(control(&mut port, setup, &[]), expected, "{setup:?}");
    }
}

#[test]
fn a_refusing_endpoint_is_halted_until_it_is_cleared() {
    let mut port = port();
    let halted = setup(0x82, 0, 0, BULK_OUT.into(), 2);
    assert_eq!(
        control(&mut port, setup(0x40, 3, BULK_OUT.into(), 0, 0), &[]),
        End::Sent(0)
    );
    for _ in 0..2 {
        let out = Transfer::Out(BULK_OUT, vec![1, 2]);
        assert_eq!(one(&mut port, out, START), Some(End::Stalled));
        assert_eq!(control(&mut port, halted, &[]), End::Received(vec![1, 0]));
    }
    let clear = setup(0x02, 1, 0, BULK_OUT.into(), 0);
    assert_eq!(control(&mut port, clear, &[]), End::Sent(0));
    assert_eq!(control(&mut port, halted, &[]), End::Received(vec![0, 0]));
    let out = Transfer::Out(BULK_OUT, vec![1, 2]);
    assert_eq!(one(&mut port, out, START), Some(End::Sent(2)));
    assert_eq!(
        one(&mut port, Transfer::In(BULK_IN, 1), START),
        Some(End::Overflow(vec![1]))
    );
    // A control endpoint refuses one request, and answers the next.
    assert_eq!(
        control(&mut port, setup(0x40, 3, 0, 0, 0), &[]),
        End::Sent(0)
    );
    assert_eq!(
        control(&mut port, setup(0xC0, 1, 0, 0, 8), &[]),
        End::Stalled
    );
    assert_eq!(
        control(&mut port, setup(0xC0, 1, 0, 0, 8), &[]),
        End::Received(vec![])
    );
}

#[test]
fn endpoints_do_not_wait_for_one_another() {
    let mut port = port();
    let alarm = port.submit(Transfer::In(ALARM_IN, 8));
    let first = port.submit(Transfer::In(BULK_IN, 8));
    let second = port.submit(Transfer::In(BULK_IN, 8));
    assert_eq!(port.advance(START), []);
    assert_eq!(
        control(&mut port, setup(0x40, 2, 30, 0x0201, 0), &[]),
        End::Sent(0)
    );
    assert_eq!(port.next_change(), Some(Duration::from_millis(30)));
    assert!(port.cancel(first, START));
    assert!(!port.cancel(first, START));
    port.submit(Transfer::Out(BULK_OUT, vec![5]));
    let ended = port.advance(START);
    assert!(
        ended
            .iter()
            .any(|each| each.id == second && each.end == End::Received(vec![5])),
        "{ended:?}"
    );
    assert_eq!(port.advance(Duration::from_millis(29)), []);
    let ended = port.advance(Duration::from_millis(30));
    assert_eq!(ended.len(), 1);
    assert_eq!(
        (ended[0].id, &ended[0].end),
        (alarm, &End::Received(vec![1, 2]))
    );
}

#[test]
fn a_device_that_is_pulled_out_ends_all_that_waits() {
    let mut port = port();
    let write = setup(0x40, 1, 3, 0, 1);
    assert_eq!(control(&mut port, write, &[9]), End::Sent(1));
    let leave = setup(0x40, 4, BULK_OUT.into(), 100, 0);
    assert_eq!(control(&mut port, leave, &[]), End::Sent(0));
    let waiting = [
        port.submit(Transfer::In(ALARM_IN, 8)),
        port.submit(Transfer::In(BULK_IN, 8)),
    ];
    assert_eq!(port.advance(START), []);
    assert!(port.attached());
    let out = port.submit(Transfer::Out(BULK_OUT, vec![1]));
    let ended = port.advance(START);
    assert!(!port.attached());
    assert_eq!(
        ended.iter().map(|each| each.id).collect::<Vec<_>>(),
        [waiting[0], waiting[1], out]
    );
    assert!(ended.iter().all(|each| each.end == End::Gone), "{ended:?}");
    let late = Transfer::In(BULK_IN, 8);
    assert_eq!(
        one(&mut port, late, Duration::from_millis(99)),
        Some(End::Gone)
    );
    // It comes back as one that has just got power.
    assert_eq!(port.advance(Duration::from_millis(100)), []);
    assert!(port.attached());
    let read = setup(0xC0, 1, 3, 0, 8);
    assert_eq!(control(&mut port, read, &[]), End::Received(vec![]));
}

#[test]
fn a_reset_ends_what_waits_and_the_device_goes_on() {
    let mut port = port();
    let waiting = port.submit(Transfer::In(BULK_IN, 8));
    assert_eq!(port.advance(START), []);
    let ended = port.reset(START);
    assert_eq!(ended.len(), 1);
    assert_eq!((ended[0].id, &ended[0].end), (waiting, &End::Cancelled));
    let out = Transfer::Out(BULK_OUT, vec![1]);
    assert_eq!(one(&mut port, out, START), Some(End::Sent(1)));
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_trace_says_what_passed_and_nothing_of_bulk_data() {
    let lines = Lines::default();
    let mut port = Port::new(Traced::new(Loopback::new("1"), lines.clone()), START);
    port.submit(Transfer::Control(setup(0x40, 1, 3, 0, 2), vec![0xAB, 0xCD]));
    port.submit(Transfer::Control(setup(0xC0, 1, 16, 0, 2), vec![]));
    port.submit(Transfer::Out(BULK_OUT, vec![0xEE; 70]));
    port.submit(Transfer::In(BULK_IN, 100));
    port.advance(START);
    port.advance(Duration::from_micros(1_000_007));
    let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert_eq!(
        said,
        "0.000000 plugged in\n\
         0.000000 control 40 01 0003 0000 [abcd] ok\n\
         0.000000 out 01 70 bytes\n\
         0.000000 in 82 70 bytes\n\
         0.000000 control c0 01 0010 0000 refused\n"
    );
}
