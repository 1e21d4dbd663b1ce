"""Numbers in the words of the law: digits, Chinese numerals and small English ones."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from ..calendar import Span

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_ENGLISH = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_MORE = {"once": 1, "twice": 2, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100}
_DAY = ("日", "天", "day", "周", "week", "旬")
_UNITS = {
    "d": _DAY,
    "wd": _DAY,  # a text that says 日 may mean working days
    "m": ("月", "month", "季", "quarter", "年", "year"),
    "y": ("年", "year"),
}
_YEAR_END = ("年底", "年末", "年终", "end of the year", "end of each year", "end of every year")


def numbers_in(text: str) -> frozenset[int]:
    """Return the whole numbers that the text names."""
    plain = unicodedata.normalize("NFKC", text).lower()
    found = {int(digits) for digits in re.findall(r"[0-9]{1,9}", plain)}
    for numeral in re.findall("[零〇一二三四五六七八九十百千两]+", plain):
        found.add(_chinese(numeral))
        found.update(_DIGITS[character] for character in numeral if character in _DIGITS)
    for word in re.findall("[a-z]+", plain):
        if word in _ENGLISH:
            found.add(_ENGLISH.index(word))
        elif word in _MORE:
            found.add(_MORE[word])
    return frozenset(found)


def names_number(text: str, number: int | Decimal) -> bool:
    """Tell whether the text names the number, one with decimal places in digits."""
    if number == int(number):
        return int(number) in numbers_in(text)
    plain = unicodedata.normalize("NFKC", text)
    return format(Decimal(number).normalize(), "f") in re.findall(r"[0-9]+\.[0-9]*[1-9]", plain)


def names_span(text: str, span: Span) -> bool:
    """Tell whether the text names the span, in its own unit or as weeks, half months, half years or years."""
    numbers = numbers_in(text)
    if span.count in numbers and _names_unit(text.lower(), span.unit):
        return True
    if span.unit == "d":
        return (span.count == 15 and "半" in text) or (span.count % 7 == 0 and span.count // 7 in numbers)
    if span.unit == "m":
        is_half_year = span.count == 6 and ("半年" in text or "half" in text.lower())
        return is_half_year or (span.count % 12 == 0 and span.count // 12 in numbers)
    return False


def _names_unit(text: str, unit: str) -> bool:
    """Tell whether the text names the unit of a span; one that names no unit of time at all names every one."""
    return any(word in text for word in _UNITS[unit]) or not any(
        word in text for words in _UNITS.values() for word in words
    )


def names_day(text: str, day: str) -> bool:
    """Tell whether the text names the day of the year ``MM-DD``."""
    month, of_month = (int(part) for part in day.split("-"))
    numbers, plain = numbers_in(text), text.lower()
    if (month, of_month) == (12, 31) and any(word in plain for word in _YEAR_END):
        return True
    return of_month in numbers and (month in numbers or f"{date(2000, month, 1):%B}".lower() in plain)


def _chinese(numeral: str) -> int:
    """Return the value of a numeral such as ``三十``, ``一百二十`` or ``二〇二五``."""
    if not any(character in _SCALES for character in numeral):
        return int("".join(str(_DIGITS[character]) for character in numeral[:9]))
    total, digit = 0, 0
    for character in numeral:
        if character in _SCALES:
            total += (digit or 1) * _SCALES[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return total + digit
