use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use pollster::block_on;
use riptide_sandbox::{Extractor, Sandbox, sha256};
use url::Url;

use super::pattern::UrlPattern;
use super::{OnFailure, Registry, Rule};
use crate::Error;

/// A registry whose components are ready to run.
#[derive(Default)]
pub(crate) struct Routes {
    routes: Vec<Route>,
    components: BTreeMap<PathBuf, Ready>,
}

/// Where pages of certain addresses go.
pub(crate) struct Route {
    patterns: Vec<UrlPattern>,
    pub(crate) extractor: Extractor,
    pub(crate) on_failure: OnFailure,
}

/// A component that has been loaded from a file.
#[derive(Clone)]
struct Ready {
    stamp: Option<Stamp>,
    extractor: Extractor,
}

/// What tells that a file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: SystemTime,
    size: u64,
}

/// The files that something was made of, each as it was before it was read; `None` where there was none.
pub(super) type Stamps = BTreeMap<PathBuf, Option<Stamp>>;

impl Stamp {
    /// The stamp of a file, if there is one.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok()?, size: metadata.len() })
    }
}

impl Routes {
    /// Loads the components of a registry and lets each check its health. What `known` has loaded from a file that has
    /// not changed since is taken from there. Notes the files in `stamps`, also when that fails.
    pub(super) fn load(
        registry: Registry,
        sandbox: &Sandbox,
        known: &Self,
        stamps: &mut Stamps,
    ) -> Result<Self, Error> {
        let rules = &registry.rules;
        stamps.extend(rules.iter().map(|rule| (rule.component.clone(), Stamp::of(&rule.component))));
        let mut components = BTreeMap::<PathBuf, Ready>::new();
        let mut routes = Vec::new();
        for rule in registry.rules {
            let stamp = stamps.get(&rule.component).copied().flatten();
            let unchanged = |ready: &&Ready| stamp.is_some() && ready.stamp == stamp;
            let ready =
                components.get(&rule.component).or(known.components.get(&rule.component)).filter(unchanged);
            let extractor = match ready {
                Some(ready) => ready.extractor.clone(),
                None => load(&registry.path, &rule, sandbox)?,
            };
            check_digest(&registry.path, &rule, extractor.digest())?;
            components.insert(rule.component, Ready { stamp, extractor: extractor.clone() });
            routes.push(Route { patterns: rule.patterns, extractor, on_failure: rule.on_failure });
        }
        Ok(Self { routes, components })
    }

    /// The first route that is for the address.
    pub(crate) fn find(&self, url: &str) -> Option<&Route> {
        let url = Url::parse(url).ok()?;
        self.routes.iter().find(|route| route.patterns.iter().any(|pattern| pattern.matches(&url)))
    }
}

fn load(config: &Path, rule: &Rule, sandbox: &Sandbox) -> Result<Extractor, Error> {
    let component = fs::read(&rule.component)
        .map_err(|error| Error::UnreadableFile { path: rule.component.clone(), error })?;
    // What is not the component that was meant is not even compiled.
    check_digest(config, rule, &sha256(&component))?;
    let extractor = sandbox.load(component).and_then(|extractor| {
        block_on(sandbox.check_health(&extractor))?;
        Ok(extractor)
    });
    extractor.map_err(|error| Error::Component { path: rule.component.clone(), error })
}

fn check_digest(config: &Path, rule: &Rule, found: &str) -> Result<(), Error> {
    match &rule.digest {
        Some(expected) if expected != found => Err(Error::InvalidConfig {
            path: config.to_owned(),
            line: rule.line,
            problem: format!(
                "`{}` has the digest {found}; `digest` asks for {expected}",
                rule.component.display()
            ),
        }),
        _ => Ok(()),
    }
}
