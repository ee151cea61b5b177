use crate::{files, root};

#[test]
fn a_module_with_children_is_a_file_beside_their_folder() {
    let found: Vec<_> =
        files(&root(), "mod.rs").into_iter().filter(|file| file.ends_with("mod.rs")).collect();
    assert!(found.is_empty(), "move each foo/mod.rs to foo.rs: {found:?}");
}
