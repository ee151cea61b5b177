//! Provider metadata, authorization request, token endpoint and sign-out address.
