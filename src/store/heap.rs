//! The part of an HDF5 image that has no checksum of its own: global heaps, where texts of variable length lie. The library goes
//! round for ever on one in which an object of length 0 and number 0 stands before the end, so heaps are walked before it sees them.
//!
//! ```text
//! "GCOL", version 1, 0 x 3, length of the heap u64, { number u16, references u16, 0 x 4, length u64, bytes, padded to 8 } ...
//! ```
//!
//! An object of number 0 is free space; its length counts its own head.

const HEAD: &[u8; 8] = b"GCOL\x01\0\0\0";
const OBJECT_HEAD: usize = 16;

/// Whether every global heap in an image comes to its end.
pub(super) fn heaps_end(image: &[u8]) -> bool {
    let heaps = image.windows(HEAD.len()).enumerate().filter(|(_, window)| window == HEAD);
    heaps.into_iter().all(|(at, _)| ends(&image[at..]))
}

fn ends(heap: &[u8]) -> bool {
    let u64_at =
        |at: usize| heap.get(at..at + 8).map(|bytes| bytes.iter().rev().fold(0, |n, &byte| n << 8 | u64::from(byte)));
    let Some(length) = u64_at(8).and_then(|length| usize::try_from(length).ok()).filter(|&length| length <= heap.len())
    else {
        return false;
    };
    let mut at = OBJECT_HEAD;
    while at + OBJECT_HEAD <= length {
        let is_free = heap[at..at + 2] == [0, 0];
        let Some(size) = u64_at(at + 8).and_then(|size| usize::try_from(size).ok()) else { return false };
        let whole = if is_free {
            Some(size)
        } else {
            size.checked_next_multiple_of(8).and_then(|s| s.checked_add(OBJECT_HEAD))
        };
        match whole.and_then(|whole| at.checked_add(whole)) {
            Some(next) if next > at && next <= length => at = next,
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::container::open_bytes;
    use super::super::segment::encode;
    use super::super::segment::tests::{failed, solved};
    use super::*;

    #[test]
    fn heaps_of_what_is_written_end() {
        let records: Vec<_> = (0..64).map(|seed| solved(0, seed)).chain([failed(1, 0)]).collect();
        let bytes = encode(&records).unwrap();
        let (_, image) = open_bytes(&bytes).unwrap();
        assert!(image.windows(8).filter(|window| window == HEAD).count() > 1, "there are heaps to walk");
        assert!(heaps_end(image));
    }

    #[test]
    fn a_heap_that_goes_round_is_found() {
        let mut heap =
            [&HEAD[..], &64_u64.to_le_bytes(), &[1, 0, 1, 0, 0, 0, 0, 0], &5_u64.to_le_bytes(), b"texts\0\0\0"]
                .concat();
        heap.resize(64, 0);
        assert!(!heaps_end(&heap), "24 bytes of nothing, of length 0");
        heap[48] = 24;
        assert!(heaps_end(&heap));
        heap[8] = 65;
        assert!(!heaps_end(&heap), "longer than the image");
    }
}
