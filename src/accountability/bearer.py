"""Who bears a duty on a day: the walk, succession, quorum, recusal, substitution and vacancy (meaning.md 1, 3, 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from attrs import define, evolve, frozen

from .answer import Note
from .event import Event
from .organization_facts import Fact, Unit
from .origin import base_unit, body_unit, follows_member, predecessors, start_of, starting_unit
from .parameters import Use
from .quick import maker
from .roles import named_post, uses_of
from .rule import BODIES, CONVENING, Duty
from .track import Matter, Owner, Scene, Track
from .view import View
from .walk import Walk

if TYPE_CHECKING:
    from .breach import WayUp

_DAY = timedelta(days=1)


@frozen(weakref_slot=False)
class Bearer:
    """Who bears a duty from `from_` to `until`, inclusive.

    `base` is the body that the law names, `unit` the body that bears (another one where the duty moved up). `notes` say
    what it rests on; `undetermined` is True when a fact is missing. `designates` is True while a convener must be, or
    has been, designated by the superior. `to` is the unit to which the duty is owed.
    """

    from_: date
    until: date
    base: str | None
    unit: str | None
    post: str | None = None
    person: str | None = None
    notes: tuple[Note, ...] = ()
    uses: tuple[Use, ...] = ()
    facts: tuple[Fact, ...] = ()
    vacant_since: date | None = None
    designates: bool = False
    undetermined: bool = False
    to: str | None = None

    @property
    def plain(self) -> bool:
        """Tell whether there is nothing to say about who bears: nobody is missing, recused or designated."""
        return not self.notes and self.vacant_since is None and not self.designates and not self.undetermined


def timeline(scene: Scene, track: Track, end: date) -> list[Bearer]:
    """Return who bore the duty on each day from its opening to `end`, inclusive, without gaps."""
    found = track.line
    if found is None:
        found = track.line = []
        day = track.opened
    elif found[-1].until >= end:
        return found if found[-1].from_ <= end else [bearer for bearer in found if bearer.from_ <= end]
    else:
        day = found[-1].until + _DAY
        found = track.line = [*found]
    while day <= end:
        bearer = bearer_on(scene, track, day)
        found.append(bearer)
        if bearer.until >= end:
            break
        day = bearer.until + _DAY
    return found


@define(eq=False)
class Bearing:
    """Who bears the duties of a rule from a place, in matters in which nobody stands aside.

    It holds for duties opened from `since` to `opened_until`, while the parameters keep their values, and asked about up
    to `bearer.until`; `asked` are the ids of which it was asked. `tells_to` is True when `bearer.to` holds too,
    `is_plain` when there is nothing to say about the bearer. `line` holds the bearer alone, `unit` is the body that bears,
    `way` where a breach goes; `readers` are those who used it.
    """

    since: date
    opened_until: date
    bearer: Bearer
    asked: frozenset[str]
    tells_to: bool
    is_plain: bool
    line: list[Bearer]
    unit: Unit | None
    readers: set[Owner]
    way: WayUp | None = None


def borne_by(scene: Scene, track: Track, day: date) -> Bearer:
    """Return who bears the duty on the day, as far as it is known already, else as `bearer_on` says."""
    if track.line is not None:
        bearer = track.line[-1]
        if bearer.from_ <= day <= bearer.until and bearer.from_ <= track.opened:
            return bearer
    return bearer_on(scene, track, day)


def bearer_on(scene: Scene, track: Track, day: date) -> Bearer:
    """Return who bears the duty on the day; what is the same for many duties is worked out once."""
    found = bearing_of(scene, track, day)
    if found is None:
        return _with_counterparty(scene, track, _bearer_on(scene, track, day))
    bearing, facts = found
    bearer = bearing.bearer
    if facts:
        bearer = _changed(bearer, day, tuple(dict.fromkeys((*facts, *bearer.facts))))
    elif bearer.from_ != day and not bearing.is_plain:
        bearer = _changed(bearer, day, bearer.facts)
    return bearer if bearing.tells_to else _with_counterparty(scene, track, bearer)


def bearing_of(scene: Scene, track: Track, day: date) -> tuple[Bearing, Iterable[Fact]] | None:
    """Return what is the same for all duties like this one on the day, and the facts on the way to where they start."""
    start, matter = track.start, track.matter
    if start is None or track.serves or track.stand_in or track.missing:
        return None
    if not matter.plain and not is_plain(scene, matter):
        return None
    facts: Iterable[Fact] = ()
    if start[0] == "person":
        if follows_member(scene, matter):
            return None
        concerned = matter.case is not None and start[1] == matter.person
        view = scene.view(matter.opened if concerned else track.opened)
        unit = view.unit_of(start[1])
        if unit is None:
            return None
        start, facts = ("unit", unit), view.facts
    key, opened = (track.rule.id, start[0], start[1]), track.opened
    found = scene.bearings.get(key)
    if found is None or not found.since <= opened <= found.opened_until or not opened <= day <= found.bearer.until:
        found = _bearing(scene, track, start, key) if opened == day else None
        if found is None:
            return None
        scene.bearings[key] = found
        scene.share(key, found.asked)
    found.readers.add(scene.owner)
    return found, facts


def is_plain(scene: Scene, matter: Matter) -> bool:
    """Tell whether nobody who holds anything stands aside in the matter, and nobody was designated."""
    if matter.plain is None:
        matter.plain = not matter.designated
        for person in matter.recused:
            if is_placed(scene, person):
                matter.plain = False
    return matter.plain


def _bearing(scene: Scene, track: Track, start: tuple[str, str], key: tuple[str, ...]) -> Bearing | None:
    """Work out who bears duties like this one on the day on which it opened, None where that is not the same for all."""
    before, scene.asked = scene.asked, set()
    opening = scene.view(track.opened)
    place = start[1]
    if start[0] == "post":
        post = opening.post(place)
        place = post.unit if post is not None else ""
    bearer = None
    if opening.unit(place) is not None and (base := track.rule.bearer.unit(opening, place)) is not None:
        view = scene.view(track.opened)
        view.facts.update(opening.facts)
        if view.unit(base) is not None:
            bearer = _Search(scene, track, view, base).found(base, track.rule.bearer)
    to = track.rule.to
    tells_to = to is None or to.start == track.rule.bearer.start
    until = min(opening.until, scene.same_until(track.opened))
    if bearer is not None and to is not None and tells_to:
        view = scene.view(track.opened)
        owed_to = to.unit(view, place)
        bearer = evolve(bearer, to=owed_to, until=min(bearer.until, view.until) if _moves(track.rule) else bearer.until)
        tells_to = bearer.to is not None or track.rule.missing is None
        until = min(until, view.until)
    asked, scene.asked = frozenset(scene.asked), before
    scene.asked |= asked
    if bearer is None or bearer.unit != bearer.base:
        return None
    return Bearing(
        track.opened, until, bearer, asked, tells_to, bearer.plain and tells_to, [bearer],
        scene.organization.units[bearer.unit] if bearer.unit is not None else None, scene.readers(key),
    )  # fmt: skip


def _with_counterparty(scene: Scene, track: Track, bearer: Bearer) -> Bearer:
    """Add the unit to which the duty is owed; where a level is missing, the unit that takes its place."""
    walk = track.rule.to
    if walk is None or track.serves is not None:
        return bearer
    trigger = track.trigger if track.rule.each is None else None  # it falls on a subject, whatever event opened it
    start = start_of(scene, walk.start, track.matter, trigger) or track.start
    if start is None:
        return bearer
    moves = _moves(track.rule)
    view = scene.view(bearer.from_ if moves else track.opened)
    place, _ = starting_unit(scene, track.matter, start, view)
    if (
        place is None and not moves and start[0] == "person"
    ):  # the branch fell apart; the bodies above it are still known
        view = scene.view(track.matter.opened)
        place = view.unit_of(start[1])
    unit = walk.unit(view, place)
    if unit is None and track.rule.missing is not None and bearer.base is not None:
        word, _, name = str(scene.choice(track.rule.missing, track.opened).value).partition(":")
        now = scene.view(bearer.from_)
        unit = name if word == "substitute" else now.superior(bearer.base) if word == "skip" else None
    return evolve(bearer, to=unit, until=min(bearer.until, view.until) if moves else bearer.until)


def _moves(rule: Duty) -> bool:
    """Tell whether whom a duty is owed to is asked anew while it is open; a file that is under way stays on its way."""
    return rule.stage is None or rule.stage in CONVENING


_bearer = maker(Bearer)


def _changed(bearer: Bearer, day: date, facts: tuple[Fact, ...]) -> Bearer:
    """Return the bearer from the day on, with these facts; as `evolve`, at a fraction of its cost."""
    return _bearer(
        day, bearer.until, bearer.base, bearer.unit, bearer.post, bearer.person, bearer.notes, bearer.uses, facts,
        bearer.vacant_since, bearer.designates, bearer.undetermined, bearer.to,
    )  # fmt: skip


def _bearer_on(scene: Scene, track: Track, day: date) -> Bearer:
    view = scene.view(day)
    base, lost = base_unit(scene, track, view)
    if base is None:
        code = "bearer_undetermined" if lost else "organization_fact_required"
        notes = (Note(code, lost or track.id),) if track.missing is None else ()  # a missing choice is said already
        return Bearer(day, _until(scene, view, track.matter), None, None, notes=notes, undetermined=True)
    if track.serves is not None:
        return _Search(scene, track, view, base).found(view.superior(base) or base, None)
    return _Search(scene, track, view, base).found(base, track.rule.bearer)


def designations(matter: Matter, view: View, unit: str) -> list[Event]:
    """Return the designations of a convener for the unit whose person need not stand aside on the day, by day."""
    units = {None, view.superior(unit), *predecessors(view, unit)}
    recused = matter.recused_on(view.day)
    valid = [e for e in matter.designated if e.get("unit") in units and e.get("person") not in recused]
    return sorted(valid, key=lambda event: (event.date, event.key))


def _until(scene: Scene, view: View, matter: Matter) -> date:
    """Return until when an answer holds: no fact changes, and nobody who holds anything stands aside or is designated."""
    until = view.until
    for person, since in matter.recused.items():
        if view.day < since <= until and is_placed(scene, person):
            until = since - _DAY
    for event in matter.designated:
        if view.day < event.date <= until:
            until = event.date - _DAY
    return until


def is_placed(scene: Scene, person: str) -> bool:
    """Tell whether the person ever holds a post or sits on a committee."""
    scene.asked.add(person)
    return person in scene.organization._held or person in scene.organization._seated


class _Search:
    """The search for the bearer on one day, from the body that the law names upwards."""

    def __init__(self, scene: Scene, track: Track, view: View, base: str) -> None:
        self.scene, self.track, self.view, self.base = scene, track, view, base
        self.matter, self.rule = track.matter, track.rule
        self.recused = self.matter.recused_on(view.day)
        self.notes: dict[Note, None] = {}
        self.uses: dict[Use, None] = {}

    def found(self, unit: str, walk: Walk | None) -> Bearer:
        """Return the bearer, going up from `unit` while nobody there can bear the duty."""
        at: str | None = unit
        last = unit
        while at is not None:
            last = at
            self._note_recusals(at)
            bearer = self._at(at, walk if at == unit else None)
            if bearer is not None:
                return bearer
            at = self.view.superior(at)
        self.notes[Note("no_bearer", last)] = None
        return self._answer(last)

    def _at(self, unit: str, walk: Walk | None) -> Bearer | None:
        """Return the bearer in the unit, or None when the duty goes one level up."""
        if self._without_committee(unit):
            choice = self._choose("no_committee").value
            if choice == "undetermined":
                self.notes[Note("parameter_required", "no_committee")] = None
                return self._answer(unit, undetermined=True)
            if choice == "superior_handles":
                return None
        if not self._has_quorum(unit):
            return None
        own = self.track.own_post if walk is not None and self.track.stand_in is None and unit == self.base else None
        if walk is not None and not walk.names_post and own is None and not self._named_alone(walk):
            return self._answer(unit)
        walk = None if self.track.stand_in is not None else walk
        post = named_post(self.scene, walk, unit, self.view, self.track.opened)
        self.uses.update(dict.fromkeys(uses_of(self.scene, walk, self.track.opened)))
        if own is not None:
            post = self.view.post(own)
        if post is None:
            self.notes[Note("organization_fact_required", unit)] = None
            return self._answer(unit, undetermined=True)
        holder = self.view.holder(post.id)
        if holder is None:
            self.notes[Note("vacant_post", post.id)] = None
            return self._answer(unit, post.id, vacant_since=self.view.vacant_since(post.id))
        if holder not in self.recused:
            return self._answer(unit, post.id, holder)
        return self._substitute(unit)

    def _named_alone(self, walk: Walk) -> bool:
        """Tell whether a parameter names the unit: then its secretary, else its head, is meant."""
        return not walk.steps and self.scene.policy.declaration(walk.start) is not None

    def _without_committee(self, unit: str) -> bool:
        """Tell whether it is recorded that the convening body has no committee."""
        return self.rule.stage == "convene" and self.track.serves is None and self.view.committee(unit) == ()

    def _has_quorum(self, unit: str) -> bool:
        """Tell whether enough members of the unit's committee are left; counted only when somebody is recused."""
        if self.rule.stage is None or self.track.serves is not None:
            return True
        committee = self.view.committee(unit)
        gone = self.recused & set(committee or ())
        if not committee or not gone:
            return True
        left = len(committee) - len(gone)
        rule = str(self._choose("quorum").value)
        needed = 1 if rule == "more_than_half_of_unrecused" else int(rule.split("_")[2])
        if left >= needed:
            return True
        self.notes[Note("no_quorum_after_recusal", unit)] = None
        self._choose("no_quorum")
        return False

    def _substitute(self, unit: str) -> Bearer | None:
        """Return who stands in for a recused holder, or None when the duty goes one level up."""
        convening = self.rule.stage in CONVENING and unit == self.base and self.track.serves is None
        choice = str(self._choose("convener_substitute" if convening else "chair_substitute").value)
        if choice == "superior_designates" and self.view.superior(unit) is not None:
            valid = [e for e in designations(self.matter, self.view, unit) if e.date <= self.view.day]
            person = valid[-1].get("person") if valid else None
            return self._answer(unit, f"{unit}.acting_convener", person, designates=True)
        if choice == "deputy":
            for deputy in self.view.posts(unit, "deputy"):
                person = self.view.holder(deputy.id)
                if person is not None and person not in self.recused:
                    return self._answer(unit, deputy.id, person)
        if choice != "superior":
            self.notes[Note("no_bearer", unit)] = None
        return None

    def _note_recusals(self, unit: str) -> None:
        for person in sorted(self.recused):
            if self.view.stands_in(person, unit):
                self.notes[Note("recusal", person)] = None

    def _choose(self, name: str) -> Use:
        use = self.scene.choice(name, self.track.opened)
        self.uses[use] = None
        return use

    def _answer(
        self,
        unit: str,
        post: str | None = None,
        person: str | None = None,
        *,
        vacant_since: date | None = None,
        designates: bool = False,
        undetermined: bool = False,
    ) -> Bearer:
        if self.rule.stage is not None and self.track.serves is None and unit != self.base:
            for stage in sorted(set(BODIES.values()) - {BODIES[self.rule.stage]}):
                if body_unit(self.scene, self.matter, stage, self.view.day) == unit:
                    self.notes[Note("same_body_two_stages", unit)] = None
        return Bearer(
            self.view.day, _until(self.scene, self.view, self.matter), self.base, unit, post, person,
            tuple(self.notes), tuple(self.uses), tuple(self.view.facts), vacant_since, designates, undetermined,
        )  # fmt: skip
