//! The ring of light of an R50x.

/// What a light does, on modules with a ring of it (R50x).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LightMode {
    /// Breathes.
    Breathing,
    /// Flashes.
    Flashing,
    /// Is on.
    On,
    /// Is off.
    Off,
    /// Comes on slowly.
    FadingIn,
    /// Goes off slowly.
    FadingOut,
}

/// Its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LightColour {
    /// Red.
    Red,
    /// Blue.
    Blue,
    /// Purple.
    Purple,
}

impl LightMode {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Breathing => 1,
            Self::Flashing => 2,
            Self::On => 3,
            Self::Off => 4,
            Self::FadingIn => 5,
            Self::FadingOut => 6,
        }
    }
}

impl LightColour {
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Red => 1,
            Self::Blue => 2,
            Self::Purple => 3,
        }
    }
}
