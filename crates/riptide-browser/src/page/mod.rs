//! One page in a browser: opened in a context of its own, driven, and written down.

mod actions;
mod block;
mod events;
mod render;
mod script;
mod state;
mod wait;

pub(crate) use events::Page;
pub(crate) use state::Rules;
