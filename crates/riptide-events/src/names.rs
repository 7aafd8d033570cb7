//! The stable names of an event's terms, as metrics, logs and CloudEvents show them.

use serde::{Serialize, Serializer};

use crate::{ArtefactOrigin, BreakerState, BrowserEnd, BrowserExit, LeaseEnd, Outcome, Tier};

macro_rules! names {
    ($($term:ident { $($variant:ident => $name:literal),* $(,)? })*) => {$(
        impl $term {
            /// All of them, in their order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable lower-case name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),*
                }
            }
        }

        impl Serialize for $term {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    )*};
}

names! {
    ArtefactOrigin { Compiled => "compiled", Baseline => "baseline", Cache => "cache" }
    Tier { Hot => "hot", Warm => "warm", Cold => "cold", Frozen => "frozen" }
    LeaseEnd {
        Destroyed => "destroyed",
        Kept => "kept",
        Poisoned => "poisoned",
        Cancelled => "cancelled",
        Leaked => "leaked",
    }
    BreakerState { Closed => "closed", Open => "open", HalfOpen => "half-open" }
    BrowserEnd {
        Uses => "uses",
        Age => "age",
        Memory => "memory",
        Crash => "crash",
        Health => "health",
        Shutdown => "shutdown",
        Leak => "leak",
    }
    BrowserExit { Asked => "asked", Terminated => "terminated", Killed => "killed" }
}

impl Outcome {
    /// `ok`, or the code of the error.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Err(code) => code,
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
