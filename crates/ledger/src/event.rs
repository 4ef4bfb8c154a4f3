//! What can happen to a record, and the states it passes through.
//!
//! registered → checked → queued → written → shipped → delivered; besides these rejected, spoiled, blocked, terminated.

use core::fmt;
use core::str::FromStr;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word it is stored and shown under.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or(UnknownWord)
            }
        }
    };
}

/// The text names no event or state of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such event or state")]
pub struct UnknownWord;

words!(
    /// What an entry says has happened.
    Event {
        /// The record is entered; names its citizen.
        Registered = "registered",
        /// Its data and images passed quality control.
        Checked = "checked",
        /// It waits for a card.
        Queued = "queued",
        /// A card was written and locked; names the card.
        Written = "written",
        /// The card left for its office.
        Shipped = "shipped",
        /// The citizen's finger (or two persons) brought the card to life.
        Delivered = "delivered",
        /// The record was refused; it may be registered again.
        Rejected = "rejected",
        /// The card is unusable; the record may be queued for another.
        Spoiled = "spoiled",
        /// The card is blocked.
        Blocked = "blocked",
        /// The block is lifted; the record returns to where it was.
        Unblocked = "unblocked",
        /// The card's end.
        Terminated = "terminated",
        /// Something worth keeping that changes no state: a failed comparison, a renewal.
        Noted = "noted",
        /// The heads of all chains, see [`Checkpoint`](crate::Checkpoint). About no record.
        Checkpoint = "checkpoint",
    }
);

words!(
    /// Where a record stands. Ordered so that of two states reached by seats that did not know of each other the greater
    /// one holds.
    State {
        /// Entered.
        Registered = "registered",
        /// Passed quality control.
        Checked = "checked",
        /// Waiting for a card.
        Queued = "queued",
        /// On a card, locked.
        Written = "written",
        /// On its way to the office.
        Shipped = "shipped",
        /// In the citizen's hand, alive.
        Delivered = "delivered",
        /// Blocked for a time.
        Blocked = "blocked",
        /// Refused.
        Rejected = "rejected",
        /// The card became unusable before delivery.
        Spoiled = "spoiled",
        /// Ended for good.
        Terminated = "terminated",
    }
);

impl State {
    /// Whether the record counts for its citizen: all but rejected, spoiled and terminated ones do, and a citizen has at
    /// most one of these.
    #[must_use]
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Rejected | Self::Spoiled | Self::Terminated)
    }

    /// The state after `event`, or `None` where it is not allowed. `resume` is where a blocked record came from.
    #[must_use]
    pub(crate) const fn next(
        from: Option<Self>,
        resume: Option<Self>,
        event: Event,
    ) -> Option<Self> {
        let Some(from) = from else {
            return match event {
                Event::Registered => Some(Self::Registered),
                _ => None,
            };
        };
        match (event, from) {
            (Event::Registered, Self::Rejected) => Some(Self::Registered),
            (Event::Checked, Self::Registered) => Some(Self::Checked),
            (Event::Queued, Self::Checked | Self::Spoiled) => Some(Self::Queued),
            (Event::Written, Self::Queued) => Some(Self::Written),
            (Event::Shipped, Self::Written) => Some(Self::Shipped),
            (Event::Delivered, Self::Shipped) => Some(Self::Delivered),
            (Event::Rejected, Self::Registered | Self::Checked | Self::Queued | Self::Spoiled) => {
                Some(Self::Rejected)
            }
            (Event::Spoiled, Self::Queued | Self::Written | Self::Shipped) => Some(Self::Spoiled),
            (Event::Blocked, Self::Written | Self::Shipped | Self::Delivered) => {
                Some(Self::Blocked)
            }
            (Event::Unblocked, Self::Blocked) => resume,
            (
                Event::Terminated,
                Self::Written | Self::Shipped | Self::Delivered | Self::Blocked,
            ) => Some(Self::Terminated),
            (Event::Noted, state) => Some(state),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        for event in Event::ALL {
            assert_eq!(event.as_str().parse(), Ok(*event));
            assert_eq!(
                serde_json::to_string(event).unwrap(),
                format!("\"{event}\"")
            );
        }
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        assert_eq!("lost".parse::<Event>(), Err(UnknownWord));
    }

    #[test]
    fn only_the_allowed_ways_are_open() {
        let mut open = Vec::new();
        for &event in Event::ALL {
            if State::next(None, None, event).is_some() {
                open.push(format!("- {event}"));
            }
            for &from in State::ALL {
                if let Some(to) = State::next(Some(from), Some(State::Shipped), event) {
                    if event != Event::Noted {
                        open.push(format!("{from} {event} {to}"));
                    } else {
                        assert_eq!(to, from);
                    }
                }
            }
        }
        let expected = "- registered|rejected registered registered|registered checked checked|checked queued queued\
            |spoiled queued queued|queued written written|written shipped shipped|shipped delivered delivered\
            |registered rejected rejected|checked rejected rejected|queued rejected rejected|spoiled rejected rejected\
            |queued spoiled spoiled|written spoiled spoiled|shipped spoiled spoiled|written blocked blocked\
            |shipped blocked blocked|delivered blocked blocked|blocked unblocked shipped\
            |written terminated terminated|shipped terminated terminated|delivered terminated terminated\
            |blocked terminated terminated";
        assert_eq!(open.join("|"), expected);
    }
}
