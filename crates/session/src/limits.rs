//! How long sessions last, and where they are kept.

use std::{
    num::NonZeroU16,
    time::{Duration, SystemTime},
};

use settings::{Environment, Setting, SettingErrors, all};

const TABLE: Setting =
    Setting::new("SESSIONS_TABLE", "the DynamoDB table of the sessions", "tollgate-sessions");

const IDLE: Setting = Setting::new(
    "SESSION_IDLE_MINUTES",
    "minutes without use after which a session ends (1 to 65535)",
    "60",
)
.default("60");

const MAX: Setting = Setting::new(
    "SESSION_MAX_HOURS",
    "hours after which a session ends in any case (1 to 65535)",
    "12",
)
.default("12");

/// A session that is used is marked as seen this often at most: every mark is a paid write.
const TOUCH_INTERVAL: Duration = Duration::from_mins(5);

/// When a session ends by itself. The code enforces it: DynamoDB's TTL may lag by days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// After this time without use. 60 minutes by default.
    pub idle: Duration,
    /// After this time in any case. 12 hours by default.
    pub max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { idle: Duration::from_hours(1), max: Duration::from_hours(12) }
    }
}

impl Limits {
    /// The moment from which on a session is over unless it is used before.
    pub(crate) fn end(
        &self,
        created_at: SystemTime,
        expires_at: SystemTime,
        last_seen_at: SystemTime,
    ) -> SystemTime {
        // `created_at + max` as well as the row's own end: a limit that is made
        // shorter holds for the sessions of before at once.
        expires_at.min(created_at + self.max).min(last_seen_at + self.idle)
    }

    /// How long after the last mark a use is marked again.
    pub(crate) fn touch_interval(&self) -> Duration {
        TOUCH_INTERVAL.min(self.idle / 4)
    }
}

/// The settings of the sessions table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionsConfig {
    /// The DynamoDB table's name.
    pub table: String,
    /// When sessions end.
    pub limits: Limits,
}

impl SessionsConfig {
    /// Reads `SESSIONS_TABLE`, and `SESSION_IDLE_MINUTES` (60) and `SESSION_MAX_HOURS` (12).
    ///
    /// # Errors
    /// When the table is not named, or a limit is not a whole number from 1 to 65535.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingErrors> {
        let (table, minutes, hours) = all((
            environment.required(&TABLE),
            environment.whole_number::<NonZeroU16>(&IDLE),
            environment.whole_number::<NonZeroU16>(&MAX),
        ))?;
        let limits = Limits {
            idle: Duration::from_mins(minutes.get().into()),
            max: Duration::from_hours(hours.get().into()),
        };
        Ok(Self { table, limits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<SessionsConfig, SettingErrors> {
        let environment = Environment::of([("SESSIONS_TABLE", "sessions")]);
        let with = |all: Environment, (name, value): &(&str, &str)| all.with(*name, *value);
        SessionsConfig::from_environment(&pairs.iter().fold(environment, with))
    }

    #[test]
    fn sessions_last_sixty_minutes_idle_and_twelve_hours_in_all_unless_set() {
        let limits =
            |idle, max| Limits { idle: Duration::from_mins(idle), max: Duration::from_hours(max) };
        assert_eq!(read(&[]).unwrap().limits, limits(60, 12));
        let set = [("SESSION_IDLE_MINUTES", "5"), ("SESSION_MAX_HOURS", "1")];
        assert_eq!(read(&set).unwrap().limits, limits(5, 1));
    }

    #[test]
    fn a_limit_of_zero_or_nonsense_is_refused_by_name() {
        for name in ["SESSION_IDLE_MINUTES", "SESSION_MAX_HOURS"] {
            for value in ["0", "-1", "1.5", "soon", "70000"] {
                assert_eq!(read(&[(name, value)]).unwrap_err().names(), [name]);
            }
        }
    }

    #[test]
    fn without_a_table_there_is_no_start() {
        let error = SessionsConfig::from_environment(&Environment::default()).unwrap_err();
        assert_eq!(error.names(), ["SESSIONS_TABLE"]);
    }
}
