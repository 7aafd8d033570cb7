//! Real Chromium against a site of our own.

mod doors;
mod lifecycle;
mod render;
mod setting;
mod site;
