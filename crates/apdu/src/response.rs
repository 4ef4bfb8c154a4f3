//! The response APDU (ISO/IEC 7816-4 §5.2): data and a status word.

use alloc::vec::Vec;
use core::fmt;

use crate::wipe::wipe;
use crate::{StatusWord, TransmitError};

/// A response APDU. `Debug` shows the length of the data, not the data.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The data field, without the status word.
    pub data: Vec<u8>,
    /// SW1-SW2.
    pub sw: StatusWord,
}

impl Response {
    /// A response with data.
    #[must_use]
    pub fn new(data: impl Into<Vec<u8>>, sw: StatusWord) -> Self {
        Self {
            data: data.into(),
            sw,
        }
    }

    /// A response of a status word alone.
    #[must_use]
    pub const fn status(sw: StatusWord) -> Self {
        Self {
            data: Vec::new(),
            sw,
        }
    }

    /// Reads data and status word.
    ///
    /// # Errors
    /// [`TransmitError::Malformed`] for fewer than two bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, TransmitError> {
        let (data, sw) = bytes
            .split_last_chunk::<2>()
            .ok_or(TransmitError::Malformed)?;
        Ok(Self {
            data: data.to_vec(),
            sw: StatusWord(u16::from_be_bytes(*sw)),
        })
    }

    /// Reads data and status word out of bytes that nobody else needs: nothing is copied.
    ///
    /// # Errors
    /// [`TransmitError::Malformed`] for fewer than two bytes.
    pub fn from_bytes(mut bytes: Vec<u8>) -> Result<Self, TransmitError> {
        let sw = Self::status_of(&bytes)?;
        bytes.truncate(bytes.len() - 2);
        Ok(Self { data: bytes, sw })
    }

    /// The status word at the end of a response's bytes.
    pub(crate) fn status_of(bytes: &[u8]) -> Result<StatusWord, TransmitError> {
        bytes
            .last_chunk()
            .map(|sw| StatusWord(u16::from_be_bytes(*sw)))
            .ok_or(TransmitError::Malformed)
    }

    /// Writes data and status word.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.data.len() + 2);
        out.extend_from_slice(&self.data);
        out.extend_from_slice(&self.sw.0.to_be_bytes());
        out
    }

    /// Data and status word as bytes, the data where it was as far as there is room: nothing is left behind.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.data;
        if bytes.capacity() - bytes.len() < 2 {
            let mut longer = Vec::with_capacity(bytes.len() + 2);
            longer.extend_from_slice(&bytes);
            wipe(&mut bytes);
            bytes = longer;
        }
        bytes.extend_from_slice(&self.sw.0.to_be_bytes());
        bytes
    }

    /// The data of a successful answer (9000), the status word of any other.
    ///
    /// # Errors
    /// The [`StatusWord`] where it is not 9000.
    pub fn ok(self) -> Result<Vec<u8>, StatusWord> {
        if self.sw.is_success() {
            Ok(self.data)
        } else {
            Err(self.sw)
        }
    }
}

impl From<StatusWord> for Response {
    fn from(sw: StatusWord) -> Self {
        Self::status(sw)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({} bytes, {:?})", self.data.len(), self.sw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use proptest::prelude::*;

    #[test]
    fn reads_and_refuses() {
        let response = Response::parse(&[1, 2, 0x90, 0x00]).unwrap();
        assert_eq!(response.data, [1, 2]);
        assert_eq!(response.clone().ok(), Ok(alloc::vec![1, 2]));
        assert_eq!(
            format!("{response:?}"),
            "Response(2 bytes, StatusWord(9000))"
        );
        assert_eq!(Response::parse(&[0x90]), Err(TransmitError::Malformed));
        assert_eq!(
            Response::status(StatusWord::FILE_NOT_FOUND).ok(),
            Err(StatusWord(0x6A82))
        );
    }

    proptest! {
        #[test]
        fn bytes_and_back(data in proptest::collection::vec(any::<u8>(), 0..300), sw: u16) {
            let response = Response::new(data, StatusWord(sw));
            prop_assert_eq!(Response::parse(&response.to_bytes()).unwrap(), response.clone());
            prop_assert_eq!(Response::from_bytes(response.to_bytes()).unwrap(), response.clone());
            prop_assert_eq!(response.to_bytes(), response.into_bytes());
        }
    }
}
