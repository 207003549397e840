//! Parts of wakes, kept for the day when one of them changes.

use crate::lanes::{EIGHT, Lanes, blocks};
use crate::wake::LaneWake;

/// Chains of parts, each part at all speeds of a wind direction.
#[derive(Debug, Default)]
pub(super) struct Chains {
    /// First and last link of each chain.
    ends: Vec<(u32, u32)>,
    links: Vec<Link>,
    /// `stride` numbers for each link: whole blocks of lanes.
    parts: Vec<f64>,
    stride: usize,
}

#[derive(Debug, Clone, Copy)]
struct Link {
    /// Whose part it is, or where.
    id: u32,
    next: u32,
}

/// No link.
const NONE: u32 = u32::MAX;

impl Chains {
    /// As many empty chains.
    pub(super) fn clear(&mut self, chains: usize, n_speeds: usize) {
        self.ends.clear();
        self.ends.resize(chains, (NONE, NONE));
        self.links.clear();
        self.parts.clear();
        self.stride = blocks(n_speeds) * EIGHT;
    }

    /// One more empty chain.
    pub(super) fn grow(&mut self) {
        self.ends.push((NONE, NONE));
    }

    /// Number of links of all chains, and so the number of the next.
    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    pub(super) fn is_empty(&self, chain: u32) -> bool {
        self.ends[chain as usize].0 == NONE
    }

    /// Who or where a link is of.
    pub(super) fn id(&self, link: usize) -> u32 {
        self.links[link].id
    }

    /// The parts of a link, in whole blocks.
    #[inline(always)]
    pub(super) fn parts(&mut self, link: usize) -> &mut [f64] {
        &mut self.parts[link * self.stride..][..self.stride]
    }

    /// A link at the end of a chain.
    #[inline]
    pub(super) fn append(&mut self, chain: u32, id: u32) -> usize {
        let link = self.new_link(id, NONE);
        let (first, last) = &mut self.ends[chain as usize];
        match *last {
            NONE => *first = link,
            before => self.links[before as usize].next = link,
        }
        *last = link;
        link as usize
    }

    /// The link of `id`; a new one comes before the first link that `comes_later`.
    pub(super) fn find_or_insert(&mut self, chain: u32, id: u32, comes_later: impl Fn(u32) -> bool) -> usize {
        let (mut before, mut here) = (NONE, self.ends[chain as usize].0);
        while here != NONE {
            let link = self.links[here as usize];
            if link.id == id {
                return here as usize;
            }
            if comes_later(link.id) {
                break;
            }
            (before, here) = (here, link.next);
        }
        if here == NONE {
            return self.append(chain, id);
        }
        let link = self.new_link(id, here);
        match before {
            NONE => self.ends[chain as usize].0 = link,
            before => self.links[before as usize].next = link,
        }
        link as usize
    }

    fn new_link(&mut self, id: u32, next: u32) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "links are far fewer than 2^32")]
        let link = self.links.len() as u32;
        self.links.push(Link { id, next });
        self.parts.resize(self.parts.len() + self.stride, 0.0);
        link
    }

    /// Adds up a chain in its order, in whole blocks.
    #[inline(always)]
    pub(super) fn add_up<V: Lanes, W: LaneWake>(&self, wake: &W, chain: u32, sums: &mut [f64]) {
        for first in (0..self.stride).step_by(V::WIDTH) {
            let mut sum = V::splat(0.0);
            let mut link = self.ends[chain as usize].0;
            while link != NONE {
                sum = wake.add(sum, V::load(&self.parts[link as usize * self.stride + first..]));
                link = self.links[link as usize].next;
            }
            sum.store(&mut sums[first..]);
        }
    }
}
