//! A lean HTTP/1.1 client on one kept-alive connection, for the demo's people and the bench.
//!
//! Lean on purpose: in a bench on one machine every microsecond of the client is taken from the server.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Answers are small; a bigger one is a mistake.
const ANSWER_MAX: usize = 16 << 20;

/// One connection; reconnects when the server closed it.
pub struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    out: Vec<u8>,
    input: Vec<u8>,
}

/// A request. `token` becomes a Bearer header; a body has its content type with it.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub body: Option<(&'a str, &'a [u8])>,
}

impl<'a> Call<'a> {
    pub fn get(path: &'a str, token: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            token: Some(token),
            body: None,
        }
    }

    /// With a JSON body.
    pub fn json(method: &'a str, path: &'a str, token: &'a str, body: &'a [u8]) -> Self {
        Self {
            method,
            path,
            token: Some(token),
            body: Some(("application/json", body)),
        }
    }

    /// A form without a session.
    pub fn form(path: &'a str, body: &'a str) -> Self {
        let body = Some(("application/x-www-form-urlencoded", body.as_bytes()));
        Self {
            method: "POST",
            path,
            token: None,
            body,
        }
    }
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            out: Vec::with_capacity(2_048),
            input: Vec::with_capacity(4_096),
        }
    }

    /// Status and body of the answer.
    pub async fn call(&mut self, call: Call<'_>) -> Result<(u16, &[u8])> {
        write_request(&mut self.out, self.address, &call);
        let answer = tokio::time::timeout(PATIENCE, self.exchange()).await;
        match answer.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into())) {
            Ok((status, body)) => Ok((status, &self.input[body])),
            Err(error) => {
                self.stream = None;
                Err(error)
            }
        }
    }

    async fn exchange(&mut self) -> Result<(u16, std::ops::Range<usize>)> {
        if let Some(stream) = self.stream.take() {
            match self.send(stream).await {
                // the server closed the idle connection before it saw the request
                Err(_) if self.input.is_empty() => {}
                answered => return answered,
            }
        }
        let stream = connect(self.address).await?;
        self.send(stream).await
    }

    async fn send(&mut self, mut stream: TcpStream) -> Result<(u16, std::ops::Range<usize>)> {
        self.input.clear();
        stream.write_all(&self.out).await?;
        let head = read_head(&mut stream, &mut self.input).await?;
        let body = read_body(&mut stream, &mut self.input, &head).await?;
        if !head.closes {
            self.stream = Some(stream);
        }
        Ok((head.status, body))
    }
}

async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn write_request(out: &mut Vec<u8>, host: SocketAddr, call: &Call<'_>) {
    use std::io::Write;
    out.clear();
    let _ = write!(
        out,
        "{} {} HTTP/1.1\r\nHost: {host}\r\n",
        call.method, call.path
    ); // a Vec takes all
    if let Some(token) = call.token {
        out.extend_from_slice(b"Authorization: Bearer ");
        out.extend_from_slice(token.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    if let Some((kind, body)) = call.body {
        let _ = write!(
            out,
            "Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        ); // as above
        out.extend_from_slice(body);
    } else {
        out.extend_from_slice(b"\r\n");
    }
}

struct Head {
    status: u16,
    end: usize,
    length: Option<usize>,
    is_chunked: bool,
    closes: bool,
}

async fn more(stream: &mut TcpStream, input: &mut Vec<u8>) -> Result<()> {
    if input.len() > ANSWER_MAX {
        return Err(Error::other("the answer is too long"));
    }
    match stream.read_buf(input).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

async fn read_head(stream: &mut TcpStream, input: &mut Vec<u8>) -> Result<Head> {
    loop {
        if let Some(at) = find(input, b"\r\n\r\n") {
            return parse_head(&input[..at], at + 4).ok_or_else(|| Error::other("no HTTP answer"));
        }
        more(stream, input).await?;
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

fn parse_head(head: &[u8], end: usize) -> Option<Head> {
    let text = std::str::from_utf8(head).ok()?;
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut head = Head {
        status,
        end,
        length: None,
        is_chunked: false,
        closes: false,
    };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.length = value.parse().ok();
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            head.is_chunked = value.eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            head.closes = value.eq_ignore_ascii_case("close");
        }
    }
    Some(head)
}

async fn read_body(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
    head: &Head,
) -> Result<std::ops::Range<usize>> {
    if head.is_chunked {
        return read_chunks(stream, input, head.end).await;
    }
    let end = head.end + head.length.unwrap_or(0);
    while input.len() < end {
        more(stream, input).await?;
    }
    Ok(head.end..end)
}

/// Moves the chunks together, in place.
async fn read_chunks(
    stream: &mut TcpStream,
    input: &mut Vec<u8>,
    start: usize,
) -> Result<std::ops::Range<usize>> {
    let (mut read, mut written) = (start, start);
    loop {
        let line = loop {
            match find(&input[read..], b"\r\n") {
                Some(at) => break at,
                None => more(stream, input).await?,
            }
        };
        let size = std::str::from_utf8(&input[read..read + line]).ok();
        let size = size.and_then(|s| usize::from_str_radix(s.split(';').next()?.trim(), 16).ok());
        let size = size
            .filter(|s| *s <= ANSWER_MAX)
            .ok_or_else(|| Error::other("a chunk without a size"))?;
        read += line + 2;
        while input.len() < read + size + 2 {
            more(stream, input).await?;
        }
        input.copy_within(read..read + size, written);
        (read, written) = (read + size + 2, written + size);
        if size == 0 {
            return Ok(start..written);
        }
    }
}

/// Percent-encodes a form or query value.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answer(text: &'static str) -> Result<(u16, Vec<u8>)> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            let mut request = [0; 512];
            let _ = stream.read(&mut request).await?;
            stream.write_all(text.as_bytes()).await
        });
        let mut client = Client::new(address);
        let (status, body) = client.call(Call::get("/", "token")).await?;
        Ok((status, body.to_vec()))
    }

    #[tokio::test]
    async fn both_forms_of_a_body_are_read() {
        let plain = "HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello";
        assert_eq!(answer(plain).await.unwrap(), (201, b"hello".to_vec()));
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        assert_eq!(answer(chunked).await.unwrap(), (200, b"hello".to_vec()));
        let none = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
        assert_eq!(answer(none).await.unwrap(), (204, Vec::new()));
        assert!(
            answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort")
                .await
                .is_err()
        );
    }

    #[test]
    fn form_values_are_encoded() {
        assert_eq!(encoded("a b+c@d.e"), "a%20b%2Bc%40d.e");
    }
}
