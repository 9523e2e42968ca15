//! A job and its rows in one request: `multipart/form-data` with the parts `job` and `content`
//! (rest-api.md 8.1).

use model::{Code, Refusal};

/// No client sends more parts.
const PARTS_MAX: usize = 8;

/// The two parts of the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The job, in JSON.
    pub job: &'a [u8],
    /// The rows.
    pub content: &'a [u8],
}

fn wrong(why: &str) -> Refusal {
    Refusal::new(
        Code::InvalidInput,
        format!("The multipart body cannot be read: {why}"),
    )
}

/// The boundary that a `Content-Type` names.
fn boundary(content_type: &str) -> Option<&str> {
    let value = content_type.split(';').find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    });
    let value = value?.trim().trim_matches('"');
    (!value.is_empty() && value.len() <= 70).then_some(value)
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// Reads the parts; a first part that is not named counts as the job, a second one as the content.
///
/// # Errors
/// No boundary, an end that is missing, too many parts.
pub fn parse<'a>(content_type: &str, body: &'a [u8]) -> Result<Parts<'a>, Refusal> {
    let boundary = boundary(content_type).ok_or_else(|| wrong("no boundary"))?;
    let first = format!("--{boundary}");
    let next = format!("\r\n--{boundary}");
    let start = find(body, first.as_bytes()).ok_or_else(|| wrong("the boundary does not occur"))?;
    let mut rest = body.get(start + first.len()..).unwrap_or_default();
    let mut parts = Parts::default();
    for number in 0..PARTS_MAX {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let end = find(rest, next.as_bytes()).ok_or_else(|| wrong("a part does not end"))?;
        let (part, after) = rest.split_at(end);
        rest = after.get(next.len()..).unwrap_or_default();
        let head = find(part, b"\r\n\r\n").ok_or_else(|| wrong("a part has no head"))?;
        let (head, text) = part.split_at(head);
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        let text = text.get(4..).unwrap_or_default();
        match name(&head) {
            Some("job") => parts.job = text,
            Some("content") => parts.content = text,
            Some(_) => {}
            None if number == 0 => parts.job = text,
            None => parts.content = text,
        }
    }
    Err(wrong("too many parts"))
}

/// `name="job"` of a Content-Disposition, in lower case.
fn name(head: &str) -> Option<&str> {
    let line = head
        .lines()
        .find(|l| l.starts_with("content-disposition:"))?;
    let value = line
        .split(';')
        .find_map(|p| p.trim().strip_prefix("name="))?;
    Some(value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"B 1\"";

    #[test]
    fn job_and_rows() {
        let body = b"--B 1\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n{\"a\":1}\r\n\
            --B 1\r\ncontent-disposition: form-data; name=\"content\"; filename=\"content\"\r\n\r\nA\nx\n\r\n--B 1--\r\n";
        let parts = parse(TYPE, body).unwrap();
        assert_eq!(
            parts,
            Parts {
                job: b"{\"a\":1}",
                content: b"A\nx\n"
            }
        );
    }

    #[test]
    fn what_is_none() {
        for body in [
            "",
            "--B 1",
            "--B 1\r\nx\r\n--B 1--",
            "--B 1\r\n\r\n\r\nx",
            "x",
        ] {
            assert!(parse(TYPE, body.as_bytes()).is_err(), "{body:?}");
        }
        assert!(parse("multipart/form-data", b"--\r\n").is_err());
        assert!(parse(TYPE, "--B 1\r\n\r\n\r\n".repeat(20).as_bytes()).is_err());
        assert_eq!(parse(TYPE, b"--B 1--").unwrap(), Parts::default());
    }
}
