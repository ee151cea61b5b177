//! The tests, by what they look at.

mod attempts;
mod budget;
mod callback;
mod concurrency;
mod credentials;
mod cross_origin;
mod documents;
mod elsewhere;
mod forged_tokens;
mod forgery;
mod headers;
mod hostile;
mod keyboard;
mod look;
mod methods;
mod pagination;
mod planted_cookies;
mod privacy;
mod refreshing;
mod refusals;
mod return_to;
mod session_list;
mod sessions;
mod signing_in;
mod signing_out;
mod tabs;
mod todo_list;
mod todos;
mod your_api;

use crate::trial::Trial;

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Trial> {
    [
        // It takes longest.
        return_to::TRIALS,
        attempts::TRIALS,
        budget::TRIALS,
        callback::TRIALS,
        concurrency::TRIALS,
        credentials::TRIALS,
        cross_origin::TRIALS,
        documents::TRIALS,
        elsewhere::TRIALS,
        forged_tokens::TRIALS,
        forgery::TRIALS,
        headers::TRIALS,
        hostile::TRIALS,
        keyboard::TRIALS,
        look::TRIALS,
        methods::TRIALS,
        pagination::TRIALS,
        planted_cookies::TRIALS,
        privacy::TRIALS,
        refreshing::TRIALS,
        refusals::TRIALS,
        session_list::TRIALS,
        sessions::TRIALS,
        signing_in::TRIALS,
        signing_out::TRIALS,
        tabs::TRIALS,
        todo_list::TRIALS,
        todos::TRIALS,
        your_api::TRIALS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
