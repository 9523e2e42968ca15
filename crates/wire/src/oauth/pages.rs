//! The pages that people see while they log in: plain HTML, no script, one style sheet of our own.

use std::fmt::Write as _;

/// The style sheet of all pages.
pub const STYLE: &str = "\
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
body{margin:0;display:grid;min-height:100vh;place-items:center;background:Canvas;color:CanvasText}\
main{width:min(26rem,calc(100vw - 2rem));padding:1.5rem;border:1px solid GrayText;border-radius:.5rem;box-sizing:border-box}\
h1{font-size:1.25rem;margin:0 0 1rem}\
label{display:block;margin:.75rem 0 .25rem}\
input{width:100%;box-sizing:border-box;font:inherit;padding:.5rem}\
button{font:inherit;padding:.5rem 1rem;margin:1rem .5rem 0 0;min-height:2.75rem;cursor:pointer}\
.alert{border-left:.25rem solid #b3261e;padding:.25rem .75rem;margin:0 0 1rem}\
:focus-visible{outline:3px solid Highlight;outline-offset:2px}\
";

/// One page under construction.
pub struct Page {
    html: String,
}

/// Text as HTML shows it.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

impl Page {
    /// A page with this heading.
    pub fn new(title: &str) -> Self {
        let title = escape(title);
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title} - Trunkline</title>\
             <link rel=\"stylesheet\" href=\"/services/oauth2/pages.css\"></head>\
             <body><main><h1>{title}</h1>"
        );
        Self { html }
    }

    /// What went wrong; read out at once.
    #[must_use]
    pub fn alert(mut self, text: Option<&str>) -> Self {
        if let Some(text) = text {
            self.put(format_args!(
                "<p class=\"alert\" role=\"alert\">{}</p>",
                escape(text)
            ));
        }
        self
    }

    /// A sentence.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.put(format_args!("<p>{}</p>", escape(text)));
        self
    }

    /// A list.
    #[must_use]
    pub fn list<'a>(mut self, items: impl IntoIterator<Item = &'a str>) -> Self {
        self.html.push_str("<ul>");
        for item in items {
            self.put(format_args!("<li>{}</li>", escape(item)));
        }
        self.html.push_str("</ul>");
        self
    }

    /// Opens a form; fields and buttons follow.
    #[must_use]
    pub fn form(mut self, action: &str) -> Self {
        self.put(format_args!(
            "<form method=\"post\" action=\"{}\">",
            escape(action)
        ));
        self
    }

    /// Fields that nobody sees.
    #[must_use]
    pub fn hidden(mut self, fields: &[(&str, &str)]) -> Self {
        for (name, value) in fields {
            self.put(format_args!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                escape(name),
                escape(value)
            ));
        }
        self
    }

    /// A field with its label; `kind` is the rest of its attributes, ours.
    #[must_use]
    pub fn field(mut self, name: &str, label: &str, kind: &str, value: &str) -> Self {
        self.put(format_args!(
            "<label for=\"{name}\">{}</label><input id=\"{name}\" name=\"{name}\" {kind} value=\"{}\" required>",
            escape(label),
            escape(value)
        ));
        self
    }

    /// User name and password.
    #[must_use]
    pub fn credentials(self, username: &str) -> Self {
        let name =
            "type=\"text\" autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"";
        let password = "type=\"password\" autocomplete=\"current-password\"";
        self.field("username", "User name", name, username)
            .field("password", "Password", password, "")
    }

    /// A button that sends the form.
    #[must_use]
    pub fn button(mut self, name: &str, value: &str, label: &str) -> Self {
        self.put(format_args!(
            "<button type=\"submit\" name=\"{}\" value=\"{}\">{}</button>",
            escape(name),
            escape(value),
            escape(label)
        ));
        self
    }

    /// Closes the form.
    #[must_use]
    pub fn end_form(mut self) -> Self {
        self.html.push_str("</form>");
        self
    }

    /// The page as text.
    pub fn finish(mut self) -> String {
        self.html.push_str("</main></body></html>\n");
        self.html
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        let written = self.html.write_fmt(text);
        debug_assert!(written.is_ok(), "a String takes every write");
    }
}

/// What a scope lets an app do, in words.
pub fn scope_text(scope: &str) -> &str {
    match scope {
        "api" => "Read and change data through APIs",
        "full" => "Do everything that you may do",
        "id" | "profile" | "email" | "address" | "phone" => "See who you are",
        "openid" => "Sign you in",
        "refresh_token" | "offline_access" => "Do so while you are away",
        "web" => "Open pages as you",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_comes_from_outside_becomes_markup() {
        let evil = "\"><script>alert('x')</script>&";
        let page = Page::new(evil)
            .alert(Some(evil))
            .text(evil)
            .list([evil])
            .form(evil)
            .hidden(&[("a", evil)])
            .credentials(evil)
            .button("b", evil, evil)
            .end_form()
            .finish();
        assert!(!page.contains("<script") && !page.contains("alert('x')"));
        assert!(page.matches("&lt;script&gt;").count() >= 9);
        assert!(page.ends_with("</main></body></html>\n"));
    }
}
