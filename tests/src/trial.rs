//! A test of the suite: a sentence, what it needs of the target, and itself.

use crate::{
    scene::{Run, Scene, Suite},
    target::Capability,
};
use libtest_mimic::{Completion, Failed, Trial as Mimic};
use std::sync::Arc;

#[derive(Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) name: &'static str,
    pub(crate) needs: Option<Capability>,
    pub(crate) run: Run,
}

/// The tests of a module, each an `async fn(&Scene) -> Result<()>`. One that is
/// forgotten here is dead code, which Clippy does not let pass.
macro_rules! trials {
    ($($name:ident $(needs $capability:ident)?),+ $(,)?) => {
        pub(crate) const TRIALS: &[$crate::trial::Trial] = &[$(
            $crate::trial::Trial {
                name: concat!(module_path!(), "::", stringify!($name)),
                needs: trials!(@ $($capability)?),
                run: |scene| Box::pin($name(scene)),
            }
        ),+];
    };
    (@) => { None };
    (@ $capability:ident) => { Some($crate::target::Capability::$capability) };
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
        Mimic::ignorable_test(self.short_name(), move || {
            if let Some(missing) = self.needs.filter(|needed| !suite.target.can(*needed)) {
                return Ok(Completion::ignored_with(missing));
            }
            match Scene::play(&suite, self.short_name(), self.run) {
                Ok(()) => Ok(Completion::Completed),
                Err(error) => Err(Failed::from(format!("{error:#}"))),
            }
        })
    }
}
