//! Real Chromium against a site of our own.

mod doors;
mod render;
mod setting;
mod site;
