//! Faults on a serial line: what becomes of a packet.
//!
//! A transfer is a packet, in whichever direction. `stall` is the device's own way to refuse what it could not read; a
//! packet of the device's that is stalled is replaced by that. `drop-block` loses the packet, `garbage` puts other bytes
//! in its place, `short` loses its end.

use std::time::Duration;

use super::{Fault, Player};

/// What becomes of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// What arrives of it, where anything does.
    pub packet: Option<Vec<u8>>,
    /// How much later.
    pub delay: Duration,
    /// The device refuses it.
    pub refused: bool,
}

/// What these faults make of the `n`-th packet, one after the other.
#[must_use]
pub fn fates(faults: &[Fault], player: &Player, n: u64, packet: Vec<u8>) -> Fate {
    let length = packet.len();
    let mut fate = Fate {
        packet: Some(packet),
        delay: Duration::ZERO,
        refused: false,
    };
    for fault in faults {
        match fault {
            Fault::Delay(time) => fate.delay += *time,
            Fault::Corrupt => {
                if let Some(packet) = &mut fate.packet {
                    player.corrupt(n, packet);
                }
            }
            Fault::Short => {
                if let Some(packet) = &mut fate.packet {
                    packet.truncate(player.shortened(n, packet.len()));
                }
            }
            Fault::Garbage => fate.packet = Some(player.garbage(n, length)),
            Fault::DropBlock => fate.packet = None,
            Fault::Stall => {
                fate.packet = None;
                fate.refused = true;
            }
            // Of the device, not of the packet.
            Fault::Unplug | Fault::Plug | Fault::Silence(_) | Fault::Finger(_) => {}
        }
    }
    fate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Script;

    fn fate(faults: &[Fault]) -> Fate {
        fates(faults, &Player::new(Script::default()), 3, vec![7; 20])
    }

    #[test]
    fn each_fault_does_what_it_says() {
        let whole = fate(&[]);
        assert_eq!(whole.packet, Some(vec![7; 20]));
        let ms = Duration::from_millis;
        let late = fate(&[Fault::Delay(ms(5)), Fault::Delay(ms(6)), Fault::Unplug]);
        assert_eq!((late.delay, &late.packet), (ms(11), &whole.packet));
        let corrupt = fate(&[Fault::Corrupt]).packet.unwrap();
        assert!(corrupt.len() == 20 && corrupt != [7; 20]);
        assert!(fate(&[Fault::Short]).packet.unwrap().len() < 20);
        assert!(fate(&[Fault::Garbage]).packet.unwrap().len() <= 20);
        assert_eq!(fate(&[Fault::DropBlock, Fault::Corrupt]).packet, None);
        let refused = fate(&[Fault::Stall]);
        assert!(refused.refused && refused.packet.is_none());
    }
}
