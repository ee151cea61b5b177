//! Puts an axum router on AWS Lambda: telemetry, public origin, problem details.
