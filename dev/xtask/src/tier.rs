//! The tiers of the tests, in the order in which they run: quick ones first.

mod black_box;
pub(crate) mod cloud;
mod document;
mod front_end;
mod on_lambda;
mod provider;
mod sam;
mod source;
mod template;
mod unit;

pub(crate) use source::advisories;

use crate::{count::Count, instructions, workspace::Workspace};
use anyhow::Result;
use clap::ValueEnum;
use std::{fmt, path::PathBuf};

/// What a tier is given.
pub(crate) struct Context<'a> {
    pub(crate) workspace: &'a Workspace,
    /// Where pictures of the page are wanted.
    pub(crate) screenshots: Option<PathBuf>,
    /// The arguments of the black-box suite that choose its tests, such as a part of their names.
    pub(crate) tests: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tier {
    /// Formatting of the Rust code
    Format,
    /// Spelling of everything
    Spelling,
    /// Clippy, warnings denied
    Lint,
    /// API documentation, warnings denied
    Doc,
    /// Bans, licenses and sources of the dependencies
    Deny,
    /// Unit, integration and documentation tests of the members
    Unit,
    /// The seeds of the fuzz targets, without fuzzing
    Seeds,
    /// The page's modules under Node, and the OpenAPI document by Redocly
    Page,
    /// The templates by SAM's own validator, cfn-lint, rules of our own and checkov
    Template,
    /// Instructions that authorising and refusing take, against the accepted counts
    Instructions,
    /// The release binaries under a Lambda Runtime API
    Lambda,
    /// The attacks of the black-box suite against the whole stack, and Schemathesis
    Attack,
    /// The black-box suite with Chromium against the whole stack
    Browser,
    /// The tests of the same suite that any front end passes, against examples/front-end
    FrontEnd,
    /// What works with which provider, and the same suite with an independent one
    Provider,
    /// The same suite against `cargo lambda watch`
    Watch,
    /// The same suite against `sam local start-api`, with the functions in containers
    Sam,
    /// The same suite against a deployment on an emulator of AWS, and what becomes of that: updates,
    /// rollbacks, roles without an action, its end
    Cloud,
}

impl Tier {
    /// One line on what it tests, the one of `--help`.
    pub(crate) fn about(self) -> String {
        self.to_possible_value()
            .and_then(|value| value.get_help().map(ToString::to_string))
            .unwrap_or_default()
    }

    /// Runs it.
    ///
    /// # Errors
    /// When it could not run: a tool that cannot be had, a build that fails.
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Count> {
        let workspace = context.workspace;
        match self {
            Self::Format => source::format(workspace),
            Self::Spelling => source::spelling(workspace),
            Self::Lint => source::lint(workspace),
            Self::Doc => source::doc(workspace),
            Self::Deny => source::deny(workspace),
            Self::Unit => unit::unit(workspace),
            Self::Seeds => unit::seeds(workspace),
            Self::Page => unit::page(workspace),
            Self::Template => template::run(workspace),
            Self::Instructions => instructions::compare(workspace),
            Self::Lambda => on_lambda::lambda(workspace),
            Self::Attack | Self::Browser => black_box::local(context, self),
            Self::FrontEnd => front_end::run(context),
            Self::Provider => provider::run(workspace),
            Self::Watch => black_box::watch(context),
            Self::Sam => sam::run(context),
            Self::Cloud => cloud::run(context),
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_possible_value().as_ref().map_or("", |value| value.get_name()))
    }
}
