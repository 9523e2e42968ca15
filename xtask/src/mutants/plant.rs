//! Finds the places of a source file where a fault can be planted, and writes the file with all of them.
//!
//! Every fault sleeps behind `crate::mutant::is(number)`: one build holds them all, and a variable of the
//! environment switches one on. Only the branch that is not mutated is mutated further, so that the text grows by
//! a line per fault. The text is spliced by byte positions; nothing is printed anew.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Result, anyhow};
use proc_macro2::LineColumn;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Signature, Stmt};

use super::swaps;

/// How a fault stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Another expression instead of this one.
    Instead(String),
    /// The statement is left out.
    Skip,
    /// The function answers this at once.
    Answer(String),
    /// The condition is never true; for conditions that bind (`if let`).
    Never,
    /// The arm of a `match` is never taken.
    NoArm,
}

/// One fault.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its number, from 1; 0 is "none of them".
    pub id: u32,
    pub file: String,
    pub line: usize,
    pub function: String,
    /// What stands there and what stands there instead, in one line.
    pub change: String,
    /// The how manieth of its function with this change, from 1.
    pub nth: usize,
    /// Its function as it is now.
    around: u64,
    at: Range<usize>,
    shape: Shape,
}

impl Mutant {
    /// Function and change: what it is called where its line may move.
    pub fn name(&self) -> String {
        let name = format!("`{}` `{}`", self.function, self.change.replace('`', "'"));
        match self.nth {
            1 => name,
            n => format!("{name} ({n})"),
        }
    }

    /// The same as long as its function is.
    pub fn key(&self) -> String {
        format!("{} {:016x} {}", self.file, self.around, self.name())
    }

    fn before(&self) -> String {
        match self.shape {
            Shape::Instead(_) => format!("(if !crate::mutant::is({}) {{ ", self.id),
            Shape::Skip => format!("if !crate::mutant::is({}) {{ ", self.id),
            Shape::Answer(_) | Shape::Never | Shape::NoArm => String::new(),
        }
    }

    fn after(&self) -> String {
        match &self.shape {
            Shape::Instead(text) => format!(" }} else {{ {text} }})"),
            Shape::Skip => " }".to_owned(),
            Shape::Answer(text) => {
                format!(" if crate::mutant::is({}) {{ return {text}; }}", self.id)
            }
            Shape::Never => format!(" && !crate::mutant::is({})", self.id),
            Shape::NoArm => format!(" if !crate::mutant::is({})", self.id),
        }
    }
}

/// Where a fault came to stand in the written file.
#[derive(Clone, Debug, Default)]
pub struct Place {
    pub id: u32,
    /// Everything, the original included.
    pub whole: Range<usize>,
    /// What was added.
    pub added: [Range<usize>; 2],
}

/// The text with the faults planted, and where each one stands.
pub fn write(text: &str, mutants: &[&Mutant]) -> (String, Vec<Place>) {
    // At one position: ends first, the inner one before the outer one; then beginnings, the outer one first.
    let mut marks = Vec::new();
    for (n, mutant) in mutants.iter().enumerate() {
        let order = n as isize + 1;
        if mutant.at.is_empty() {
            marks.push((mutant.at.end, order, n, true));
        } else {
            marks.push((mutant.at.start, order, n, false));
            marks.push((mutant.at.end, -order, n, true));
        }
    }
    marks.sort_unstable();
    let (mut out, mut copied) = (String::with_capacity(text.len() * 3), 0);
    let mut places = vec![Place::default(); mutants.len()];
    for (at, _, n, is_end) in marks {
        out.push_str(&text[copied..at]);
        copied = at;
        let (mutant, place, from) = (mutants[n], &mut places[n], out.len());
        place.id = mutant.id;
        if is_end {
            out.push_str(&mutant.after());
            place.added[1] = from..out.len();
            place.whole.end = out.len();
        } else {
            out.push_str(&mutant.before());
            place.added[0] = from..out.len();
        }
        if !is_end || mutant.at.is_empty() {
            place.whole.start = from;
        }
    }
    out.push_str(&text[copied..]);
    (out, places)
}

/// All faults of one file, in the order of the text, the outer before the inner; numbers are given by the caller.
///
/// # Errors
/// When the text is no Rust.
pub fn find(file: &str, text: &str) -> Result<Vec<Mutant>> {
    let parsed = syn::parse_file(text).map_err(|e| anyhow!("{file}: {e}"))?;
    let mut planter = Planter {
        file,
        text,
        function: String::new(),
        around: 0,
        is_judged: None,
        found: Vec::new(),
    };
    planter.visit_file(&parsed);
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for mutant in &mut planter.found {
        let same = (mutant.function.clone(), mutant.change.clone());
        let count = counts.entry(same).or_default();
        *count += 1;
        mutant.nth = *count;
    }
    Ok(planter.found)
}

struct Planter<'a> {
    file: &'a str,
    text: &'a str,
    function: String,
    around: u64,
    /// A condition that has its faults already.
    is_judged: Option<Range<usize>>,
    found: Vec<Mutant>,
}

impl Planter<'_> {
    fn text_of(&self, node: &impl Spanned) -> &str {
        &self.text[node.span().byte_range()]
    }

    fn plant(&mut self, at: Range<usize>, start: LineColumn, was: &str, shape: Shape) {
        let becomes = match &shape {
            Shape::Instead(text) => short(text),
            Shape::Skip => "left out".to_owned(),
            Shape::Answer(text) if text.is_empty() => "does nothing".to_owned(),
            Shape::Answer(text) => format!("answers {text}"),
            Shape::Never => "never".to_owned(),
            Shape::NoArm => "no such arm".to_owned(),
        };
        let change = format!("{} -> {becomes}", short(was));
        self.found.push(Mutant {
            id: 0,
            file: self.file.to_owned(),
            line: start.line,
            function: self.function.clone(),
            change,
            nth: 1,
            around: self.around,
            at,
            shape,
        });
    }

    fn instead(&mut self, node: &impl Spanned, text: impl Into<String>) {
        let (span, was) = (node.span(), self.text_of(node).to_owned());
        let text = text.into();
        if text != was {
            self.plant(span.byte_range(), span.start(), &was, Shape::Instead(text));
        }
    }

    fn function(&mut self, sig: &Signature, body: &Block) {
        let outer = std::mem::replace(&mut self.function, sig.ident.to_string());
        self.around = fingerprint(self.text_of(body));
        if !body.stmts.is_empty() {
            let after_brace = body.brace_token.span.open().byte_range().end;
            let was = format!("fn {}", sig.ident);
            let plain: String = self.text_of(body).split_whitespace().collect();
            for answer in swaps::answers(sig, self.text) {
                if plain != format!("{{{}}}", answer.replace(' ', "")) {
                    let shape = Shape::Answer(answer);
                    self.plant(after_brace..after_brace, sig.span().start(), &was, shape);
                }
            }
        }
        self.visit_block(body);
        self.function = outer;
    }

    /// The condition of an `if`, a guard, or what a closure answers to `filter` and the like.
    fn condition(&mut self, cond: &Expr, may_be_true: bool) {
        if swaps::binds(cond) {
            let span = cond.span();
            let was = self.text_of(cond).to_owned();
            self.plant(span.byte_range(), span.start(), &was, Shape::Never);
            return;
        }
        let is_simple = !matches!(cond, Expr::Binary(_) | Expr::Unary(_));
        if is_simple && may_be_true {
            self.instead(cond, "true");
        }
        if is_simple {
            self.is_judged = Some(cond.span().byte_range());
        }
        self.instead(cond, "false");
    }

    fn operands(&mut self, binary: &syn::ExprBinary) {
        if swaps::binds(&binary.left) || swaps::binds(&binary.right) {
            for side in [&binary.left, &binary.right] {
                if !swaps::binds(side) {
                    self.instead(side, "true");
                }
            }
            return;
        }
        for op in swaps::operators(&binary.op) {
            let (left, right) = (self.text_of(&binary.left), self.text_of(&binary.right));
            let text = if op.ends_with('=') && swaps::assigns(&binary.op) {
                format!("{left} {op} {right}")
            } else {
                format!("({left}) {op} ({right})")
            };
            self.instead(binary, text);
        }
    }

    fn method(&mut self, call: &syn::ExprMethodCall) {
        let name = call.method.to_string();
        if let Some(other) = swaps::method(&name) {
            let (span, method) = (call.span().byte_range(), call.method.span().byte_range());
            let (before, after) = (
                &self.text[span.start..method.start],
                &self.text[method.end..span.end],
            );
            let text = format!("{before}{other}{after}");
            self.instead(call, text);
        }
        if swaps::ASKS.contains(&name.as_str()) && self.is_judged != Some(call.span().byte_range())
        {
            let text = format!("!({})", self.text_of(call));
            self.instead(call, text);
        }
        if swaps::SIFTS.contains(&name.as_str())
            && let Some(Expr::Closure(closure)) = call.args.last()
            && !matches!(*closure.body, Expr::Block(_))
        {
            self.condition(&closure.body, true);
        }
    }

    fn arms(&mut self, arms: &[syn::Arm]) {
        let is_wild = |arm: &syn::Arm| matches!(arm.pat, syn::Pat::Wild(_)) && arm.guard.is_none();
        let has_wild = arms.iter().any(is_wild);
        for arm in arms {
            if let Some((_, guard)) = &arm.guard {
                self.condition(guard, true);
                self.visit_expr(guard);
            } else if has_wild && !is_wild(arm) {
                let span = arm.pat.span();
                let was = self.text_of(&arm.pat).to_owned();
                self.plant(span.byte_range(), span.start(), &was, Shape::NoArm);
            }
            self.visit_expr(&arm.body);
        }
    }

    fn fields(&mut self, literal: &syn::ExprStruct) {
        let Some(rest) = &literal.rest else { return };
        for field in literal.fields.iter().filter(|f| f.colon_token.is_some()) {
            if let syn::Member::Named(name) = &field.member {
                let text = format!("({}).{name}", self.text_of(rest));
                self.instead(&field.expr, text);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Planter<'_> {
    fn visit_item_mod(&mut self, node: &'ast syn::ItemMod) {
        if !swaps::is_test(&node.attrs) {
            visit::visit_item_mod(self, node);
        }
    }

    fn visit_item_impl(&mut self, node: &'ast syn::ItemImpl) {
        let shows = |path: &syn::Path| {
            let last = path.segments.last().map(|s| s.ident.to_string());
            matches!(last.as_deref(), Some("Display" | "Debug" | "Error"))
        };
        let is_shown = node.trait_.as_ref().is_some_and(|(_, path, _)| shows(path));
        if !is_shown && !swaps::is_test(&node.attrs) {
            visit::visit_item_impl(self, node);
        }
    }

    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        if node.sig.constness.is_none() && !swaps::is_test(&node.attrs) {
            self.function(&node.sig, &node.block);
        }
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        if node.sig.constness.is_none() && !swaps::is_test(&node.attrs) {
            self.function(&node.sig, &node.block);
        }
    }

    // Constants, types, patterns and attributes are fixed before the program runs.
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_stmt(&mut self, node: &'ast Stmt) {
        if let Stmt::Expr(expr, end) = node {
            let does = matches!(expr, Expr::Assign(_) | Expr::Try(_)) && end.is_some()
                || matches!(expr, Expr::MethodCall(_) | Expr::Call(_))
                || matches!(expr, Expr::Binary(b) if swaps::assigns(&b.op));
            if does {
                let (span, was) = (node.span(), self.text_of(node).to_owned());
                self.plant(span.byte_range(), span.start(), &was, Shape::Skip);
            }
        }
        visit::visit_stmt(self, node);
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        match node {
            Expr::Binary(binary) => self.operands(binary),
            Expr::Unary(unary) if !matches!(unary.op, syn::UnOp::Deref(_)) => {
                let text = self.text_of(&unary.expr).to_owned();
                self.instead(node, text);
            }
            Expr::If(branch) => self.condition(&branch.cond, true),
            Expr::MethodCall(call) => self.method(call),
            Expr::Match(choice) => {
                self.visit_expr(&choice.expr);
                self.arms(&choice.arms);
                return;
            }
            Expr::Macro(call)
                if call.mac.path.is_ident("matches")
                    && self.is_judged != Some(node.span().byte_range()) =>
            {
                let text = format!("!{}", self.text_of(node));
                self.instead(node, text);
            }
            Expr::Struct(literal) => self.fields(literal),
            Expr::Repeat(repeat) => {
                self.visit_expr(&repeat.expr);
                return;
            }
            _ => {}
        }
        visit::visit_expr(self, node);
    }
}

/// FNV-1a; white space does not count.
fn fingerprint(text: &str) -> u64 {
    let bytes = text.bytes().filter(|b| !b.is_ascii_whitespace());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn short(text: &str) -> String {
    const LONGEST: usize = 90;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(text: &str) -> Vec<String> {
        let found = find("a.rs", text).unwrap();
        found.into_iter().map(|m| m.change).collect()
    }

    fn written(text: &str) -> String {
        let mut found = find("a.rs", text).unwrap();
        for (n, mutant) in found.iter_mut().enumerate() {
            mutant.id = n as u32 + 1;
        }
        let (out, places) = write(text, &found.iter().collect::<Vec<_>>());
        assert!(syn::parse_file(&out).is_ok(), "{out}");
        for place in places {
            for added in place.added.iter().filter(|a| !a.is_empty()) {
                assert!(place.whole.start <= added.start && added.end <= place.whole.end);
                let id = format!("({})", place.id);
                let whole = &out[place.whole.clone()];
                assert!(whole.contains(&id), "{whole}");
            }
        }
        out
    }

    #[test]
    fn every_kind_of_fault_is_found() {
        let check = |text: &str, expected: &[&str]| assert_eq!(changes(text), expected, "{text}");
        check(
            "fn f() -> bool { g() }",
            &[
                "fn f -> answers true",
                "fn f -> answers false",
                "g() -> left out",
            ],
        );
        check("fn f() -> Option<u8> { None }", &[]);
        check(
            "fn f() { x.y(); }",
            &["fn f -> does nothing", "x.y(); -> left out"],
        );
        check(
            "fn f() -> &u8 { let x = a < b; y }",
            &["a < b -> (a) <= (b)", "a < b -> (a) > (b)"],
        );
        check(
            "fn f() -> &u8 { if x { return y; } z }",
            &["x -> true", "x -> false"],
        );
        check(
            "fn f() -> &u8 { if let X = x && y { return y; } z }",
            &["let X = x && y -> never", "y -> true"],
        );
        check(
            "fn f() -> &u8 { match x { A => a, B if b => c, _ => d } }",
            &["A -> no such arm", "b -> true", "b -> false"],
        );
        check("fn f() -> &u8 { S { a: 1, ..b() } }", &["1 -> (b()).a"]);
        check(
            "fn f() -> &u8 { let z = v.iter().filter(|x| x.ok).max(); z }",
            &[
                "v.iter().filter(|x| x.ok).max() -> v.iter().filter(|x| x.ok).min()",
                "x.ok -> true",
                "x.ok -> false",
            ],
        );
        check("const fn f() -> bool { true }", &[]);
        check("#[cfg(test)] mod t { fn f() -> bool { g() } }", &[]);
        check("impl Debug for X { fn f() -> bool { g() } }", &[]);
    }

    #[test]
    fn the_original_stays_and_is_mutated_further() {
        assert_eq!(
            written("fn f() -> &u8 { let x = !(a == b); y }"),
            "fn f() -> &u8 { let x = (if !crate::mutant::is(1) { !((if !crate::mutant::is(2) { a == b } \
             else { (a) != (b) })) } else { (a == b) }); y }"
        );
        written(
            "fn f() -> u32 { if let Some(x) = y && x > 3 { z += x; } a.b(c)?; match d { 1 => e + 1, _ => 0 } }",
        );
    }
}
