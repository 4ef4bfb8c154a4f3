//! Faults by script, as a program meets them through libusb.

use std::fs;

use negin_firmware_sim::loopback::{BULK_IN, BULK_OUT};
use negin_tests::usb::{plugged, say, within};
use rusb::{Context, Error};

use crate::guest::{LONG, SHORT, bulk, found, read, write};

#[test]
fn a_script_strikes_the_transfers_that_it_names() {
    within(
        |folder| {
            let script = "seed 3\nat transfer 2 stall\nat transfer 4 corrupt\nat transfer 6 short\n\
                          at transfer 7 delay 100ms\nat transfer 9 silence\n";
            fs::write(folder.join("faults"), script).unwrap();
            let mut options = plugged(&["loopback", "loopback"]);
            options.push("--fault".to_owned());
            options.push(format!("0={}", folder.join("faults").display()));
            options
        },
        |_| {
            let context = Context::new().unwrap();
            let devices = found(&context);
            let mut handles: Vec<_> = devices
                .iter()
                .map(|device| device.open().unwrap())
                .collect();
            handles.sort_by_key(|handle| handle.device().port_number());
            let other = handles.remove(1);
            let handle = handles.remove(0);
            handle.claim_interface(0).unwrap();
            let data = [1, 2, 3, 4];
            assert_eq!(write(&handle, 0, &data), Ok(4));
            assert_eq!(read(&handle, 0), Err(Error::Pipe));
            assert_eq!(read(&handle, 0), Ok(data.to_vec()));
            assert_ne!(read(&handle, 0).unwrap(), data);
            assert_eq!(handle.write_bulk(BULK_OUT, &data, LONG), Ok(4));
            assert!(bulk(&handle, BULK_IN, 64, LONG).unwrap().len() < data.len());
            assert_eq!(
                handle.read_control(0xC0, 1, 0, 0, &mut [0; 64], SHORT),
                Err(Error::Timeout)
            );
            assert_eq!(read(&handle, 0), Ok(data.to_vec()));
            for _ in 0..2 {
                let silent = handle.write_control(0x40, 1, 0, 0, &[9], SHORT);
                assert_eq!(silent, Err(Error::Timeout));
            }
            assert_eq!(
                say("list"),
                [
                    "0 loopback usb:1209:0001@1-1 plugged transfers=9",
                    "1 loopback usb:1209:0001@1-2 plugged transfers=0"
                ]
            );
            assert_eq!(read(&other, 0), Ok(vec![]));
            say("unplug 0");
            say("plug 0");
            assert_eq!(found(&context).len(), 2);
            // The script comes from outside, too.
            say("fault 1 at transfer 2 stall");
            assert_eq!(read(&other, 0), Err(Error::Pipe));
        },
    );
}
