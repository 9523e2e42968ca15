//! CSV in and out: RFC 4180 with the platform's delimiters and line endings.
//!
//! The parser is fed bytes as they come and holds one record at a time, whose size is bounded. A quote in
//! the middle of a plain cell is text; what follows a closing quote is text too.

/// Bytes of a record at most: the platform's 400,000 characters in UTF-8.
const RECORD_MAX: usize = 1_600_000;
/// Cells of a record at most.
const CELLS_MAX: usize = 5_000;
const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];

/// How records end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// `\n`; a `\r` before it is an error.
    Lf,
    /// `\r\n`; a bare `\n` is an error.
    Crlf,
    /// Either.
    Any,
}

impl Ending {
    /// Reads `LF` or `CRLF`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            t if t.eq_ignore_ascii_case("LF") => Some(Self::Lf),
            t if t.eq_ignore_ascii_case("CRLF") => Some(Self::Crlf),
            _ => None,
        }
    }

    /// The platform's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf | Self::Any => "LF",
            Self::Crlf => "CRLF",
        }
    }

    fn text(self) -> &'static [u8] {
        match self {
            Self::Lf | Self::Any => b"\n",
            Self::Crlf => b"\r\n",
        }
    }
}

/// The platform's words for delimiters.
pub const DELIMITERS: [(&str, u8); 6] = [
    ("COMMA", b','),
    ("SEMICOLON", b';'),
    ("TAB", b'\t'),
    ("PIPE", b'|'),
    ("CARET", b'^'),
    ("BACKQUOTE", b'`'),
];

/// How CSV is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Between cells.
    pub delimiter: u8,
    /// Behind records.
    pub ending: Ending,
}

impl Dialect {
    /// Commas, either ending.
    pub const PLAIN: Self = Self {
        delimiter: b',',
        ending: Ending::Any,
    };

    /// Reads the platform's words.
    pub fn parse(delimiter: &str, ending: &str) -> Option<Self> {
        let mut known = DELIMITERS.iter();
        let (_, delimiter) = known.find(|(name, _)| name.eq_ignore_ascii_case(delimiter))?;
        Some(Self {
            delimiter: *delimiter,
            ending: Ending::parse(ending)?,
        })
    }

    /// Writes a record, every cell in quotes.
    pub fn write<C: AsRef<str>>(self, cells: impl IntoIterator<Item = C>, out: &mut Vec<u8>) {
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                out.push(self.delimiter);
            }
            quoted(cell.as_ref(), out);
        }
        out.extend_from_slice(self.ending.text());
    }
}

fn quoted(cell: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for (at, part) in cell.split('"').enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

/// Why CSV cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// Not the ending that the job speaks of.
    #[error("LineEnding is invalid on user data. Current LineEnding setting is {}", .0.as_str())]
    Ending(Ending),
    /// Not UTF-8.
    #[error("the data is not UTF-8")]
    Utf8,
    /// A record beyond the bound.
    #[error("a record has more than {RECORD_MAX} bytes or {CELLS_MAX} cells")]
    TooLong,
    /// A quote that never closes.
    #[error("a quoted cell does not end")]
    Open,
}

/// One record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    text: String,
    ends: Vec<usize>,
}

impl Record {
    /// Its cells.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let cell = self.text.get(from..*end).unwrap_or_default();
            from = *end;
            cell
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    /// In a cell with quotes.
    Quoted,
    /// Behind a quote that may close the cell or be the first of two.
    Quote,
    /// Behind a `\r` outside quotes.
    Cr,
}

/// Splits bytes into records.
pub struct Parser {
    dialect: Dialect,
    state: State,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Bytes of the byte-order mark that were seen; 4 when the start is over.
    mark: usize,
    record: Record,
}

impl Parser {
    /// Nothing read yet.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            state: State::Start,
            bytes: Vec::new(),
            ends: Vec::new(),
            mark: 0,
            record: Record::default(),
        }
    }

    /// The record that the last call completed.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Reads until a record is complete or the input is used up: how much was used, and which of the two.
    ///
    /// # Errors
    /// [`CsvError`]; nothing can be read after it.
    pub fn feed(&mut self, input: &[u8]) -> Result<(usize, bool), CsvError> {
        let mut at = 0;
        while let Some(byte) = input.get(at) {
            if self.mark < BOM.len() {
                if *byte == BOM[self.mark] {
                    self.mark += 1;
                    at += 1;
                    continue;
                }
                let seen = &BOM[..self.mark];
                self.bytes.extend_from_slice(seen);
                if !seen.is_empty() {
                    self.state = State::Plain;
                }
                self.mark = BOM.len() + 1;
            }
            let run = self.run(&input[at..]);
            if run > 0 {
                self.bytes.extend_from_slice(&input[at..at + run]);
                at += run;
            } else {
                at += 1;
                if self.step(*byte)? {
                    return Ok((at, true));
                }
            }
            if self.bytes.len() > RECORD_MAX || self.ends.len() > CELLS_MAX {
                return Err(CsvError::TooLong);
            }
        }
        Ok((at, false))
    }

    /// How many bytes are plain text of the cell at hand.
    fn run(&self, rest: &[u8]) -> usize {
        let delimiter = self.dialect.delimiter;
        let end = match self.state {
            State::Plain => rest
                .iter()
                .position(|b| *b == delimiter || *b == b'\n' || *b == b'\r'),
            State::Quoted => rest.iter().position(|b| *b == b'"'),
            State::Start | State::Quote | State::Cr => Some(0),
        };
        end.unwrap_or(rest.len())
    }

    /// One byte that means something; true if it completes a record.
    fn step(&mut self, byte: u8) -> Result<bool, CsvError> {
        match (self.state, byte) {
            (State::Start, b'"') => self.state = State::Quoted,
            (State::Quoted, b'"') => self.state = State::Quote,
            (State::Quote, b'"') => {
                self.bytes.push(b'"');
                self.state = State::Quoted;
            }
            (State::Quoted, other) => self.bytes.push(other),
            (State::Cr, b'\n') => {
                return match self.dialect.ending {
                    Ending::Lf => Err(CsvError::Ending(Ending::Lf)),
                    Ending::Crlf | Ending::Any => self.end_record(),
                };
            }
            (State::Cr, other) => {
                // a bare \r is text
                self.bytes.push(b'\r');
                self.state = State::Plain;
                return self.step(other);
            }
            (State::Start | State::Plain | State::Quote, b'\n') => {
                return match self.dialect.ending {
                    Ending::Crlf => Err(CsvError::Ending(Ending::Crlf)),
                    Ending::Lf | Ending::Any => self.end_record(),
                };
            }
            (State::Start | State::Plain | State::Quote, b'\r') => self.state = State::Cr,
            (State::Start | State::Plain | State::Quote, other)
                if other == self.dialect.delimiter =>
            {
                self.ends.push(self.bytes.len());
                self.state = State::Start;
            }
            (State::Start | State::Plain | State::Quote, other) => {
                self.bytes.push(other);
                self.state = State::Plain;
            }
        }
        Ok(false)
    }

    /// An empty line is no record.
    fn end_record(&mut self) -> Result<bool, CsvError> {
        self.state = State::Start;
        self.ends.push(self.bytes.len());
        if self.ends.len() == 1 && self.bytes.is_empty() {
            self.ends.clear();
            return Ok(false);
        }
        let mut text = std::mem::take(&mut self.record.text).into_bytes();
        text.clear();
        std::mem::swap(&mut text, &mut self.bytes);
        self.bytes.clear();
        std::mem::swap(&mut self.record.ends, &mut self.ends);
        self.ends.clear();
        self.record.text = String::from_utf8(text).map_err(|_| CsvError::Utf8)?;
        let is_cut = |end: &usize| !self.record.text.is_char_boundary(*end);
        if self.record.ends.iter().any(is_cut) {
            return Err(CsvError::Utf8);
        }
        Ok(true)
    }

    /// The input is over: true if that completes a last record.
    ///
    /// # Errors
    /// A quote that is open, or text that is not UTF-8.
    pub fn finish(&mut self) -> Result<bool, CsvError> {
        if (1..BOM.len()).contains(&self.mark) {
            return Err(CsvError::Utf8); // half a mark and nothing else
        }
        match self.state {
            State::Quoted => Err(CsvError::Open),
            State::Start if self.ends.is_empty() && self.bytes.is_empty() => Ok(false),
            State::Start | State::Plain | State::Quote | State::Cr => self.end_record(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(dialect: Dialect, text: &[u8], step: usize) -> Result<Vec<Vec<String>>, CsvError> {
        let mut parser = Parser::new(dialect);
        let mut all = Vec::new();
        let keep = |p: &Parser| p.record().cells().map(str::to_owned).collect::<Vec<_>>();
        for mut part in text.chunks(step) {
            while !part.is_empty() {
                let (used, complete) = parser.feed(part)?;
                part = &part[used..];
                if complete {
                    all.push(keep(&parser));
                }
            }
        }
        if parser.finish()? {
            all.push(keep(&parser));
        }
        Ok(all)
    }

    fn check(dialect: Dialect, text: &str, expected: &[&[&str]]) {
        for step in [1, 2, 3, 7, 1_000] {
            let found = read(dialect, text.as_bytes(), step).unwrap();
            assert_eq!(found, expected, "{text:?} by {step}");
        }
    }

    #[test]
    fn what_records_look_like() {
        let any = Dialect::PLAIN;
        check(any, "a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]);
        check(any, "a,b\r\n1,2", &[&["a", "b"], &["1", "2"]]);
        check(any, "\u{feff}a,b\n", &[&["a", "b"]]);
        check(any, "\u{feff}\"a\",b\n", &[&["a", "b"]]);
        check(any, "a\n\n\r\n,\n", &[&["a"], &["", ""]]);
        check(any, "\"x \"\"y\"\"\r\nz\",\"\"\n", &[&["x \"y\"\r\nz", ""]]);
        check(any, "a\"b,c\"\n", &[&["a\"b", "c\""]]);
        check(any, "\"a\"b,c\n", &[&["ab", "c"]]);
        check(any, "a\rb,c\n", &[&["a\rb", "c"]]);
        check(any, "\"a\"", &[&["a"]]);
        check(any, "a,\r\n", &[&["a", ""]]);
        check(any, "é,ü", &[&["é", "ü"]]);
        check(any, "", &[]);
    }

    #[test]
    fn delimiters_are_the_job_s() {
        for (name, delimiter) in DELIMITERS {
            let dialect = Dialect::parse(name, "LF").unwrap();
            let d = char::from(delimiter);
            check(
                dialect,
                &format!("a{d}\"b{d}\"\n"),
                &[&["a", &format!("b{d}")]],
            );
        }
        assert_eq!(Dialect::parse("COLON", "LF"), None);
        assert_eq!(Dialect::parse("COMMA", "CR"), None);
    }

    #[test]
    fn what_cannot_be_read() {
        let of = |ending: &str, text: &[u8]| {
            read(Dialect::parse("COMMA", ending).unwrap(), text, 3).unwrap_err()
        };
        assert_eq!(of("LF", b"a,b\r\n"), CsvError::Ending(Ending::Lf));
        assert_eq!(of("CRLF", b"a,b\n"), CsvError::Ending(Ending::Crlf));
        assert_eq!(of("LF", b"a,\"b\n"), CsvError::Open);
        assert_eq!(of("LF", b"a,\xff\n"), CsvError::Utf8);
        assert_eq!(of("LF", b"\xc3,\xa9\n"), CsvError::Utf8);
        assert_eq!(of("LF", &vec![b'x'; RECORD_MAX + 5]), CsvError::TooLong);
        assert_eq!(of("LF", &vec![b','; CELLS_MAX + 5]), CsvError::TooLong);
    }

    /// Numbers that look random and are the same in every run.
    fn noise(seed: u64) -> impl FnMut(u64) -> u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        move |below| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % below
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        const PIECES: [&str; 14] = [
            "a",
            "é",
            "\"",
            "\"\"",
            ",",
            ";",
            "\t",
            "\n",
            "\r\n",
            "\r",
            " ",
            "#N/A",
            "|",
            "\u{1F600}",
        ];
        for seed in 1..2_000 {
            let mut random = noise(seed);
            let (_, delimiter) = DELIMITERS[random(6) as usize];
            let ending = [Ending::Lf, Ending::Crlf, Ending::Any][random(3) as usize];
            let dialect = Dialect { delimiter, ending };
            let width = 2 + random(4);
            let mut cell = || {
                (0..random(6))
                    .map(|_| PIECES[random(14) as usize])
                    .collect::<String>()
            };
            let rows: Vec<Vec<String>> = (0..5)
                .map(|_| (0..width).map(|_| cell()).collect())
                .collect();
            let mut text = Vec::new();
            rows.iter().for_each(|row| dialect.write(row, &mut text));
            let step = 1 + (seed as usize % 9);
            assert_eq!(read(dialect, &text, step).unwrap(), rows, "seed {seed}");
        }
    }

    #[test]
    fn no_bytes_make_the_parser_fail() {
        const BYTES: [u8; 9] = [b'a', b'"', b',', b'\n', b'\r', 0xef, 0xbb, 0xbf, 0xff];
        for seed in 1..3_000 {
            let mut random = noise(seed);
            let text: Vec<u8> = (0..random(40)).map(|_| BYTES[random(9) as usize]).collect();
            let whole = read(Dialect::PLAIN, &text, 1_000);
            assert_eq!(read(Dialect::PLAIN, &text, 1), whole, "seed {seed}");
        }
    }
}
