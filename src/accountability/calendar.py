"""Spans, working days and periods: from a day of the trigger to a due day (meaning.md, section 2).

Days are `datetime.date` from 1900-01-01 to 2200-12-31 and every range includes both of its ends. What can not be read
is a `ValueError`; arithmetic that leaves those three centuries is a `LimitError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache

from attrs import field, frozen

from .errors import LimitError, nearest, quoted

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)
PERIOD_KINDS = ("year", "half-year", "quarter", "month", "half-month", "week", "day", "working-day")

_ONE_DAY = timedelta(days=1)


def parse_date(value: object) -> date:
    """Read a day from 1900 to 2200: a `date` (not a `datetime`) or a text that is exactly ``YYYY-MM-DD``."""
    day = value
    if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            day = date.fromisoformat(value)
    if isinstance(day, date) and not isinstance(day, datetime) and FIRST_DAY <= day <= LAST_DAY:
        return day
    raise ValueError(f"{quoted(value)} is no date; write YYYY-MM-DD between 1900 and 2200")


def day_of_year(year: int, text: str) -> date:
    """Return the day ``MM-DD`` of `year`; ``02-29`` is 28 February where the year has no 29th."""
    day = _in_leap_year(text)
    return _clamped(_checked_year(year), day.month, day.day)


def _in_leap_year(text: str) -> date:
    with suppress(ValueError):
        return parse_date(f"2000-{text}")
    raise ValueError(f"{quoted(text)} is no day of the year; write MM-DD, such as `07-01`")


def _clamped(year: int, month: int, day: int) -> date:
    """Return that day of the month, or the last day of the month where it has fewer days."""
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day, (first_of_next - _ONE_DAY).day))


def _plus_months(day: date, count: int) -> date:
    years, month = divmod(day.month - 1 + count, 12)
    return _clamped(day.year + years, month + 1, day.day)


def _checked_year(year: int) -> int:
    if FIRST_DAY.year <= year <= LAST_DAY.year:
        return year
    raise ValueError(f"the year {quoted(year)} is out of range; write a year between 1900 and 2200")


def _checked_day(day: date) -> date:
    if FIRST_DAY <= day <= LAST_DAY:
        return day
    raise LimitError(f"{quoted(day)} is out of range; the calendar counts from {FIRST_DAY} to {LAST_DAY}")


def _checked_word(word: str, known: tuple[str, ...], what: str) -> str:
    if word in known:
        return word
    choice = ", ".join(f"`{item}`" for item in known)
    raise ValueError(f"{quoted(word)} is no {what}{nearest(str(word), known)}; write one of {choice}")


_LONGEST = {"d": 36525, "wd": 36525, "m": 1200, "y": 100}
_UNIT_ZH = {"d": "日", "wd": "个工作日", "m": "个月", "y": "年"}
_UNIT_EN = {"d": "day", "wd": "working day", "m": "month", "y": "year"}
_HOW_TO_WRITE_A_SPAN = "write a span as `7d`, `7wd` (working days), `1m` or `1y`"


@frozen
class Span:
    """A length of time: `count` calendar days (``d``), working days (``wd``), months (``m``) or years (``y``).

    Never negative, zero allowed (see `is_zero`), at most 100 years: ``36525d``, ``36525wd``, ``1200m`` or ``100y``.
    """

    count: int
    unit: str

    def __attrs_post_init__(self) -> None:
        _checked_word(self.unit, ("d", "wd", "m", "y"), "unit of a span")
        if self.count < 0:
            raise ValueError(f"{quoted(self)} is negative; {_HOW_TO_WRITE_A_SPAN}")
        if self.count > _LONGEST[self.unit]:
            raise ValueError(f"{quoted(self)} is over 100 years; write at most `{_LONGEST[self.unit]}{self.unit}`")

    @classmethod
    def parse(cls, text: object) -> Span:
        """Read a span such as ``7d``, ``7wd``, ``1m`` or ``1y``; anything else is a `ValueError`."""
        found = re.fullmatch("(-?(?:0|[1-9][0-9]{0,17}))(d|wd|m|y)", text) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"{quoted(text)} is no span; {_HOW_TO_WRITE_A_SPAN}")
        return cls(int(found[1]), found[2])

    @property
    def is_zero(self) -> bool:
        """Whether the span ends on the day on which it begins."""
        return self.count == 0

    def words(self, language: str) -> str:
        """Return the span in words, such as ``7个工作日`` (``zh``) or ``7 working days`` (``en``)."""
        if _checked_word(language, ("zh", "en"), "language of the library") == "zh":
            return f"{self.count}{_UNIT_ZH[self.unit]}"
        return f"{self.count} {_UNIT_EN[self.unit]}{'' if self.count == 1 else 's'}"

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


@frozen
class DueDay:
    """The day at whose end a duty is due; `provisional` while it rests on a year without a published table."""

    day: date
    provisional: bool = False


@frozen
class Calendar:
    """The dated table of working days: `rest` days and make-up days (调休, `work`) in the published `years`, ascending.

    All other days follow the weekend rule (Monday to Friday are worked); in a year that is not published that is a
    guess, and a due day that rests on it is provisional. ``Calendar()`` knows no year.
    """

    rest: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    years: tuple[int, ...] = ()

    @classmethod
    @cache
    def bundled(cls) -> Calendar:
        """Return the table that comes with the library (``working_days.toml``), read once."""
        import tomllib  # these two take as long to load as all the rest, and many programs ask for no due day
        from importlib import resources

        table = resources.files("accountability").joinpath("working_days.toml").read_text(encoding="utf-8")
        calendar = cls()
        for year, days in tomllib.loads(table).items():
            calendar = calendar.extended(year=int(year), rest=days["rest"], work=days["work"])
        return calendar

    def extended(self, *, year: int, rest: Iterable[date] = (), work: Iterable[date] = ()) -> Calendar:
        """Return a calendar in which `year` is published with these days only; every other year stays as it is.

        A day outside the year, or one given both as `rest` and as `work`, is a `ValueError`.
        """
        rest_days, work_days = frozenset(map(parse_date, rest)), frozenset(map(parse_date, work))
        if stray := [day for day in sorted(rest_days | work_days) if day.year != _checked_year(year)]:
            raise ValueError(f"{quoted(stray[0])} does not lie in the year {quoted(year)}; give the days of one year")
        if both := sorted(rest_days & work_days):
            raise ValueError(f"{quoted(both[0])} is both a rest day and a working day; give it once")
        return Calendar(
            rest=frozenset(day for day in self.rest if day.year != year) | rest_days,
            work=frozenset(day for day in self.work if day.year != year) | work_days,
            years=tuple(sorted({*self.years, _checked_year(year)})),
        )

    def published(self, year: int) -> bool:
        """Whether the table of `year` is known."""
        return year in self.years

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked; in a year that is not published, whether it is Monday to Friday."""
        return day in self.work or (day.weekday() < 5 and day not in self.rest)

    def add(self, day: date, span: Span) -> DueDay:
        """Return the due day of a duty triggered on `day`, which is day 0.

        Working days count from the day after `day`; ``0wd`` is `day` itself, worked or not. Months and years go to the
        same day number, else to the last day of the month. A count of working days is provisional when a day that it
        passes or reaches lies in a year that is not published.
        """
        due = DueDay(_checked_day(day))
        try:
            if span.unit == "wd":
                for _ in range(span.count):
                    due = self._working_day_from(due.day + _ONE_DAY, due.provisional)
                return due
            if span.unit == "d":
                return DueDay(_checked_day(day + timedelta(days=span.count)))
            return DueDay(_checked_day(_plus_months(day, span.count * (12 if span.unit == "y" else 1))))
        except LimitError:
            raise LimitError(f"{quoted(day)} plus {quoted(span)} lies after {LAST_DAY}; use a shorter span") from None

    def on_rest_day(self, due: DueDay, rule: str) -> DueDay:
        """Return `due` after the `holiday_rule`: ``keep`` it, or move a rest day to the ``next_working_day``.

        The moved day is provisional when a day that was tested on the way to it lies in a year that is not published.
        """
        keep = _checked_word(rule, ("keep", "next_working_day"), "holiday rule") == "keep"
        return due if keep else self._working_day_from(due.day, due.provisional)

    def _working_day_from(self, day: date, provisional: bool) -> DueDay:
        while not self.is_working_day(_checked_day(day)):
            provisional = provisional or not self.published(day.year)
            day += _ONE_DAY
        return DueDay(day, provisional or not self.published(day.year))


_MONTHS = {"year": 12, "half-year": 6, "quarter": 3, "month": 1}

# How each kind of period is named, and a day in the period that a name means.
_KEYS: tuple[tuple[str, str, Callable[..., date]], ...] = (
    ("year", "([0-9]{4})", lambda year: date(year, 1, 1)),
    ("half-year", "([0-9]{4})-H([12])", lambda year, half: date(year, 6 * half, 1)),
    ("quarter", "([0-9]{4})-Q([1-4])", lambda year, quarter: date(year, 3 * quarter, 1)),
    ("month", "([0-9]{4})-([0-9]{2})", lambda year, month: date(year, month, 1)),
    ("half-month", "([0-9]{4})-([0-9]{2})a", lambda year, month: date(year, month, 1)),
    ("half-month", "([0-9]{4})-([0-9]{2})b", lambda year, month: date(year, month, 16)),
    ("week", "([0-9]{4})-W([0-9]{2})", lambda year, week: date.fromisocalendar(year, week, 1)),
    ("day", "([0-9]{4})-([0-9]{2})-([0-9]{2})", date),
)


@frozen
class Period:
    """A stretch of days from `first` to `last`, both inclusive, with the `key` that names it in events and ids.

    `kind` says how it was cut (one of `PERIOD_KINDS`, ``window``, or ``rolling`` where only the key was known); periods
    of one key and the same days are equal whatever their kind.
    """

    key: str
    first: date
    last: date
    kind: str = field(eq=False)


def period_of(kind: str, day: date, *, anchor: date | None = None) -> Period:
    """Return the period of that kind that holds `day`.

    Periods follow the calendar, or roll from `anchor`: the n-th begins n lengths after it (months clamped to the last
    day of the month, a half-month being 15 days), and a day before the anchor is a `ValueError`. Days do not roll.
    """
    _checked_word(kind, PERIOD_KINDS, "kind of period")
    if _checked_day(day) < _checked_day(anchor or FIRST_DAY):
        raise ValueError(f"{quoted(day)} lies before the anchor {quoted(anchor)}; ask for a day from the anchor on")
    if kind in ("day", "working-day"):
        return Period(day.isoformat(), day, day, kind)
    if anchor is not None:
        first, last = _rolled(kind, day, anchor)
        return Period(f"{first}/{last}", first, last, kind)
    if kind == "half-month":
        half, begins, ends = ("a", 1, 15) if day.day <= 15 else ("b", 16, 31)
        return Period(f"{day:%Y-%m}{half}", day.replace(day=begins), _clamped(day.year, day.month, ends), kind)
    # The first day of the calendar is a Monday and opens a year: calendar years, months and weeks roll from it.
    first, last = _rolled(kind, day, FIRST_DAY)
    key = {
        "year": f"{day.year}",
        "half-year": f"{day.year}-H{first.month // 6 + 1}",
        "quarter": f"{day.year}-Q{first.month // 3 + 1}",
        "month": f"{day:%Y-%m}",
        "week": "{}-W{:02}".format(*first.isocalendar()),
    }
    return Period(key[kind], first, last, kind)


def _rolled(kind: str, day: date, anchor: date) -> tuple[date, date]:
    if kind not in _MONTHS:
        length = timedelta(days=7 if kind == "week" else 15)
        first = anchor + (day - anchor) // length * length
        return first, first + length - _ONE_DAY
    months = 12 * (day.year - anchor.year) + day.month - anchor.month
    begun = months // _MONTHS[kind] * _MONTHS[kind]
    if _plus_months(anchor, begun) > day:
        begun -= _MONTHS[kind]
    return _plus_months(anchor, begun), _plus_months(anchor, begun + _MONTHS[kind]) - _ONE_DAY


def periods(
    kind: str, first: date, last: date, *, anchor: date | None = None, calendar: Calendar | None = None
) -> Iterator[Period]:
    """Return all periods of that kind that touch `first`..`last` (both inclusive), in order.

    With an `anchor` they begin with the anchor's own. ``working-day`` needs a `calendar`, and leaves rest days out.
    """
    start = _checked_day(first if anchor is None else max(first, anchor))
    every = _in_order(_checked_word(kind, PERIOD_KINDS, "kind of period"), start, _checked_day(last), anchor)
    if kind != "working-day":
        return every
    if calendar is None:
        raise ValueError("periods of the kind `working-day` need a calendar; give `calendar=Calendar.bundled()`")
    return (period for period in every if calendar.is_working_day(period.first))


def _in_order(kind: str, day: date, last: date, anchor: date | None) -> Iterator[Period]:
    while day <= last:
        period = period_of(kind, day, anchor=anchor)
        yield period
        day = period.last + _ONE_DAY


def period_named(key: str) -> Period:
    """Return the period that `key` names, such as ``2025``, ``2025-H1``, ``2025-W01`` or ``2025-01-31/2025-02-27``."""
    with suppress(ValueError, TypeError, LimitError):
        for kind, form, day_in in _KEYS:
            if found := re.fullmatch(form, key):
                return period_of(kind, day_in(*map(int, found.groups())))
        first, last = map(date.fromisoformat, key.split("/"))
        # A period that begins in the last year of the calendar may end in the next one.
        if f"{first}/{last}" == key and _checked_day(first) <= last and last.year <= LAST_DAY.year + 1:
            return Period(key, first, last, "rolling")
    known = "`2025`, `2025-H1`, `2025-Q1`, `2025-03`, `2025-03a`, `2025-W01`, `2025-03-01` or `2025-01-31/2025-02-27`"
    raise ValueError(f"{quoted(key)} is no period; write it as {known}")


def window(year: int, opens: str, closes: str) -> Period:
    """Return the window of `year` between two days of the year ``MM-DD``, both inclusive; its key is the year.

    When `closes` comes before `opens` in a year, the window ends in the following year.
    """
    first, end = day_of_year(year, opens), _in_leap_year(closes)
    last = _clamped(year + (end < _in_leap_year(opens)), end.month, end.day)
    return Period(str(year), first, last, "window")
