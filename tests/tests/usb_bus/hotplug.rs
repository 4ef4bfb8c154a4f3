//! Devices that come and go.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use negin_firmware_sim::loopback::{ALARM_IN, BULK_IN, BULK_OUT, ID};
use negin_tests::usb::{plugged, say, within};
use rusb::{Context, Device, Error, HotplugBuilder, UsbContext};

use crate::guest::{LONG, bulk, claimed, found, read, request, write};

struct Watch(Sender<(bool, u8)>);

impl rusb::Hotplug<Context> for Watch {
    fn device_arrived(&mut self, device: Device<Context>) {
        let _ = self.0.send((true, device.address()));
    }

    fn device_left(&mut self, device: Device<Context>) {
        let _ = self.0.send((false, device.address()));
    }
}

/// What is told next, while events are handled.
fn next(context: &Context, told: &Receiver<(bool, u8)>) -> (bool, u8) {
    let begin = Instant::now();
    loop {
        if let Ok(next) = told.try_recv() {
            return next;
        }
        assert!(begin.elapsed() < LONG, "nothing was told");
        context
            .handle_events(Some(Duration::from_millis(20)))
            .unwrap();
    }
}

#[test]
fn programs_are_told_of_devices_that_come_and_go() {
    within(
        |_| plugged(&["loopback", "loopback"]),
        |_| {
            let context = Context::new().unwrap();
            let (sender, told) = channel();
            let registered = HotplugBuilder::new()
                .vendor_id(ID.0)
                .product_id(ID.1)
                .enumerate(true)
                .register(&context, Box::new(Watch(sender)))
                .unwrap();
            let mut there = vec![next(&context, &told), next(&context, &told)];
            there.sort_unstable();
            assert_eq!(there, [(true, 2), (true, 3)]);
            for address in 4..8 {
                say("unplug 1");
                assert_eq!(next(&context, &told), (false, address - 1));
                assert_eq!(found(&context).len(), 1);
                say("plug 1");
                assert_eq!(next(&context, &told), (true, address));
                assert_eq!(found(&context).len(), 2);
            }
            assert!(told.try_recv().is_err());
            drop(registered);
        },
    );
}

#[test]
fn a_device_pulled_out_ends_what_waits_for_it() {
    within(
        |_| plugged(&["loopback"]),
        |_| {
            let context = Context::new().unwrap();
            for endpoint in [ALARM_IN, BULK_IN] {
                let handle = claimed(&context);
                write(&handle, 1, &[1]).unwrap();
                std::thread::scope(|scope| {
                    let waiting = scope.spawn(|| match endpoint {
                        ALARM_IN => handle.read_interrupt(endpoint, &mut [0; 8], LONG),
                        _ => handle.read_bulk(endpoint, &mut [0; 8], LONG),
                    });
                    std::thread::sleep(Duration::from_millis(100));
                    assert!(!waiting.is_finished());
                    say("unplug 0");
                    assert_eq!(waiting.join().unwrap(), Err(Error::NoDevice));
                });
                assert_eq!(read(&handle, 1), Err(Error::NoDevice));
                assert_eq!(found(&context).len(), 0);
                say("plug 0");
                // Whoever had the old one open has not got the new one.
                assert_eq!(read(&handle, 1), Err(Error::NoDevice));
                drop(handle);
                assert_eq!(read(&claimed(&context), 1), Ok(vec![]));
            }
        },
    );
}

#[test]
fn a_device_that_goes_in_the_middle_of_a_transfer_is_gone() {
    within(
        |_| plugged(&["loopback"]),
        |_| {
            let context = Context::new().unwrap();
            for endpoint in [0, BULK_OUT, BULK_IN] {
                let handle = claimed(&context);
                handle.write_bulk(BULK_OUT, &[1, 2, 3], LONG).unwrap();
                request(&handle, 4, endpoint.into(), 0);
                let ended = match endpoint {
                    0 => read(&handle, 1).map(|_| ()),
                    BULK_OUT => handle.write_bulk(BULK_OUT, &[1], LONG).map(|_| ()),
                    _ => bulk(&handle, BULK_IN, 8, LONG).map(|_| ()),
                };
                assert_eq!(ended, Err(Error::NoDevice), "endpoint {endpoint:#04x}");
                assert_eq!(found(&context).len(), 0);
                say("plug 0");
                assert_eq!(found(&context).len(), 1);
            }
        },
    );
}
