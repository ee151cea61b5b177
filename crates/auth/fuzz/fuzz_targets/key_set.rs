//! `auth_fuzz::key_set` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    auth_fuzz::key_set(bytes);
});
