//! Why a stored file or record is not sound.

use std::fmt;

/// Something read from a disk and proven, or why it is not sound.
pub type Sound<T> = std::result::Result<T, Flaw>;

/// One reason not to trust stored bytes. Its [`slug`](Flaw::slug) names the reason in file names and counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// A file of 0 bytes: created, never written.
    Empty,
    /// A directory, fifo, link or device where a file should be.
    NotAFile,
    /// No footer at the end: cut off, or written by another program.
    NoFooter,
    /// A footer that is altered.
    Footer,
    /// Another length than the footer says.
    Length {
        /// Bytes, by the footer.
        expected: u64,
        /// Bytes, as found.
        found: u64,
    },
    /// Image or index altered since they were sealed.
    Digest {
        /// By the footer.
        expected: [u8; 16],
        /// As found.
        found: [u8; 16],
    },
    /// Written by a newer program.
    Version(u32),
    /// The index contradicts itself or the image.
    Index(String),
    /// Sealed well, but HDF5 cannot read it.
    Hdf5(String),
    /// A record that is not what its digest says, or cannot be right.
    Record {
        /// Its group.
        case: String,
        /// What is wrong.
        reason: String,
    },
    /// Two solutions of one case; the other one was taken.
    Conflict(String),
    /// Belongs to results that were replaced on demand.
    Superseded,
    /// The disk did not give the bytes; they may be sound.
    Unreadable(String),
    /// The child process that read a foreign file crashed, hung or was refused.
    Salvage(String),
}

impl Flaw {
    /// One short word, for file names and counters.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotAFile => "not-a-file",
            Self::NoFooter => "no-footer",
            Self::Footer => "footer",
            Self::Length { .. } => "length",
            Self::Digest { .. } => "digest",
            Self::Version(_) => "version",
            Self::Index(_) => "index",
            Self::Hdf5(_) => "hdf5",
            Self::Record { .. } => "record",
            Self::Conflict(_) => "conflict",
            Self::Superseded => "superseded",
            Self::Unreadable(_) => "unreadable",
            Self::Salvage(_) => "salvage",
        }
    }

    /// Whether the bytes themselves are bad, so that the file belongs in quarantine. A newer program's file and a file the disk
    /// would not give stay where they are: they may be sound.
    pub fn condemns(&self) -> bool {
        !matches!(self, Self::Version(_) | Self::Unreadable(_) | Self::NotAFile)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "0 bytes"),
            Self::NotAFile => write!(f, "not a regular file"),
            Self::NoFooter => write!(f, "no footer: cut off, or not written by layoutopt"),
            Self::Footer => write!(f, "the footer is altered"),
            Self::Length { expected, found } => write!(f, "{found} bytes long, sealed with {expected}"),
            Self::Digest { expected, found } => {
                write!(f, "altered since it was sealed: digest {}, sealed with {}", hex(found), hex(expected))
            }
            Self::Version(version) => write!(f, "container version {version} is newer than this program"),
            Self::Index(reason) => write!(f, "index: {reason}"),
            Self::Hdf5(reason) => write!(f, "HDF5 cannot read it: {reason}"),
            Self::Record { case, reason } => write!(f, "{case}: {reason}"),
            Self::Conflict(reason) => write!(f, "another solution of the same case was taken: {reason}"),
            Self::Superseded => write!(f, "replaced by a run that started over"),
            Self::Unreadable(reason) => write!(f, "cannot be read: {reason}"),
            Self::Salvage(reason) => write!(f, "salvage: {reason}"),
        }
    }
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
