//! What kind of expression or pattern something is, which decides how it can be broken.

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Pat, UnOp};

/// Methods that answer a question.
const QUESTIONS: &[&str] = &["any", "all", "contains", "is_some", "is_none", "is_empty", "is_some_and", "is_none_or"];

/// The text of a piece of source on one line.
pub fn text(of: &impl ToTokens) -> String {
    let span = of.to_token_stream().span();
    let text = span.source_text().unwrap_or_else(|| of.to_token_stream().to_string());
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 90 { line } else { line.chars().take(87).chain("...".chars()).collect() }
}

/// Whether something is compiled for tests only.
pub fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|it| it.path().is_ident("cfg") && it.to_token_stream().to_string().contains("test"))
}

/// Whether a condition binds something.
pub fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(binary) => has_let(&binary.left) || has_let(&binary.right),
        _ => false,
    }
}

/// Whether an expression is a `matches!`.
pub fn is_matches(expr: &Expr) -> bool {
    matches!(expr, Expr::Macro(it) if it.mac.path.is_ident("matches"))
}

/// Whether an expression can only be true or false, as far as its form tells.
pub fn decides(expr: &Expr) -> bool {
    use BinOp::{And, Eq, Ge, Gt, Le, Lt, Ne, Or};
    match expr {
        Expr::Binary(it) => matches!(it.op, And(_) | Or(_) | Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_)),
        Expr::Unary(it) => matches!(it.op, UnOp::Not(_)) && decides(&it.expr),
        Expr::Paren(it) => decides(&it.expr),
        Expr::MethodCall(it) => QUESTIONS.contains(&it.method.to_string().as_str()),
        other => is_matches(other),
    }
}

/// Whether a pattern takes everything.
pub fn takes_all(pattern: &Pat) -> bool {
    match pattern {
        Pat::Wild(_) => true,
        Pat::Ident(it) => it.subpat.is_none() && it.ident.to_string().starts_with(|first: char| first.is_lowercase()),
        _ => false,
    }
}

/// The alternatives of a pattern.
pub fn alternatives(pattern: &Pat) -> Vec<Pat> {
    match pattern {
        Pat::Or(or) => or.cases.iter().cloned().collect(),
        Pat::Paren(paren) => alternatives(&paren.pat),
        other => vec![other.clone()],
    }
}

/// An expression without parts that could not be written twice.
pub fn is_simple(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Reference(it) => it.mutability.is_none() && is_simple(&it.expr),
        Expr::Field(it) => is_simple(&it.base),
        _ => false,
    }
}

/// A constant of an enum, or one in `Some`.
pub fn is_constant(expr: &Expr) -> bool {
    let constant = |it: &syn::ExprPath| {
        it.path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase))
    };
    match expr {
        Expr::Path(it) => constant(it),
        Expr::Call(call) => matches!(&*call.func, Expr::Path(it) if constant(it)) && call.args.iter().all(is_constant),
        _ => false,
    }
}

/// The arguments of a `matches!`.
pub struct Matches {
    pub of: Expr,
    pub pattern: Pat,
    pub guard: Option<Expr>,
}

impl syn::parse::Parse for Matches {
    fn parse(input: syn::parse::ParseStream) -> syn::Result<Matches> {
        let of = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = if input.parse::<Option<syn::Token![if]>>()?.is_some() { Some(input.parse()?) } else { None };
        input.parse::<Option<syn::Token![,]>>()?;
        Ok(Matches { of, pattern, guard })
    }
}
