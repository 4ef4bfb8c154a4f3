//! Root pages: the one page from which everything else is found.
//!
//! Layout, numbers big-endian: magic (4), sequence (8), length of the directory (4), page of the directory (2), length
//! of the small objects (2), small objects (220, each `id 4 | length 1 | bytes`), checksum of the directory (8),
//! checksum of all before it (8). A checksum is the first 8 bytes of a SHA-256.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::Bytes;
use super::tree::Extent;
use crate::card::nvm::{PAGE, Page};

const MAGIC: [u8; 4] = *b"NGR1";
const SMALL_AT: usize = 20;
const DIRECTORY_SUM_AT: usize = PAGE - 16;
const SUM_AT: usize = PAGE - 8;

/// Bytes for small objects in a root, their headers included.
pub(super) const SMALL_ROOM: usize = DIRECTORY_SUM_AT - SMALL_AT;

/// What a small object costs beside its bytes.
pub(super) const SMALL_HEADER: usize = 5;

/// A root page, decoded.
#[derive(Clone, Default)]
pub(super) struct Root {
    /// Rises with every root written.
    pub sequence: u64,
    /// Where the directory is.
    pub directory: Extent,
    /// The directory's checksum.
    pub directory_sum: [u8; 8],
    /// The objects kept in the root itself.
    pub small: BTreeMap<u32, Bytes>,
}

/// The first 8 bytes of the SHA-256 of `bytes`.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&Sha256::digest(bytes)[..8]);
    sum
}

/// Bytes that small objects take in a root.
pub(super) fn small_size(small: &BTreeMap<u32, Bytes>) -> usize {
    small.values().map(|bytes| SMALL_HEADER + bytes.len()).sum()
}

impl Root {
    /// The page; small objects must fit ([`SMALL_ROOM`]).
    pub fn encode(&self) -> Zeroizing<Page> {
        let mut page = Zeroizing::new([0; PAGE]);
        page[..4].copy_from_slice(&MAGIC);
        page[4..12].copy_from_slice(&self.sequence.to_be_bytes());
        page[12..16].copy_from_slice(&(self.directory.length as u32).to_be_bytes());
        page[16..18].copy_from_slice(&self.directory.page.to_be_bytes());
        page[18..20].copy_from_slice(&(small_size(&self.small) as u16).to_be_bytes());
        let mut at = SMALL_AT;
        for (id, bytes) in &self.small {
            page[at..at + 4].copy_from_slice(&id.to_be_bytes());
            page[at + 4] = bytes.len() as u8;
            page[at + SMALL_HEADER..at + SMALL_HEADER + bytes.len()].copy_from_slice(bytes);
            at += SMALL_HEADER + bytes.len();
        }
        page[DIRECTORY_SUM_AT..SUM_AT].copy_from_slice(&self.directory_sum);
        let sum = checksum(&page[..SUM_AT]);
        page[SUM_AT..].copy_from_slice(&sum);
        page
    }

    /// The root in a page, or nothing if it is not a whole one.
    pub fn decode(page: &Page) -> Option<Self> {
        if page[..4] != MAGIC || page[SUM_AT..] != checksum(&page[..SUM_AT]) {
            return None;
        }
        let number = |from: usize, to: usize| {
            page[from..to]
                .iter()
                .fold(0u64, |n, b| n << 8 | u64::from(*b))
        };
        let mut rest = page[SMALL_AT..DIRECTORY_SUM_AT].get(..number(18, 20) as usize)?;
        let mut small = BTreeMap::new();
        while !rest.is_empty() {
            let (header, tail) = rest.split_at_checked(SMALL_HEADER)?;
            let (bytes, tail) = tail.split_at_checked(usize::from(header[4]))?;
            small.insert(
                u32::from_be_bytes(header[..4].try_into().ok()?),
                Bytes::from(bytes.to_vec()),
            );
            rest = tail;
        }
        Some(Self {
            sequence: number(4, 12),
            directory: Extent {
                length: number(12, 16) as usize,
                page: number(16, 18) as u16,
            },
            directory_sum: page[DIRECTORY_SUM_AT..SUM_AT].try_into().ok()?,
            small,
        })
    }
}
