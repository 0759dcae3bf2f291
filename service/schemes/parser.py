"""Text to expression trees. The language has no loops, no definitions and no recursion: every text ends."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from service.core.i18n import N_
from service.schemes.exact import number_of
from service.schemes.expressions import Call, Chain, Compare, Expression, Known, Literal, Name, OneOf, Unary

MAX_LENGTH = 2_000
MAX_DEPTH = 40

UNREADABLE = N_("The expression cannot be read at '{found}'.")
ENDS = N_("The expression ends too early.")
EXPECTED = N_("Here '{expected}' is expected, not '{found}'.")
CHAINED = N_("Comparisons cannot be chained; use 'and'.")
AFTER_IS = N_("After 'is' comes 'missing' or 'known'.")
TOO_LONG = N_("The expression is longer than {limit} characters.")
TOO_DEEP = N_("The expression is nested more than {limit} deep.")
LATER = N_("'{word}' is a word of the language that is not supported yet.")
NO_SUCH_DAY = N_("'{found}' is not a day of the calendar.")

LATER_OPTIONS = {"best", "ties", "missing"}
LATER_UNITS = {unit + many for unit in ("hour", "day", "workday", "week", "month", "year") for many in ("", "s")}


class ExpressionRefused(Exception):
    """The text is not an expression; the code is EXPRESSION, or LATER for a word that is not supported yet."""

    def __init__(self, message: str, code: str = "EXPRESSION", **details: str) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details


STRENGTHS = (("else",), ("or",), ("and",))
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
TOKEN = re.compile(
    r"\s*(?:(?P<day>\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?)|(?P<number>\d[\d_]{0,29}(?:\.\d{1,30})?%?)(?![\d_.])"
    r"|(?P<text>'[^']*')|(?P<name>[^\W\d]\w*)|(?P<sign><=|>=|!=|[-+*/^()=<>,.]))"
)


@dataclass(frozen=True)
class Token:
    """A piece of the text; `kind` is day, number, text, name, sign or end."""

    kind: str
    text: str


def tokens(text: str) -> list[Token]:
    """Cut the text into pieces, with one of kind end after the last."""
    if len(text) > MAX_LENGTH:
        raise ExpressionRefused(TOO_LONG, limit=str(MAX_LENGTH))
    found, at, stripped = [], 0, text.rstrip()
    while at < len(stripped):
        match = TOKEN.match(stripped, at)
        if match is None or match.lastgroup is None:
            raise ExpressionRefused(UNREADABLE, found=stripped[at : at + 12].strip())
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return [*found, Token("end", "")]


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens, self.at, self.depth = tokens(text), 0, 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def sees(self, *texts: str) -> bool:
        return self.next.kind in ("sign", "name") and self.next.text in texts

    def expect(self, text: str) -> None:
        if not self.sees(text):
            raise self.unexpected(text)
        self.take()

    def unexpected(self, expected: str | None = None) -> ExpressionRefused:
        if self.next.kind == "end":
            return ExpressionRefused(ENDS)
        if expected is None:
            return ExpressionRefused(UNREADABLE, found=self.next.text)
        return ExpressionRefused(EXPECTED, expected=expected, found=self.next.text)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionRefused(TOO_DEEP, limit=str(MAX_DEPTH))

    def whole(self, strength: int = 0) -> Expression:
        """Read `else`, then `or`, then `and`, each made of the next."""
        if strength == len(STRENGTHS):
            return self.negation()
        if strength == 0:
            self.deeper()
        first, rest = self.whole(strength + 1), []
        while self.sees(*STRENGTHS[strength]):
            rest.append((self.take().text, self.whole(strength + 1)))
        if strength == 0:
            self.depth -= 1
        return Chain(first, tuple(rest)) if rest else first

    def negation(self) -> Expression:
        if not self.sees("not"):
            return self.test()
        self.take()
        self.deeper()
        inner = Unary("not", self.negation())
        self.depth -= 1
        return inner

    def test(self) -> Expression:
        left = self.sum()
        if self.sees(*COMPARISONS):
            compare = Compare(self.take().text, left, self.sum())
            if self.sees(*COMPARISONS):
                raise ExpressionRefused(CHAINED)
            return compare
        if self.sees("is"):
            self.take()
            if not self.sees("missing", "known"):
                raise ExpressionRefused(AFTER_IS)
            return Known(left, self.take().text == "known")
        if self.sees("in"):
            self.take()
            self.expect("(")
            return OneOf(left, self.listed())
        return left

    def listed(self) -> tuple[Expression, ...]:
        """Read `a, b)`; at least one."""
        items = [self.whole()]
        while self.sees(","):
            self.take()
            items.append(self.whole())
        self.expect(")")
        return tuple(items)

    def sum(self) -> Expression:
        first, rest = self.product(), []
        while self.sees("+", "-"):
            rest.append((self.take().text, self.product()))
        return Chain(first, tuple(rest)) if rest else first

    def product(self) -> Expression:
        first, rest = self.unary(), []
        while self.sees("*", "/"):
            rest.append((self.take().text, self.unary()))
        return Chain(first, tuple(rest)) if rest else first

    def unary(self) -> Expression:
        if not self.sees("-"):
            atom = self.atom()
            if self.sees("^"):
                raise ExpressionRefused(LATER, "LATER", word="^")
            return atom
        self.take()
        self.deeper()
        inner = Unary("-", self.unary())
        self.depth -= 1
        return inner

    def atom(self) -> Expression:
        if self.sees("("):
            self.take()
            inner = self.whole()
            self.expect(")")
            return inner
        token = self.take()
        if token.kind == "number":
            return self.number(token.text)
        if token.kind == "text":
            return Literal(token.text[1:-1], token.text)
        if token.kind == "day":
            return day_literal(token.text)
        if token.kind != "name" or token.text in ("else", "or", "and", "not", "is", "in"):
            self.at -= token.kind != "end"
            raise self.unexpected()
        if token.text in ("yes", "no"):
            return Literal(token.text == "yes", token.text)
        return self.call(token.text) if self.sees("(") else Name(token.text)

    def number(self, text: str) -> Literal:
        value = number_of(text)
        if value is None:
            raise ExpressionRefused(UNREADABLE, found=text)
        if self.next.kind == "name" and self.next.text in LATER_UNITS:
            raise ExpressionRefused(LATER, "LATER", word=f"{text} {self.next.text}")
        if self.next.kind == "name" and re.fullmatch("[A-Z]{3}", self.next.text):
            currency = self.take().text
            return Literal(value, f"{text} {currency}", currency)
        return Literal(value, text)

    def call(self, name: str) -> Call:
        self.expect("(")
        arguments: tuple[Expression, ...] = ()
        if self.sees(")"):
            self.take()
        else:
            arguments = self.listed_arguments()
        if not self.sees("."):
            return Call(name, arguments)
        self.take()
        if self.next.kind != "name":
            raise self.unexpected()
        return Call(name, arguments, self.take().text)

    def listed_arguments(self) -> tuple[Expression, ...]:
        for here, after in zip(self.tokens[self.at :], self.tokens[self.at + 1 :], strict=False):
            if here.kind == "name" and here.text in LATER_OPTIONS and after.kind in ("name", "number"):
                raise ExpressionRefused(LATER, "LATER", word=here.text)
        return self.listed()


def day_literal(text: str) -> Literal:
    """Read 2013-08-31 or 2013-08-31T08:00; refuse days that the calendar does not have."""
    try:
        return Literal(datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text), text)
    except ValueError as error:
        raise ExpressionRefused(NO_SUCH_DAY, found=text) from error


def parse(text: str) -> Expression:
    """Read an expression of at most 2,000 characters and 40 levels, or raise ExpressionRefused.

    >>> parse("100 - lost").rest
    (('-', Name(name='lost')),)
    """
    parser = _Parser(text)
    tree = parser.whole()
    if parser.next.kind != "end":
        raise parser.unexpected()
    return tree
