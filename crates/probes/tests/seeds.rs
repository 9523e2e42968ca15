//! Everything the fuzzer started from or found, once more; and seeds that were cut, doubled and spoiled.

use std::path::Path;

/// Spoiled copies of each seed.
const COPIES: u64 = 40;

/// A small generator: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides.max(1)
    }

    fn spoil(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut copy = seed.to_vec();
        for _ in 0..=self.roll(4) {
            let at = self.roll(copy.len() + 1);
            match self.roll(4) {
                0 => copy.truncate(at),
                1 => copy.insert(at, u8::try_from(self.roll(256)).unwrap()),
                2 => copy.extend_from_slice(&seed[..at.min(seed.len())]),
                _ => drop(copy.splice(at..(at + self.roll(9)).min(copy.len()), [])),
            }
        }
        copy
    }
}

#[test]
fn no_seed_of_any_probe_breaks_its_promises() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (name, probe) in probes::ALL {
        let mut seeds: Vec<_> = std::fs::read_dir(root.join(name)).unwrap().collect();
        assert!(!seeds.is_empty(), "{name} has seeds");
        seeds.sort_by_key(|entry| entry.as_ref().unwrap().path());
        for entry in seeds {
            let seed = std::fs::read(entry.unwrap().path()).unwrap();
            probe(&seed);
            let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
            (0..COPIES).for_each(|_| probe(&dice.spoil(&seed)));
        }
    }
}
