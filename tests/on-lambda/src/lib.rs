//! The built functions under a Lambda Runtime API.
