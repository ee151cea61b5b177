//! Keys that a faulty generator made.

/// What every prime of such a key is a power of, in each of the small fields.
const GENERATOR: u32 = 65537;
/// The fields that the generator used for the shortest keys, and so for all.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus has the fingerprint of ROCA (CVE-2017-15361): the primes of
/// such keys have so little randomness that 2048 bits can be factored, and then
/// an attacker can sign. The modulus is then a power of 65537 modulo each of these
/// primes, which a sound one is with a chance of one in 2^27.8: the product, over the
/// primes, of the share of residues that are powers.
///
/// Source: Nemec, Sys, Svenda, Klinec, Matyas, "The Return of Coppersmith's
/// Attack", section 3.
pub(crate) fn has_fingerprint(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| is_power(remainder(modulus, prime), prime))
}

/// A big-endian number modulo a small one.
fn remainder(number: &[u8], small: u32) -> u32 {
    number.iter().fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % small)
}

/// Whether this is a power of the generator modulo the prime.
fn is_power(residue: u32, prime: u32) -> bool {
    let mut power = 1;
    loop {
        if power == residue {
            return true;
        }
        power = power * (GENERATOR % prime) % prime;
        if power == 1 {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_the_generator_are_told_from_the_rest() {
        // 65537 is 4 modulo 13, and its powers are 1, 4, 3, 12, 9, 10.
        let powers: Vec<u32> = (0..13).filter(|residue| is_power(*residue, 13)).collect();
        assert_eq!(powers, [1, 3, 4, 9, 10, 12]);
        assert_eq!(remainder(&[1, 0, 1], 13), 4);
    }

    #[test]
    fn a_product_of_such_powers_has_the_fingerprint_and_its_neighbour_has_not() {
        // 65537 ^ 3, a power in every field.
        let number: u64 = 65537_u64.pow(3);
        assert!(has_fingerprint(&number.to_be_bytes()));
        assert!(!has_fingerprint(&(number + 2).to_be_bytes()));
    }
}
