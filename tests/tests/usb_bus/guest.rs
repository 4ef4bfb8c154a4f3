//! A program with rusb that knows the loopback device.

use std::time::Duration;

use negin_firmware_sim::loopback::ID;
use rusb::{Context, Device, DeviceHandle, UsbContext};

/// Longer than anything takes on a machine under load.
pub const LONG: Duration = Duration::from_secs(20);
/// How long a transfer is waited for that will not come.
pub const SHORT: Duration = Duration::from_millis(50);

/// All loopback devices that a program finds now.
pub fn found(context: &Context) -> Vec<Device<Context>> {
    let devices = context.devices().unwrap();
    let ours = |device: &Device<Context>| {
        let about = device.device_descriptor().unwrap();
        (about.vendor_id(), about.product_id()) == ID
    };
    devices.iter().filter(ours).collect()
}

/// The one device, opened, its interface claimed.
pub fn claimed(context: &Context) -> DeviceHandle<Context> {
    let devices = found(context);
    assert_eq!(devices.len(), 1);
    let handle = devices[0].open().unwrap();
    handle.claim_interface(0).unwrap();
    handle
}

/// A vendor's request with no data.
pub fn request(handle: &DeviceHandle<Context>, request: u8, value: u16, index: u16) {
    let sent = handle.write_control(0x40, request, value, index, &[], LONG);
    assert_eq!(sent, Ok(0));
}

/// Writes a register.
pub fn write(handle: &DeviceHandle<Context>, register: u16, data: &[u8]) -> rusb::Result<usize> {
    handle.write_control(0x40, 1, register, 0, data, LONG)
}

/// Reads a register.
pub fn read(handle: &DeviceHandle<Context>, register: u16) -> rusb::Result<Vec<u8>> {
    let mut bytes = [0; 64];
    let length = handle.read_control(0xC0, 1, register, 0, &mut bytes, LONG)?;
    Ok(bytes[..length].to_vec())
}

/// Reads from a bulk endpoint.
pub fn bulk(
    handle: &DeviceHandle<Context>,
    endpoint: u8,
    length: usize,
    time: Duration,
) -> rusb::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let length = handle.read_bulk(endpoint, &mut bytes, time)?;
    bytes.truncate(length);
    Ok(bytes)
}
