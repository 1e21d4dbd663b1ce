"""The calendar: spans, working days, periods. Run as a program, this file rewrites `working_days.toml`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import chinese_calendar
import holidays
import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from accountability.calendar import (
    PERIOD_KINDS,
    Calendar,
    DueDay,
    Period,
    Span,
    day_of_year,
    parse_date,
    period_named,
    period_of,
    periods,
    window,
)
from accountability.errors import LimitError

TABLE = Path(__file__).parents[1] / "src" / "accountability" / "working_days.toml"
TABLE_YEARS = (2024, 2025, 2026)
TABLE_HEAD = """\
# Working days of mainland China, one table a year, after the yearly notice of the State Council's general office
# (国务院办公厅关于部分节假日安排的通知).
#
#   rest  Mondays to Fridays on which nobody works
#   work  Saturdays and Sundays that are worked instead (调休)
#
# Source: the Python package chinesecalendar 1.11.0. The test suite compares every day with the package `holidays`.
# A new notice: add its year to TABLE_YEARS in tests/test_calendar.py and run that file with a chinesecalendar that has
# it. A host need not wait: `Calendar.bundled().extended(year=..., rest=[...], work=[...])` adds or replaces a year.
# A notice that also moves days of the December before replaces that year too.
"""


def working_days_toml() -> str:
    """Return the text of `working_days.toml`, generated from chinesecalendar."""
    text = TABLE_HEAD
    for year in TABLE_YEARS:
        text += f"\n[{year}]\n"
        days = [date(year, 1, 1) + timedelta(n) for n in range(366)]
        moved = [d for d in days if d.year == year and chinese_calendar.is_workday(d) != (d.weekday() < 5)]
        for name, weekend in (("rest", False), ("work", True)):
            listed = [str(day) for day in moved if (day.weekday() >= 5) is weekend]
            lines = [", ".join(listed[n : n + 8]) for n in range(0, len(listed), 8)]
            text += f"{name} = [\n" + "".join(f"    {line},\n" for line in lines) + "]\n"
    return text


def day(text: str) -> date:
    return date.fromisoformat(text)


def add(start: str, span: str, calendar: Calendar | None = None) -> DueDay:
    return (calendar or Calendar.bundled()).add(day(start), Span.parse(span))


def days(first: str = "1900-01-01", last: str = "2200-12-31") -> st.SearchStrategy[date]:
    return st.dates(day(first), day(last))


units = st.sampled_from(["d", "wd", "m", "y"])
counts = st.integers(0, 60)
kinds = st.sampled_from(PERIOD_KINDS)


@st.composite
def anchored_days(draw: st.DrawFn) -> tuple[date, date | None]:
    """A day that is not the calendar's last, and no anchor or one on or before it."""
    one = draw(days(last="2200-12-30"))
    return one, draw(st.none() | st.dates(day("1900-01-01"), one))


# The table


def test_the_table_is_what_its_source_says() -> None:
    """The bundled table is generated from chinesecalendar and nothing was changed by hand."""
    assert TABLE.read_text(encoding="utf-8") == working_days_toml()


def test_two_sources_agree_on_every_day() -> None:
    """Every single day from 2024 to 2026 is worked exactly when the package `holidays` says so."""
    other, table = holidays.CN(years=TABLE_YEARS), Calendar.bundled()
    every = [day("2024-01-01") + timedelta(n) for n in range(366 + 365 + 365)]
    assert every[-1] == day("2026-12-31")
    assert [d for d in every if table.is_working_day(d) != other.is_working_day(d)] == []


def test_bundled_years() -> None:
    """The bundled table knows 2024 to 2026, no other year, and is read once."""
    table = Calendar.bundled()
    assert table.years == (2024, 2025, 2026)
    assert [year for year in range(1900, 2201) if table.published(year)] == [2024, 2025, 2026]
    assert Calendar.bundled() is table


@pytest.mark.parametrize(
    ("when", "worked"),
    [
        ("2025-09-26", True),  # Friday
        ("2025-09-27", False),  # Saturday
        ("2025-09-28", True),  # Sunday, made up for the National Day week
        ("2025-10-01", False),  # Wednesday, National Day
        ("2025-10-08", False),  # Wednesday, last day of the holiday
        ("2025-10-11", True),  # Saturday, made up
        ("2024-02-09", True),  # Friday, New Year's eve, which the notice of 2024 left a working day
        ("2027-10-01", True),  # Friday of a year not published: the weekend rule
        ("2027-10-02", False),  # Saturday of a year not published
    ],
)
def test_working_days(when: str, worked: bool) -> None:
    """The table decides in its years, the weekend in all others."""
    assert Calendar.bundled().is_working_day(day(when)) is worked


def test_extended_adds_a_year() -> None:
    """A host that gives the table of 2027 gets a new calendar that knows it, and the old one stays as it was."""
    old = Calendar.bundled()
    new = old.extended(year=2027, rest=[day("2027-01-01")], work=[day("2027-01-03")])
    assert (new.years, old.years) == ((2024, 2025, 2026, 2027), (2024, 2025, 2026))
    assert not new.is_working_day(day("2027-01-01")) and new.is_working_day(day("2027-01-03"))
    assert old.is_working_day(day("2027-01-01")) and not old.is_working_day(day("2027-01-03"))


def test_extended_replaces_a_year() -> None:
    """The table of a year that is given again counts alone."""
    again = Calendar.bundled().extended(year=2025, rest=[day("2025-12-31")])
    assert again.years == (2024, 2025, 2026)
    assert again.is_working_day(day("2025-10-01")) and not again.is_working_day(day("2025-10-11"))
    assert not again.is_working_day(day("2025-12-31"))


def test_a_year_without_moved_days_is_published() -> None:
    """A published year may consist of plain weekends."""
    assert add("2026-12-31", "1wd", Calendar.bundled().extended(year=2027)) == DueDay(day("2027-01-01"))


@given(st.sets(days()), st.sets(days()), days(), st.integers(1900, 2200))
def test_extended_leaves_other_years(rest: set[date], work: set[date], other: date, year: int) -> None:
    """Extending a calendar by one year changes no day of any other year."""
    table = Calendar.bundled()
    new = table.extended(
        year=year, rest=[d.replace(year=year, day=1) for d in rest], work=[d.replace(year=year, day=2) for d in work]
    )
    if other.year != year:
        assert new.is_working_day(other) == table.is_working_day(other)
        assert new.published(other.year) == table.published(other.year)
    assert new.published(year)


# Adding spans


@pytest.mark.parametrize(
    ("start", "span", "due"),
    [
        ("2025-03-03", "0d", "2025-03-03"),
        ("2025-03-03", "7d", "2025-03-10"),
        ("2024-02-28", "2d", "2024-03-01"),
        ("2025-01-31", "1m", "2025-02-28"),
        ("2024-01-31", "1m", "2024-02-29"),
        ("2025-02-28", "1m", "2025-03-28"),
        ("2025-08-31", "6m", "2026-02-28"),
        ("2025-10-31", "1m", "2025-11-30"),
        ("2025-11-30", "1m", "2025-12-30"),
        ("2025-12-31", "2m", "2026-02-28"),
        ("2025-12-15", "12m", "2026-12-15"),
        ("2025-05-31", "0m", "2025-05-31"),
        ("2024-02-29", "1y", "2025-02-28"),
        ("2024-02-29", "4y", "2028-02-29"),
        ("2000-02-29", "100y", "2100-02-28"),
        ("2100-12-31", "100y", "2200-12-31"),
        ("2025-03-03", "1wd", "2025-03-04"),
        ("2025-03-07", "1wd", "2025-03-10"),  # over a weekend
        ("2025-09-27", "1wd", "2025-09-28"),  # a Saturday, and the Sunday after is made up
        ("2025-09-30", "1wd", "2025-10-09"),  # over the National Day holiday
        ("2025-09-30", "3wd", "2025-10-11"),  # to a Saturday that is made up
        ("2025-09-30", "4wd", "2025-10-13"),
        ("2025-01-24", "3wd", "2025-02-05"),  # 26 and 27 January, then the Spring Festival
        ("2025-10-01", "0wd", "2025-10-01"),  # day 0 itself, though nobody works on it
    ],
)
def test_add(start: str, span: str, due: str) -> None:
    """The trigger day is day 0, months and years clamp to the end of the month, working days skip rest days."""
    assert add(start, span) == DueDay(day(due), provisional=False)


@pytest.mark.parametrize(
    ("start", "span", "due", "provisional"),
    [
        ("2026-12-30", "1wd", "2026-12-31", False),
        ("2026-12-31", "1wd", "2027-01-01", True),  # reached
        ("2023-12-29", "1wd", "2024-01-02", True),  # 30 and 31 December 2023 passed
        ("2023-12-31", "1wd", "2024-01-02", False),  # day 0 is neither passed nor reached
        ("2030-06-03", "0wd", "2030-06-03", False),  # no day is counted
        ("2026-12-31", "1d", "2027-01-01", False),  # calendar days need no table
        ("2026-12-31", "1m", "2027-01-31", False),
        ("2026-12-31", "1y", "2027-12-31", False),
    ],
)
def test_provisional(start: str, span: str, due: str, provisional: bool) -> None:
    """A count of working days is provisional when a day passed or reached lies in an unpublished year."""
    assert add(start, span) == DueDay(day(due), provisional)


def test_a_gap_between_published_years_is_provisional() -> None:
    """A count that crosses an unpublished year is provisional, though it begins and ends in published ones."""
    table = Calendar().extended(year=2030).extended(year=2032)
    due = add("2030-12-31", "300wd", table)
    assert due.day.year == 2032 and due.provisional


def test_the_table_settles_a_provisional_day() -> None:
    """A provisional due day is computed anew, and final, when the table of its year arrives."""
    assert add("2026-12-31", "1wd") == DueDay(day("2027-01-01"), provisional=True)
    table = Calendar.bundled().extended(year=2027, rest=[day("2027-01-01")])
    assert add("2026-12-31", "1wd", table) == DueDay(day("2027-01-04"), provisional=False)


@given(days(last="2100-12-31"), days(last="2100-12-31"), counts, units)
def test_add_is_monotone_in_the_day(one: date, two: date, count: int, unit: str) -> None:
    """A later trigger is never due earlier."""
    early, late = sorted([one, two])
    table, span = Calendar.bundled(), Span(count, unit)
    assert table.add(early, span).day <= table.add(late, span).day


@given(days(last="2100-12-31"), counts, counts, units)
def test_add_is_monotone_in_the_count(start: date, one: int, two: int, unit: str) -> None:
    """A longer span of one unit is due strictly later, and a span of zero is due on day 0."""
    small, large = sorted([one, two])
    table = Calendar.bundled()
    sooner, later = table.add(start, Span(small, unit)).day, table.add(start, Span(large, unit)).day
    assert sooner < later if small < large else sooner == later
    assert table.add(start, Span(0, unit)) == DueDay(start)


@given(days(last="2100-12-31"), st.integers(0, 1200))
def test_months_never_leave_the_target_month(start: date, count: int) -> None:
    """So many months later is the month so many months later: on the same day number, or earlier on its last day."""
    due = Calendar().add(start, Span(count, "m")).day
    assert due.year * 12 + due.month == start.year * 12 + start.month + count
    assert due.day == start.day or (due.day < start.day and (due + timedelta(1)).day == 1)


@given(days(last="2100-12-31"), st.integers(0, 50))
def test_a_year_is_twelve_months(start: date, count: int) -> None:
    """Adding years is adding twelve times as many months."""
    assert Calendar().add(start, Span(count, "y")) == Calendar().add(start, Span(12 * count, "m"))


@given(days("2023-06-01", "2027-06-01"), st.integers(1, 300))
def test_a_count_of_working_days_counts_them(start: date, count: int) -> None:
    """The n-th working day is a working day, and exactly n working days lie after day 0 up to it."""
    table = Calendar.bundled()
    due = table.add(start, Span(count, "wd"))
    passed = [start + timedelta(n) for n in range(1, (due.day - start).days + 1)]
    assert table.is_working_day(due.day)
    assert sum(map(table.is_working_day, passed)) == count
    assert due.provisional is any(d.year not in TABLE_YEARS for d in passed)


def test_the_longest_count_of_working_days() -> None:
    """On plain weekends 36525 working days are 7305 weeks."""
    assert add("1900-01-01", "36525wd", Calendar()).day == day("1900-01-01") + timedelta(weeks=7305)


def test_the_last_day() -> None:
    """The calendar reaches to 2200-12-31 and not a day further."""
    assert add("2200-12-30", "1d").day == add("2200-12-30", "1wd").day == day("2200-12-31")
    assert add("2200-12-31", "0d").day == day("2200-12-31")


@pytest.mark.parametrize(
    ("start", "span"), [("2200-12-31", "1d"), ("2200-12-31", "1wd"), ("2200-12-01", "1m"), ("2101-01-01", "100y")]
)
def test_beyond_the_last_day(start: str, span: str) -> None:
    """A due day after 2200-12-31 is a limit error that names the day and the span."""
    with pytest.raises(LimitError, match=f"`{start}` plus `{span}`"):
        add(start, span)


# Rest days


@pytest.mark.parametrize(
    ("due", "moved"),
    [
        (DueDay(day("2025-10-01")), DueDay(day("2025-10-09"))),  # National Day
        (DueDay(day("2025-10-12")), DueDay(day("2025-10-13"))),  # a Sunday
        (DueDay(day("2025-10-11")), DueDay(day("2025-10-11"))),  # a Saturday that is made up
        (DueDay(day("2025-10-09")), DueDay(day("2025-10-09"))),
        (DueDay(day("2025-10-01"), True), DueDay(day("2025-10-09"), True)),
        (DueDay(day("2026-12-31")), DueDay(day("2026-12-31"))),
        (DueDay(day("2027-01-02")), DueDay(day("2027-01-04"), True)),  # moved within an unpublished year
        (DueDay(day("2027-01-04")), DueDay(day("2027-01-04"), True)),  # the test itself needs the table
        (DueDay(day("2023-12-31")), DueDay(day("2024-01-02"), True)),  # out of an unpublished year
    ],
)
def test_next_working_day(due: DueDay, moved: DueDay) -> None:
    """A due day on a rest day moves to the next working day, provisional where an unpublished year is asked."""
    assert Calendar.bundled().on_rest_day(due, "next_working_day") == moved


def test_a_move_into_an_unpublished_year_is_provisional() -> None:
    """A rest day at the end of a published year moves to a provisional day of the next."""
    table = Calendar.bundled().extended(year=2026, rest=[day("2026-12-31")])
    moved = table.on_rest_day(DueDay(day("2026-12-31")), "next_working_day")
    assert moved == DueDay(day("2027-01-01"), provisional=True)


@given(days(), st.booleans())
def test_keep(when: date, provisional: bool) -> None:
    """The rule `keep` leaves every due day as it is."""
    assert Calendar.bundled().on_rest_day(DueDay(when, provisional), "keep") == DueDay(when, provisional)


def test_no_working_day_is_left() -> None:
    """A rest day that could only move beyond 2200-12-31 is a limit error."""
    table = Calendar().extended(year=2200, rest=[day("2200-12-31")])
    with pytest.raises(LimitError, match="2200-12-31"):
        table.on_rest_day(DueDay(day("2200-12-31")), "next_working_day")


# Spans


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("7d", "7日", "7 days"),
        ("1d", "1日", "1 day"),
        ("7wd", "7个工作日", "7 working days"),
        ("1wd", "1个工作日", "1 working day"),
        ("1m", "1个月", "1 month"),
        ("2m", "2个月", "2 months"),
        ("1y", "1年", "1 year"),
        ("0d", "0日", "0 days"),
    ],
)
def test_span_words(text: str, zh: str, en: str) -> None:
    """A span is written back as it was read, and said in Chinese and English."""
    span = Span.parse(text)
    assert (str(span), span.words("zh"), span.words("en")) == (text, zh, en)


@given(st.integers(0, 100), units)
def test_span_round_trip(count: int, unit: str) -> None:
    """Reading what a span is written as gives the same span, zero exactly when it counts nothing."""
    assert Span.parse(str(Span(count, unit))) == Span(count, unit)
    assert Span(count, unit).is_zero is (count == 0)


@pytest.mark.parametrize("text", ["36525d", "36525wd", "1200m", "100y"])
def test_a_hundred_years(text: str) -> None:
    """A hundred years is the longest span in every unit."""
    assert str(Span.parse(text)) == text
    with pytest.raises(ValueError, match=f"over 100 years; write at most `{text}`"):
        Span(Span.parse(text).count + 1, Span.parse(text).unit)


# Periods


@pytest.mark.parametrize(
    ("kind", "when", "key", "first", "last"),
    [
        ("year", "2025-12-31", "2025", "2025-01-01", "2025-12-31"),
        ("half-year", "2025-06-30", "2025-H1", "2025-01-01", "2025-06-30"),
        ("half-year", "2025-07-01", "2025-H2", "2025-07-01", "2025-12-31"),
        ("quarter", "2025-03-31", "2025-Q1", "2025-01-01", "2025-03-31"),
        ("quarter", "2025-04-01", "2025-Q2", "2025-04-01", "2025-06-30"),
        ("quarter", "2025-09-30", "2025-Q3", "2025-07-01", "2025-09-30"),
        ("quarter", "2025-10-01", "2025-Q4", "2025-10-01", "2025-12-31"),
        ("month", "2025-02-14", "2025-02", "2025-02-01", "2025-02-28"),
        ("month", "2024-02-29", "2024-02", "2024-02-01", "2024-02-29"),
        ("month", "2025-12-01", "2025-12", "2025-12-01", "2025-12-31"),
        ("half-month", "2025-03-15", "2025-03a", "2025-03-01", "2025-03-15"),
        ("half-month", "2025-03-16", "2025-03b", "2025-03-16", "2025-03-31"),
        ("half-month", "2025-02-28", "2025-02b", "2025-02-16", "2025-02-28"),
        ("week", "2024-12-30", "2025-W01", "2024-12-30", "2025-01-05"),
        ("week", "2025-01-05", "2025-W01", "2024-12-30", "2025-01-05"),
        ("week", "2025-01-06", "2025-W02", "2025-01-06", "2025-01-12"),
        ("week", "2027-01-01", "2026-W53", "2026-12-28", "2027-01-03"),
        ("day", "2025-03-01", "2025-03-01", "2025-03-01", "2025-03-01"),
        ("working-day", "2025-03-03", "2025-03-03", "2025-03-03", "2025-03-03"),
    ],
)
def test_calendar_periods(kind: str, when: str, key: str, first: str, last: str) -> None:
    """Every day lies in one period of each kind, which its key names."""
    period = period_of(kind, day(when))
    assert (period.key, period.first, period.last, period.kind) == (key, day(first), day(last), kind)


@pytest.mark.parametrize(
    ("kind", "anchor", "when", "key"),
    [
        ("month", "2025-01-31", "2025-01-31", "2025-01-31/2025-02-27"),
        ("month", "2025-01-31", "2025-02-28", "2025-02-28/2025-03-30"),  # the 31st again: no drift to the 28th
        ("month", "2025-01-31", "2025-04-29", "2025-03-31/2025-04-29"),
        ("month", "2025-01-10", "2025-02-09", "2025-01-10/2025-02-09"),
        ("month", "2025-01-10", "2025-02-10", "2025-02-10/2025-03-09"),
        ("quarter", "2024-11-30", "2025-02-27", "2024-11-30/2025-02-27"),
        ("quarter", "2024-11-30", "2025-03-01", "2025-02-28/2025-05-29"),
        ("half-year", "2025-08-31", "2026-03-01", "2026-02-28/2026-08-30"),
        ("year", "2024-02-29", "2025-02-28", "2025-02-28/2026-02-27"),
        ("year", "2024-02-29", "2028-02-28", "2027-02-28/2028-02-28"),
        ("year", "2024-02-29", "2028-02-29", "2028-02-29/2029-02-27"),
        ("half-month", "2025-01-10", "2025-01-24", "2025-01-10/2025-01-24"),
        ("half-month", "2025-01-10", "2025-01-25", "2025-01-25/2025-02-08"),
        ("week", "2025-01-01", "2025-01-08", "2025-01-08/2025-01-14"),
        ("day", "2025-01-01", "2025-01-08", "2025-01-08"),
        ("working-day", "2025-01-01", "2025-01-08", "2025-01-08"),
    ],
)
def test_rolling_periods(kind: str, anchor: str, when: str, key: str) -> None:
    """Rolling periods are counted from the anchor itself, whatever months were short on the way."""
    period = period_of(kind, day(when), anchor=day(anchor))
    first, last = key.split("/") if "/" in key else (key, key)
    assert (period.key, period.first, period.last, period.kind) == (key, day(first), day(last), kind)


@given(kinds, anchored_days())
def test_periods_tile_time(kind: str, one: tuple[date, date | None]) -> None:
    """A period holds its day, gives itself for its first and last day, and the next begins the day after it ends."""
    when, anchor = one
    period = period_of(kind, when, anchor=anchor)
    assert period.first <= when <= period.last
    assert period_of(kind, period.first, anchor=anchor) == period
    if period.last < day("2200-12-31"):
        assert period_of(kind, period.last, anchor=anchor) == period
        assert period_of(kind, period.last + timedelta(1), anchor=anchor).first == period.last + timedelta(1)


@given(kinds, anchored_days())
def test_period_named_undoes_the_key(kind: str, one: tuple[date, date | None]) -> None:
    """The key of a period, calendar or rolling, names that same period."""
    period = period_of(kind, one[0], anchor=one[1])
    assert period_named(period.key) == period


@given(kinds, anchored_days(), st.integers(0, 400))
def test_periods_of_a_stretch(kind: str, one: tuple[date, date | None], length: int) -> None:
    """The periods of a stretch of days follow one another without gap, from the one of its first day to its last's."""
    first, anchor = one
    last = min(first + timedelta(length), day("2200-12-31"))
    found = list(periods(kind, first, last, anchor=anchor, calendar=Calendar.bundled()))
    if kind == "working-day":
        stretch = [first + timedelta(n) for n in range((last - first).days + 1)]
        assert [period.first for period in found] == list(filter(Calendar.bundled().is_working_day, stretch))
    else:
        assert found[0] == period_of(kind, first, anchor=anchor)
        assert found[-1] == period_of(kind, last, anchor=anchor)
        assert all(two.first - one.last == timedelta(1) for one, two in pairwise(found))


def test_periods_in_order() -> None:
    """All periods that touch the stretch are given, whole, in order."""
    keys = [period.key for period in periods("half-month", day("2025-02-10"), day("2025-03-01"))]
    assert keys == ["2025-02a", "2025-02b", "2025-03a"]
    assert list(periods("month", day("2025-03-02"), day("2025-03-01"))) == []


def test_working_day_periods() -> None:
    """Periods of the kind `working-day` leave out rest days and keep days that are made up."""
    found = periods("working-day", day("2025-09-27"), day("2025-10-11"), calendar=Calendar.bundled())
    assert [period.key[5:] for period in found] == ["09-28", "09-29", "09-30", "10-09", "10-10", "10-11"]


def test_rolling_periods_begin_with_the_anchor() -> None:
    """A stretch that begins before the anchor has its first rolling period at the anchor."""
    found = periods("month", day("2025-01-01"), day("2025-03-31"), anchor=day("2025-01-31"))
    assert [str(period.first) for period in found] == ["2025-01-31", "2025-02-28", "2025-03-31"]


def test_periods_at_the_end_of_the_calendar() -> None:
    """A period that begins in 2200 may end in 2201 and still has a name."""
    assert period_of("week", day("2200-12-31")) == period_named("2201-W01")
    assert period_named("2201-W01").last == day("2201-01-04")
    assert period_named("2200-06-15/2201-06-14").last == day("2201-06-14")
    assert period_named("2200-12-31/2200-12-31").last == day("2200-12-31")
    assert [period.key for period in periods("year", day("2199-05-01"), day("2200-12-31"))] == ["2199", "2200"]


def test_periods_are_the_same_by_name_and_days() -> None:
    """A day and a working day of one date are the same period, a year and a window in it are not."""
    assert period_of("day", day("2025-03-03")) == period_of("working-day", day("2025-03-03"))
    assert period_named("2025") != window(2025, "06-20", "07-10")
    assert period_named("2025-01-31/2025-02-27").kind == "rolling"


# Windows and days of the year


@pytest.mark.parametrize(
    ("year", "opens", "closes", "first", "last"),
    [
        (2025, "06-20", "07-10", "2025-06-20", "2025-07-10"),
        (2025, "07-01", "07-01", "2025-07-01", "2025-07-01"),
        (2025, "12-15", "01-15", "2025-12-15", "2026-01-15"),
        (2025, "02-29", "03-31", "2025-02-28", "2025-03-31"),
        (2024, "02-29", "03-31", "2024-02-29", "2024-03-31"),
        (2023, "12-01", "02-29", "2023-12-01", "2024-02-29"),
        (2024, "12-01", "02-29", "2024-12-01", "2025-02-28"),
        (2200, "12-15", "01-15", "2200-12-15", "2201-01-15"),
    ],
)
def test_windows(year: int, opens: str, closes: str, first: str, last: str) -> None:
    """A window is named by the year in which it opens, and ends in the next when it closes before it opens."""
    period = window(year, opens, closes)
    assert (period.key, period.first, period.last, period.kind) == (str(year), day(first), day(last), "window")


@pytest.mark.parametrize(
    ("year", "text", "when"),
    [
        (2025, "07-01", "2025-07-01"),
        (2025, "12-31", "2025-12-31"),
        (2025, "02-29", "2025-02-28"),
        (2024, "02-29", "2024-02-29"),
        (2100, "02-29", "2100-02-28"),
    ],
)
def test_day_of_year(year: int, text: str, when: str) -> None:
    """A day of the year is the same day in every year, 29 February being the last of the month."""
    assert day_of_year(year, text) == day(when)


# Bad input


@pytest.mark.parametrize("text", ["1900-01-01", "2024-02-29", "2200-12-31"])
def test_parse_date(text: str) -> None:
    """A day is read from its ISO text, and a date stays what it is."""
    assert parse_date(text) == parse_date(day(text)) == day(text)


@pytest.mark.parametrize(
    "value",
    [
        *("2025-02-30", "2025-2-3", "20250203", "2025-W01-1", "2025-034", " 2025-02-03", "2025-02-03T00:00", ""),
        *("２０２５-02-03", "1899-12-31", "2201-01-01", "0000-01-01", date(1899, 12, 31), date(2201, 1, 1)),
        *(datetime(2025, 2, 3), 20250203, None, 1.5, True),
    ],
)
def test_no_date(value: object) -> None:
    """Whatever is not exactly a day from 1900 to 2200 is refused with its own value and the form to write."""
    with pytest.raises(ValueError) as error:
        parse_date(value)
    assert str(error.value) == f"`{value}` is no date; write YYYY-MM-DD between 1900 and 2200"


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", "d", "7 d", "7D", "7w", "7days", "07d", "+7d", "1.5d", "７d", "1e3d", "7d ", "-0.5d"),
        *("7dx", 7, None, 7.0, ["7d"]),
    ],
)
def test_no_span(text: object) -> None:
    """Whatever is not a span is refused with its own value and the forms to write."""
    with pytest.raises(ValueError) as error:
        Span.parse(text)
    assert str(error.value) == f"`{text}` is no span; write a span as `7d`, `7wd` (working days), `1m` or `1y`"


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: Span.parse("-7d"), "`-7d` is negative"),
        (lambda: Span.parse("101y"), "`101y` is over 100 years"),
        (lambda: Span.parse("999999999999d"), "`999999999999d` is over"),
        (lambda: Span.parse("9" * 9999 + "d"), "`9999999"),
        (lambda: Span.parse("7\nd"), r"`7\nd`"),
        (lambda: Span(7, "w"), "`w` is no unit of a span, did you mean `wd`?"),
        (lambda: Span(-1, "d"), "`-1d` is negative"),
        (lambda: Span(7, "d").words("fr"), "`fr` is no language"),
        (lambda: Calendar().on_rest_day(DueDay(day("2025-01-01")), "next_workday"), "did you mean `next_working_day`?"),
        (lambda: Calendar().extended(year=2027, rest=[day("2028-01-01")]), "`2028-01-01` does not lie in the year"),
        (lambda: Calendar().extended(year=2027, work=[day("2026-12-31")]), "`2026-12-31` does not lie in the year"),
        (lambda: Calendar().extended(year=2027, rest=[day("2027-05-01")], work=[day("2027-05-01")]), "`2027-05-01` is"),
        (lambda: Calendar().extended(year=20255), "`20255`"),
        (lambda: period_of("weekly", day("2025-01-01")), "`weekly` is no kind of period, did you mean `week`?"),
        (lambda: period_of("month", day("2025-01-01"), anchor=day("2025-02-01")), "before the anchor `2025-02-01`"),
        (lambda: periods("halfyear", day("2025-01-01"), day("2025-01-02")), "did you mean `half-year`?"),
        (lambda: periods("working-day", day("2025-01-01"), day("2025-01-02")), "`working-day` need a calendar"),
        (lambda: day_of_year(2025, "13-01"), "`13-01` is no day of the year"),
        (lambda: day_of_year(2025, "02-30"), "`02-30` is no day of the year"),
        (lambda: day_of_year(2025, "7-1"), "`7-1` is no day of the year"),
        (lambda: day_of_year(2025, "W01-1"), "`W01-1` is no day of the year"),
        (lambda: day_of_year(2201, "07-01"), "`2201`"),
        (lambda: window(2025, "06-20", "06-31"), "`06-31` is no day of the year"),
        (lambda: window(0, "06-20", "06-30"), "`0`"),
    ],
)
def test_bad_values_are_named(call: Callable[[], object], named: str) -> None:
    """Every refusal is one line that quotes the user's own value, and the nearest known word where there is one."""
    with pytest.raises(ValueError) as error:
        call()
    message = str(error.value)
    assert named in message and "\n" not in message and len(message) < 250


@pytest.mark.parametrize(
    "key",
    [
        *(
            "",
            "25",
            "1899",
            "2201",
            "0000",
            "2025-H3",
            "2025-H0",
            "2025-Q5",
            "2025-13",
            "2025-00",
            "2025-3",
            "2025-03c",
        ),
        *("2025-13a", "2025-W00", "2025-W53", "2025-W1", "2025-w01", "2025-02-29", "2025-H1 ", "2025\n", "２０２５"),
        *("1899-W52", "2201-W02", "2025-02-27/2025-01-31", "2025-01-31/", "2025-01-31/2025-02-30", "20250131/20250227"),
        *("2025-01-31/2025-02-27/2025-03-30", "1899-12-31/1900-01-30", "2200-12-31/2202-01-01", 2025, None),
    ],
)
def test_no_period(key: str) -> None:
    """Whatever names no period of the calendar is refused with its own value and the forms to write."""
    with pytest.raises(ValueError) as error:
        period_named(key)
    shown = str(key).replace("\n", "\\n")
    assert str(error.value).startswith(f"`{shown}` is no period; write it as `2025`, `2025-H1`")


@pytest.mark.parametrize("when", [date(1899, 12, 31), date(2201, 1, 1), date.min, date.max])
def test_days_outside_the_calendar(when: date) -> None:
    """No arithmetic is done on a day outside 1900 to 2200."""
    table, inside = Calendar.bundled(), day("2025-01-01")
    calls: list[Callable[[], object]] = [
        lambda: table.add(when, Span(1, "wd")),
        lambda: table.add(when, Span(0, "d")),
        lambda: table.on_rest_day(DueDay(when), "next_working_day"),
        lambda: period_of("week", when),
        lambda: period_of("month", inside, anchor=when),
        lambda: periods("month", when, inside, anchor=None),
        lambda: periods("month", inside, when),
    ]
    for call in calls:
        with pytest.raises(LimitError, match=f"`{when}`"):
            call()


def test_everything_is_frozen() -> None:
    """What the calendar returns can not be changed, and can stand in sets."""
    period = period_of("month", day("2025-03-03"))
    for value, name in [
        (Span(7, "d"), "count"),
        (DueDay(period.first), "day"),
        (period, "kind"),
        (Calendar(), "years"),
    ]:
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, None)
    assert len({period, period_named("2025-03"), Period("2025-03", period.first, period.last, "month")}) == 1
    assert len({Calendar(), Calendar.bundled(), Calendar.bundled().extended(year=2027)}) == 3


if __name__ == "__main__":
    TABLE.write_text(working_days_toml(), encoding="utf-8")
