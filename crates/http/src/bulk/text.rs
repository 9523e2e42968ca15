//! Rows as node asks for them: CSV of loads in, answers of queries out.

use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use model::{AnswerRow, Catalogue, ObjectDef, Refusal, Value};
use node::jobs::{Format, Job, JobKind, LoadParent, LoadRow, Rows};
use wire::bulk::columns::{Columns, Row};
use wire::bulk::csv::{CsvError, Dialect, Parser, Record};
use wire::bulk::results;
use wire::rest::answer;

/// Bytes that are read at a time.
const BLOCK: usize = 64 * 1024;

/// The notation of both Bulk APIs.
pub struct Text;

/// The CSV of a job's rows.
pub fn dialect(job: &Job) -> Dialect {
    match job.kind {
        JobKind::Classic => Dialect::PLAIN,
        JobKind::Ingest | JobKind::Query => {
            Dialect::parse(&job.column_delimiter, &job.line_ending).unwrap_or(Dialect::PLAIN)
        }
    }
}

/// The notation of a 1.0 job.
pub fn notation(job: &Job) -> results::Notation {
    match (job.kind, job.content_type.as_str()) {
        (JobKind::Classic, "JSON") => results::Notation::Json,
        (JobKind::Classic, "XML") => results::Notation::Xml,
        _ => results::Notation::Csv,
    }
}

/// Records of a file.
pub struct Records {
    file: File,
    parser: Parser,
    block: Vec<u8>,
    at: usize,
    is_over: bool,
}

impl Records {
    /// From its beginning.
    pub fn new(file: File, dialect: Dialect) -> Self {
        Self {
            file,
            parser: Parser::new(dialect),
            block: Vec::new(),
            at: 0,
            is_over: false,
        }
    }

    /// The next record.
    ///
    /// # Errors
    /// Why the file cannot be read any further.
    pub fn next(&mut self) -> Result<Option<&Record>, String> {
        let wrong = |error: CsvError| format!("InvalidBatch : {error}");
        while !self.is_over {
            let rest = self.block.get(self.at..).unwrap_or_default();
            let (used, complete) = self.parser.feed(rest).map_err(wrong)?;
            self.at += used;
            if complete {
                return Ok(Some(self.parser.record()));
            }
            self.fill()?;
            if self.block.is_empty() {
                self.is_over = true;
                if self.parser.finish().map_err(wrong)? {
                    return Ok(Some(self.parser.record()));
                }
            }
        }
        Ok(None)
    }

    fn fill(&mut self) -> Result<(), String> {
        self.block.resize(BLOCK, 0);
        self.at = 0;
        let read = self.file.read(&mut self.block).map_err(|error| {
            tracing::error!(%error, "the rows of a bulk job cannot be read");
            "The rows of the job cannot be read".to_owned()
        })?;
        self.block.truncate(read);
        Ok(())
    }
}

struct CsvRows {
    records: Records,
    columns: Columns,
    catalogue: Arc<Catalogue>,
    object: Arc<ObjectDef>,
}

impl Rows for CsvRows {
    fn next(&mut self) -> Result<Option<Result<LoadRow, Refusal>>, String> {
        let Some(record) = self.records.next()? else {
            return Ok(None);
        };
        Ok(Some(
            self.columns
                .row(record, &self.catalogue, &self.object)
                .map(loaded),
        ))
    }
}

fn loaded(row: Row) -> LoadRow {
    let parents = row.parents.into_iter().map(|p| LoadParent {
        field: p.field,
        object: p.object,
        by: p.by,
        key: p.key,
    });
    LoadRow {
        values: row.values,
        id: row.id,
        parents: parents.collect(),
    }
}

impl Format for Text {
    fn rows(
        &self,
        job: &Job,
        catalogue: &Arc<Catalogue>,
        input: File,
    ) -> Result<Box<dyn Rows>, String> {
        let (_, object) = catalogue
            .find(&job.object)
            .ok_or("InvalidBatch : the object is gone")?;
        let mut records = Records::new(input, dialect(job));
        let header = records
            .next()?
            .ok_or("InvalidBatch : The rows have no header")?;
        let columns = Columns::read(header, catalogue, object, job.version)?;
        Ok(Box::new(CsvRows {
            records,
            columns,
            catalogue: Arc::clone(catalogue),
            object: Arc::clone(object),
        }))
    }

    fn open(&self, job: &Job, columns: &[String], out: &mut Vec<u8>) {
        match notation(job) {
            results::Notation::Csv => dialect(job).write(columns, out),
            results::Notation::Json => out.push(b'['),
            results::Notation::Xml => {
                let head = format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><queryResult xmlns=\"{}\" \
                     xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">",
                    wire::bulk::classic::NAMESPACE
                );
                out.extend_from_slice(head.as_bytes());
            }
        }
    }

    fn row(&self, job: &Job, row: &AnswerRow, cells: &[&Value], is_first: bool, out: &mut Vec<u8>) {
        match notation(job) {
            results::Notation::Csv => {
                dialect(job).write(cells.iter().map(|value| results::cell(value)), out)
            }
            results::Notation::Json => {
                if !is_first {
                    out.push(b',');
                }
                answer::row(out, row, job.version);
            }
            results::Notation::Xml => results::record_xml(row, out),
        }
    }

    fn close(&self, job: &Job, out: &mut Vec<u8>) {
        match notation(job) {
            results::Notation::Csv => {}
            results::Notation::Json => out.push(b']'),
            results::Notation::Xml => out.extend_from_slice(b"</queryResult>"),
        }
    }
}
