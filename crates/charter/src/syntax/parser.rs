use super::lexer::{Token, tokens};
use super::{Binary, Expr, Kind, SyntaxError, Unary};
use crate::diagnostics::Span;
use crate::limits;

/// Reads one expression.
///
/// # Errors
/// The first place that is not an expression of the language, or the limit that is passed.
pub fn parse(source: &str) -> Result<Expr, SyntaxError> {
    if source.len() > limits::EXPRESSION_BYTES {
        return Err(too_large(0..source.len(), format!("this expression has {} bytes", source.len()), "EXPRESSION_BYTES", limits::EXPRESSION_BYTES));
    }
    let mut reader = Reader { tokens: tokens(source)?, next: 0, depth: 0 };
    let expr = reader.expression()?;
    match reader.peek() {
        Token::End if is_deeper_than(&expr, limits::EXPRESSION_DEPTH) => {
            Err(too_large(0..source.len(), "this expression has too many operators in a row", "EXPRESSION_DEPTH", limits::EXPRESSION_DEPTH))
        }
        Token::End => Ok(expr),
        _ => Err(reader.unexpected("an operator or the end")),
    }
}

struct Reader {
    tokens: Vec<(Token, Span)>,
    next: usize,
    depth: usize,
}

impl Reader {
    fn expression(&mut self) -> Result<Expr, SyntaxError> {
        self.nested(Self::choose)
    }

    /// Every way down passes here, so that the stack is bounded.
    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Result<Expr, SyntaxError>) -> Result<Expr, SyntaxError> {
        if self.depth >= limits::NESTING {
            return Err(too_large(self.span(), "this expression is nested too deeply", "NESTING", limits::NESTING));
        }
        self.depth += 1;
        let expr = read(self);
        self.depth -= 1;
        expr
    }

    fn choose(&mut self) -> Result<Expr, SyntaxError> {
        let condition = self.operators(1)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.nested(|r| r.operators(1))?;
        self.must("`:` and what holds otherwise", ":")?;
        let no = self.expression()?;
        let span = condition.span.start..no.span.end;
        Ok(Expr { kind: Kind::Choose(Box::new(condition), Box::new(yes), Box::new(no)), span })
    }

    /// Operators that bind at least as tightly as `least`, from left to right.
    fn operators(&mut self, least: u8) -> Result<Expr, SyntaxError> {
        let mut left = self.unary()?;
        while let Some(op) = self.operator().filter(|op| op.binding() >= least) {
            self.next += 1;
            let right = self.nested(|r| r.operators(op.binding() + 1))?;
            if op.compares() && self.operator().is_some_and(Binary::compares) {
                return Err(self.unexpected("one comparison at a time: join two with `&&`"));
            }
            let span = left.span.start..right.span.end;
            left = Expr { kind: Kind::Binary(op, Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    fn operator(&self) -> Option<Binary> {
        match self.peek() {
            Token::Mark(mark) => Binary::read(mark),
            _ => None,
        }
    }

    fn unary(&mut self) -> Result<Expr, SyntaxError> {
        let begin = self.span().start;
        let op = match self.peek() {
            Token::Mark("!") => Unary::Not,
            Token::Mark("-") => Unary::Negate,
            _ => return self.member(),
        };
        self.next += 1;
        let operand = self.nested(Self::unary)?;
        let span = begin..operand.span.end;
        Ok(Expr { kind: Kind::Unary(op, Box::new(operand)), span })
    }

    fn member(&mut self) -> Result<Expr, SyntaxError> {
        let mut expr = self.primary()?;
        let mut height = 0;
        loop {
            height += 1;
            if height > limits::NESTING {
                return Err(too_large(self.span(), "this expression is nested too deeply", "NESTING", limits::NESTING));
            }
            if self.take(".") {
                let field = self.name("the name of a fact")?;
                let span = expr.span.start..self.before();
                if matches!(self.peek(), Token::Mark("(")) {
                    return Err(SyntaxError { unsupported: true, ..self.unexpected(format!("functions are written `{field}(…)`, not after a point")) });
                }
                expr = Expr { kind: Kind::Select(Box::new(expr), field), span };
            } else if self.take("[") {
                let key = self.expression()?;
                self.must("`]`", "]")?;
                let span = expr.span.start..self.before();
                expr = Expr { kind: Kind::Index(Box::new(expr), Box::new(key)), span };
            } else {
                return Ok(expr);
            }
        }
    }

    fn primary(&mut self) -> Result<Expr, SyntaxError> {
        let begin = self.span().start;
        let kind = match self.peek().clone() {
            Token::Number(n) => self.took(Kind::Number(n)),
            Token::Text(t) => self.took(Kind::Text(t)),
            Token::Name(n) if n == "true" || n == "false" => self.took(Kind::Truth(n == "true")),
            Token::Name(_) => self.name_or_call()?,
            Token::Mark("(") => return self.parenthesis(),
            Token::Mark("[") => self.list()?,
            Token::Mark("{") => self.table()?,
            _ => return Err(self.unexpected("a fact, a literal, a function or `(`")),
        };
        Ok(Expr { kind, span: begin..self.before() })
    }

    fn name_or_call(&mut self) -> Result<Kind, SyntaxError> {
        let name = self.name("a name")?;
        if !self.take("(") {
            return Ok(Kind::Name(name));
        }
        Ok(Kind::Call(name, self.entries(")", Self::expression)?))
    }

    fn parenthesis(&mut self) -> Result<Expr, SyntaxError> {
        let begin = self.span().start;
        self.next += 1;
        let inner = self.expression()?;
        self.must("`)`", ")")?;
        Ok(Expr { kind: inner.kind, span: begin..self.before() })
    }

    fn list(&mut self) -> Result<Kind, SyntaxError> {
        self.next += 1;
        Ok(Kind::List(self.entries("]", Self::expression)?))
    }

    fn table(&mut self) -> Result<Kind, SyntaxError> {
        self.next += 1;
        Ok(Kind::Table(self.entries("}", |r| {
            let key = r.expression()?;
            r.must("`:` and the value", ":")?;
            Ok((key, r.expression()?))
        })?))
    }

    fn entries<T>(&mut self, close: &'static str, read: impl Fn(&mut Self) -> Result<T, SyntaxError>) -> Result<Vec<T>, SyntaxError> {
        let mut list = Vec::new();
        while !self.take(close) {
            if list.len() >= limits::LITERAL_ENTRIES {
                return Err(too_large(self.span(), "this list is too long", "LITERAL_ENTRIES", limits::LITERAL_ENTRIES));
            }
            list.push(read(self)?);
            if !self.take(",") {
                self.must(&format!("`,` or `{close}`"), close)?;
                break;
            }
            if close == ")" && matches!(self.peek(), Token::Mark(")")) {
                return Err(self.unexpected("another argument: only lists and tables may end with a comma"));
            }
        }
        Ok(list)
    }

    fn name(&mut self, expected: &str) -> Result<String, SyntaxError> {
        match self.peek().clone() {
            Token::Name(name) => {
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn took(&mut self, kind: Kind) -> Kind {
        self.next += 1;
        kind
    }

    fn take(&mut self, mark: &str) -> bool {
        let there = matches!(self.peek(), Token::Mark(m) if *m == mark);
        self.next += usize::from(there);
        there
    }

    fn must(&mut self, expected: &str, mark: &str) -> Result<(), SyntaxError> {
        if self.take(mark) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |(token, _)| token)
    }

    fn span(&self) -> Span {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0..0, |(_, span)| span.clone())
    }

    /// Where the token before the next one ends.
    fn before(&self) -> usize {
        self.next.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |(_, span)| span.end)
    }

    fn unexpected(&self, expected: impl Into<String>) -> SyntaxError {
        let found = match self.peek() {
            Token::End => "the expression ends here".to_owned(),
            Token::Mark(mark) => format!("`{mark}` does not belong here"),
            Token::Name(name) => format!("`{name}` does not belong here"),
            Token::Number(_) => "a number does not belong here".to_owned(),
            Token::Text(_) => "a text does not belong here".to_owned(),
        };
        SyntaxError { unsupported: false, too_large: false, span: self.span(), message: found, expected: expected.into() }
    }
}

/// A row of operators is deep on its left side; this looks without going down itself.
fn is_deeper_than(expr: &Expr, most: usize) -> bool {
    let mut open = vec![(expr, 1)];
    while let Some((expr, depth)) = open.pop() {
        if depth > most {
            return true;
        }
        let below = depth + 1;
        match &expr.kind {
            Kind::Number(_) | Kind::Text(_) | Kind::Truth(_) | Kind::Name(_) => {}
            Kind::Select(a, _) | Kind::Unary(_, a) => open.push((a, below)),
            Kind::Index(a, b) | Kind::Binary(_, a, b) => open.extend([(&**a, below), (&**b, below)]),
            Kind::Choose(a, b, c) => open.extend([(&**a, below), (&**b, below), (&**c, below)]),
            Kind::Call(_, list) | Kind::List(list) => open.extend(list.iter().map(|e| (e, below))),
            Kind::Table(entries) => open.extend(entries.iter().flat_map(|(k, v)| [(k, below), (v, below)])),
        }
    }
    false
}

fn too_large(span: Span, message: impl Into<String>, limit: &str, value: usize) -> SyntaxError {
    SyntaxError { unsupported: false, too_large: true, span, message: message.into(), expected: format!("at most {value} (limit {limit})") }
}
