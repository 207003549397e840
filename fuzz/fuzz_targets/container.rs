//! Footer and index of segments and OUTPUT, as they are and under digests that fit: random bytes never get past those.

#![no_main]

use layoutopt::store::check_seal;
use libfuzzer_sys::fuzz_target;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

const FOOTER: usize = 64;
const ENTRY: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    if let Some(at) = bytes.len().checked_sub(FOOTER) {
        let mut mended = bytes.to_vec();
        let digest = xxh3_128(&bytes[..at]).to_be_bytes();
        mended[at..at + 8].copy_from_slice(b"LOPTSEG1");
        mended[at + 32..at + 48].copy_from_slice(&digest);
        let hash = xxh3_64(&mended[at..at + 48]);
        mended[at + 48..at + 56].copy_from_slice(&hash.to_le_bytes());
        mended[at + 56..].copy_from_slice(b"1GESTPOL");
        check(&mended);
    }
});

fn check(bytes: &[u8]) {
    if let Ok(records) = check_seal(bytes) {
        assert!(records * ENTRY + FOOTER <= bytes.len(), "{records} records in {} bytes", bytes.len());
    }
}
