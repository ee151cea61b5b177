//! Where the next page of a list begins, as an opaque text.
//!
//! A cursor carries the last row of its page and a checksum over that row and the list that it
//! belongs to, so one of another user's list, of another filter, or made up is refused. The
//! checksum is no secret and needs none: whoever computes one by hand only names a row to begin
//! after in a list that is theirs to read anyway. The partition is always taken from the caller.

use api::RequestError;
use auth::Issuer;
use aws_lc_rs::digest::{Context, SHA256};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    table::RowKey,
    todo::{OwnerKey, TodoId},
};

const CHECKSUM: usize = 16;

/// Larger than the largest key of DynamoDB (2048 and 1024 bytes) in base64url.
const LONGEST: usize = 4200;

/// After this todo in the list of one owner.
pub(crate) fn in_list_of(owner: &OwnerKey, last: TodoId) -> String {
    seal("owner", owner.as_str(), last.as_bytes())
}

/// Reads what [`in_list_of`] made for the same owner.
pub(crate) fn read_in_list_of(owner: &OwnerKey, cursor: &str) -> Result<TodoId, RequestError> {
    let row = open("owner", owner.as_str(), cursor)?;
    let bytes = row.try_into().map_err(|_| BAD)?;
    Ok(TodoId::from_bytes(bytes))
}

/// After this row in the list of all owners under an issuer.
pub(crate) fn in_list_of_all(issuer: &Issuer, last: &RowKey) -> String {
    // Neither part of a key has a NUL.
    let row = format!("{}\0{}", last.owner_key, last.id);
    seal("all", issuer.as_str(), row.as_bytes())
}

/// Reads what [`in_list_of_all`] made for the same issuer.
pub(crate) fn read_in_list_of_all(issuer: &Issuer, cursor: &str) -> Result<RowKey, RequestError> {
    let row = String::from_utf8(open("all", issuer.as_str(), cursor)?).map_err(|_| BAD)?;
    let (owner_key, id) = row.split_once('\0').ok_or(BAD)?;
    // Somebody who computed the checksum could still name a key that DynamoDB calls invalid.
    if !(1..=2048).contains(&owner_key.len()) || !(1..=1024).contains(&id.len()) {
        return Err(BAD);
    }
    Ok(RowKey { owner_key: owner_key.to_owned(), id: id.to_owned() })
}

const BAD: RequestError = RequestError::Malformed {
    code: "bad_cursor",
    detail: "The cursor does not belong to this list.",
};

fn seal(kind: &str, list: &str, row: &[u8]) -> String {
    let mut bytes = checksum(kind, list, row).to_vec();
    bytes.extend_from_slice(row);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(kind: &str, list: &str, cursor: &str) -> Result<Vec<u8>, RequestError> {
    if cursor.len() > LONGEST {
        return Err(BAD);
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| BAD)?;
    let (sum, row) = bytes.split_at_checked(CHECKSUM).ok_or(BAD)?;
    if sum == checksum(kind, list, row) { Ok(row.to_vec()) } else { Err(BAD) }
}

fn checksum(kind: &str, list: &str, row: &[u8]) -> [u8; CHECKSUM] {
    let mut context = Context::new(&SHA256);
    context.update(b"todos cursor 1\0");
    // The lengths keep one part from passing for a piece of another.
    for part in [kind.as_bytes(), list.as_bytes(), row] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let digest = context.finish();
    *digest.as_ref().first_chunk().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::todo::Owner;

    fn owner(name: &str) -> OwnerKey {
        OwnerKey::new(&issuer(), &Owner::parse(name).unwrap())
    }

    fn issuer() -> Issuer {
        Issuer::parse("https://a.example").unwrap()
    }

    fn row() -> RowKey {
        RowKey { owner_key: "https://a.example#ada".to_owned(), id: "result".to_owned() }
    }

    #[test]
    fn a_cursor_is_read_back_for_its_own_list_alone() {
        let last = TodoId::from_bytes([7; 16]);
        let cursor = in_list_of(&owner("ada"), last);
        assert_eq!(read_in_list_of(&owner("ada"), &cursor).unwrap(), last);
        assert!(read_in_list_of(&owner("grace"), &cursor).is_err());
        assert!(read_in_list_of_all(&issuer(), &cursor).is_err());

        let cursor = in_list_of_all(&issuer(), &row());
        assert_eq!(read_in_list_of_all(&issuer(), &cursor).unwrap(), row());
        let other = Issuer::parse("https://b.example").unwrap();
        assert!(read_in_list_of_all(&other, &cursor).is_err());
        assert!(read_in_list_of(&owner("ada"), &cursor).is_err());
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for text in ["", "AA", "!", "ä", &"A".repeat(43), &"A".repeat(100_000)] {
            assert!(read_in_list_of(&owner("ada"), text).is_err(), "{text}");
            assert!(read_in_list_of_all(&issuer(), text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_that_no_row_can_have_is_refused_even_with_its_checksum() {
        for (owner_key, id) in [("", "x"), ("x", ""), (&*"x".repeat(2049), "x")] {
            let row = RowKey { owner_key: owner_key.to_owned(), id: id.to_owned() };
            let cursor = in_list_of_all(&issuer(), &row);
            assert!(read_in_list_of_all(&issuer(), &cursor).is_err());
        }
    }

    proptest! {
        #[test]
        fn any_mutation_of_a_cursor_is_refused(
            id: [u8; 16], at: prop::sample::Index, to in "[ -~]", cut in any::<bool>(),
        ) {
            let cursor = in_list_of(&owner("ada"), TodoId::from_bytes(id));
            let at = at.index(cursor.len());
            let mut changed = cursor.clone();
            changed.replace_range(at..=at, if cut { "" } else { &to });
            prop_assume!(changed != cursor);
            prop_assert!(read_in_list_of(&owner("ada"), &changed).is_err());

            let cursor = in_list_of_all(&issuer(), &row());
            let at = at % cursor.len();
            let mut changed = cursor.clone();
            changed.replace_range(at..=at, if cut { "" } else { &to });
            prop_assume!(changed != cursor);
            prop_assert!(read_in_list_of_all(&issuer(), &changed).is_err());
        }

        #[test]
        fn any_text_is_refused_as_a_cursor(text in "\\PC{0,200}") {
            prop_assert!(read_in_list_of(&owner("ada"), &text).is_err());
            prop_assert!(read_in_list_of_all(&issuer(), &text).is_err());
        }
    }
}
