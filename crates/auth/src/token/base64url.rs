//! Strict base64url.

use base64_simd::URL_SAFE_NO_PAD;

/// Decodes base64url without padding (RFC 7515, section 2). Padding, white
/// space, other alphabets and non-zero trailing bits are refused: each would
/// give one token several spellings.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// The same onto the end of what is there. Returns the new length.
pub(crate) fn decode_onto(decoded: &mut Vec<u8>, text: &[u8]) -> Option<usize> {
    URL_SAFE_NO_PAD.decode_append(text, decoded).ok()?;
    Some(decoded.len())
}

/// At least as many bytes as the text decodes to.
pub(crate) fn decoded_length(text: &[u8]) -> usize {
    URL_SAFE_NO_PAD.estimated_decoded_length(text.len())
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_trailing_bits_and_foreign_characters_are_refused() {
        assert_eq!(decode("_-8").as_deref(), Some(&[0xff, 0xef][..]));
        for bad in ["_-8=", "_-9", "/+8", "_ -8", "_-8\n", "_"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
    }
}
