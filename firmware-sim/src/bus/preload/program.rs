//! A program that has opened a device's node, from its open() to its close().

use std::io;
use std::os::unix::net::UnixStream;

use super::message::{Asked, Outcome, Program};
use super::outlet::{Outlet, ProgramId};
use super::usbfs::{CAPABILITIES, MAX_BUFFER, Request, Urb, UrbKind, errno};
use crate::bus::usb::{Setup, Speed, Transfer};

/// Answers a program until it closes the node.
pub fn serve(stream: UnixStream, outlet: &Outlet, id: ProgramId) {
    let mut node = Node {
        program: Program::new(stream),
        outlet,
        id,
        read: 0,
    };
    // A program that ends in the middle of something has closed the node as well.
    if let Err(error) = node.answer() {
        log::debug!("a program at a device's node: {error}");
    }
    outlet.close(id);
}

struct Node<'a> {
    program: Program,
    outlet: &'a Outlet,
    id: ProgramId,
    /// How many bytes of the descriptors were read.
    read: usize,
}

impl Node<'_> {
    fn answer(&mut self) -> io::Result<()> {
        while let Some(asked) = self.program.asks()? {
            let outcome = match asked {
                Asked::Ioctl(number, argument) => match Request::parse(number) {
                    Some(request) => self.request(request, argument)?,
                    None => {
                        log::debug!("request {number:#x} at a device's node is not served");
                        Err(errno::ENOTTY)
                    }
                },
                Asked::Read(address, length) => self.descriptors(address, length)?,
                Asked::Write => Err(errno::EINVAL),
            };
            self.program.done(outcome)?;
        }
        Ok(())
    }

    /// A node reads as the device's descriptors.
    fn descriptors(&mut self, address: u64, length: u64) -> io::Result<Outcome> {
        let raw = self.outlet.descriptors().raw();
        let rest = raw.get(self.read..).unwrap_or_default();
        let length = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(rest.len());
        self.program.write(address, &rest[..length])?;
        self.read += length;
        Ok(Ok(length as u64))
    }

    fn request(&mut self, request: Request, argument: u64) -> io::Result<Outcome> {
        let (outlet, id) = (self.outlet, self.id);
        Ok(match request {
            Request::ReapUrb => self.reap(argument, true)?,
            Request::ReapUrbNoDelay => self.reap(argument, false)?,
            Request::SubmitUrb => self.submit(argument)?,
            Request::DiscardUrb => outlet.discard(id, argument),
            Request::ClaimInterface | Request::DisconnectClaim => {
                let interface = self.number(argument)?;
                interface.and_then(|interface| outlet.claim(id, interface))
            }
            Request::ReleaseInterface => {
                let interface = self.number(argument)?;
                interface.and_then(|interface| outlet.release(id, interface))
            }
            Request::ClearHalt => {
                let endpoint = self.number(argument)?;
                endpoint.and_then(|endpoint| outlet.clear_halt(id, endpoint))
            }
            Request::ResetEndpoint => {
                let endpoint = self.number(argument)?;
                endpoint.and_then(|endpoint| outlet.has_endpoint(id, endpoint))
            }
            Request::SetInterface => {
                let interface = self.number(argument)?;
                let setting = self.program.read_word(argument.wrapping_add(4))?;
                interface.and_then(|interface| outlet.set(id, Some(interface), setting))
            }
            Request::SetConfiguration => {
                let value = self.program.read_word(argument)?;
                outlet.set(id, None, value)
            }
            Request::Reset => outlet.reset(id),
            Request::GetDriver => {
                let interface = self.number(argument)?;
                match interface.and_then(|interface| outlet.driver(id, interface)) {
                    Ok(name) => {
                        let name = [name.as_bytes(), &[0]].concat();
                        self.program.write(argument.wrapping_add(4), &name)?;
                        Ok(0)
                    }
                    Err(errno) => Err(errno),
                }
            }
            Request::ConnectInfo => match outlet.seat(id) {
                Ok(seat) => {
                    let slow = u8::from(self.speed() == Speed::Low);
                    let mut info = u32::from(seat.address).to_ne_bytes().to_vec();
                    info.push(slow);
                    self.program.write(argument, &info)?;
                    Ok(0)
                }
                Err(errno) => Err(errno),
            },
            Request::GetCapabilities => match outlet.seat(id) {
                Ok(_) => {
                    self.program.write(argument, &CAPABILITIES.to_ne_bytes())?;
                    Ok(0)
                }
                Err(errno) => Err(errno),
            },
            // linux/usb/ch9.h, enum usb_device_speed.
            Request::GetSpeed => outlet.seat(id).map(|_| match self.speed() {
                Speed::Low => 1,
                Speed::Full => 2,
                Speed::High => 3,
            }),
            Request::Driver => Err(errno::ENODATA),
        })
    }

    fn speed(&self) -> Speed {
        self.outlet.descriptors().description().speed
    }

    /// The number of an interface or an endpoint that an argument points to.
    fn number(&mut self, address: u64) -> io::Result<Result<u8, u64>> {
        let word = self.program.read_word(address)?;
        Ok(u8::try_from(word).map_err(|_| errno::ENOENT))
    }

    fn submit(&mut self, address: u64) -> io::Result<Outcome> {
        let mut bytes = [0; Urb::LENGTH];
        self.program.read(address, &mut bytes)?;
        let urb = Urb::new(address, bytes);
        let length = urb.buffer_length();
        let Some(kind) = urb.kind().filter(|_| length <= MAX_BUFFER) else {
            return Ok(Err(errno::EINVAL));
        };
        let endpoint = urb.endpoint();
        let transfer = match kind {
            UrbKind::Control => {
                let mut setup = [0; Setup::LENGTH];
                if length < setup.len() {
                    return Ok(Err(errno::EINVAL));
                }
                self.program.read(urb.buffer(), &mut setup)?;
                let setup = Setup::from_bytes(setup);
                let wanted = usize::from(setup.length);
                if endpoint & 0x7F != 0 || wanted > urb.wanted() {
                    return Ok(Err(errno::EINVAL));
                }
                let mut data = vec![0; if setup.is_in() { 0 } else { wanted }];
                self.program.read(urb.data_at(), &mut data)?;
                Transfer::Control(setup, data)
            }
            UrbKind::Interrupt | UrbKind::Bulk if endpoint & 0x80 != 0 => {
                Transfer::In(endpoint, length)
            }
            UrbKind::Interrupt | UrbKind::Bulk => {
                let mut data = vec![0; length];
                self.program.read(urb.buffer(), &mut data)?;
                Transfer::Out(endpoint, data)
            }
        };
        Ok(self.outlet.submit(self.id, urb, transfer))
    }

    fn reap(&mut self, argument: u64, wait: bool) -> io::Result<Outcome> {
        let landed = match self.outlet.reap(self.id, wait) {
            Ok(landed) => landed,
            Err(errno) => return Ok(Err(errno)),
        };
        let (address, buffer) = (landed.urb.address, landed.urb.data_at());
        self.program.write(buffer, &landed.data)?;
        let urb = landed.urb.ended(landed.status, landed.length);
        self.program.write(address, &urb)?;
        self.program.write(argument, &address.to_ne_bytes())?;
        Ok(Ok(0))
    }
}
