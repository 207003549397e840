//! Segments: some records, sealed in memory. Encoding and decoding never touch a disk.

use hdf5::file::{FileBuilder, OpenMode};

use super::attributes::{hdf5_error, put, reason};
use super::compression::Compression;
use super::container::{ContainerKind, IndexEntry, Seal, open_bytes, seal_bytes};
use super::flaw::{Flaw, Sound};
use super::image;
use super::record::Record;
use super::schema::{self, SCHEMA_VERSION};
use crate::{Error, Result};

/// The sealed bytes of a segment with these records. Keys must differ.
pub(super) fn encode(records: &[Record]) -> Result<Vec<u8>> {
    let build = || -> hdf5::Result<hdf5::File> {
        let mut builder = FileBuilder::new();
        builder.set_access_plist(&image::in_memory().finish()?)?.set_create_plist(&schema::creation().finish()?)?;
        builder.open_as(image::unique_name(), OpenMode::CreateExcl)
    };
    let file = build().map_err(hdf5_error("make an image"))?;
    put(&file, "schema_version", SCHEMA_VERSION).map_err(hdf5_error("make an image"))?;
    for record in records {
        if let Some(fault) = schema::implausible(record) {
            return Err(Error::Hdf5 { action: "take a record", reason: format!("{}: {fault}", record.key) });
        }
        schema::write_record(&file, record, Compression::None)?;
    }
    let finish = || -> hdf5::Result<Vec<u8>> {
        file.flush()?;
        let bytes = image::bytes_of(&file)?;
        file.close()?;
        Ok(bytes)
    };
    let body = finish().map_err(hdf5_error("finish an image"))?;
    let index: Vec<_> = records.iter().map(IndexEntry::of).collect();
    Ok(seal_bytes(body, ContainerKind::Segment, &index))
}

/// The records of a segment's sealed bytes, each proven against footer, index and its own checksum.
pub(super) fn decode(bytes: &[u8]) -> Sound<Vec<Record>> {
    let (seal, body) = open_bytes(bytes)?;
    let file = image::open(body).map_err(|error| Flaw::Hdf5(reason(&error)))?;
    read_indexed(&file, &seal).collect()
}

/// The records that a container's index lists, in its order, each proven against the index.
pub(super) fn read_indexed<'a>(file: &'a hdf5::File, seal: &'a Seal) -> impl Iterator<Item = Sound<Record>> + 'a {
    seal.index.iter().map(|entry| {
        let record = schema::read_record(file, entry.key, entry.solved)?;
        entry.check(&record)?;
        Ok(record)
    })
}

impl IndexEntry {
    /// The entry of a record.
    pub(super) fn of(record: &Record) -> Self {
        Self { key: record.key, case_id: record.case_id, digest: record.digest(), solved: record.is_solved() }
    }

    /// Whether `record` is the one this entry speaks of.
    pub(super) fn check(&self, record: &Record) -> Sound<()> {
        if *self == Self::of(record) {
            return Ok(());
        }
        Err(Flaw::Record { case: self.key.to_string(), reason: "its digest is not the one in the index".into() })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::record::{CaseId, CaseKey, Origin, Outcome, Solution, StageAep};
    use super::*;
    use crate::farm::Layout;

    /// A solved case whose numbers follow from its seed.
    pub(crate) fn solved(farm: u32, seed: u64) -> Record {
        let x_m: Vec<f64> = (0..5).map(|i| 700_000.0 + f64::from(i) * 1000.0 + seed as f64).collect();
        Record {
            key: CaseKey { farm, turbine: 5, seed },
            case_id: CaseId([u8::try_from(farm).unwrap(); 16]),
            farm: "dk0w".into(),
            turbine: "Generic 15 MW, \u{d8} 240 m".into(),
            outcome: Outcome::Solved(Solution {
                layout: Layout { y_m: x_m.iter().map(|x| x * 9.0).collect(), x_m },
                rotor_diameter_m: 240.0,
                aep_gwh: 4000.0 + seed as f64,
                aep_no_wake_gwh: 4500.5,
                restart: 0,
                origin: Origin::Solved,
                stages: vec![],
            }),
        }
    }

    /// The same with what each stage of its search led to.
    pub(crate) fn refined(farm: u32, seed: u64) -> Record {
        let mut record = solved(farm, seed);
        if let Outcome::Solved(solution) = &mut record.outcome {
            let ended = |stage: &str, aep_gwh| StageAep { stage: stage.into(), aep_gwh };
            solution.stages = vec![ended("start", solution.aep_gwh - 7.25), ended("polish", solution.aep_gwh)];
        }
        record
    }

    pub(crate) fn failed(farm: u32, seed: u64) -> Record {
        Record {
            outcome: Outcome::Failed { reason: "no feasible position for turbine 3 of 5".into() },
            ..solved(farm, seed)
        }
    }

    #[test]
    fn records_come_back_to_the_bit() {
        let mut odd = solved(1, u64::MAX);
        odd.farm = String::new();
        let records = vec![solved(0, 0), failed(0, 1), refined(0, 2), odd];
        let bytes = encode(&records).unwrap();
        assert_eq!(decode(&bytes).unwrap(), records);
    }

    #[test]
    fn equal_records_give_equal_bytes() {
        let records = vec![solved(0, 0), failed(0, 1)];
        assert_eq!(encode(&records).unwrap(), encode(&records).unwrap());
    }

    #[test]
    fn a_layout_too_long_for_an_object_header_is_kept_too() {
        let mut record = solved(0, 0);
        let Outcome::Solved(solution) = &mut record.outcome else { unreachable!() };
        solution.layout.x_m = (0..5000).map(f64::from).collect();
        solution.layout.y_m = solution.layout.x_m.clone();
        let bytes = encode(std::slice::from_ref(&record)).unwrap();
        assert_eq!(decode(&bytes).unwrap(), [record]);
    }

    #[test]
    fn every_damage_of_one_record_is_rejected() {
        let bytes = encode(&[solved(0, 0)]).unwrap();
        for len in 0..bytes.len() {
            assert!(open_bytes(&bytes[..len]).is_err(), "accepted {len} bytes");
        }
        let mut flipped = bytes.clone();
        for bit in 0..bytes.len() * 8 {
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open_bytes(&flipped).is_err(), "accepted with bit {bit} flipped");
            flipped[bit / 8] ^= 1 << (bit % 8);
        }
        for page in (0..bytes.len() - 512).step_by(512) {
            let mut zeroed = bytes.clone();
            zeroed[page..page + 512].fill(0);
            assert!(zeroed == bytes || open_bytes(&zeroed).is_err(), "accepted with a zero page at {page}");
        }
    }

    #[test]
    fn a_wrong_number_under_a_right_footer_is_rejected() {
        let record = solved(0, 0);
        let bytes = encode(std::slice::from_ref(&record)).unwrap();
        let (seal, body) = open_bytes(&bytes).unwrap();
        let Outcome::Solved(solution) = &record.outcome else { unreachable!() };
        let needle = solution.aep_gwh.to_le_bytes();
        let at = body.windows(8).position(|window| window == needle).unwrap();
        let mut body = body.to_vec();
        body[at] ^= 1;
        let resealed = seal_bytes(body, ContainerKind::Segment, &seal.index);
        assert!(open_bytes(&resealed).is_ok(), "the footer is right");
        assert!(decode(&resealed).is_err(), "the record is not");
    }

    #[test]
    fn a_segment_is_small() {
        let bytes = encode(&(0..64).map(|seed| solved(0, seed)).collect::<Vec<_>>()).unwrap();
        assert!(bytes.len() < 64 * 2500, "{} bytes for 64 records", bytes.len());
    }
}
