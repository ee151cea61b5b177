//! A test of the suite: a sentence, what it needs of the target, and itself.

use crate::{
    target::Capability,
    test_context::{Run, Suite, TestContext},
};
use libtest_mimic::{Arguments, Completion, Failed, Trial as Mimic};
use std::sync::Arc;

#[derive(Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) name: &'static str,
    /// Whether any front end passes it that has the parts named in docs/extend.md.
    pub(crate) any_page: bool,
    pub(crate) needs: Option<Capability>,
    /// What an attacker tries. A test without it is no attack.
    pub(crate) tries: Option<&'static str>,
    pub(crate) run: Run,
}

/// The tests of a module, each an `async fn(&TestContext) -> Result<()>`. `on any_page` marks those
/// that another front end must pass. `tries` makes one an attack, which `cargo xtask attack` runs.
/// One that is forgotten here is dead code, which Clippy does not let pass.
macro_rules! trials {
    ($($name:ident $(on $any_page:ident)? $(needs $capability:ident)? $(tries $tries:literal)?),+ $(,)?) => {
        pub(crate) const TRIALS: &[$crate::trial::Trial] = &[$(
            $crate::trial::Trial {
                name: concat!(module_path!(), "::", stringify!($name)),
                any_page: trials!(@page $($any_page)?),
                needs: trials!(@ $($crate::target::Capability::$capability)?),
                tries: trials!(@ $($tries)?),
                run: |test| Box::pin($name(test)),
            }
        ),+];
    };
    (@page) => { false };
    (@page any_page) => { true };
    (@) => { None };
    (@ $value:expr) => { Some($value) };
}
pub(crate) use trials;

impl Trial {
    /// `todos::a_todo_is_kept`: without the path that all have in common.
    pub(crate) fn short_name(&self) -> &'static str {
        self.name.split_once("::tests::").map_or(self.name, |(_, name)| name)
    }

    /// The test of that target; one that the target cannot do says so.
    pub(crate) fn of(self, suite: &Arc<Suite>) -> Mimic {
        let suite = Arc::clone(suite);
        self.tagged(move || {
            if let Some(missing) = self.needs.filter(|needed| !suite.target.can(*needed)) {
                return Ok(Completion::ignored_with(missing));
            }
            match TestContext::run(&suite, self.short_name(), self.run) {
                Ok(()) => Ok(Completion::Completed),
                Err(error) => match error.downcast_ref::<Capability>() {
                    Some(missing) => Ok(Completion::ignored_with(missing)),
                    None => Err(Failed::from(format!("{error:#}"))),
                },
            }
        })
    }

    /// Its line in a list, if these arguments choose it.
    pub(crate) fn listed(self, arguments: &Arguments) -> Option<String> {
        let is_chosen = !arguments.is_filtered_out(&self.tagged(|| Ok(Completion::Completed)));
        let tries = self.tries.map(|tries| format!(": {tries}")).unwrap_or_default();
        is_chosen.then(|| format!("{}{tries}", self.short_name()))
    }

    /// Attacks have `[attack]` before their names, by which they are chosen or skipped.
    fn tagged(self, run: impl FnOnce() -> Result<Completion, Failed> + Send + 'static) -> Mimic {
        let kind = if self.tries.is_some() { "attack" } else { "" };
        Mimic::ignorable_test(self.short_name(), run).with_kind(kind)
    }
}
