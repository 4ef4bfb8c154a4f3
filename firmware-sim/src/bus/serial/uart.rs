//! What a receiver hears that listens at another speed than the sender's.
//!
//! A byte is ten bits: a start bit 0, eight data bits from the lowest, a stop bit 1; between bytes the line is 1. The
//! receiver waits for a fall to 0, looks at the middle of each of its own bits, and drops a byte whose stop bit is 0.

/// `bytes`, sent without a pause at one speed, as they are heard at another.
#[must_use]
pub fn as_heard(bytes: &[u8], sent_at: u32, heard_at: u32) -> Vec<u8> {
    if sent_at == heard_at || sent_at == 0 || heard_at == 0 {
        return bytes.to_vec();
    }
    let bits: Vec<bool> = bytes
        .iter()
        .flat_map(|&byte| {
            let data = (0..8).map(move |bit| byte >> bit & 1 == 1);
            std::iter::once(false).chain(data).chain([true])
        })
        .collect();
    // Times in halves of a receiver's bit, as fractions of the sender's: exact, so that it is the same everywhere.
    let (sent_at, heard_at) = (u64::from(sent_at), u64::from(heard_at));
    let level = |from: u64, halves: u64| {
        let at = (2 * heard_at * from + halves * sent_at) / (2 * heard_at);
        usize::try_from(at)
            .ok()
            .and_then(|at| bits.get(at))
            .is_none_or(|&bit| bit)
    };
    let mut heard = Vec::new();
    let mut at = 0;
    while at < bits.len() {
        if bits[at] {
            at += 1;
            continue;
        }
        let start = at as u64;
        let byte = (0..8).fold(0, |byte, bit| {
            byte | u8::from(level(start, 2 * bit + 3)) << bit
        });
        if level(start, 19) {
            heard.push(byte);
        }
        // The next fall is looked for from the middle of the stop bit on, at the sender's next bit.
        let next = (2 * heard_at * start + 19 * sent_at).div_ceil(2 * heard_at);
        at = usize::try_from(next).unwrap_or(usize::MAX).max(at + 1);
        // A line that stays at 0 is no new start.
        while at < bits.len() && at > 0 && !bits[at - 1] && !bits[at] {
            at += 1;
        }
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: [u8; 16] = [
        0xEF, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0x07, 0x13, 0, 0, 0, 0, 0x00, 0x1B,
    ];

    #[test]
    fn at_the_same_speed_it_is_the_same() {
        assert_eq!(as_heard(&COMMAND, 57_600, 57_600), COMMAND);
    }

    #[test]
    fn a_few_hundredths_do_no_harm() {
        assert_eq!(as_heard(&COMMAND, 57_600, 56_200), COMMAND);
        assert_eq!(as_heard(&COMMAND, 57_600, 59_000), COMMAND);
    }

    #[test]
    fn at_any_other_of_the_speeds_it_is_something_else() {
        for sent in 1..=12 {
            for heard in (1..=12).filter(|&heard| heard != sent) {
                let bytes = as_heard(&COMMAND, 9600 * sent, 9600 * heard);
                assert_ne!(bytes, COMMAND, "{sent} heard at {heard}");
                // A slow receiver hears less than was sent.
                assert!(heard > sent || bytes.len() <= COMMAND.len());
            }
        }
        assert_eq!(as_heard(&[], 9600, 57_600), []);
    }

    #[test]
    fn a_byte_sent_twice_as_fast_is_read_bit_by_second_bit() {
        // Start, then 1 at every place looked at.
        assert_eq!(as_heard(&[0xFF], 19_200, 9600), [0xFF]);
        // 0x00 sent at half the speed: a start and seven zeros, and the stop bit is still a zero.
        assert_eq!(as_heard(&[0x00], 9600, 19_200), []);
    }
}
