//! `auth_fuzz::discovery` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    auth_fuzz::discovery(bytes);
});
