//! What is a constant in the source and has to be asked for at run time in the copy: the rows of the transition tables,
//! the rows and numbers of the vendor's tables, and lists of readings.

use crate::rewrite::{Rewriter, text};
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use std::collections::BTreeSet;
use syn::visit_mut::VisitMut;
use syn::{Expr, Ident, ImplItem, Item, ItemConst, ItemImpl, Type, parse_quote};

/// The constant lists of a file.
#[derive(Debug, Default)]
pub struct Lists(BTreeSet<String>);

fn slice(item: &ItemConst) -> Option<(Type, Vec<Expr>)> {
    let Type::Reference(reference) = &*item.ty else { return None };
    let Type::Slice(slice) = &*reference.elem else { return None };
    let Expr::Reference(expr) = &*item.expr else { return None };
    let Expr::Array(array) = &*expr.expr else { return None };
    Some(((*slice.elem).clone(), array.elems.iter().cloned().collect()))
}

impl Lists {
    /// The lists that these items declare.
    pub fn of(items: &[Item]) -> Lists {
        let lists = items.iter().filter_map(|item| match item {
            Item::Const(list) if slice(list).is_some() => Some(list.ident.to_string()),
            _ => None,
        });
        Lists(lists.collect())
    }

    /// What stands for a list where it is used.
    pub fn mutated(&self, name: &Ident) -> Option<Ident> {
        self.0.contains(&name.to_string()).then(|| format_ident!("{name}_MUTATED"))
    }
}

/// A row of a transition table.
struct TableRow {
    from: String,
    event: String,
    to: String,
}

/// The rows of `table! { From, Event => To, [facts], "why"; }`.
fn rows(tokens: TokenStream) -> Vec<TableRow> {
    let mut rows = Vec::new();
    let mut names = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(name) => names.push(name.to_string()),
            TokenTree::Punct(mark) if mark.as_char() == ';' => {
                if let [from, event, to] = std::mem::take(&mut names).as_slice() {
                    rows.push(TableRow { from: from.clone(), event: event.clone(), to: to.clone() });
                }
            }
            _ => {}
        }
    }
    rows
}

impl Rewriter<'_> {
    /// The mutants of a machine's table: each row is left out, and leads elsewhere.
    pub fn rows(&mut self, item: &mut ItemImpl) {
        let is = |it: &&ImplItem, name: &str| matches!(it, ImplItem::Const(it) if it.ident == name);
        let Some(ImplItem::Const(table)) = item.items.iter().find(|it| is(it, "TABLE")) else { return };
        let Expr::Macro(table) = &table.expr else { return };
        let machine = item.self_ty.to_token_stream().to_string();
        let rows = rows(table.mac.tokens.clone());
        let mut numbers = Vec::new();
        self.path.push(machine);
        for (index, row) in rows.iter().enumerate() {
            let TableRow { from, event, to } = row;
            let others = (1..rows.len()).map(|step| (index + step) % rows.len());
            let other = others.into_iter().find(|other| rows[*other].to != *to).expect("a table leads to two states");
            let first = self.mutants.len() as u32;
            self.on("row", format!("{from}, {event} => {to}; left out"));
            self.on("row", format!("{from}, {event} => {to}, as {}", rows[other].to));
            numbers.push(quote!((#first, #other)));
        }
        self.path.pop();
        let name = item.items.iter().find_map(|it| match it {
            ImplItem::Const(it) if it.ident == "NAME" => Some(it.expr.to_token_stream()),
            _ => None,
        });
        let name = name.expect("a machine has a name");
        self.machines.push(quote!((#name, &[#(#numbers),*])));
    }

    /// A list of the copy, whose elements a mutant leaves out or changes.
    pub fn list(&mut self, item: &ItemConst) -> Option<Item> {
        let (of, elements) = slice(item)?;
        let name = self.lists.mutated(&item.ident)?;
        self.path.push(item.ident.to_string());
        let mut pushes = TokenStream::new();
        for mut element in elements {
            let was = text(&element);
            let context = match &element {
                Expr::Struct(it) => it.fields.iter().take(2).map(|it| text(&it.expr)).collect::<Vec<_>>().join(".."),
                other => text(other),
            };
            let on = self.on("row", format!("{was}; left out"));
            self.path.push(context);
            self.visit_expr_mut(&mut element);
            self.path.pop();
            pushes.extend(quote!(if !#on { list.push(#element); }));
        }
        self.path.pop();
        Some(parse_quote! {
            static #name: std::sync::LazyLock<Vec<#of>> = std::sync::LazyLock::new(|| {
                let mut list: Vec<#of> = Vec::new();
                #pushes
                list
            });
        })
    }
}
