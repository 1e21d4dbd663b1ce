"""Strict reading of plain data: events, organizations and parameters pass here before anything else sees them.

Plain data are objects, lists, texts, whole numbers of 64 bit, decimals, true, false, nothing and days. What one
database would round, another refuse and a third keep (NaN, NUL, lone surrogates, wide numbers) is refused here.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any, NoReturn

from attrs import field, fields, frozen
from attrs.validators import and_, ge, instance_of, le

from .errors import AccountabilityError, quoted

Refusal = type[AccountabilityError]


def _limit(default: int, most: int = 2**40) -> Any:
    return field(default=default, validator=and_(instance_of(int), ge(1), le(most)))


@frozen
class Limits:
    """How large the input may be: all limits of all readers, see docs/limits.md.

    A host passes its own to what reads: ``limits=Limits(text=4096)``.
    """

    event_bytes: int = _limit(65_536)  # an event, as its line of JSON
    file_bytes: int = _limit(256 * 1024 * 1024)  # a file of an organization, or of a list of events
    pack_bytes: int = _limit(1_000_000)  # one file of a pack
    parameter_bytes: int = _limit(1_000_000)  # a file of parameters
    depth: int = _limit(32, most=200)  # objects and lists inside one another
    keys: int = _limit(1000)  # keys of one object
    text: int = _limit(16_384)  # characters of a text
    name: int = _limit(512)  # characters of a key or a displayed name
    id: int = _limit(128)  # characters of an id
    digits: int = _limit(64)  # digits of a decimal when written out
    key_parts: int = _limit(8, most=200)  # parts of a key of TOML, joined by full stops


LIMITS = Limits()
WRITTEN = Limits(**{each.name: 200 if each.name in ("depth", "key_parts") else 2**40 for each in fields(Limits)})
"""For what the library itself has written, from input that was within the limits of its host."""


def read_json(
    text: str | bytes, *, where: str, error: Refusal, limits: Limits = LIMITS, max_bytes: int | None = None
) -> Any:
    """Return the plain data of a JSON text: whole numbers as `int`, all other numbers exactly as `Decimal`.

    A byte order mark is passed over. What is no UTF-8, no JSON, or not plain raises `error`, whose message begins with
    `where`. `max_bytes` is `limits.file_bytes` unless given.
    """

    def refuse(problem: str) -> NoReturn:
        raise error(f"{where}: {problem}") from None

    def number(digits: str) -> int | Decimal:
        is_whole = digits.lstrip("-").isdigit()
        try:
            value = int(digits) if is_whole and len(digits) <= 20 else Decimal(digits)
        except DecimalException:  # an exponent of more than 18 digits
            value = Decimal("Infinity")
        if problem := "is beyond 64 bit" if is_whole and isinstance(value, Decimal) else _problem(value, limits):
            refuse(f"the number {quoted(digits)} {problem}")
        return value

    def constant(word: str) -> NoReturn:
        refuse(f"{quoted(word)} is not JSON; leave out what is not known")

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
            refuse(f"the key {quoted(twice)} is given twice in one object; keep one")
        return found

    most = limits.file_bytes if max_bytes is None else max_bytes
    if len(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")) > most:
        refuse(f"the text is longer than {most} bytes; split it or raise the limit")
    try:
        text = (text.decode() if isinstance(text, bytes) else text).removeprefix("\ufeff")
        if _is_deeper(text, limits.depth):
            refuse(f"the text is nested deeper than {limits.depth}; flatten it")
        value = json.loads(
            text, parse_int=number, parse_float=number, parse_constant=constant, object_pairs_hook=members
        )
    except UnicodeDecodeError as problem:
        refuse(f"the text is not UTF-8 at byte {problem.start + 1}; save it as UTF-8")
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno} column {problem.colno}"
        refuse(f"the text is not JSON at {place}: {problem.msg}; {_advice(problem)}")
    check_plain(value, where=where, error=error, limits=limits, max_bytes=most)
    return value


_JSON_ADVICE = {
    "Extra data": "write one value, or one on each line of a file of JSON lines",
    "Unterminated string": "close the quotation mark",
    "Expecting property name": "write keys in double quotation marks, without a comma after the last",
    "Expecting ',' delimiter": "put a comma before it",
    "Expecting ':' delimiter": "put a colon before it",
    "Invalid control character": "write it as an escape such as `\\n`",
    "Invalid \\escape": "write a backslash as `\\\\`",
    "Expecting value": "write a value; texts stand in double quotation marks",
}


def _advice(problem: json.JSONDecodeError) -> str:
    """Return what to do about a text that is not JSON."""
    if not problem.doc[problem.pos :].strip():
        return "the text ends too early, write the rest"
    return next((advice for said, advice in _JSON_ADVICE.items() if problem.msg.startswith(said)), "correct it")


_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]', re.DOTALL)  # possessive, so that it is linear


def _is_deeper(text: str, limit: int) -> bool:
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for token in _TOKEN.finditer(text):
        first = text[token.start()]
        depth += 1 if first in "[{" else -1 if first in "]}" else 0
        if depth > limit:
            return True
    return False


def check_plain(
    value: object, *, where: str, error: Refusal, limits: Limits = LIMITS, max_bytes: int | None = None
) -> None:
    """Raise `error` unless `value` is plain data within the limits: what `read_json` returns, or tuples and days.

    A Python float is refused, for it is rarely the number that was meant: write a decimal as text or as `Decimal`.
    `max_bytes` (`limits.file_bytes` unless given) bounds the canonical text, so that shared parts can not blow up.
    """
    size, most = 0, limits.file_bytes if max_bytes is None else max_bytes

    def visit(item: object, path: tuple[object, ...]) -> None:  # as deep as the limit allows, no deeper
        nonlocal size
        problem, parts = _problem(item, limits), list[tuple[object, object]]()
        if problem is None and isinstance(item, Mapping | list | tuple):
            parts = list(item.items() if isinstance(item, Mapping) else enumerate(item))
            names = [canonical(name) for name in item] if isinstance(item, Mapping) else []
            size += 2 + len(parts) + len(names) + len("".join(names).encode())
            problem = f"is nested deeper than {limits.depth}; flatten it" if len(path) >= limits.depth else None
        elif problem is None:
            size += len(canonical(item).encode())
        if problem is None and size > most:
            problem = f"makes the whole longer than {most} bytes; split it or raise the limit"
        if problem is not None:
            raise error(f"{where}: {quoted('.'.join(map(str, path)) or 'the whole')} {problem}")
        for key, part in parts:
            visit(part, (*path, key))

    visit(value, ())


_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _problem(item: object, limits: Limits, longest: int = 0) -> str | None:
    """Say why `item`, apart from its parts, is not plain; None when it is."""
    match item:
        case str():
            if len(item) > (longest or limits.text):
                return f"is longer than {longest or limits.text} characters; shorten it"
            if _NO_TEXT.search(item):
                return "holds a NUL character or a lone surrogate; remove it"
        case None | bool() | list() | tuple():
            return None
        case int():
            return None if -(2**63) <= item < 2**63 else "is beyond 64 bit; write it as text"
        case Decimal():
            if not item.is_finite():
                return "is no finite number that can be kept; leave it out when it is not known"
            width = max(len(item.as_tuple().digits), item.adjusted() + 1, -int(item.as_tuple().exponent))
            return f"has more than {limits.digits} digits; round it" if width > limits.digits else None
        case Mapping():
            if len(item) > limits.keys:
                return f"has more than {limits.keys} keys; use a list"
            for key in item:
                if not isinstance(key, str):
                    return f"has a key of the kind {quoted(type(key).__name__)}; write keys as text"
                if problem := _problem(key, limits, limits.name):
                    return f"has a key {quoted(key)} that {problem}"
        case float():
            return "is a float; write decimals as text or Decimal"
        case _ if not isinstance(item, date) or isinstance(item, datetime):
            return f"is of the kind {quoted(type(item).__name__)}; give text, numbers, days, lists or objects of them"
    return None


_quote = json.encoder.encode_basestring
_WORDS = {None: "null", True: "true", False: "false"}


def canonical(value: object) -> str:
    """Return the one JSON text of plain data, as RFC 8785 writes it: keys sorted, no spaces; days are ISO text.

    Equal data give equal text, whatever the order of keys; ``1``, ``Decimal("1.0")`` and ``1e0`` are one number. What a
    double does not hold, the RFC leaves out: such numbers are written with all their digits, and whole decimals from
    2**63 to 10**21 with ``.0``, so that they are read as decimals again.
    """
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, Mapping):
        names = sorted(value) if all(map(str.isascii, value)) else sorted(value, key=_utf16)
        return "{" + ",".join([f"{_quote(name)}:{canonical(value[name])}" for name in names]) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, date):
        return _quote(value.isoformat())
    if isinstance(value, Decimal) and value.is_finite():
        return _number(value)
    raise TypeError(f"{quoted(value)} is not plain data; check it with check_plain first")


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be")


def _number(value: Decimal) -> str:
    """Return the decimal as ECMAScript writes numbers, with all its digits."""
    if not value:
        return "0"
    power = value.adjusted()
    if not -7 < power < 21:
        digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
        mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
        return f"{'-' if value < 0 else ''}{mantissa}e{power:+d}"
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if "." in text or -(2**63) <= int(text) < 2**63 else f"{text}.0"  # still read as a decimal


_MARKS = "._-:/#@+%~"
_ASCII_ID = re.compile(f"[A-Za-z0-9{re.escape(_MARKS)}]+")


def check_id(
    text: object, *, what: str, where: str, error: Refusal, limits: Limits = LIMITS, also: str = "", longest: int = 0
) -> str:
    """Return `text` when it is an id; else raise `error`, saying what is wrong with the id of that `what`.

    An id has 1 to 128 (`limits.id`, or `longest`) letters, digits 0-9, marks ``._-:/#@+%~`` and characters of `also`.
    It is in normal form (NFKC) and its letters are of one script, though Latin and Chinese may stand together: two
    ids that look the same are the same.
    """
    most = longest or limits.id
    if not isinstance(text, str) or not 1 <= len(text) <= most:
        shown = quoted(text) if isinstance(text, str) else f"of the kind {quoted(type(text).__name__)}"
        raise error(f"{where}: the {what} {shown} is no id; write a text of 1 to {most} characters")
    if not _ASCII_ID.fullmatch(text) and (problem := _id_problem(text, also)):
        raise error(f"{where}: the {what} {quoted(text)} {problem}")
    return text


@lru_cache(maxsize=4096)
def _id_problem(text: str, also: str) -> str | None:
    normal = unicodedata.normalize("NFKC", text)
    if normal != text and all(_in_id(c, also) for c in normal):
        return f"is not in normal form; write {quoted(normal)}"
    for c in text:
        if not _in_id(c, also):
            name = unicodedata.name(c, "a character without a name")
            return f"holds U+{ord(c):04X} ({name}); use letters, digits and {_MARKS}{also}"
    scripts = {
        unicodedata.name(c).split()[0].replace("IDEOGRAPHIC", "CJK") for c in text if not c.isascii() or c.isalpha()
    }
    if len(scripts) > 1 and scripts != {"CJK", "LATIN"}:
        return f"mixes letters of {' and '.join(sorted(scripts))}; use one script"
    return None if normal == text else "is not in normal form; use letters that have one"


def _in_id(c: str, also: str) -> bool:
    if c.isascii():
        return c.isalnum() or c in _MARKS or c in also
    is_letter = unicodedata.category(c) in ("Lu", "Ll", "Lt", "Lo") and "FILLER" not in unicodedata.name(c, "FILLER")
    return is_letter or c in "々〇"
