use crate::decimal::Decimal;
use crate::diagnostics::Span;

/// A part of an expression, with its place in the expression's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where it stands, in bytes.
    pub span: Span,
}

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number as written.
    Number(Decimal),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Truth(bool),
    /// A name.
    Name(String),
    /// `a.b`
    Select(Box<Expr>, String),
    /// `t[k]`
    Index(Box<Expr>, Box<Expr>),
    /// `f(a, b)`
    Call(String, Vec<Expr>),
    /// `!a`, `-a`
    Unary(Unary, Box<Expr>),
    /// `a + b` and the like
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// `c ? a : b`
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{"a": 1}`
    Table(Vec<(Expr, Expr)>),
}

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// `!`
    Not,
    /// `-`
    Negate,
}

macro_rules! binary {
    ($($name:ident $text:literal $binding:literal;)+) => {
        /// An operator between its operands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Binary { $(#[doc = concat!("`", $text, "`")] $name),+ }

        impl Binary {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As written.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// How tightly it binds; more is tighter.
            #[must_use]
            pub fn binding(self) -> u8 {
                match self { $(Self::$name => $binding),+ }
            }

            pub(super) fn read(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

binary! {
    Or "||" 1;
    And "&&" 2;
    Equal "==" 3;
    NotEqual "!=" 3;
    Less "<" 3;
    AtMost "<=" 3;
    More ">" 3;
    AtLeast ">=" 3;
    In "in" 3;
    Add "+" 4;
    Subtract "-" 4;
    Multiply "*" 5;
}

impl Binary {
    /// Whether it compares: comparisons do not chain.
    #[must_use]
    pub fn compares(self) -> bool {
        self.binding() == Self::Equal.binding()
    }
}
