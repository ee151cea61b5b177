//! The registered client, and the tenant it belongs to.

/// The client that tests sign in with.
pub const CLIENT_ID: &str = "the-client-id";
/// Its secret. The provider accepts every secret; a test checks the one that arrived.
pub const CLIENT_SECRET: &str = "the-client-secret";
/// The tenant of [`ScriptedProvider::entra`](crate::ScriptedProvider::entra).
pub const TENANT: &str = "5f0f9c1e-3b7a-4c58-9a57-2a1f6f1c7e10";
