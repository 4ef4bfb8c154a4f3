//! What happens at the readers, as it happens.

use std::time::Duration;

use pcsc::{Context, Error as Code, PNP_NOTIFICATION, ReaderState, State};

use super::fault::Fault;
use super::name::text;
use super::service::{ReaderNow, context, is_gone, names_in, now};

/// How often a service that does not run is looked for.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The service does not run, or does not let this person in.
    ServiceLost(Fault),
    /// The service is there again.
    ServiceFound,
    /// A reader was plugged in, or is there at the beginning.
    ReaderAdded {
        /// Its name.
        reader: String,
        /// How it is.
        now: ReaderNow,
    },
    /// A reader was pulled out.
    ReaderRemoved {
        /// Its name.
        reader: String,
    },
    /// A card was put in or taken out, or another program took or gave it free.
    Changed {
        /// The reader's name.
        reader: String,
        /// How it is now.
        now: ReaderNow,
        /// Whether another card, or the same one again, lies in it since it was last heard of.
        moved: bool,
    },
}

struct Watched {
    state: ReaderState,
    last: Option<(ReaderNow, u32)>,
}

/// Watches all readers of the service; readers that come are watched as well.
#[derive(Default)]
pub struct Monitor {
    context: Option<Context>,
    lost: bool,
    watched: Vec<Watched>,
    plug: Option<ReaderState>,
}

impl Monitor {
    /// A monitor that has seen nothing yet: the readers that are there come as [`Event::ReaderAdded`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until something happens, `timeout` at most; nothing may have.
    pub fn next(&mut self, timeout: Duration) -> Vec<Event> {
        let mut events = Vec::new();
        if let Err(fault) = self.listen(timeout, &mut events) {
            self.lose(fault, &mut events);
            if events.is_empty() {
                std::thread::sleep(timeout.min(LOOK_AGAIN));
            }
        }
        events
    }

    /// The service is gone, and every reader with it.
    fn lose(&mut self, fault: Fault, events: &mut Vec<Event>) {
        self.context = None;
        self.plug = None;
        let removed = self
            .watched
            .drain(..)
            .filter(|watched| watched.last.is_some());
        events.extend(removed.map(|watched| Event::ReaderRemoved {
            reader: text(watched.state.name()),
        }));
        if !self.lost {
            self.lost = true;
            events.push(Event::ServiceLost(fault));
        }
    }

    fn listen(&mut self, timeout: Duration, events: &mut Vec<Event>) -> Result<(), Fault> {
        let context = match &self.context {
            Some(context) => context.clone(),
            None => {
                let context = context()?;
                if std::mem::take(&mut self.lost) {
                    events.push(Event::ServiceFound);
                }
                self.context.insert(context).clone()
            }
        };
        self.take_stock(&context, events)?;
        // What is known is told before anything is waited for.
        let timeout = if events.is_empty() {
            timeout
        } else {
            Duration::ZERO
        };
        let mut states: Vec<ReaderState> = Vec::new();
        let mut last = Vec::new();
        for watched in self.watched.drain(..) {
            states.push(watched.state);
            last.push(watched.last);
        }
        let plug = self
            .plug
            .take()
            .unwrap_or_else(|| ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE));
        states.push(plug);
        let waited = context.get_status_change(timeout, &mut states);
        self.plug = states.pop();
        self.watched = states
            .into_iter()
            .zip(last)
            .map(|(state, last)| Watched { state, last })
            .collect();
        match waited {
            Ok(()) => {
                if let Some(plug) = &mut self.plug {
                    plug.sync_current_state();
                }
                self.report(events);
                Ok(())
            }
            // A reader that went away is found at the next stock-taking.
            Err(Code::Timeout | Code::Cancelled | Code::UnknownReader) => Ok(()),
            Err(code) => Err(Fault(code)),
        }
    }

    /// Which readers came and which went.
    fn take_stock(&mut self, context: &Context, events: &mut Vec<Event>) -> Result<(), Fault> {
        let names = names_in(context)?;
        self.watched.retain(|watched| {
            let there = names.iter().any(|name| **name == *watched.state.name())
                && !is_gone(watched.state.event_state());
            if !there && watched.last.is_some() {
                events.push(Event::ReaderRemoved {
                    reader: text(watched.state.name()),
                });
            }
            there
        });
        for name in names {
            if !self
                .watched
                .iter()
                .any(|watched| watched.state.name() == &*name)
            {
                self.watched.push(Watched {
                    state: ReaderState::new(name, State::UNAWARE),
                    last: None,
                });
            }
        }
        Ok(())
    }

    /// What is otherwise than it was last heard of.
    fn report(&mut self, events: &mut Vec<Event>) {
        for Watched { state, last } in &mut self.watched {
            if is_gone(state.event_state()) {
                continue;
            }
            let (found, count) = (now(state), state.event_count());
            state.sync_current_state();
            let reader = || text(state.name());
            match last.replace((found.clone(), count)) {
                None => events.push(Event::ReaderAdded {
                    reader: reader(),
                    now: found,
                }),
                Some((before, counted)) if before != found || counted != count => {
                    events.push(Event::Changed {
                        reader: reader(),
                        now: found,
                        moved: counted != count,
                    });
                }
                Some(_) => {}
            }
        }
    }
}
