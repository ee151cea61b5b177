//! Every seed, without a fuzzing engine: no invariant breaks, and what is named
//! good is accepted, what is named bad refused.

use std::{fs, path::Path};

use auth_fuzz::{TARGETS, Target};

fn check(name: &str) {
    let (_, target): (_, Target) =
        TARGETS.into_iter().find(|(target, _)| *target == name).expect("a target");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let mut wrong = Vec::new();
    let mut verdicts = [0, 0];
    for file in fs::read_dir(folder).expect("each target has seeds") {
        let file = file.expect("a file").path();
        let seed = file.file_name().expect("a name").to_string_lossy().into_owned();
        println!("{seed}");
        let accepted = target(&fs::read(&file).expect("a seed can be read"));
        verdicts[usize::from(accepted)] += 1;
        if seed.starts_with("good") != accepted || seed.starts_with("bad") == accepted {
            wrong.push(seed);
        }
    }
    assert!(wrong.is_empty(), "judged otherwise than named: {wrong:?}");
    assert!(verdicts.iter().all(|count| *count > 0), "all are judged alike");
}

#[test]
fn headers_are_judged_as_named() {
    check("header");
}

#[test]
fn payloads_are_judged_as_named() {
    check("payload");
}

#[test]
fn key_sets_are_judged_as_named() {
    check("key_set");
}

#[test]
fn metadata_is_judged_as_named() {
    check("discovery");
}

#[test]
fn proofs_are_judged_as_named() {
    check("dpop_proof");
}

#[test]
fn tokens_are_judged_as_named() {
    check("token");
}
