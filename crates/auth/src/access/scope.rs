//! Names of permissions.

use std::{fmt, str::FromStr};

use crate::ConfigError;

/// A delegated permission: one value of a token's `scp` or `scope` claim.
///
/// Scopes compare exactly and by whole value: `ToDoList.Read` is not
/// `ToDoList.ReadWrite`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Box<str>);

/// An application permission: one value of a token's `roles` claim.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Role(Box<str>);

macro_rules! name {
    ($name:ident, $error:path) => {
        impl $name {
            /// Reads a name in the form of RFC 6749, section 3.3 (`scope-token`):
            /// printable ASCII without spaces, quotes and backslashes.
            ///
            /// # Errors
            /// When the name is empty or has a character outside that set.
            pub fn parse(name: &str) -> Result<Self, ConfigError> {
                if is_scope_token(name) {
                    Ok(Self(name.into()))
                } else {
                    Err($error(name.to_owned()))
                }
            }

            /// The name as it stands in a token.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ConfigError;

            fn from_str(name: &str) -> Result<Self, ConfigError> {
                Self::parse(name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(Scope, ConfigError::Scope);
name!(Role, ConfigError::Role);

fn is_scope_token(name: &str) -> bool {
    let allowed = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !name.is_empty() && name.bytes().all(allowed)
}
