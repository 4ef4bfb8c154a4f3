//! What was let pass in a record that is not quite as its standard has it.

/// Something in a record that its standard does not allow and that reading lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Deviation {
    /// The version is written as another standard writes it.
    Version,
    /// The length field is not the record's length.
    Length,
    /// The length field of a view is not the view's length.
    ViewLength,
    /// Bytes follow the record.
    Trailing,
    /// Reserved bits are set.
    Reserved,
    /// The registered owner of the product is 0.
    Product,
    /// The capture date is none.
    Date,
    /// The image has no size.
    ImageSize,
    /// The resolution is 0; 500 dpi is supposed.
    Resolution,
    /// The resolution is told for an inch instead of a centimetre.
    ResolutionPerInch,
    /// The number of views is not that of the views there are.
    NumberOfViews,
    /// The views of a finger are not numbered from 0 upward.
    ViewNumber,
    /// The finger has a code that the standard does not know; it is taken as unknown.
    FingerPosition,
    /// The impression type has a code that the standard does not know.
    ImpressionType,
    /// A quality is outside its range; it is taken as unknown.
    Quality,
    /// The number of minutiae is 0 where minutiae follow.
    NumberOfMinutiae,
    /// The length of a minutia is not told.
    MinutiaLength,
    /// A minutia has the reserved kind 3; it is taken as of any kind.
    MinutiaKind,
    /// A minutia lies outside the image; the image is taken as larger.
    MinutiaOutside,
    /// An angle is beyond a full turn; it is taken round.
    Angle,
    /// The extended data block is missing.
    ExtendedMissing,
    /// The lengths of the extended data do not add up.
    ExtendedLength,
    /// The content of an extended data area is not as the standard has it; it is kept as it is.
    ExtendedArea,
    /// A ridge count is of minutiae that are not there.
    RidgeCount,
}

impl Deviation {
    /// How much it speaks against the bytes being of the format they were read as: what is wrong in the frame of a
    /// record, more than what is wrong in its contents.
    pub(crate) fn doubt(self) -> u32 {
        match self {
            Self::Length | Self::Reserved | Self::FingerPosition | Self::NumberOfViews => 4,
            Self::ViewLength | Self::Trailing | Self::NumberOfMinutiae => 3,
            Self::ExtendedMissing | Self::ExtendedLength | Self::ImpressionType => 2,
            _ => 1,
        }
    }

    /// What it is, in a few English words, for whoever looks into a record.
    pub fn text(self) -> &'static str {
        match self {
            Self::Version => "the version is written as another standard writes it",
            Self::Length => "the length field is wrong",
            Self::ViewLength => "the length field of a view is wrong",
            Self::Trailing => "bytes follow the record",
            Self::Reserved => "reserved bits are set",
            Self::Product => "the product has no owner",
            Self::Date => "the capture date is none",
            Self::ImageSize => "the image has no size",
            Self::Resolution => "the resolution is 0; 500 dpi is supposed",
            Self::ResolutionPerInch => "the resolution is told for an inch, not a centimetre",
            Self::NumberOfViews => "the number of views is wrong",
            Self::ViewNumber => "the views of a finger are not numbered from 0 upward",
            Self::FingerPosition => "the finger has an unknown code",
            Self::ImpressionType => "the impression type has an unknown code",
            Self::Quality => "a quality is outside its range",
            Self::NumberOfMinutiae => "the number of minutiae is 0 where minutiae follow",
            Self::MinutiaLength => "the length of a minutia is not told",
            Self::MinutiaKind => "a minutia has the reserved kind 3",
            Self::MinutiaOutside => "a minutia lies outside the image",
            Self::Angle => "an angle is beyond a full turn",
            Self::ExtendedMissing => "the extended data block is missing",
            Self::ExtendedLength => "the lengths of the extended data do not add up",
            Self::ExtendedArea => "an extended data area is malformed",
            Self::RidgeCount => "a ridge count is of minutiae that are not there",
        }
    }
}
