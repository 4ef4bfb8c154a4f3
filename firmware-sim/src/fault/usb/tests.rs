use super::*;
use crate::bus::usb::{End, Port, Transfer};
use crate::loopback::{ALARM_IN, BULK_IN, BULK_OUT, Loopback};

const START: Duration = Duration::ZERO;

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn port(script: &str) -> Port<Faulty<Loopback>> {
    let script = Script::parse(script).unwrap();
    Port::new(Faulty::new(Loopback::new("1"), script), START)
}

fn read(register: u16) -> Transfer {
    let setup = Setup {
        request_type: 0xC0,
        request: 1,
        value: register,
        index: 0,
        length: 64,
    };
    Transfer::Control(setup, Vec::new())
}

fn write(register: u16, data: &[u8]) -> Transfer {
    let setup = Setup {
        request_type: 0x40,
        request: 1,
        value: register,
        index: 0,
        length: data.len() as u16,
    };
    Transfer::Control(setup, data.to_vec())
}

fn out(data: &[u8]) -> Transfer {
    Transfer::Out(BULK_OUT, data.to_vec())
}

/// How a transfer ended by this time; None where it waits on.
fn at(port: &mut Port<Faulty<Loopback>>, transfer: Transfer, now: Duration) -> Option<End> {
    let id = port.submit(transfer);
    let ended = port.advance(now);
    ended
        .into_iter()
        .find_map(|ended| (ended.id == id).then_some(ended.end))
}

#[test]
fn only_the_devices_own_transfers_count() {
    let mut port = port("at transfer 3 stall");
    let status = Setup {
        request_type: 0x80,
        request: 0,
        value: 0,
        index: 0,
        length: 2,
    };
    let faults = port.device().faults();
    for _ in 0..5 {
        let standard = Transfer::Control(status, Vec::new());
        assert_eq!(
            at(&mut port, standard, START),
            Some(End::Received(vec![0, 0]))
        );
    }
    let waiting = port.submit(Transfer::In(ALARM_IN, 8));
    assert_eq!(port.advance(START), []);
    assert!(port.cancel(waiting, START));
    assert_eq!(faults.transfers(), 0);
    assert_eq!(at(&mut port, out(&[1]), START), Some(End::Sent(1)));
    assert_eq!(at(&mut port, write(0, &[7]), START), Some(End::Sent(1)));
    assert_eq!(at(&mut port, write(0, &[8]), START), Some(End::Stalled));
    // What was refused was not done.
    assert_eq!(at(&mut port, read(0), START), Some(End::Received(vec![7])));
    assert_eq!(faults.transfers(), 4);
}

#[test]
fn data_are_spoilt_on_either_way_and_the_same_each_time() {
    let spoilt = |fault: &str, at_transfer: u32| {
        let mut port = port(&format!("seed 5\nat transfer {at_transfer} {fault}"));
        let sent: Vec<u8> = (0..64).collect();
        let told = at(&mut port, out(&sent), START);
        assert_eq!(
            told,
            Some(End::Sent(64)),
            "the host does not hear of {fault}"
        );
        match at(&mut port, Transfer::In(BULK_IN, 64), START) {
            Some(End::Received(bytes)) => bytes,
            other => panic!("{fault}: {other:?}"),
        }
    };
    let sent: Vec<u8> = (0..64).collect();
    for at_transfer in [1, 2] {
        let corrupt = spoilt("corrupt", at_transfer);
        assert_eq!(corrupt.len(), 64);
        assert_ne!(corrupt, sent);
        let short = spoilt("short", at_transfer);
        assert!(short.len() < 64 && sent.starts_with(&short));
        assert_ne!(spoilt("garbage", at_transfer), sent);
        for fault in ["corrupt", "short", "garbage"] {
            assert_eq!(spoilt(fault, at_transfer), spoilt(fault, at_transfer));
        }
    }
    assert_eq!(spoilt("corrupt", 9), sent);
}

#[test]
fn a_dropped_block_is_lost_and_what_comes_after_is_whole() {
    let mut port = port("at transfer 1 drop-block\nat transfer 4 drop-block");
    assert_eq!(at(&mut port, out(&[1]), START), Some(End::Sent(1)));
    assert_eq!(at(&mut port, out(&[2]), START), Some(End::Sent(1)));
    assert_eq!(at(&mut port, out(&[3]), START), Some(End::Sent(1)));
    let received = at(&mut port, Transfer::In(BULK_IN, 8), START);
    assert_eq!(received, Some(End::Received(vec![3])));
}

#[test]
fn a_delayed_answer_comes_late_and_goes_with_its_transfer() {
    let mut port = port("at transfer 1 delay 30ms\nat transfer 3 delay 30ms");
    let written = port.submit(write(2, &[9]));
    assert_eq!(port.advance(START), []);
    assert_eq!(port.next_change(), Some(ms(30)));
    assert_eq!(port.advance(ms(29)), []);
    let ended = port.advance(ms(30));
    assert_eq!((ended[0].id, &ended[0].end), (written, &End::Sent(1)));
    assert_eq!(at(&mut port, read(2), ms(30)), Some(End::Received(vec![9])));
    let late = port.submit(read(2));
    assert_eq!(port.advance(ms(31)), []);
    assert!(port.cancel(late, ms(31)));
    assert_eq!(at(&mut port, read(3), ms(31)), Some(End::Received(vec![])));
}

#[test]
fn silence_ends_by_itself_or_with_the_next_plugging_in() {
    let mut port =
        port("at transfer 2 silence 10ms\nat transfer 4 silence\nat 50ms unplug\nat 60ms plug");
    assert_eq!(at(&mut port, write(0, &[1]), START), Some(End::Sent(1)));
    assert_eq!(at(&mut port, write(0, &[2]), START), None);
    assert_eq!(port.next_change(), Some(ms(10)));
    assert_eq!(port.advance(ms(10)).len(), 1);
    assert_eq!(at(&mut port, read(0), ms(10)), Some(End::Received(vec![2])));
    assert_eq!(at(&mut port, read(0), ms(11)), None);
    assert_eq!(port.next_change(), Some(ms(50)));
    let ended = port.advance(ms(50));
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].end, End::Gone);
    assert!(!port.attached());
    assert_eq!(port.next_change(), Some(ms(60)));
    assert_eq!(port.advance(ms(60)), []);
    assert!(port.attached());
    assert_eq!(at(&mut port, read(0), ms(61)), Some(End::Received(vec![])));
}

#[test]
fn a_device_that_goes_in_a_transfer_has_not_done_it() {
    let mut port = port("at transfer 2 unplug");
    assert_eq!(at(&mut port, out(&[1]), START), Some(End::Sent(1)));
    let waiting = port.submit(Transfer::In(ALARM_IN, 8));
    assert_eq!(port.advance(START), []);
    let received = port.submit(Transfer::In(BULK_IN, 8));
    let ended = port.advance(START);
    assert_eq!(
        ended.iter().map(|each| each.id).collect::<Vec<_>>(),
        [waiting, received]
    );
    assert!(ended.iter().all(|each| each.end == End::Gone));
    // A line from outside brings it back.
    port.device().faults().push("plug").unwrap();
    assert_eq!(port.advance(ms(1)), []);
    assert!(port.attached());
}
