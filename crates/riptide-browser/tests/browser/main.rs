//! Real Chromium against a site of our own.

mod render;
mod setting;
mod site;
