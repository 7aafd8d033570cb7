//! The way to the web.

use std::sync::OnceLock;

use riptide_fetch::{FetchConfig, FetchError, Fetcher};

/// What fetches pages, made when the first one is asked for: who works on files alone needs no network.
pub(crate) struct Web {
    config: FetchConfig,
    fetcher: OnceLock<Result<Fetcher, FetchError>>,
}

impl Web {
    pub(crate) fn new(config: FetchConfig) -> Self {
        Self { config, fetcher: OnceLock::new() }
    }

    pub(crate) fn fetcher(&self) -> Result<&Fetcher, FetchError> {
        self.fetcher.get_or_init(|| Fetcher::new(self.config.clone())).as_ref().map_err(FetchError::clone)
    }
}
