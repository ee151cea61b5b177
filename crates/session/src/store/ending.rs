//! Ends sessions.

use aws_sdk_dynamodb::types::ReturnValue;

use super::{
    Sessions, Unavailable, number,
    row::{Row, Session},
    text, unless_refused,
};
use crate::{contents::SessionContents, secret::SessionSecret};

impl Sessions {
    /// Ends the session of that secret and gives what it held, even when it was over already.
    /// Ending what is not there is no error.
    ///
    /// # Errors
    /// When the table cannot be used: then the session lives on.
    pub async fn end(
        &self,
        secret: &SessionSecret,
    ) -> Result<Option<SessionContents>, Unavailable> {
        let id = secret.id();
        let delete = self.client.delete_item().table_name(&self.table);
        let delete = delete.key("id", text(id.as_str())).return_values(ReturnValue::AllOld);
        let item = delete.send().await?.attributes;
        let session = item.and_then(|item| Row::open(item, secret, &self.limits));
        Ok(session.map(Session::into_contents))
    }

    /// Ends a session if nobody renewed it since it was read. `false` when somebody did: then it
    /// lives on.
    ///
    /// # Errors
    /// When the table cannot be used.
    pub async fn end_unchanged(&self, session: &Session) -> Result<bool, Unavailable> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("id", text(session.id().as_str()))
            .condition_expression("attribute_not_exists(id) OR version = :version")
            .expression_attribute_values(":version", number(session.version()));
        Ok(unless_refused(delete.send().await)?.is_some())
    }
}
