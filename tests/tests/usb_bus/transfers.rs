//! Transfers of every kind, through libusb.

use std::sync::Arc;

use negin_firmware_sim::loopback::{ALARM_IN, BULK_IN, BULK_OUT};
use negin_tests::usb::{plugged, within};
use rusb::{Context, Error};

use crate::guest::{LONG, SHORT, bulk, claimed, found, read, request, write};

#[test]
fn a_program_transfers_in_every_way() {
    within(
        |_| plugged(&["loopback,serial=XYZ"]),
        |_| {
            let context = Context::new().unwrap();
            let handle = claimed(&context);
            let about = handle.device().device_descriptor().unwrap();
            assert_eq!(
                handle.read_manufacturer_string_ascii(&about).unwrap(),
                "Negin"
            );
            assert_eq!(
                handle.read_serial_number_string_ascii(&about).unwrap(),
                "XYZ"
            );
            assert_eq!(handle.device().speed(), rusb::Speed::Full);
            assert_eq!(handle.active_configuration(), Ok(1));
            assert_eq!(handle.kernel_driver_active(0), Ok(false));

            assert_eq!(write(&handle, 3, &[1, 2, 3]), Ok(3));
            assert_eq!(read(&handle, 3), Ok(vec![1, 2, 3]));
            assert_eq!(read(&handle, 16), Err(Error::Pipe));
            assert_eq!(read(&handle, 3), Ok(vec![1, 2, 3]));

            // As long as a scanner's image.
            let long: Vec<u8> = (0..60_000u32).map(|at| (at * 7 / 3) as u8).collect();
            assert_eq!(handle.write_bulk(BULK_OUT, &long, LONG), Ok(long.len()));
            assert_eq!(bulk(&handle, BULK_IN, 65_536, LONG), Ok(long));
            assert_eq!(bulk(&handle, BULK_IN, 64, SHORT), Err(Error::Timeout));
            assert_eq!(handle.write_bulk(BULK_OUT, &[9; 200], LONG), Ok(200));
            assert_eq!(bulk(&handle, BULK_IN, 64, LONG), Err(Error::Overflow));

            request(&handle, 2, 20, 0x0201);
            let mut note = [0; 8];
            assert_eq!(handle.read_interrupt(ALARM_IN, &mut note, LONG), Ok(2));
            assert_eq!(note[..2], [1, 2]);
        },
    );
}

#[test]
fn a_halted_endpoint_answers_once_it_is_cleared() {
    within(
        |_| plugged(&["loopback"]),
        |_| {
            let context = Context::new().unwrap();
            let handle = claimed(&context);
            request(&handle, 3, BULK_OUT.into(), 0);
            for _ in 0..2 {
                assert_eq!(handle.write_bulk(BULK_OUT, &[1], LONG), Err(Error::Pipe));
            }
            handle.clear_halt(BULK_OUT).unwrap();
            assert_eq!(handle.write_bulk(BULK_OUT, &[1], LONG), Ok(1));
            assert_eq!(bulk(&handle, BULK_IN, 64, LONG), Ok(vec![1]));
            // A reset empties the device, and the claim outlives it.
            write(&handle, 3, &[7]).unwrap();
            handle.reset().unwrap();
            assert_eq!(read(&handle, 3), Ok(vec![]));
            assert_eq!(handle.write_bulk(BULK_OUT, &[2], LONG), Ok(1));
        },
    );
}

#[test]
fn threads_wait_at_one_device_and_do_not_hold_one_another() {
    within(
        |_| plugged(&["loopback"]),
        |_| {
            let context = Context::new().unwrap();
            let handle = Arc::new(claimed(&context));
            let waiting = {
                let handle = Arc::clone(&handle);
                std::thread::spawn(move || {
                    let mut note = [0; 8];
                    handle
                        .read_interrupt(ALARM_IN, &mut note, LONG)
                        .map(|_| note[0])
                })
            };
            let reading = {
                let handle = Arc::clone(&handle);
                std::thread::spawn(move || bulk(&handle, BULK_IN, 64, LONG))
            };
            for round in 0..100u8 {
                assert_eq!(write(&handle, 1, &[round]), Ok(1));
                assert_eq!(read(&handle, 1), Ok(vec![round]));
            }
            assert!(!waiting.is_finished() && !reading.is_finished());
            assert_eq!(handle.write_bulk(BULK_OUT, &[5], LONG), Ok(1));
            assert_eq!(reading.join().unwrap(), Ok(vec![5]));
            request(&handle, 2, 0, 6);
            assert_eq!(waiting.join().unwrap(), Ok(6));
        },
    );
}

#[test]
fn what_one_has_claimed_no_other_has() {
    within(
        |_| plugged(&["loopback"]),
        |_| {
            let (first, second) = (Context::new().unwrap(), Context::new().unwrap());
            let holder = claimed(&first);
            let other = found(&second)[0].open().unwrap();
            assert_eq!(other.claim_interface(0), Err(Error::Busy));
            // libusb has no better word for it.
            assert_eq!(other.write_bulk(BULK_OUT, &[1], LONG), Err(Error::Io));
            // A vendor's requests are for whoever has opened the device.
            assert_eq!(read(&other, 1), Ok(vec![]));
            drop(holder);
            other.claim_interface(0).unwrap();
            assert_eq!(other.write_bulk(BULK_OUT, &[1], LONG), Ok(1));
            other.release_interface(0).unwrap();
            claimed(&first);
        },
    );
}
