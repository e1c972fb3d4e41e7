//! Rewrites a file so that every mutation point asks at run time whether it is the mutant.
//!
//! All mutants are compiled at once: `a < b` becomes `if on(17) { a <= b } else { a < b }`, and a process that is told to
//! be mutant 17 runs the one without paying for a build.

use crate::Mutant;
use crate::expressions::{
    Matches, alternatives, decides, for_tests, has_let, is_constant, is_matches, is_simple, takes_all, text,
};
use crate::tables::Lists;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, BinOp, Block, Expr, ExprMatch, ExprMethodCall, ImplItemFn, Item, ItemFn, ItemImpl, ItemMod, ItemTrait, Lit,
    Pat, ReturnType, Signature, Stmt, TraitItemFn, Type, UnOp, parse_quote,
};

/// Methods whose closure decides something.
const PREDICATES: &[&str] = &[
    "filter",
    "any",
    "all",
    "position",
    "find",
    "is_some_and",
    "is_none_or",
    "retain",
    "settle_readings",
    "take_while",
];

/// Rewrites one file.
pub struct Rewriter<'a> {
    /// The file, as it is called in the list.
    pub file: &'a str,
    /// The functions and types around.
    pub path: Vec<String>,
    /// All mutants so far.
    pub mutants: &'a mut Vec<Mutant>,
    /// The rows of the machines, for the run time.
    pub machines: &'a mut Vec<TokenStream>,
    /// The constant lists of the file.
    pub lists: Lists,
}

impl Rewriter<'_> {
    /// A new mutant; the expression that asks whether it is this one.
    pub fn on(&mut self, kind: &'static str, change: String) -> Expr {
        let id = self.mutants.len() as u32;
        let function = self.path.join("::");
        self.mutants.push(Mutant { file: self.file.to_owned(), function, kind, change });
        parse_quote!(crate::mutant::on(#id))
    }

    /// A condition that two mutants take for true and for false.
    fn forced(&mut self, condition: &mut Expr, was: &str) {
        if is_matches(condition) {
            self.visit_expr_mut(condition);
            return;
        }
        self.visit_expr_mut(condition);
        let never = self.on("condition", format!("{was} -> false"));
        if has_let(condition) {
            *condition = parse_quote!(!#never && #condition);
        } else {
            let always = self.on("condition", format!("{was} -> true"));
            *condition = parse_quote!((#always || (!#never && (#condition))));
        }
    }

    fn force(&mut self, condition: &mut Expr) {
        let was = text(condition);
        self.forced(condition, &was);
    }

    /// An operand of `&&` or of `||` that a mutant leaves out.
    fn operand(&mut self, operand: &mut Expr, and: bool) {
        let same = |it: &Expr| {
            matches!((it, and), (Expr::Binary(it), true) if matches!(it.op, BinOp::And(_)))
                || matches!((it, and), (Expr::Binary(it), false) if matches!(it.op, BinOp::Or(_)))
        };
        if let Expr::Let(it) = operand {
            self.visit_expr_mut(&mut it.expr);
        } else if same(operand) || is_matches(operand) {
            self.visit_expr_mut(operand);
        } else {
            let was = text(operand);
            self.visit_expr_mut(operand);
            if and {
                let dropped = self.on("condition", format!("&& {was} dropped"));
                *operand = parse_quote!((#dropped || (#operand)));
            } else {
                let dropped = self.on("condition", format!("|| {was} dropped"));
                *operand = parse_quote!((!#dropped && (#operand)));
            }
        }
    }

    fn binary(&mut self, expr: &mut Expr) {
        let was = text(expr);
        let Expr::Binary(binary) = expr else { return };
        if let BinOp::And(_) | BinOp::Or(_) = binary.op {
            let and = matches!(binary.op, BinOp::And(_));
            self.operand(&mut binary.left, and);
            self.operand(&mut binary.right, and);
            return;
        }
        self.visit_expr_mut(&mut binary.left);
        self.visit_expr_mut(&mut binary.right);
        let (kind, others): (_, &[TokenStream]) = match binary.op {
            BinOp::Eq(_) => ("comparison", &[quote!(!=)]),
            BinOp::Ne(_) => ("comparison", &[quote!(==)]),
            BinOp::Lt(_) => ("comparison", &[quote!(<=), quote!(>=)]),
            BinOp::Le(_) => ("comparison", &[quote!(<), quote!(>)]),
            BinOp::Gt(_) => ("comparison", &[quote!(>=), quote!(<=)]),
            BinOp::Ge(_) => ("comparison", &[quote!(>), quote!(<)]),
            BinOp::Add(_) => ("arithmetic", &[quote!(-)]),
            BinOp::Sub(_) => ("arithmetic", &[quote!(+)]),
            BinOp::Mul(_) => ("arithmetic", &[quote!(/)]),
            BinOp::Div(_) => ("arithmetic", &[quote!(*)]),
            BinOp::BitXor(_) => ("arithmetic", &[quote!(|)]),
            BinOp::AddAssign(_) => ("arithmetic", &[quote!(-=)]),
            BinOp::SubAssign(_) => ("arithmetic", &[quote!(+=)]),
            BinOp::BitAndAssign(_) => ("arithmetic", &[quote!(|=)]),
            BinOp::BitOrAssign(_) => ("arithmetic", &[quote!(&=)]),
            _ => return,
        };
        let (left, right) = (binary.left.clone(), binary.right.clone());
        for other in others {
            let on = self.on(kind, format!("{was}, as {other}"));
            *expr = parse_quote!((if #on { #left #other #right } else { #expr }));
        }
    }

    fn matches_macro(&mut self, expr: &mut Expr) {
        let was = text(expr);
        let Expr::Macro(it) = &*expr else { return };
        let Ok(Matches { mut of, pattern, mut guard }) = it.mac.parse_body::<Matches>() else { return };
        self.visit_expr_mut(&mut of);
        if let Some(guard) = &mut guard {
            self.force(guard);
        }
        let always = self.on("condition", format!("{was} -> true"));
        let mut arms = TokenStream::new();
        for pattern in alternatives(&pattern) {
            let never = self.on("alternative", format!("{was} without {}", text(&pattern)));
            let guard = guard.iter();
            arms.extend(quote!(#pattern if !#never #(&& #guard)* => true,));
        }
        *expr = parse_quote!((match #of { #arms _ => #always }));
    }

    fn number(&mut self, expr: &mut Expr) {
        let Expr::Lit(it) = &*expr else { return };
        match &it.lit {
            Lit::Int(int) => {
                let Ok(value) = int.base10_parse::<u64>() else { return };
                let (suffix, was) = (int.suffix().to_owned(), expr.clone());
                for other in [Some(value + 1), value.checked_sub(1)].into_iter().flatten() {
                    let on = self.on("number", format!("{} -> {other}", text(&was)));
                    let other = syn::LitInt::new(&format!("{other}{suffix}"), proc_macro2::Span::call_site());
                    *expr = parse_quote!((if #on { #other } else { #expr }));
                }
            }
            Lit::Bool(it) => {
                let (value, other) = (it.value, !it.value);
                let on = self.on("value", format!("{value} -> {other}"));
                *expr = parse_quote!((if #on { #other } else { #value }));
            }
            _ => {}
        }
    }

    fn method(&mut self, expr: &mut Expr) {
        let was = text(expr);
        let Expr::MethodCall(call) = expr else { return };
        let name = call.method.to_string();
        let received = text(&call.receiver);
        self.visit_expr_mut(&mut call.receiver);
        for argument in &mut call.args {
            match argument {
                Expr::Closure(closure) if PREDICATES.contains(&name.as_str()) => {
                    if !matches!(&*closure.body, Expr::Block(_) | Expr::Path(_)) && name != "settle_readings" {
                        self.force(&mut closure.body);
                    } else {
                        self.visit_expr_mut(&mut closure.body);
                    }
                }
                other => self.visit_expr_mut(other),
            }
        }
        let other = match name.as_str() {
            "any" if call.args.len() == 1 => "all",
            "all" if call.args.len() == 1 => "any",
            "min" => "max",
            "max" => "min",
            "is_some" => "is_none",
            "is_none" => "is_some",
            "is_some_and" => "is_none_or",
            "is_none_or" => "is_some_and",
            "next" if call.args.is_empty() && self.file.ends_with("tables.rs") => "next_back",
            "next_back" => "next",
            "with_dependents" => "with_dependencies",
            "with_dependencies" => "with_dependents",
            "rev" => {
                let receiver = call.receiver.clone();
                let on = self.on("order", format!("{was} -> not reversed"));
                *expr = parse_quote!(crate::mutant::reversed(!#on, #receiver));
                return;
            }
            "then_some" | "then" => {
                let receiver = call.receiver.clone();
                let [always, never] = ["true", "false"].map(|it| self.on("condition", format!("{received} -> {it}")));
                *call.receiver = parse_quote!((#always || (!#never && (#receiver))));
                return;
            }
            _ => return,
        };
        if matches!(name.as_str(), "min" | "max") && call.args.is_empty() {
            return;
        }
        let mut swapped: ExprMethodCall = call.clone();
        swapped.method = syn::Ident::new(other, call.method.span());
        let on = self.on("question", format!("{was}, as {other}"));
        *expr = parse_quote!((if #on { #swapped } else { #expr }));
    }

    fn array(&mut self, expr: &mut Expr) {
        let was = text(expr);
        let (reference, array) = match &*expr {
            Expr::Array(array) => (false, array.clone()),
            Expr::Reference(it) => match &*it.expr {
                Expr::Array(array) if it.mutability.is_none() => (true, array.clone()),
                _ => return visit_mut::visit_expr_mut(self, expr),
            },
            _ => return,
        };
        if array.elems.len() < 2 || !array.elems.iter().all(is_simple) {
            return visit_mut::visit_expr_mut(self, expr);
        }
        // A constant lives for ever only with its own `&`; for anything else one around the whole is enough.
        let inner = (reference && array.elems.iter().all(is_constant)).then(|| quote!(&));
        let mut rewritten: Expr = parse_quote!(#inner #array);
        for index in 0..array.elems.len() {
            let mut other = array.clone();
            other.elems[index] = array.elems[(index + 1) % array.elems.len()].clone();
            if text(&other.elems[index]) == text(&array.elems[index]) {
                continue;
            }
            let on = self.on("list", format!("{was} without {}", text(&array.elems[index])));
            rewritten = parse_quote!((if #on { #inner #other } else { #rewritten }));
        }
        let outer = (reference && inner.is_none()).then(|| quote!(&));
        *expr = parse_quote!(#outer #rewritten);
    }

    /// The arms of a match that a mutant leaves out, or whose number it moves.
    fn arms(&mut self, of: &mut ExprMatch, unit: bool) {
        self.visit_expr_mut(&mut of.expr);
        let open = of.arms.last().is_some_and(|last| last.guard.is_none() && takes_all(&last.pat));
        let bodies: Vec<Expr> = of.arms.iter().map(|arm| (*arm.body).clone()).collect();
        let count = bodies.len();
        let mut rewritten = Vec::new();
        for (index, mut arm) in std::mem::take(&mut of.arms).into_iter().enumerate() {
            let plain = arm.guard.is_none();
            if let Some((_, guard)) = &mut arm.guard {
                self.force(guard);
            }
            let last = index + 1 == count;
            // Where no arm can be left out another one's value takes its place.
            let next = &bodies[(index + 1) % count];
            let swap = (!open || last) && is_constant(&arm.body) && is_constant(next) && text(&arm.body) != text(next);
            let was = text(&arm.body);
            if unit {
                self.unit(&mut arm.body)
            } else {
                self.visit_expr_mut(&mut arm.body)
            }
            if swap {
                let on = self.on("arm", format!("{} => {was}, as {}", text(&arm.pat), text(next)));
                let body = &arm.body;
                arm.body = parse_quote!((if #on { #next } else { #body }));
            }
            if arm.comma.is_none() {
                arm.comma = Some(Default::default());
            }
            if !open || last {
                rewritten.push(arm);
                continue;
            }
            let all = alternatives(&arm.pat);
            if !plain && all.len() == 1 {
                rewritten.push(arm);
                continue;
            }
            for pattern in all {
                self.arm(Arm { pat: pattern, ..arm.clone() }, &mut rewritten);
            }
        }
        of.arms = rewritten;
    }

    fn arm(&mut self, mut arm: Arm, out: &mut Vec<Arm>) {
        let was = text(&arm.pat);
        let mut guard: Option<Expr> = arm.guard.take().map(|(_, guard)| *guard);
        let mut and = |term: Expr| {
            guard = Some(match guard.take() {
                Some(guard) => parse_quote!(#term && #guard),
                None => term,
            });
        };
        let number = |expr: &Expr| match expr {
            Expr::Lit(it) => match &it.lit {
                Lit::Int(int) => int.base10_parse::<u64>().ok(),
                _ => None,
            },
            _ => None,
        };
        let bounds = match &arm.pat {
            Pat::Lit(it) => number(&Expr::Lit(it.clone())).map(|it| (it, it)),
            Pat::Range(range) => match (&range.start, &range.end) {
                (Some(start), Some(end)) => number(start).zip(number(end)),
                _ => None,
            },
            _ => None,
        };
        if let Some((low, high)) = bounds {
            let pattern = arm.pat.clone();
            arm.pat = parse_quote!(number @ #pattern);
            let literal = |it: u64| syn::LitInt::new(&it.to_string(), proc_macro2::Span::call_site());
            let more = self.on("number", format!("{was} => up to {}", high + 1));
            let above = literal(high + 1);
            let body = arm.body.clone();
            out.push(parse_quote!(#above if #more => #body,));
            if low < high {
                let less = self.on("number", format!("{was} => up to {}", high - 1));
                let high = literal(high);
                and(parse_quote!(!(#less && number == #high)));
            }
            if low > 0 {
                let fewer = self.on("number", format!("{was} => from {}", low - 1));
                let below = literal(low - 1);
                out.push(parse_quote!(#below if #fewer => #body,));
            }
        }
        let never = self.on("arm", format!("{was} => left out"));
        and(parse_quote!(!#never));
        arm.guard = guard.map(|guard| (Default::default(), Box::new(guard)));
        out.push(arm);
    }

    /// An expression in the place of a statement, whose value nobody wants.
    fn unit(&mut self, expr: &mut Expr) {
        match expr {
            Expr::If(it) => {
                self.force(&mut it.cond);
                self.block(&mut it.then_branch, true);
                if let Some((_, other)) = &mut it.else_branch {
                    self.unit(other);
                }
            }
            Expr::Match(it) => self.arms(it, true),
            Expr::Block(it) => self.block(&mut it.block, true),
            Expr::ForLoop(_) | Expr::Call(_) | Expr::MethodCall(_) | Expr::Assign(_) => self.dropped(expr),
            Expr::Binary(it) if it.op.to_token_stream().to_string().ends_with('=') => self.dropped(expr),
            other => self.visit_expr_mut(other),
        }
    }

    fn dropped(&mut self, expr: &mut Expr) {
        let was = match &*expr {
            Expr::ForLoop(it) => format!("for {} in {}", text(&it.pat), text(&it.expr)),
            other => text(other),
        };
        self.visit_expr_mut(expr);
        let on = self.on("statement", format!("{was}; dropped"));
        *expr = parse_quote!(if !#on { #expr; });
    }

    fn block(&mut self, block: &mut Block, unit: bool) {
        let count = block.stmts.len();
        for (index, stmt) in block.stmts.iter_mut().enumerate() {
            match stmt {
                Stmt::Expr(expr, Some(_)) if !matches!(expr, Expr::If(_) | Expr::Match(_) | Expr::Block(_)) => {
                    self.unit(expr);
                }
                Stmt::Expr(expr, None) if unit || index + 1 < count => self.unit(expr),
                other => self.visit_stmt_mut(other),
            }
        }
    }

    fn function(&mut self, signature: &mut Signature, body: &mut Block) {
        // Nothing that asks who is the mutant can be computed by the compiler.
        signature.constness = None;
        self.path.push(signature.ident.to_string());
        let returned = match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, of) => Some(of.to_token_stream().to_string().replace(' ', "")),
        };
        let whole = match body.stmts.as_slice() {
            [Stmt::Expr(expr, None)] => Some(expr.clone()),
            _ => None,
        };
        let nothing = body.stmts.is_empty();
        self.block(body, returned.is_none());
        let values: &[&str] = match returned.as_deref() {
            None if nothing => &[],
            None => &["()"],
            Some("bool") if whole.as_ref().is_some_and(is_matches) => &[],
            Some("bool") => &["true", "false"],
            Some("u8" | "u16" | "u32" | "u64" | "usize")
                if !whole.as_ref().is_some_and(|it| matches!(it, Expr::Lit(_))) =>
            {
                &["0", "1"]
            }
            Some("Progress") => &["Progress::Done", "Progress::Failed", "Progress::Blocked"],
            Some(it) if it.starts_with("Option<") => &["None"],
            Some(it) if it.starts_with("Vec<") => &["Vec::new()"],
            _ => &[],
        };
        for value in values.iter().rev() {
            let change = if *value == "()" { "does nothing".to_owned() } else { format!("returns {value}") };
            let on = self.on("function", change);
            let value: Expr = syn::parse_str(value).expect("an expression");
            body.stmts.insert(0, parse_quote!(if #on { return #value; }));
        }
        self.path.pop();
    }

    /// What is declared for tests alone stays as it is.
    fn inside(&mut self, name: String, attributes: &[syn::Attribute], each: impl FnOnce(&mut Self)) {
        if !for_tests(attributes) {
            self.path.push(name);
            each(self);
            self.path.pop();
        }
    }
}

fn name_of(of: &Type) -> String {
    match of {
        Type::Path(path) => path.path.segments.last().map_or_else(String::new, |last| last.ident.to_string()),
        other => text(other),
    }
}

impl VisitMut for Rewriter<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Binary(_) => self.binary(expr),
            Expr::Macro(_) if is_matches(expr) => self.matches_macro(expr),
            Expr::Lit(_) => self.number(expr),
            Expr::MethodCall(_) => self.method(expr),
            Expr::Array(_) => self.array(expr),
            Expr::Reference(it) if matches!(&*it.expr, Expr::Array(_)) => self.array(expr),
            Expr::Match(it) => self.arms(it, false),
            Expr::If(it) => {
                self.force(&mut it.cond);
                self.block(&mut it.then_branch, false);
                if let Some((_, other)) = &mut it.else_branch {
                    self.visit_expr_mut(other);
                }
            }
            Expr::While(it) => {
                if has_let(&it.cond) {
                    self.force(&mut it.cond);
                } else {
                    let was = text(&it.cond);
                    self.visit_expr_mut(&mut it.cond);
                    let (never, condition) = (self.on("condition", format!("{was} -> false")), &it.cond);
                    it.cond = parse_quote!(!#never && (#condition));
                }
                self.block(&mut it.body, true);
            }
            Expr::ForLoop(it) => {
                self.visit_expr_mut(&mut it.expr);
                self.block(&mut it.body, true);
            }
            Expr::Loop(it) => self.block(&mut it.body, true),
            Expr::Unary(it) if matches!(it.op, UnOp::Not(_)) => {
                let was = text(it);
                self.visit_expr_mut(&mut it.expr);
                let on = self.on("condition", format!("{was}, not negated"));
                let inner = &it.expr;
                *expr = parse_quote!((if #on { #inner } else { !#inner }));
            }
            Expr::Closure(it) if decides(&it.body) => self.force(&mut it.body),
            Expr::Index(it) => {
                let table = match &*it.expr {
                    Expr::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "TABLE"),
                    _ => false,
                };
                visit_mut::visit_expr_index_mut(self, it);
                if let (true, Expr::Path(path)) = (table, &*it.expr) {
                    let (machine, index) = (&path.path.segments[0], &it.index);
                    it.index = parse_quote!(crate::mutant::target(#machine::NAME, #index));
                }
            }
            Expr::Path(it) => {
                if let Some(list) = it.path.get_ident().and_then(|name| self.lists.mutated(name)) {
                    *expr = parse_quote!((&#list[..]));
                }
            }
            Expr::Repeat(it) => self.visit_expr_mut(&mut it.expr),
            Expr::Const(_) | Expr::Macro(_) => {}
            other => visit_mut::visit_expr_mut(self, other),
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.block(block, false);
    }

    fn visit_item_fn_mut(&mut self, item: &mut ItemFn) {
        if !for_tests(&item.attrs) {
            self.function(&mut item.sig, &mut item.block);
        }
    }

    fn visit_impl_item_fn_mut(&mut self, item: &mut ImplItemFn) {
        if !for_tests(&item.attrs) {
            self.function(&mut item.sig, &mut item.block);
        }
    }

    fn visit_trait_item_fn_mut(&mut self, item: &mut TraitItemFn) {
        let Some(body) = &mut item.default else { return };
        let rows = item.sig.ident == "row" && self.path.last().is_some_and(|name| name == "Machine");
        self.function(&mut item.sig, body);
        if rows {
            *body = parse_quote!({ (#body).filter(|row| !crate::mutant::removed(Self::NAME, *row)) });
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        let name = name_of(&item.self_ty);
        self.rows(item);
        let attributes = item.attrs.clone();
        self.inside(name, &attributes, |this| visit_mut::visit_item_impl_mut(this, item));
    }

    fn visit_item_trait_mut(&mut self, item: &mut ItemTrait) {
        let (name, attributes) = (item.ident.to_string(), item.attrs.clone());
        self.inside(name, &attributes, |this| visit_mut::visit_item_trait_mut(this, item));
    }

    fn visit_item_mod_mut(&mut self, item: &mut ItemMod) {
        let (name, attributes) = (item.ident.to_string(), item.attrs.clone());
        self.inside(name, &attributes, |this| visit_mut::visit_item_mod_mut(this, item));
    }

    fn visit_file_mut(&mut self, file: &mut syn::File) {
        self.lists = Lists::of(&file.items);
        let mut added: Vec<Item> = Vec::new();
        for item in &mut file.items {
            if let Item::Const(list) = item {
                added.extend(self.list(list));
            } else {
                self.visit_item_mut(item);
            }
        }
        file.items.extend(added);
    }

    // None of these is computed at run time.
    fn visit_item_const_mut(&mut self, _: &mut syn::ItemConst) {}
    fn visit_item_static_mut(&mut self, _: &mut syn::ItemStatic) {}
    fn visit_impl_item_const_mut(&mut self, _: &mut syn::ImplItemConst) {}
    fn visit_trait_item_const_mut(&mut self, _: &mut syn::TraitItemConst) {}
    fn visit_pat_mut(&mut self, _: &mut Pat) {}
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_attribute_mut(&mut self, _: &mut syn::Attribute) {}
    fn visit_generics_mut(&mut self, _: &mut syn::Generics) {}
    fn visit_item_enum_mut(&mut self, _: &mut syn::ItemEnum) {}
    fn visit_item_struct_mut(&mut self, _: &mut syn::ItemStruct) {}
}
