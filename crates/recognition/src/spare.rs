//! Buffers of numbers that are done with, wiped, for the next ones.
//!
//! An extraction makes a hundred grids of the size of its print. To have the system clear new pages for each takes as long
//! as two stages of it.

use std::cell::RefCell;
use std::hint::black_box;

/// Most buffers that a thread keeps.
const MOST: usize = 20;

/// Capacity from which on a buffer is not kept: that of a print at 1000 dpi.
const LARGE: usize = 1 << 21;

thread_local! {
    static SPARE: RefCell<Vec<Vec<f32>>> = const { RefCell::new(Vec::new()) };
}

/// An empty buffer for so many numbers.
pub(crate) fn take(length: usize) -> Vec<f32> {
    let kept = SPARE.try_with(|spare| {
        let mut spare = spare.try_borrow_mut().ok()?;
        let fits = |buffer: &Vec<f32>| (length..=4 * length).contains(&buffer.capacity());
        let fitting = spare.iter().enumerate().filter(|(_, it)| fits(it));
        let (at, _) = fitting.min_by_key(|(_, it)| it.capacity())?;
        Some(spare.swap_remove(at))
    });
    match kept {
        Ok(Some(buffer)) => buffer,
        _ => Vec::with_capacity(length),
    }
}

/// Wipes a buffer and keeps it.
pub(crate) fn give(mut buffer: Vec<f32>) {
    wipe(&mut buffer);
    buffer.clear();
    if buffer.capacity() == 0 || buffer.capacity() >= LARGE {
        return;
    }
    // A thread that ends keeps nothing.
    let _ = SPARE.try_with(|spare| {
        if let Ok(mut spare) = spare.try_borrow_mut() {
            if spare.len() == MOST {
                spare.remove(0);
            }
            spare.push(buffer);
        }
    });
}

/// Overwrites numbers, in one stroke where number by number, as `zeroize` 1.8 does it, would take ten times as long. The
/// black box may read what it is shown: the zeros have to be there.
pub(crate) fn wipe(numbers: &mut [f32]) {
    numbers.fill(0.0);
    black_box(numbers);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty_and_of_a_size_that_fits() {
        let mut buffer = take(1000);
        buffer.resize(1000, 7.0);
        let place = buffer.as_ptr();
        give(buffer);
        assert!(take(5000).capacity() >= 5000, "too small a one is not lent");
        let again = take(900);
        assert!(again.is_empty() && again.as_ptr() == place);
        give(again);
        let small = take(10);
        assert_ne!(small.as_ptr(), place, "far too large a one is not lent");
    }

    #[test]
    fn a_thread_keeps_a_few() {
        let buffers: Vec<_> = (0..3 * MOST).map(|_| take(50)).collect();
        buffers.into_iter().for_each(give);
        SPARE.with(|spare| assert!(spare.borrow().len() <= MOST));
    }
}
