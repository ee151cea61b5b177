//! Tokens that an attacker signs.

use crate::{answer::Answer, test_context::TestContext, token::Parts, trial::trials};
use anyhow::{Context, Result, anyhow};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::net::TcpListener;
use url::Url;

trials! {
    a_public_key_is_no_shared_secret
        tries "HS256 keyed with the provider's public keys, in each encoding",
    a_key_that_a_token_brings_or_points_to_is_never_used
        tries "A key of our own in jwk, or behind jku and x5u",
}

async fn a_public_key_is_no_shared_secret(test: &TestContext) -> Result<()> {
    let good = Parts::of(&test.daemon_token().await?)?;
    let keys = published_keys(test).await?;
    let published = keys["keys"].as_array().context("no keys")?;
    let mut secrets = vec![Vec::new(), keys.to_string().into_bytes()];
    for key in published {
        secrets.push(key.to_string().into_bytes());
        for name in ["n", "kid"] {
            let value = key[name].as_str().with_context(|| format!("no {name}: {key}"))?;
            secrets.push(value.as_bytes().to_vec());
        }
        let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap_or_default())?;
        let der = public_key_info(&modulus);
        let lines: Vec<_> = STANDARD.encode(&der).into_bytes();
        let lines: Vec<_> =
            lines.chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        let pem = lines.join("\n");
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----");
        secrets.extend([modulus, der, format!("{pem}\n").into_bytes(), pem.into_bytes()]);
    }
    for secret in &secrets {
        let mut forged = good.clone();
        forged.header["alg"] = json!("HS256");
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        forged.signature = hmac::sign(&key, forged.signing_input().as_bytes()).as_ref().to_vec();
        is_refused(test, &forged).await?;
    }
    Ok(())
}

async fn a_key_that_a_token_brings_or_points_to_is_never_used(test: &TestContext) -> Result<()> {
    let good = Parts::of(&test.daemon_token().await?)?;
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|error| anyhow!("{error}"))?;
    // RSAPublicKey (RFC 8017, appendix A.1.1): the modulus comes after 9 bytes of lengths.
    let modulus = &pair.public_key().as_ref()[9..265];
    let key = json!({ "kty": "RSA", "kid": "mine", "use": "sig", "alg": "RS256",
        "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" });
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot listen")?;
    listener.set_nonblocking(true)?;
    let elsewhere = format!("http://{}/keys", listener.local_addr()?);
    for (name, value) in [
        ("jwk", key.clone()),
        ("jku", json!(elsewhere)),
        ("x5u", json!(elsewhere)),
        ("kid", json!(elsewhere)),
        ("x5c", json!([STANDARD.encode(public_key_info(modulus))])),
    ] {
        for kid in [&good.header["kid"], &json!("mine"), &Value::Null] {
            let mut forged = good.clone();
            forged.header["kid"] = kid.clone();
            forged.header[name] = value.clone();
            let mut signature = vec![0; pair.public_modulus_len()];
            let signed = pair.sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                forged.signing_input().as_bytes(),
                &mut signature,
            );
            signed.map_err(|error| anyhow!("{error}"))?;
            forged.signature = signature;
            is_refused(test, &forged).await?;
        }
    }
    let asked = listener.accept();
    assert!(asked.is_err(), "an address in a token was asked for keys: {asked:?}");
    Ok(())
}

async fn is_refused(test: &TestContext, forged: &Parts) -> Result<()> {
    let request = test.client.get("/api/todos");
    let request = request.header("authorization", format!("Bearer {}", forged.token()));
    let answer = Answer::to(request).await?.problem(401);
    assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{answer:?}");
    Ok(())
}

async fn published_keys(test: &TestContext) -> Result<Value> {
    let issuer = &test.target().provider.issuer;
    let fetch = async |url: &str| -> Result<Value> {
        let request = test.client.elsewhere(Method::GET, url.parse::<Url>()?);
        Ok(Answer::to(request).await?.is(200).json())
    };
    let metadata = fetch(&format!("{issuer}/.well-known/openid-configuration")).await?;
    fetch(metadata["jwks_uri"].as_str().context("no jwks_uri")?).await
}

/// The `SubjectPublicKeyInfo` (RFC 5280, section 4.1) of an RSA key of 2048 bits with the exponent
/// 65537.
fn public_key_info(modulus: &[u8]) -> Vec<u8> {
    let prefix = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
    let prefix = STANDARD.decode(prefix).unwrap_or_default();
    [&prefix, modulus, &[2, 3, 1, 0, 1]].concat()
}
