//! `Authorization` headers.

use auth_fuzz::{
    fixture::{ENTRA, Fixture, RFC_9068, good_claims, good_header},
    signer::{Signer, base64url},
};
use serde_json::json;

use crate::{Seed, but, seed, signed};

pub(crate) fn seeds() -> Vec<Seed> {
    let (header, claims) = (good_header().to_string(), good_claims(&ENTRA).to_string());
    let provider = Signer::provider();
    let token = provider.sign(&header, &claims);
    let (rest, signature) = token.rsplit_once('.').expect("it has three parts");
    let foreign = Signer::untrusted().sign(&header, &claims);
    let none = format!("{}.{}.", base64url(r#"{"alg":"none"}"#), base64url(&claims));
    let bound = Fixture::with(|fixture| fixture.bound_token.clone());
    let unnamed = but(&good_header(), &json!({"kid": null})).to_string();
    let large = but(&good_claims(&ENTRA), &json!({"pad": "x".repeat(13_000)})).to_string();
    vec![
        signed("good-bearer", format!("Bearer {token}")),
        signed("good-lower-case", format!("bearer {token}")),
        signed("good-spaces-around", format!("Bearer   {token}  ")),
        signed(
            "good-rfc-9068-without-kid",
            format!("Bearer {}", provider.sign(&unnamed, good_claims(&RFC_9068).to_string())),
        ),
        signed("bad-alone", token.clone()),
        signed("bad-other-scheme", format!("Basic {token}")),
        signed("bad-dpop-without-proof", format!("DPoP {token}")),
        signed("bad-tab", format!("Bearer\t{token}")),
        signed("bad-two", format!("Bearer {token}, Bearer {token}")),
        signed("bad-without-signature", format!("Bearer {rest}.")),
        signed("bad-foreign", format!("Bearer {foreign}")),
        signed("bad-padded", format!("Bearer {token}=")),
        signed("bad-five-parts", format!("Bearer {token}.{rest}")),
        signed("bad-signature-as-der", format!("Bearer {rest}.MEUCIQ{}", &signature[..80])),
        signed("bad-zero-signature", format!("Bearer {rest}.{}", base64url([0; 64]))),
        signed("bad-too-large", format!("Bearer {}", provider.sign(&header, large))),
        seed("bad-alg-none", format!("Bearer {none}")),
        seed("bad-bound", format!("Bearer {bound}")),
        seed("bad-no-token", "Bearer "),
        seed("bad-no-space", "Bearer"),
        seed("bad-empty", ""),
        seed("bad-dots", "Bearer .."),
        seed("bad-json", r#"Bearer {"payload":"e30","signatures":[]}"#),
        seed("bad-not-ascii", b"Bearer \xc3\xa9.\xff.a".to_vec()),
        seed("bad-encrypted", "Bearer eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA"),
    ]
}
