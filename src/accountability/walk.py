"""Walks: how a rule names a unit or a post through the organization, read from right to left.

``secretary of general_branch above branch of person`` starts at the person, goes to the branch to which the person
belongs, from there to the nearest general branch above, and names its secretary. A walk that finds nothing finds
nothing: it is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from .errors import nearest, quoted
from .view import View

_CONNECTORS = ("of", "above", "under")
_WORDS = ("superior", "top", "guide", "organ", "same_level", "each")
FIRST_RESPONSIBLE = "first_responsible"
"""The role that needs no clause: the first responsible person, as chosen the head of the unit or its secretary."""


@frozen
class RolePost:
    """Which post a role is: of a kind in units of a kind; the first responsible one; the leader in charge of a matter.

    `post` may be ``first_responsible``, or None for any member of the leadership; `unit` is None for any kind.
    `portfolio` is what the post is in charge of.
    """

    post: str | None
    unit: str | None = None
    portfolio: str | None = None


@frozen
class Step:
    """One step of a walk: ``to`` a kind of unit (itself or above), ``above``, ``superior``, ``top``, ``guide``,
    ``organ``, ``same_level``, ``under``."""

    action: str
    word: str = ""


@frozen
class Walk:
    """A parsed walk: where it starts (a field, or a parameter that names a unit), its steps, and the post it names.

    `post` is None when the walk names a unit alone, or the post of a `role`; `is_` tells which posts that may be.
    """

    text: str
    start: str
    steps: tuple[Step, ...]
    post: str | None = None
    role: str | None = None
    is_: tuple[RolePost, ...] = ()

    @property
    def names_post(self) -> bool:
        """Tell whether it names a post and not a unit alone."""
        return self.post is not None or self.role is not None

    @property
    def each(self) -> str | None:
        """The kind of the units of a walk ``each K under ...``; None for a walk to one unit."""
        return next((step.word for step in self.steps if step.action == "under"), None)

    def is_alone_at(self, start: str) -> bool:
        """Tell whether the walk ends where it starts, at such a start, and names no post of it."""
        return self.start == start and not self.steps and self.post is None and self.role is None

    def unit(self, view: View, place: str | None) -> str | None:
        """Return the unit that the steps lead to from the unit `place`, or None when one of them finds nothing."""
        for step in self.steps:
            if place is None:
                return None
            place = _STEPS[step.action](view, place, step.word)
        return place


def _to(view: View, unit: str, kind: str) -> str | None:
    here = next((each for each in (unit, view.acted_for(unit)) if each is not None and _is(view, each, kind)), None)
    return here if here is not None else _above(view, unit, kind)


def _above(view: View, unit: str, kind: str) -> str | None:
    return next((above for above in view.above(unit) if _is(view, above, kind)), None)


def _is(view: View, unit: str, kind: str) -> bool:
    found = view.unit(unit)
    return found is not None and found.kind == kind


def _top(view: View, unit: str, _: str) -> str:
    return [unit, *view.above(unit)][-1]


def _organ(view: View, unit: str, word: str) -> str | None:
    for name in view.organs(unit):
        organ = view.unit(name)
        if organ is not None and (word in (organ.kind, organ.id) or organ.name.endswith(word)):
            return name
    return None


def _same_level(view: View, unit: str, kind: str) -> str | None:
    return next((each for each in view.of_same_level(unit) if _is(view, each, kind)), None)


_STEPS = {
    "to": _to,
    "above": _above,
    "superior": lambda view, unit, _: view.superior(unit),
    "top": _top,
    "guide": lambda view, unit, _: view.guide(unit),
    "organ": _organ,
    "same_level": _same_level,
}


@frozen
class Words:
    """The words that walks of a pack may use: kinds of unit, kinds of post, roles, and names of unit parameters."""

    kinds: frozenset[str]
    posts: frozenset[str]
    roles: Mapping[str, tuple[RolePost, ...]]
    parameters: frozenset[str]

    def known(self) -> Iterable[str]:
        """Every word, for the nearest one in messages."""
        return (*self.kinds, *self.posts, *self.roles, *self.parameters, *_WORDS, *_CONNECTORS)


def parse_walk(text: str, words: Words, starts: Iterable[str]) -> Walk:
    """Read a walk; `starts` are the fields it may begin with. Raises ValueError with one sentence."""
    steps: list[Step] = []
    post: str | None = None
    role: str | None = None
    tokens = text.split()
    while len(tokens) > 1:
        at = next((i for i, token in enumerate(tokens) if token in _CONNECTORS), None)
        if at is None or at == 0 or at == len(tokens) - 1:
            raise ValueError(
                f"the walk {quoted(text)} does not join its words; write for example `secretary of branch of person`"
            )
        head, connector, tokens = tokens[:at], tokens[at], tokens[at + 1 :]
        word = head[-1]
        if connector == "of" and len(head) == 1 and (word in words.posts or word in words.roles):
            if steps or post is not None or role is not None:
                raise ValueError(
                    f"the walk {quoted(text)} goes on from a post; name the post first, as in `secretary of branch of person`"
                )
            post, role = (word, None) if word in words.posts else (None, word)
            continue
        steps.append(_step(text, head, connector, words))
    start = tokens[0] if tokens else ""
    known = [*starts, *words.parameters]
    if start not in known:
        raise ValueError(
            f"the walk {quoted(text)} begins with {quoted(start)}, which is no field or parameter here{nearest(start, known)}"
        )
    return Walk(text, start, tuple(reversed(steps)), post, role, words.roles[role] if role is not None else ())


def _step(text: str, head: list[str], connector: str, words: Words) -> Step:
    word = head[-1]
    if head[0] == "each" and len(head) == 2 and connector == "under":
        _check_kind(text, word, words)
        return Step("under", word)
    if head[0] == "organ" and len(head) == 2 and connector == "of":
        return Step("organ", word)
    if head[0] == "same_level" and len(head) == 2 and connector == "of":
        _check_kind(text, word, words)
        return Step("same_level", word)
    if len(head) == 1 and connector == "of" and word in ("superior", "top", "guide"):
        return Step(word)
    if len(head) == 1 and connector in ("of", "above"):
        _check_kind(text, word, words)
        return Step("to" if connector == "of" else "above", word)
    raise ValueError(
        f"{quoted(' '.join([*head, connector]))} in the walk {quoted(text)} is no step{nearest(word, words.known())}"
    )


def _check_kind(text: str, word: str, words: Words) -> None:
    if word not in words.kinds:
        advice = nearest(word, words.known()) or "; use a word of `[kinds]` or `[posts]`, or the name of a role"
        raise ValueError(f"{quoted(word)} in the walk {quoted(text)} is no kind of unit, post or role{advice}")
