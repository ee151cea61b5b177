//! What each route does. Orders are in the memory of an instance: a table is not what this
//! example is about.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use api::{InvalidValue, JsonBody, RequestError};
use auth::{Caller, axum::Authorized};
use axum::{Json, http::StatusCode};
use deserr::Deserr;
use serde::Serialize;

use crate::permission::{Read, Write};

/// The last orders of each caller, at most [`KEPT`], the newest first.
static ORDERS: Mutex<BTreeMap<String, Vec<Order>>> = Mutex::new(BTreeMap::new());

const KEPT: usize = 20;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Order {
    id: u64,
    text: Text,
}

#[derive(Debug, Serialize)]
pub(crate) struct OrderList {
    items: Vec<Order>,
}

/// `GET /api/orders-rust`
pub(crate) async fn read(Authorized { caller, .. }: Authorized<Read>) -> Json<OrderList> {
    let all = ORDERS.lock().unwrap_or_else(PoisonError::into_inner);
    Json(OrderList { items: all.get(name(&caller)).cloned().unwrap_or_default() })
}

/// The body of `POST`. Add fields here: errors in the body follow from the derive.
#[derive(Debug, Deserr)]
#[deserr(error = api::FieldErrors, deny_unknown_fields)]
pub(crate) struct NewOrder {
    text: Text,
}

/// What is ordered: 1 to 100 characters.
#[derive(Debug, Clone, Serialize, Deserr)]
#[deserr(try_from(&String) = Self::parse -> InvalidValue)]
pub(crate) struct Text(String);

impl Text {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        let is_valid = !text.trim().is_empty() && text.chars().count() <= 100;
        is_valid
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidValue("invalid_text", "It must have 1 to 100 characters."))
    }
}

/// `POST /api/orders-rust`
pub(crate) async fn write(
    Authorized { caller, .. }: Authorized<Write>,
    JsonBody(fields): JsonBody,
) -> Result<(StatusCode, Json<Order>), RequestError> {
    let NewOrder { text } = fields.parse()?;
    let mut all = ORDERS.lock().unwrap_or_else(PoisonError::into_inner);
    let own = all.entry(name(&caller).to_owned()).or_default();
    let last = own.first().map_or(0, |order| order.id);
    let order = Order { id: last + 1, text };
    own.insert(0, order.clone());
    own.truncate(KEPT);
    Ok((StatusCode::CREATED, Json(order)))
}

fn name(caller: &Caller) -> &str {
    match caller {
        Caller::User(user) => &user.owner,
        Caller::App(app) => &app.subject,
    }
}
