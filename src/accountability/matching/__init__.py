"""Matching: the flat facts of an event in, the rules whose pattern it fits out.

`PythonMatcher` is the definition. Where durable_rules is installed, it is asked the same on every event and compared.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import MatcherError, nearest, quoted
from ..rule import Pattern
from .crosscheck import CrossCheckedMatcher, Disagreement, Matcher
from .facts import facts_of
from .python import Matched, PythonMatcher

__all__ = [
    "MATCHERS",
    "CrossCheckedMatcher",
    "Disagreement",
    "Matched",
    "Matcher",
    "PythonMatcher",
    "compared",
    "facts_of",
    "matcher_for",
]

MATCHERS = ("auto", "python", "durable")


def compared(matcher: Matcher) -> list[str]:
    """Return in a sentence what came of comparing two matchers, and nothing where there was only one."""
    if not isinstance(matcher, CrossCheckedMatcher):
        return []
    agreed = f"both matchers agree on {matcher.agreed} events"
    if not matcher.disagreed:
        return [agreed]
    return [
        agreed,
        f"they disagree on {matcher.disagreed}, first: {matcher.disagreements[0]}; the Python answer stands",
    ]


def matcher_for(patterns: Mapping[str, Pattern], which: str = "auto", strict: bool = False) -> Matcher:
    """Return the matcher of these patterns.

    ``python`` is the Python matcher alone; ``durable`` has every event compared with durable_rules; ``auto`` does so
    where that is installed. `strict` raises MatcherError when they disagree, else the Python answer stands.

    Raises MatcherError when ``durable`` is asked for and not installed.
    """
    if which not in MATCHERS:
        known = ", ".join(f"`{name}`" for name in MATCHERS)
        raise MatcherError(f"{quoted(which)} is no matcher{nearest(which, MATCHERS) or '.'} Use one of {known}")
    python = PythonMatcher(patterns)
    if which == "python":
        return python
    try:
        from .durable import durable_matcher
    except ImportError as error:  # on Python 3.13 it installs, but does not import
        if which == "auto":
            return python
        raise MatcherError(
            "durable_rules is not installed; install it with `pip install accountability[durable]` (it needs Python "
            'below 3.13 and a C compiler), or use the matcher "python"'
        ) from error
    return CrossCheckedMatcher(python, durable_matcher(patterns), strict)
