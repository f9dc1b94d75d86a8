//! What an undecided condition asks for, and what an expression reads at all.

use crate::eval::{Apart, Scene, Side, entry_value, fact_name};
use crate::model::Tree;
use crate::values::{Kind, Span};
use cel::common::ast::{CallExpr, Expr};
use std::collections::BTreeSet;

type Names = BTreeSet<String>;

impl<'a> Scene<'a> {
    /// The facts an expression asks for; nothing when it is decided.
    pub(crate) fn hangs(&self, tree: &'a Tree, money: bool) -> Names {
        let tree = self.through(tree);
        if matches!(tree.expr, Expr::Map(_)) || self.eval(tree, money).decided() {
            return Names::new();
        }
        match &tree.expr {
            Expr::Select(select) => Names::from([fact_name(select)]),
            Expr::List(list) => self.hang_all(&list.elements, false),
            Expr::Call(call) => self.hangs_call(call, money),
            _ => Names::new(),
        }
    }

    fn hang_all(&self, trees: &'a [Tree], money: bool) -> Names {
        trees.iter().flat_map(|tree| self.hangs(tree, money)).collect()
    }

    fn hangs_call(&self, call: &'a CallExpr, money: bool) -> Names {
        let args = &call.args;
        match call.func_name.as_str() {
            "_?_:_" => {
                let money = money || self.any_money(&args[1..]);
                let condition = self.truth(&args[0]);
                let mut out = self.hangs(&args[0], false);
                if condition.yes {
                    out.extend(self.hangs(&args[1], money));
                }
                if condition.no {
                    out.extend(self.hangs(&args[2], money));
                }
                out
            }
            "_[_]" => self.hangs_table(args, money),
            "_<_" | "_<=_" | "_>_" | "_>=_" => {
                let ordered = self.order(&call.func_name, args);
                ordered.apart.hangs(self, ordered.money)
            }
            "min" | "max" => self.hangs_extreme(call, money || self.any_money(args)),
            "granted" => match Self::granted_scope(args).map(|scope| self.keys(&scope)) {
                Some(Err(unknown)) => unknown,
                _ => Names::new(),
            },
            "percent" => {
                let mut out = self.hangs(&args[0], false);
                out.extend(self.hangs(&args[1], true));
                out
            }
            "_*_" => self.hang_all(args, false),
            "_==_" | "_!=_" | "_+_" | "_-_" => self.hang_all(args, money || self.any_money(args)),
            _ => self.hang_all(args, money),
        }
    }

    fn hangs_table(&self, args: &'a [Tree], money: bool) -> Names {
        let mut out = self.hangs(&args[1], false);
        if let Expr::Map(map) = &self.through(&args[0]).expr {
            let values: Vec<&'a Tree> = map.entries.iter().filter_map(entry_value).collect();
            let money = money || values.iter().any(|tree| self.kind(tree) == Kind::Money);
            let key = self.eval(&args[1], false);
            out.extend(self.entries(map, &key).into_iter().flat_map(|tree| self.hangs(tree, money)));
        }
        out
    }

    /// The undecided operands, without those that cannot matter.
    fn hangs_extreme(&self, call: &'a CallExpr, money: bool) -> Names {
        let spans: Vec<Span> = call.args.iter().map(|tree| self.eval(tree, money).span()).collect();
        let pick = if call.func_name == "min" { i128::min } else { i128::max };
        let whole = spans.iter().copied().reduce(|a, b| a.pick(b, pick)).and_then(|span| span.ends);
        let mut out = Names::new();
        for (tree, span) in call.args.iter().zip(spans) {
            let matters = match (whole, span.ends) {
                (Some((_, greatest)), Some((least, _))) if call.func_name == "min" => least < greatest,
                (Some((least, _)), Some((_, greatest))) => greatest > least,
                _ => true,
            };
            if matters {
                out.extend(self.hangs(tree, money));
            }
        }
        out
    }

    /// The facts and the subjects an expression reads anywhere, through definitions too.
    pub(crate) fn reads(&self, tree: &'a Tree, out: &mut Names) {
        let tree = self.through(tree);
        match &tree.expr {
            Expr::Select(select) => drop(out.insert(fact_name(select))),
            Expr::List(list) => list.elements.iter().for_each(|tree| self.reads(tree, out)),
            Expr::Map(map) => map.entries.iter().filter_map(entry_value).for_each(|tree| self.reads(tree, out)),
            Expr::Call(call) if call.func_name == "granted" => {
                out.extend(Self::granted_scope(&call.args).into_iter().flatten());
            }
            Expr::Call(call) if call.func_name == "id" => {
                if let Some(Expr::Ident(subject)) = call.args.first().map(|tree| &tree.expr) {
                    out.insert(subject.clone());
                }
            }
            // A subject that is asked after is not read.
            Expr::Call(call) if call.func_name == "exists" => {}
            Expr::Call(call) => call.args.iter().for_each(|tree| self.reads(tree, out)),
            _ => {}
        }
    }
}

impl<'a> Apart<'a> {
    /// The facts a comparison asks for.
    pub(crate) fn hangs(&self, scene: &Scene<'a>, money: bool) -> Names {
        if self.truth(scene, money).decided() {
            return Names::new();
        }
        match self {
            Apart::One(left, _, right) => {
                let mut out = left.hangs(scene, money);
                out.extend(right.hangs(scene, money));
                out
            }
            Apart::All(parts) | Apart::Any(parts) => parts.iter().flat_map(|part| part.hangs(scene, money)).collect(),
        }
    }
}

impl<'a> Side<'a> {
    fn hangs(&self, scene: &Scene<'a>, money: bool) -> Names {
        match self {
            Side::Tree(tree) => scene.hangs(tree, money),
            Side::Found(_, facts) => facts.clone(),
        }
    }
}
