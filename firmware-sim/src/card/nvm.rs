//! The card's non-volatile memory: pages that are read and written whole.
//!
//! The rule: what is in this memory is the card's state, and nothing else is. Power may go at any write; what the
//! page then holds is the business of [`crate::fault::Tear`], and bearing it is the business of the
//! [store](crate::card::store).

use zeroize::Zeroize;

/// Bytes in a page.
pub const PAGE: usize = 256;

/// One page's bytes.
pub type Page = [u8; PAGE];

/// What an erased page reads.
pub const ERASED: Page = [0xFF; PAGE];

/// Power went away: nothing answers until the card is powered on again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the card lost its power")]
pub struct PowerLost;

/// Non-volatile memory in pages of [`PAGE`] bytes.
pub trait Nvm {
    /// How many pages there are; page numbers are below this.
    fn pages(&self) -> usize;

    /// Reads a page. A page beyond the end reads as erased.
    ///
    /// # Errors
    /// [`PowerLost`] once power has gone and until [`Nvm::power_on`].
    fn read(&mut self, page: usize) -> Result<Page, PowerLost>;

    /// Programs a page. A page beyond the end is not written.
    ///
    /// # Errors
    /// [`PowerLost`] if power goes before the write is known to be complete; the page may then hold what it held,
    /// what was to be written, or neither.
    fn write(&mut self, page: usize, bytes: &Page) -> Result<(), PowerLost>;

    /// Power comes back. Memory that never loses it has nothing to do.
    fn power_on(&mut self) {}

    /// All pages, one after the other, as they read now: [`Nvm::pages`] × [`PAGE`] bytes, power or not.
    fn image(&mut self) -> Vec<u8>;
}

impl<N: Nvm + ?Sized> Nvm for Box<N> {
    fn pages(&self) -> usize {
        (**self).pages()
    }
    fn read(&mut self, page: usize) -> Result<Page, PowerLost> {
        (**self).read(page)
    }
    fn write(&mut self, page: usize, bytes: &Page) -> Result<(), PowerLost> {
        (**self).write(page, bytes)
    }
    fn power_on(&mut self) {
        (**self).power_on();
    }
    fn image(&mut self) -> Vec<u8> {
        (**self).image()
    }
}

/// Memory that never fails; wiped when dropped, as a card's keys are in it.
#[derive(Clone)]
pub struct MemoryNvm {
    bytes: Vec<u8>,
}

impl MemoryNvm {
    /// Erased memory of `pages` pages.
    #[must_use]
    pub fn erased(pages: usize) -> Self {
        Self {
            bytes: vec![0xFF; pages * PAGE],
        }
    }

    /// Memory holding an image as [`Nvm::image`] gives it; a last page that is not whole is left out.
    #[must_use]
    pub fn from_image(image: &[u8]) -> Self {
        Self {
            bytes: image[..image.len() / PAGE * PAGE].to_vec(),
        }
    }
}

impl std::fmt::Debug for MemoryNvm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryNvm({} pages)", self.pages())
    }
}

impl Drop for MemoryNvm {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Nvm for MemoryNvm {
    fn pages(&self) -> usize {
        self.bytes.len() / PAGE
    }

    fn read(&mut self, page: usize) -> Result<Page, PowerLost> {
        let mut out = ERASED;
        if let Some(held) = self.bytes.chunks_exact(PAGE).nth(page) {
            out.copy_from_slice(held);
        }
        Ok(out)
    }

    fn write(&mut self, page: usize, bytes: &Page) -> Result<(), PowerLost> {
        if let Some(held) = self.bytes.chunks_exact_mut(PAGE).nth(page) {
            held.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn image(&mut self) -> Vec<u8> {
        self.bytes.clone()
    }
}
