//! Files of a crate import each other in one direction only, so that each can be read, moved and
//! tested with what is below it.
//!
//! An import is a private `use`, or a path in the code that starts at `crate`, `self`, `super`, a
//! child module or a re-exported name. It counts for the file that defines the name, even if
//! another file re-exports it. Three things don't count:
//! - `mod child;` and `pub use child::Name`, by which a parent presents its children,
//! - a child's use of what its parent or another ancestor defines, which private items allow,
//! - tests.

use crate::{files, root};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};
use syn::{
    Attribute, Expr, ImplItemFn, Item, ItemMod, ItemUse, Macro, Token, UseTree, Visibility,
    punctuated::Punctuated,
    visit::{self, Visit},
};

type FileId = usize;
type ModuleId = usize;

/// What is between two files: the names that one imports from the other.
type Edges = BTreeMap<(FileId, FileId), BTreeSet<String>>;

#[derive(Default)]
struct Module {
    file: FileId,
    parent: ModuleId,
    children: BTreeMap<String, ModuleId>,
    /// The names that it defines, and where: an exported macro belongs to the root, too.
    items: BTreeMap<String, FileId>,
    imports: Vec<Import>,
    /// Paths in the code, without `use`.
    paths: BTreeSet<Vec<String>>,
}

struct Import {
    path: Vec<String>,
    /// `*` for all names of the path.
    name: String,
    is_reexport: bool,
}

/// The files and modules of one crate; the first module is its root.
#[derive(Default)]
struct Crate {
    files: Vec<PathBuf>,
    modules: Vec<Module>,
}

/// Reads modules into a [`Crate`].
struct Reader {
    of: Crate,
    current: ModuleId,
    /// Where the files of the current module's children are.
    folder: PathBuf,
}

impl Crate {
    /// Reads the crate with that root file and all files that it declares.
    fn read(root: &Path) -> Self {
        let mut reader = Reader {
            of: Self { files: vec![root.to_owned()], modules: vec![Module::default()] },
            current: 0,
            folder: root.parent().unwrap().to_owned(),
        };
        reader.visit_file(&parse(root));
        reader.of
    }

    fn edges(&self) -> Edges {
        let mut edges = Edges::new();
        for (id, module) in self.modules.iter().enumerate() {
            let imports = module.imports.iter().filter(|import| !import.is_reexport);
            let imports = imports.map(|import| (&import.path, true));
            for (path, is_import) in imports.chain(module.paths.iter().map(|path| (path, false))) {
                // A variable may have the name of a module, but no value is a module.
                let is_variable = path.len() == 1 && module.children.contains_key(&path[0]);
                if (is_import || !is_variable)
                    && let Some((file, name)) = self.resolve(id, path, 0)
                    && !self.is_above(file, id)
                {
                    edges.entry((module.file, file)).or_default().insert(name.to_owned());
                }
            }
        }
        edges
    }

    /// Whether `file` is that of a module that this one is in.
    fn is_above(&self, file: FileId, id: ModuleId) -> bool {
        let Module { parent, file: own, .. } = self.modules[id];
        file == own || id != 0 && self.is_above(file, parent)
    }

    /// The file that defines what `path` means in a module, and the name that it has there.
    /// Nothing where that is of another crate, or a variable.
    fn resolve<'a>(
        &'a self,
        from: ModuleId,
        path: &'a [String],
        depth: usize,
    ) -> Option<(FileId, &'a str)> {
        let (mut id, mut rest, mut last) = (from, path, None);
        while let Some((name, after)) = rest.split_first() {
            let module = &self.modules[id];
            match name.as_str() {
                "crate" => id = 0,
                "self" => {}
                "super" => id = module.parent,
                name => {
                    if let Some(child) = module.children.get(name) {
                        id = *child;
                    } else if let Some(file) = module.items.get(name) {
                        return Some((*file, name));
                    } else {
                        return self
                            .resolve_import(id, name, after, depth)
                            .or_else(|| Some((module.file, last.map(|_| name)?)));
                    }
                }
            }
            (rest, last) = (after, Some(name.as_str()));
        }
        Some((self.modules[id].file, last?))
    }

    /// The same for a name that a module imports, and `after` it.
    fn resolve_import<'a>(
        &'a self,
        id: ModuleId,
        name: &'a str,
        after: &'a [String],
        depth: usize,
    ) -> Option<(FileId, &'a str)> {
        // Two modules that import everything of each other would go on without an end.
        if depth > 8 {
            return None;
        }
        let imports = &self.modules[id].imports;
        if let Some(import) = imports.iter().find(|import| import.name == name) {
            // A path that ends at a module goes on with what is after it.
            return match self.resolve_module(id, &import.path) {
                Some(module) if !after.is_empty() => self.resolve(module, after, depth + 1),
                _ => self.resolve(id, &import.path, depth + 1),
            };
        }
        let mut everything = imports.iter().filter(|import| import.name == "*");
        everything.find_map(|import| {
            let module = self.resolve_module(id, &import.path)?;
            let Module { children, items, .. } = &self.modules[module];
            match (children.get(name), items.get(name)) {
                (Some(child), _) if after.is_empty() => Some((self.modules[*child].file, name)),
                (Some(child), _) => self.resolve(*child, after, depth + 1),
                (None, Some(file)) => Some((*file, name)),
                (None, None) => self.resolve_import(module, name, after, depth + 1),
            }
        })
    }

    /// The module that a path names, where it does so without an import.
    fn resolve_module(&self, from: ModuleId, path: &[String]) -> Option<ModuleId> {
        path.iter().try_fold(from, |id, name| match name.as_str() {
            "crate" => Some(0),
            "self" => Some(id),
            "super" => Some(self.modules[id].parent),
            name => self.modules[id].children.get(name).copied(),
        })
    }

    /// The cycles, each with its files and the names that tie it.
    fn cycles(&self) -> Vec<String> {
        let edges = self.edges();
        let reached: Vec<_> = (0..self.files.len()).map(|file| reachable(&edges, file)).collect();
        let mut cycles = Vec::new();
        for file in 0..self.files.len() {
            let cycle: Vec<_> =
                reached[file].iter().filter(|it| reached[**it].contains(&file)).collect();
            if cycle.first() != Some(&&file) {
                continue;
            }
            let mut text = format!("{} files import each other:\n", cycle.len());
            for ((from, to), names) in &edges {
                if cycle.contains(&from) && cycle.contains(&to) {
                    let names = names.iter().cloned().collect::<Vec<_>>().join(", ");
                    let (from, to) = (self.files[*from].display(), self.files[*to].display());
                    writeln!(text, "  {from} imports {names} from {to}").unwrap();
                }
            }
            cycles.push(text);
        }
        cycles
    }
}

/// The files that one can reach; itself only over others.
fn reachable(edges: &Edges, from: FileId) -> BTreeSet<FileId> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        let targets = edges.range((file, 0)..(file + 1, 0)).map(|((_, to), _)| *to);
        next.extend(targets.filter(|to| found.insert(*to)));
    }
    found
}

fn parse(file: &Path) -> syn::File {
    let text = fs::read_to_string(file).unwrap();
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let cfg = attribute.path().is_ident("cfg").then(|| attribute.meta.require_list().ok());
        cfg.flatten().is_some_and(|cfg| {
            let condition = cfg.tokens.to_string();
            let words = condition.split(|it: char| !it.is_alphanumeric() && it != '_' && it != '"');
            !condition.starts_with("not") && words.into_iter().any(|word| word == "test")
        })
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(it) => &it.attrs,
        Item::Enum(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        Item::Macro(it) => &it.attrs,
        Item::Mod(it) => &it.attrs,
        Item::Struct(it) => &it.attrs,
        Item::Trait(it) => &it.attrs,
        Item::Type(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        _ => &[],
    }
}

impl Reader {
    fn module(&mut self) -> &mut Module {
        &mut self.of.modules[self.current]
    }

    fn add_imports(&mut self, tree: &UseTree, mut path: Vec<String>, is_reexport: bool) {
        let name = match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                return self.add_imports(&tree.tree, path, is_reexport);
            }
            UseTree::Group(tree) => {
                let trees = tree.items.iter();
                return trees.for_each(|tree| self.add_imports(tree, path.clone(), is_reexport));
            }
            UseTree::Glob(_) => "*".to_owned(),
            // `foo::{self}` is `foo`.
            UseTree::Name(tree) if tree.ident == "self" => path.last().unwrap().clone(),
            UseTree::Name(tree) => {
                path.push(tree.ident.to_string());
                tree.ident.to_string()
            }
            UseTree::Rename(tree) => {
                path.push(tree.ident.to_string());
                tree.rename.to_string()
            }
        };
        self.module().imports.push(Import { path, name, is_reexport });
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_for_tests(attributes(item)) {
            return;
        }
        let name = match item {
            Item::Const(it) => Some(&it.ident),
            Item::Enum(it) => Some(&it.ident),
            Item::Fn(it) => Some(&it.sig.ident),
            Item::Macro(it) => it.ident.as_ref(),
            Item::Static(it) => Some(&it.ident),
            Item::Struct(it) => Some(&it.ident),
            Item::Trait(it) => Some(&it.ident),
            Item::Type(it) => Some(&it.ident),
            _ => None,
        };
        if let Some(name) = name.map(ToString::to_string) {
            let file = self.module().file;
            if attributes(item).iter().any(|it| it.path().is_ident("macro_export")) {
                self.of.modules[0].items.insert(name.clone(), file);
            }
            self.module().items.insert(name, file);
        }
        visit::visit_item(self, item);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let (name, id, parent) = (item.ident.to_string(), self.of.modules.len(), self.current);
        let (folder, file) = (self.folder.join(&name), self.folder.join(format!("{name}.rs")));
        let mut module = Module { parent, file: self.module().file, ..Module::default() };
        if item.content.is_none() {
            module.file = self.of.files.len();
            let older = folder.join("mod.rs");
            self.of.files.push(if file.is_file() { file } else { older });
        }
        let (file, inline) = (module.file, item.content.as_ref());
        self.module().children.insert(name, id);
        self.of.modules.push(module);
        let above = std::mem::replace(&mut self.folder, folder);
        self.current = id;
        match inline {
            Some((_, items)) => items.iter().for_each(|item| self.visit_item(item)),
            None => self.visit_file(&parse(&self.of.files[file])),
        }
        (self.current, self.folder) = (parent, above);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        self.add_imports(&item.tree, Vec::new(), is_reexport);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let names = path.segments.iter().map(|segment| segment.ident.to_string());
            let names = names.collect();
            self.module().paths.insert(names);
        }
        visit::visit_path(self, path);
    }

    /// Most macros take expressions; of the others, paths from the root are found.
    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.visit_path(&invocation.path);
        let parser = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(arguments) = invocation.parse_body_with(parser) {
            let arguments = Vec::from_iter(arguments);
            for argument in &arguments {
                self.visit_expr(argument);
            }
            return;
        }
        let tokens = invocation.tokens.to_string().replace(" :: ", "::");
        for word in tokens.split(|it: char| !it.is_alphanumeric() && it != '_' && it != ':') {
            if word.starts_with("crate::") || word.starts_with("super::") {
                let names = word.split("::").filter(|it| !it.is_empty()).map(str::to_owned);
                let names = names.collect();
                self.module().paths.insert(names);
            }
        }
    }

    // `pub(crate)` is no import.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    // Names in attributes are those of macros and of other crates.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

/// The cycles of all crates whose roots are in a folder.
fn cycles(folder: &Path) -> Vec<String> {
    let all = files(folder, ".rs").into_iter();
    let roots = all.filter(|file| file.ends_with("src/lib.rs") || file.ends_with("src/main.rs"));
    let cycles = roots.flat_map(|root| Crate::read(&root).cycles());
    cycles.map(|cycle| cycle.replace(&format!("{}/", folder.display()), "")).collect()
}

#[test]
fn no_files_of_a_crate_import_each_other() {
    let found = cycles(&root());
    assert!(
        found.is_empty(),
        "{} import cycles: move what ties each to a file of its own\n{}",
        found.len(),
        found.concat()
    );
}

/// The cycles of a crate of these files.
fn cycles_of(name: &str, sources: &[(&str, &str)]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for (file, source) in sources {
        let file = folder.join("src").join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, source).unwrap();
    }
    cycles(&folder)
}

#[test]
fn a_name_from_a_parent_counts_for_the_sibling_that_defines_it() {
    let found = cycles_of(
        "siblings",
        &[
            ("lib.rs", "mod a;"),
            ("a.rs", "mod b; mod c; pub use c::{self, C as D}; pub(crate) use b::B; fn b(_: B) {}"),
            ("a/b.rs", "use super::{D, c::C}; pub(crate) struct B;"),
            ("a/c.rs", "pub struct C; fn f() { vec![crate::a::b::B] }"),
        ],
    );
    assert_eq!(
        found,
        ["2 files import each other:\n  src/a/b.rs imports C from src/a/c.rs\n  \
          src/a/c.rs imports B from src/a/b.rs\n"]
    );
}

#[test]
fn parents_and_tests_do_not_count() {
    let found = cycles_of(
        "parents",
        &[
            ("lib.rs", "mod a; mod b; pub use {a::A, b::B}; pub(crate) struct Top;"),
            ("a.rs", "use crate::Top; pub struct A(Top); fn f() { let b = 1; b }"),
            ("b.rs", "use crate::*; pub struct B(A); #[cfg(test)] mod tests { use crate::A; }"),
            ("a/unused.rs", "not Rust"),
        ],
    );
    assert_eq!(found, Vec::<String>::new());
}
