//! One connection's bytes, between the socket and the HTTP machine.
//!
//! Owns what that machine does not: a request head that began must end in time while an idle connection may
//! wait longer; a head that is too large is refused with a body that clients can read; and a connection that is
//! closed in the middle of a request is read on for a while, or the client would lose the answer that told it
//! why (its system drops what was received when a write fails).

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep, timeout};

/// What is read and thrown away after the last answer, at most.
const LINGER_MAX: usize = 64 << 20;
/// How long in all, and between two parts.
const LINGER_TIME: Duration = Duration::from_secs(10);
const LINGER_PAUSE: Duration = Duration::from_secs(1);

/// How the HTTP machine begins its own answer to a head that is too large; ours never begins so.
const TOO_LARGE: &[u8] = b"HTTP/1.1 431 ";
const TOO_LARGE_BODY: &str =
    r#"[{"message":"The request header is too large","errorCode":"INVALID_INPUT"}]"#;

const IDLE: u8 = 0;
const HEAD: u8 = 1;
const BUSY: u8 = 2;

/// Where a connection is: shared between its line and its service.
#[derive(Clone, Debug, Default)]
pub struct Phase(Arc<AtomicU8>);

impl Phase {
    /// A request has come and is worked on.
    pub fn begin(&self) {
        self.0.store(BUSY, Ordering::Relaxed);
    }

    /// It is answered; the next bytes are a new head.
    pub fn end(&self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }

    fn is(&self, phase: u8) -> bool {
        self.0.load(Ordering::Relaxed) == phase
    }
}

/// A stream that keeps an eye on its phase.
pub struct Line<S> {
    inner: S,
    phase: Phase,
    head_timeout: Duration,
    head: Option<Pin<Box<Sleep>>>,
    /// Something was written since the last flush.
    is_dirty: bool,
    /// Our own answer instead of the machine's; what of it is not written yet.
    own: Vec<u8>,
}

impl<S> Line<S> {
    /// Around a stream.
    pub fn new(inner: S, phase: Phase, head_timeout: Duration) -> Self {
        Self {
            inner,
            phase,
            head_timeout,
            head: None,
            is_dirty: false,
            own: Vec::new(),
        }
    }

    /// True if the machine begins to refuse a head here: nothing else is under way, no answer of ours.
    fn refuses_head(&self, out: &[u8]) -> bool {
        !self.is_dirty && self.phase.is(HEAD) && out.starts_with(TOO_LARGE)
    }
}

fn too_large() -> Vec<u8> {
    let length = TOO_LARGE_BODY.len();
    format!(
        "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/json;charset=UTF-8\r\n\
         connection: close\r\ncontent-length: {length}\r\n\r\n{TOO_LARGE_BODY}"
    )
    .into_bytes()
}

impl<S: AsyncRead + Unpin> Line<S> {
    /// Reads what the client still sends after the last answer, within bounds.
    pub async fn linger(mut self) {
        let mut waste = vec![0; 16 * 1024];
        let read = async {
            let mut left = LINGER_MAX;
            while left > 0 {
                match timeout(LINGER_PAUSE, self.inner.read(&mut waste)).await {
                    Ok(Ok(some)) if some > 0 => left = left.saturating_sub(some),
                    _ => return,
                }
            }
        };
        let _ = timeout(LINGER_TIME, read).await; // who sends longer loses the answer
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.inner).poll_read(cx, buf) {
            Poll::Pending if this.phase.is(HEAD) => {
                let patience = this.head_timeout;
                let head = this.head.get_or_insert_with(|| Box::pin(sleep(patience)));
                ready!(head.as_mut().poll(cx));
                Poll::Ready(Err(Error::new(
                    ErrorKind::TimedOut,
                    "the request head did not come in time",
                )))
            }
            read => {
                if buf.filled().len() > before && this.phase.is(IDLE) {
                    this.phase.0.store(HEAD, Ordering::Relaxed);
                    this.head = None;
                }
                read
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Line<S> {
    fn poll_own(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        while !self.own.is_empty() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &self.own))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.own.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_own(cx))?;
        if this.refuses_head(buf) {
            this.own = too_large();
            this.is_dirty = true;
            return Poll::Ready(Ok(buf.len()));
        }
        let written = ready!(Pin::new(&mut this.inner).poll_write(cx, buf));
        this.is_dirty = true;
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_own(cx))?;
        if bufs.first().is_some_and(|first| this.refuses_head(first)) {
            this.own = too_large();
            this.is_dirty = true;
            return Poll::Ready(Ok(bufs.iter().map(|b| b.len()).sum()));
        }
        let written = ready!(Pin::new(&mut this.inner).poll_write_vectored(cx, bufs));
        this.is_dirty = true;
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_own(cx))?;
        ready!(Pin::new(&mut this.inner).poll_flush(cx))?;
        this.is_dirty = false;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_own(cx))?;
        Pin::new(&mut this.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn only_a_refused_head_gets_another_answer() {
        let (mut client, server) = duplex(1 << 16);
        let phase = Phase::default();
        let mut line = Line::new(server, phase.clone(), Duration::from_secs(9));
        let mut seen = vec![0; 1_000];
        phase.begin();
        line.write_all(b"HTTP/1.1 431 said by a record")
            .await
            .unwrap();
        let size = client.read(&mut seen).await.unwrap();
        assert_eq!(&seen[..size], b"HTTP/1.1 431 said by a record");
        phase.end();
        client.write_all(b"GET /").await.unwrap();
        assert_eq!(line.read(&mut seen).await.unwrap(), 5);
        line.write_all(b"HTTP/1.1 431 rest of an answer")
            .await
            .unwrap();
        let size = client.read(&mut seen).await.unwrap();
        assert_eq!(
            &seen[..size],
            b"HTTP/1.1 431 rest of an answer",
            "not flushed: no new answer"
        );
        line.flush().await.unwrap();
        line.write_all(b"HTTP/1.1 431 x\r\n\r\n").await.unwrap();
        line.shutdown().await.unwrap();
        let size = client.read(&mut seen).await.unwrap();
        let text = String::from_utf8_lossy(&seen[..size]);
        assert!(text.ends_with(TOO_LARGE_BODY), "{text}");
    }

    #[tokio::test]
    async fn a_head_that_began_must_end_and_an_idle_line_may_wait() {
        let (mut client, server) = duplex(64);
        let phase = Phase::default();
        let mut line = Line::new(server, phase.clone(), Duration::from_millis(5));
        let mut seen = [0; 9];
        let longer = Duration::from_millis(50);
        assert!(timeout(longer, line.read(&mut seen)).await.is_err(), "idle");
        client.write_all(b"GET").await.unwrap();
        assert_eq!(line.read(&mut seen).await.unwrap(), 3);
        let late = line.read(&mut seen).await.unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
        phase.begin();
        assert!(timeout(longer, line.read(&mut seen)).await.is_err(), "busy");
    }

    #[tokio::test]
    async fn what_a_client_still_sends_is_read() {
        let (mut client, server) = duplex(64);
        let line = Line::new(server, Phase::default(), Duration::from_secs(9));
        let reading = tokio::spawn(line.linger());
        client.write_all(&[7; 100_000]).await.unwrap();
        drop(client);
        reading.await.unwrap();
    }
}
