//! A Lambda that takes asynchronous invocations and runs the built function for each.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Result;
use axum::{Router, http::StatusCode, routing::post};
use on_lambda::Function;
use tokio::sync::watch;

use crate::tls;

/// Runs one function, an instance and an event for each invocation.
pub(crate) struct Lambda {
    endpoint: String,
    runs: Arc<Runs>,
}

#[derive(Default)]
struct Runs {
    begun: AtomicUsize,
    failed: AtomicUsize,
    under_way: watch::Sender<usize>,
}

impl Lambda {
    /// Serves until the program ends.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub(crate) async fn of(binary: &Path, environment: HashMap<String, String>) -> Result<Self> {
        let runs = Arc::new(Runs::default());
        let (counts, binary) = (Arc::clone(&runs), binary.to_owned());
        let invoke = post(async move || {
            counts.begun.fetch_add(1, Ordering::Relaxed);
            counts.under_way.send_modify(|under_way| *under_way += 1);
            // An asynchronous caller learns that the event was accepted, not its result.
            tokio::spawn(async move {
                let ran = async { Function::spawn(&binary, environment).await?.run().await };
                if let Err(error) = ran.await {
                    eprintln!("bench: a run of {} failed: {error:#}", binary.display());
                    counts.failed.fetch_add(1, Ordering::Relaxed);
                }
                counts.under_way.send_modify(|under_way| *under_way -= 1);
            });
            StatusCode::ACCEPTED
        });
        let router = Router::new().route("/2015-03-31/functions/{name}/invocations", invoke);
        let listener = tls::listener().await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { endpoint, runs })
    }

    /// The value of `AWS_ENDPOINT_URL_LAMBDA`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How many runs were begun and how many of them failed, once none is under way.
    pub(crate) async fn runs(&self) -> (usize, usize) {
        // An error means that the sender is gone, and we hold it.
        let _ = self.runs.under_way.subscribe().wait_for(|under_way| *under_way == 0).await;
        (self.runs.begun.load(Ordering::Relaxed), self.runs.failed.load(Ordering::Relaxed))
    }
}
