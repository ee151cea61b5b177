#![doc = include_str!("../README.md")]

use std::pin::Pin;

use axum::Router;
use outbound::Outbound;
use serve::StartError;
use settings::{Environment, Setting, SettingErrors};

macro_rules! function {
    ($name:ident, $package:expr, $start:expr) => {
        Function {
            name: $package,
            check: |environment| {
                let own = $name::Config::from_environment(environment);
                settings::all((serve::check_settings(environment), own)).map(drop)
            },
            start: $start,
        }
    };
}

/// A function with `app`. Its package is named too if that has a hyphen.
macro_rules! routes {
    ($name:ident) => {
        routes!($name, stringify!($name))
    };
    ($name:ident, $package:expr) => {
        function!(
            $name,
            $package,
            Some(|environment, outbound| Box::pin(async move {
                let config = $name::Config::from_environment(environment)?;
                Ok($name::app($name::State::start(config, environment, outbound).await?))
            }))
        )
    };
}

/// A function without a router.
macro_rules! task {
    ($name:ident) => {
        function!($name, stringify!($name), None)
    };
}

/// All functions.
pub const FUNCTIONS: &[Function] = &[
    routes!(signin),
    routes!(callback),
    routes!(web),
    routes!(todos),
    task!(authorizer),
    routes!(proxy),
    task!(keys),
];

/// A function of the deployment.
#[derive(Clone, Copy)]
pub struct Function {
    /// Its name: the crate, the binary, and `Binary` in `template.yaml`.
    pub name: &'static str,
    check: fn(&Environment) -> Result<(), SettingErrors>,
    /// Starts it as its `main` does and returns its router; `None` if it has no routes.
    pub start: Option<Start>,
}

/// Starts a function.
pub type Start = for<'a> fn(&'a Environment, &'a Outbound) -> Starting<'a>;

/// A function that starts.
pub type Starting<'a> = Pin<Box<dyn Future<Output = Result<Router, StartError>> + 'a>>;

impl Function {
    /// Reads its settings.
    ///
    /// # Errors
    /// All settings that are missing or wrong.
    pub fn check(&self, environment: &Environment) -> Result<(), SettingErrors> {
        (self.check)(environment)
    }

    /// The settings that it reads, each once.
    pub fn settings(&self) -> Vec<&'static Setting> {
        settings::read_by(self.check)
    }
}

/// The settings that any function reads, each once.
pub fn settings() -> Vec<&'static Setting> {
    let mut all = Vec::new();
    for setting in FUNCTIONS.iter().flat_map(Function::settings) {
        if !all.contains(&setting) {
            all.push(setting);
        }
    }
    all
}
