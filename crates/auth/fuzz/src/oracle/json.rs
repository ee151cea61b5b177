//! JSON by the letter of RFC 8259, slow and plain.

use serde_json::Value;

/// Deeper than this nothing is read at all.
const TOO_DEEP: usize = 256;
/// Up to this depth a verifier must read; deeper it may refuse.
const DEEP: usize = 127;

/// A value.
#[derive(Debug, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(String),
    List(Vec<Tree>),
    /// Every member, repeated ones too.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut reader = Reader { rest: text };
        let tree = reader.value(0)?;
        reader.space();
        reader.rest.is_empty().then_some(tree)
    }

    /// The first member of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&Tree> {
        match self {
            Self::Object(members) => {
                members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Every member of that name.
    pub(crate) fn all(&self, name: &str) -> Vec<&Tree> {
        match self {
            Self::Object(members) => members
                .iter()
                .filter(|(member, _)| member == name)
                .map(|(_, value)| value)
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The strings of a list of nothing but strings.
    pub(crate) fn texts(&self) -> Option<Vec<&str>> {
        match self {
            Self::List(items) => items.iter().map(Self::text).collect(),
            _ => None,
        }
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// Whether an object in it has two members of one name.
    pub(crate) fn repeats(&self) -> bool {
        match self {
            Self::List(items) => items.iter().any(Self::repeats),
            Self::Object(members) => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
                names.sort_unstable();
                names.windows(2).any(|pair| pair[0] == pair[1])
                    || members.iter().any(|(_, value)| value.repeats())
            }
            _ => false,
        }
    }

    /// Whether a verifier may refuse to read it: very deep, or with numbers that
    /// no double holds.
    pub(crate) fn is_extreme(&self) -> bool {
        self.depth() > DEEP || self.has_extreme_number()
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => {
                1 + members.iter().map(|(_, value)| value.depth()).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    fn has_extreme_number(&self) -> bool {
        match self {
            Self::Number(text) => {
                text.len() > 100 || text.parse().is_ok_and(|number: f64| number.is_infinite())
            }
            Self::List(items) => items.iter().any(Self::has_extreme_number),
            Self::Object(members) => members.iter().any(|(_, value)| value.has_extreme_number()),
            _ => false,
        }
    }

    /// Whether it says the same. Members may come in any order.
    pub(crate) fn is_same(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(a), Value::Bool(b)) => a == b,
            (Self::Text(a), Value::String(b)) => a == b,
            (Self::Number(a), Value::Number(b)) => {
                a.parse().is_ok_and(|a: u64| b.as_u64() == Some(a))
                    || a.parse().is_ok_and(|a: i64| b.as_i64() == Some(a))
                    || a.parse().ok().zip(b.as_f64()).is_some_and(|(a, b)| is_near(a, b))
            }
            (Self::List(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b))
            }
            (Self::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| a.is_same(b)))
            }
            _ => false,
        }
    }
}

/// `serde_json` trades the last bits of a double for speed.
fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= a.abs() * 1e-14 + f64::MIN_POSITIVE
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, expected: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Tree> {
        if depth > TOO_DEEP {
            return None;
        }
        self.space();
        match self.rest.chars().next()? {
            'n' => self.take("null").map(|()| Tree::Null),
            't' => self.take("true").map(|()| Tree::Bool(true)),
            'f' => self.take("false").map(|()| Tree::Bool(false)),
            '"' => self.string().map(Tree::Text),
            '[' => self.list(depth),
            '{' => self.object(depth),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Tree> {
        self.take("[")?;
        let mut items = Vec::new();
        self.space();
        if self.take("]").is_some() {
            return Some(Tree::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take("]").is_some() {
                return Some(Tree::List(items));
            }
            self.take(",")?;
        }
    }

    fn object(&mut self, depth: usize) -> Option<Tree> {
        self.take("{")?;
        let mut members = Vec::new();
        self.space();
        if self.take("}").is_some() {
            return Some(Tree::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            self.take(":")?;
            members.push((name, self.value(depth + 1)?));
            self.space();
            if self.take("}").is_some() {
                return Some(Tree::Object(members));
            }
            self.take(",")?;
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take("\"")?;
        let mut text = String::new();
        loop {
            let next = self.rest.chars().next()?;
            self.rest = &self.rest[next.len_utf8()..];
            match next {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                '\0'..='\u{1f}' => return None,
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let kind = self.rest.chars().next()?;
        self.rest = &self.rest[kind.len_utf8()..];
        Some(match kind {
            '"' | '\\' | '/' => kind,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.unit()?;
                if (0xd800..0xdc00).contains(&unit) {
                    self.take("\\u")?;
                    let pair = [unit, self.unit()?];
                    char::decode_utf16(pair).next()?.ok()?
                } else {
                    char::from_u32(unit.into())?
                }
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u16> {
        let hex = self.rest.get(..4)?;
        self.rest = &self.rest[4..];
        // `from_str_radix` would take a sign.
        hex.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
        u16::from_str_radix(hex, 16).ok()
    }

    fn number(&mut self) -> Option<Tree> {
        let start = self.rest;
        let _ = self.take("-");
        if self.take("0").is_none() {
            self.digits()?;
        }
        if self.take(".").is_some() {
            self.digits()?;
        }
        if self.take("e").or_else(|| self.take("E")).is_some() {
            let _ = self.take("+").or_else(|| self.take("-"));
            self.digits()?;
        }
        Some(Tree::Number(start[..start.len() - self.rest.len()].to_owned()))
    }

    fn digits(&mut self) -> Option<()> {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let some = rest.len() < self.rest.len();
        self.rest = rest;
        some.then_some(())
    }
}
