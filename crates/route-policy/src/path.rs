//! Patterns and paths.

/// A pattern as `matchit` reads it.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn pattern(text: &str) -> Result<String, String> {
    let Some(rest) = text.strip_prefix('/') else {
        return Err(format!("the path `{text}` must start with /"));
    };
    if text != "/" && is_ambiguous(text) {
        return Err(format!("the path `{text}` can't match: see the paths that are denied"));
    }
    let segments: Vec<&str> = rest.split('/').collect();
    let last = segments.len() - 1;
    let segments = segments.into_iter().enumerate().map(|(at, segment)| {
        let variable = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        let Some(variable) = variable else {
            return if segment.contains(['{', '}', '*']) {
                Err(format!("`{segment}` must be text, {{name}}, or at the end {{name+}}"))
            } else {
                Ok(segment.to_owned())
            };
        };
        let (name, rest) = match variable.strip_suffix('+') {
            Some(name) if at == last => (name, "*"),
            Some(_) => return Err(format!("`{segment}` must be at the end")),
            None => (variable, ""),
        };
        let is_name = !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_name {
            Ok(format!("{{{rest}{name}}}"))
        } else {
            Err(format!("`{segment}` needs a name of letters, digits and _"))
        }
    });
    Ok(format!("/{}", segments.collect::<Result<Vec<_>, _>>()?.join("/")))
}

/// Whether a service could read the path in another way than we do.
pub(crate) fn is_ambiguous(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return true };
    let segments = rest.split('/');
    path != "/" && segments.clone().any(|segment| matches!(segment, "" | "." | ".."))
        || path.contains(['\\', ';', '%', '?', '#'])
        || path.contains(char::is_control)
}

/// Lower case of upper case, so that letters with the same upper case are the same: `ı` and `i`.
pub(crate) fn fold(path: &str) -> String {
    path.to_uppercase().to_lowercase()
}

/// A path without what some services take off its end: a format (`.json`), a dot, a space.
pub(crate) fn without_extension(path: &str) -> &str {
    let start = path.rfind('/').map_or(0, |slash| slash + 1);
    let end = path[start..].find('.').map_or(path.len(), |dot| start + dot);
    let bare = path[..end].trim_end();
    if bare.len() > start { bare } else { path }
}
