//! The comparison a card makes: 3-byte minutiae of ISO/IEC 19794-2 compact card format, integers only, fixed memory.
//!
//! The rule: (1) every minutia is described by where its nearest neighbours lie as seen from it, which no shift or
//! turn of the finger changes; (2) the pairs of minutiae whose surroundings agree best are taken, one after the
//! other, as a guess of how the two impressions lie on each other; (3) the guess is refined by least squares over
//! the pairs it brings together; (4) the best guess is scored by how many pairs there are, how well they sit, and
//! how many minutiae in the common part stay alone, those that stand apart counting more than those in a crowd.
//!
//! Bounds, for two records of [`MAX_MINUTIAE`] minutiae: less than 20 KiB of working memory, all of it on the
//! stack, no allocation, no recursion; at most 64 × 64 comparisons of neighbourhoods and [`SEEDS`] alignments, each
//! of three rounds over 64 × 64 pairs. No floating point and no division by a number that could be zero.

mod align;
mod local;
mod pairing;
mod record;
mod score;
mod weight;

pub use record::{MAX_MINUTIAE, Malformed, check};

use local::Neighbourhoods;
use record::Minutiae;

/// Alignments that are tried.
pub const SEEDS: usize = 24;

/// How alike two records are: 0 for nothing in common, more for more. Compare it with
/// [`crate::threshold::ON_CARD`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Score(pub u16);

/// Compares an enrolled record with the one presented, both bare 3-byte minutiae.
///
/// The same whichever comes first and in whatever order the minutiae stand. A record that [`check`] refuses is like
/// nothing: score 0.
pub fn compare(reference: &[u8], probe: &[u8]) -> Score {
    let (Ok(mut first), Ok(mut second)) = (Minutiae::decode(reference), Minutiae::decode(probe))
    else {
        return Score(0);
    };
    if first.points() > second.points() {
        std::mem::swap(&mut first, &mut second);
    }
    let (a, b) = (first.points(), second.points());
    let (around_a, around_b) = (Neighbourhoods::of(a), Neighbourhoods::of(b));
    let similarities = local::similarities(a, &around_a, b, &around_b);
    let mut best = 0;
    for &(i, j) in local::seeds(&similarities, a.len(), b.len()).as_slice() {
        let Some(matched) = pairing::from_seed(a, b, &similarities, (i, j)) else {
            continue;
        };
        best = best.max(score::score(a, b, &similarities, &matched));
    }
    Score(best)
}
