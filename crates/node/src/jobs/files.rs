//! One folder per batch: what was uploaded, what became of each row, the rows of a query.
//!
//! `outcomes` has a line per row and a line `#n` behind each chunk; what stands behind the last such line
//! is of a chunk that was cut short by a crash and is taken away when the file is opened again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use engine::Saved;
use model::{RecordId, Refusal};

/// Where the files of a batch are.
#[derive(Clone, Debug)]
pub struct ResultFiles {
    folder: PathBuf,
}

impl ResultFiles {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The rows to load, in the notation of the job.
    pub fn input(&self) -> PathBuf {
        self.folder.join("input")
    }

    /// What was posted, if it differs from the input (1.0: JSON, XML).
    pub fn request(&self) -> PathBuf {
        self.folder.join("request")
    }

    pub(crate) fn outcomes(&self) -> PathBuf {
        self.folder.join("outcomes")
    }

    pub(crate) fn rows(&self) -> PathBuf {
        self.folder.join("rows")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.folder.join("index")
    }

    pub(crate) fn create(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)
    }

    /// Makes the names of new files durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()?;
        self.folder
            .parent()
            .map_or(Ok(()), |above| File::open(above)?.sync_all())
    }

    pub(crate) fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// What became of the rows so far, in their order.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read_outcomes(&self) -> io::Result<Outcomes> {
        Outcomes::open(&self.outcomes())
    }

    /// Rows `from..from + max` of a finished query.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn page(&self, from: u64, max: u64) -> io::Result<Page> {
        let mut index = File::open(self.index())?;
        let total = (index.metadata()?.len() / 8).saturating_sub(1);
        let from = from.min(total);
        let count = max.min(total - from);
        let mut at = |n: u64| -> io::Result<u64> {
            let mut bytes = [0; 8];
            index.seek(SeekFrom::Start(n * 8))?;
            index.read_exact(&mut bytes)?;
            Ok(u64::from_le_bytes(bytes))
        };
        let (header, start, end) = (at(0)?, at(from)?, at(from + count)?);
        let next = (from + count < total).then_some(from + count);
        Ok(Page {
            file: File::open(self.rows())?,
            header,
            start,
            end,
            count,
            next,
        })
    }

    /// The whole answer to a finished query.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn answer(&self) -> io::Result<File> {
        File::open(self.rows())
    }
}

/// A part of a query's rows: bytes `0..header`, then `start..end` of the file.
#[derive(Debug)]
pub struct Page {
    /// The rows.
    pub file: File,
    /// Where the header ends.
    pub header: u64,
    /// Where the first row begins.
    pub start: u64,
    /// Where the last row ends.
    pub end: u64,
    /// How many rows.
    pub count: u64,
    /// Number of the row after the last one, if there is one.
    pub next: Option<u64>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Saved.
    Saved(Saved),
    /// Refused: code, message, fields.
    Failed(String, String, Vec<String>),
}

impl Outcome {
    fn write(result: &Result<Saved, Refusal>, out: &mut Vec<u8>) {
        match result {
            Ok(saved) => {
                out.push(if saved.created { b'c' } else { b'u' });
                out.extend_from_slice(saved.id.as_15().as_bytes());
            }
            Err(refusal) => {
                let text =
                    serde_json::json!([refusal.code.as_str(), refusal.message, refusal.fields]);
                out.push(b'f');
                out.extend_from_slice(text.to_string().as_bytes());
            }
        }
        out.push(b'\n');
    }

    fn parse(line: &str) -> Option<Self> {
        let (kind, rest) = line.split_at_checked(1)?;
        match kind {
            "c" | "u" => {
                let id = RecordId::parse(rest).ok()?;
                Some(Self::Saved(Saved {
                    id,
                    created: kind == "c",
                }))
            }
            "f" => {
                let (code, message, fields) = serde_json::from_str(rest).ok()?;
                Some(Self::Failed(code, message, fields))
            }
            _ => None,
        }
    }
}

/// Outcomes one after the other, of whole chunks.
#[derive(Debug)]
pub struct Outcomes {
    lines: Option<BufReader<File>>,
    left: u64,
}

impl Outcomes {
    fn open(path: &Path) -> io::Result<Self> {
        match File::open(path) {
            Ok(file) => {
                let left = survey(&file)?.rows;
                Ok(Self {
                    lines: Some(BufReader::new(file)),
                    left,
                })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self {
                lines: None,
                left: 0,
            }),
            Err(error) => Err(error),
        }
    }
}

impl Iterator for Outcomes {
    type Item = io::Result<Outcome>;

    fn next(&mut self) -> Option<Self::Item> {
        let lines = self.lines.as_mut()?;
        let mut line = String::new();
        while self.left > 0 {
            line.clear();
            match lines.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) if line.starts_with('#') => {}
                Ok(_) => {
                    self.left -= 1;
                    let broken =
                        || io::Error::new(io::ErrorKind::InvalidData, "an outcome cannot be read");
                    return Some(Outcome::parse(line.trim_end_matches('\n')).ok_or_else(broken));
                }
                Err(error) => return Some(Err(error)),
            }
        }
        None
    }
}

/// How far an outcomes file is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Survey {
    /// Last whole chunk.
    pub chunk: u64,
    /// Rows up to it.
    pub rows: u64,
    /// Failed rows among them.
    pub failed: u64,
    /// Bytes up to it.
    bytes: u64,
}

fn survey(file: &File) -> io::Result<Survey> {
    let mut lines = BufReader::with_capacity(64 * 1024, file);
    lines.seek(SeekFrom::Start(0))?;
    let (mut good, mut now) = (Survey::default(), Survey::default());
    let mut line = Vec::new();
    loop {
        line.clear();
        let size = lines.read_until(b'\n', &mut line)?;
        if size == 0 || line.last() != Some(&b'\n') {
            break;
        }
        now.bytes += size as u64;
        match line.first() {
            Some(b'#') => {
                let number = std::str::from_utf8(&line[1..size - 1])
                    .ok()
                    .and_then(|t| t.parse().ok());
                let Some(number) = number else { break };
                now.chunk = number;
                good = now;
            }
            Some(b'f') => {
                now.rows += 1;
                now.failed += 1;
            }
            _ => now.rows += 1,
        }
    }
    lines.seek(SeekFrom::Start(0))?;
    Ok(good)
}

/// The end of an outcomes file, for the one who writes it.
pub(crate) struct OutcomeWriter {
    file: File,
    at: Survey,
}

impl OutcomeWriter {
    /// Opens the file and takes away what a crash left behind the last whole chunk.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)?;
        let at = survey(&file)?;
        file.set_len(at.bytes)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { file, at })
    }

    pub fn survey(&self) -> Survey {
        self.at
    }

    /// Appends a chunk; it is on disk when this returns. After an error nothing of it is there.
    pub fn append(&mut self, number: u64, results: &[Result<Saved, Refusal>]) -> io::Result<()> {
        let mut out = Vec::with_capacity(results.len() * 20);
        results
            .iter()
            .for_each(|result| Outcome::write(result, &mut out));
        out.extend_from_slice(format!("#{number}\n").as_bytes());
        if let Err(error) = self
            .file
            .write_all(&out)
            .and_then(|()| self.file.sync_data())
        {
            self.file.set_len(self.at.bytes)?;
            self.file.seek(SeekFrom::End(0))?;
            return Err(error);
        }
        self.at.chunk = number;
        self.at.rows += results.len() as u64;
        self.at.failed += results.iter().filter(|r| r.is_err()).count() as u64;
        self.at.bytes += out.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Code, KeyPrefix};

    fn saved(number: u64) -> Result<Saved, Refusal> {
        Ok(Saved {
            id: RecordId::new(KeyPrefix::of("500"), number),
            created: number.is_multiple_of(2),
        })
    }

    #[test]
    fn a_chunk_that_was_cut_short_is_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("outcomes");
        let refused = Err(Refusal::about(Code::StringTooLong, "a \"b\"\nc", ["F"]));
        let mut writer = OutcomeWriter::open(&path).unwrap();
        writer.append(1, &[saved(1), refused]).unwrap();
        let first = fs::read(&path).unwrap().len();
        writer.append(2, &[saved(2)]).unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let at = OutcomeWriter::open(&path).unwrap().survey();
            let expected = match cut {
                c if c == whole.len() => (2, 3, 1),
                c if c >= first => (1, 2, 1),
                _ => (0, 0, 0),
            };
            assert_eq!((at.chunk, at.rows, at.failed), expected, "cut at {cut}");
        }
        fs::write(&path, &whole).unwrap();
        let read: Vec<Outcome> = Outcomes::open(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(read.len(), 3);
        assert_eq!(
            read[1],
            Outcome::Failed(
                "STRING_TOO_LONG".into(),
                "a \"b\"\nc".into(),
                vec!["F".into()]
            )
        );
        assert_eq!(read[2], Outcome::Saved(saved(2).unwrap()));
    }
}
