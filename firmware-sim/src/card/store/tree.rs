//! Bytes spread over pages: a tree whose leaves are the bytes and whose inner pages list their children.
//!
//! Copy on write: writing new bytes over old ones leaves every page of the old ones as it is and shares those that do
//! not change. The depth follows from the length alone.

use super::StoreError;
use crate::card::nvm::{Nvm, PAGE, Page};

/// Children an inner page lists.
const FANOUT: usize = PAGE / 2;

/// Where bytes are: their length, and the page at the top of their tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Extent {
    pub length: usize,
    pub page: u16,
}

impl Extent {
    fn depth(self) -> u32 {
        depth(self.length)
    }
}

/// Levels of inner pages above the leaves.
fn depth(length: usize) -> u32 {
    let mut depth = 0;
    while length > leaf_span(depth) {
        depth += 1;
    }
    depth
}

/// Bytes under a page that is `depth` levels above the leaves.
fn leaf_span(depth: u32) -> usize {
    PAGE * FANOUT.pow(depth)
}

/// Which pages are taken, by a committed state or by the transaction under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Usage(Vec<bool>);

impl Usage {
    /// None of `pages` is taken but the first `reserved`.
    pub fn new(pages: usize, reserved: usize) -> Self {
        Self((0..pages).map(|page| page < reserved).collect())
    }

    /// Pages that are not taken.
    pub fn free(&self) -> usize {
        self.0.iter().filter(|taken| !**taken).count()
    }

    /// The pages that are not taken.
    pub fn unused(&self) -> Vec<usize> {
        let pages = self.0.iter().enumerate();
        pages
            .filter(|(_, taken)| !**taken)
            .map(|(page, _)| page)
            .collect()
    }

    fn take(&mut self) -> Result<u16, StoreError> {
        let page = self
            .0
            .iter()
            .position(|taken| !taken)
            .ok_or(StoreError::Full)?;
        self.0[page] = true;
        u16::try_from(page).map_err(|_| StoreError::Full)
    }

    fn mark(&mut self, page: u16) -> Result<(), StoreError> {
        *self
            .0
            .get_mut(usize::from(page))
            .ok_or(StoreError::Damaged)? = true;
        Ok(())
    }
}

fn children(page: &Page, count: usize) -> Vec<u16> {
    page.chunks_exact(2)
        .take(count)
        .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}

/// Reads an extent's bytes into `out`.
pub(super) fn read(
    nvm: &mut impl Nvm,
    extent: Extent,
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    out.reserve_exact(extent.length);
    read_under(nvm, extent.page, extent.depth(), extent.length, out)
}

fn read_under(
    nvm: &mut impl Nvm,
    page: u16,
    depth: u32,
    length: usize,
    out: &mut Vec<u8>,
) -> Result<(), StoreError> {
    if usize::from(page) >= nvm.pages() {
        return Err(StoreError::Damaged);
    }
    let bytes = nvm.read(usize::from(page))?;
    if depth == 0 {
        out.extend_from_slice(&bytes[..length]);
        return Ok(());
    }
    let span = leaf_span(depth - 1);
    for (at, child) in children(&bytes, length.div_ceil(span))
        .into_iter()
        .enumerate()
    {
        read_under(nvm, child, depth - 1, span.min(length - at * span), out)?;
    }
    Ok(())
}

/// Marks every page of an extent as taken.
pub(super) fn mark(
    nvm: &mut impl Nvm,
    extent: Extent,
    usage: &mut Usage,
) -> Result<(), StoreError> {
    mark_under(nvm, extent.page, extent.depth(), extent.length, usage)
}

fn mark_under(
    nvm: &mut impl Nvm,
    page: u16,
    depth: u32,
    length: usize,
    usage: &mut Usage,
) -> Result<(), StoreError> {
    usage.mark(page)?;
    if depth == 0 {
        return Ok(());
    }
    let bytes = nvm.read(usize::from(page))?;
    let span = leaf_span(depth - 1);
    for (at, child) in children(&bytes, length.div_ceil(span))
        .into_iter()
        .enumerate()
    {
        mark_under(nvm, child, depth - 1, span.min(length - at * span), usage)?;
    }
    Ok(())
}

/// Writes `bytes`, sharing with `old` the pages that do not change.
pub(super) fn write(
    nvm: &mut impl Nvm,
    usage: &mut Usage,
    old: Option<Extent>,
    bytes: &[u8],
) -> Result<Extent, StoreError> {
    let depth = depth(bytes.len());
    let old = old.filter(|old| old.depth() == depth);
    let page = write_under(
        nvm,
        usage,
        old.map(|old| (old.page, old.length)),
        depth,
        bytes,
    )?;
    Ok(Extent {
        length: bytes.len(),
        page,
    })
}

fn write_under(
    nvm: &mut impl Nvm,
    usage: &mut Usage,
    old: Option<(u16, usize)>,
    depth: u32,
    bytes: &[u8],
) -> Result<u16, StoreError> {
    let before = match old {
        Some((page, length)) => Some((page, length, nvm.read(usize::from(page))?)),
        None => None,
    };
    let mut wanted: Page = [0; PAGE];
    if depth == 0 {
        wanted[..bytes.len()].copy_from_slice(bytes);
    } else {
        let span = leaf_span(depth - 1);
        let old_children = match &before {
            Some((_, length, page)) => children(page, length.div_ceil(span)),
            None => Vec::new(),
        };
        for (at, part) in bytes.chunks(span).enumerate() {
            let old = match (&before, old_children.get(at)) {
                (Some((_, length, _)), Some(child)) => Some((*child, span.min(length - at * span))),
                _ => None,
            };
            let child = write_under(nvm, usage, old, depth - 1, part)?;
            wanted[2 * at..2 * at + 2].copy_from_slice(&child.to_be_bytes());
        }
    }
    if let Some((page, _, held)) = before
        && held == wanted
    {
        return Ok(page);
    }
    let page = usage.take()?;
    nvm.write(usize::from(page), &wanted)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::nvm::MemoryNvm;

    #[test]
    fn depth_follows_from_length() {
        for (length, expected) in [
            (0, 0),
            (1, 0),
            (256, 0),
            (257, 1),
            (32_768, 1),
            (32_769, 2),
            (4_194_304, 2),
        ] {
            assert_eq!(depth(length), expected, "{length}");
        }
    }

    #[test]
    fn a_change_of_one_byte_writes_one_path() {
        let mut nvm = MemoryNvm::erased(1024);
        let mut usage = Usage::new(1024, 0);
        let mut bytes: Vec<u8> = (0..40_000u32).map(|n| (n % 251) as u8).collect();
        let first = write(&mut nvm, &mut usage, None, &bytes).expect("there is room");
        let free = usage.free();
        bytes[20_000] ^= 1;
        let second = write(&mut nvm, &mut usage, Some(first), &bytes).expect("there is room");
        assert_eq!(free - usage.free(), 3, "leaf, inner page, top");
        let mut read_back = Vec::new();
        read(&mut nvm, second, &mut read_back).expect("power is on");
        assert_eq!(read_back, bytes);
        read_back.clear();
        read(&mut nvm, first, &mut read_back).expect("power is on");
        bytes[20_000] ^= 1;
        assert_eq!(read_back, bytes, "the old bytes are as they were");
    }

    #[test]
    fn a_shorter_object_reads_no_stale_tail() {
        let mut nvm = MemoryNvm::erased(64);
        let mut usage = Usage::new(64, 0);
        let long = write(&mut nvm, &mut usage, None, &[7; 1000]).expect("there is room");
        let short = write(&mut nvm, &mut usage, Some(long), &[7; 300]).expect("there is room");
        let mut out = Vec::new();
        read(&mut nvm, short, &mut out).expect("power is on");
        assert_eq!(out, [7; 300]);
    }
}
