"""The bodies of one case: which unit holds a stage, who acts for it, which level is missing (meaning.md, section 4).

And whether the member whom the case is about has been transferred to another one.
"""

from __future__ import annotations

from datetime import date

from .bearer import bearer_on, borne_by
from .chain import Chain
from .event import Event
from .fold import Fold, Known, day_after, unset
from .origin import body_unit, home, missing_level, predecessors, stand_in, start_of, succeeded
from .parameters import Use
from .rule import Duty
from .track import Matter, Track


class BodiesFold(Fold):
    """What the duties of one case ask about the bodies that hold its stages."""

    matter: Matter
    first: Known | None = None
    returns: tuple[Event, ...] = ()
    _checked: date | None = None
    _moved: date | None = None
    _stays = False
    """Whether it need not be asked again if the member was transferred."""

    def wake(self) -> None:
        """Report a member who is transferred while the case is open."""
        self.wakes = None
        if self._stays or self.first is None or self.matter.person is None:
            return
        matter, scene, person = self.matter, self.scene, self.matter.person
        if person not in scene.organization._memberships:  # who never belonged anywhere is not transferred
            scene.asked.add(person)
            self._stays = True
            return
        opening = scene.view(matter.opened)
        origin = opening.unit_of(person)
        last = min(matter.ended or scene.as_of, scene.as_of)
        day = self._checked or matter.opened
        while origin is not None and day <= last:
            view = scene.view(day)
            unit = view.unit_of(person)
            stays, _ = succeeded(scene, matter, origin, view)
            if unit is not None and stays is not None and unit != stays:
                self.find("transfer_during_open_case", person, day=day)
                self._moved, day = day, date.max
            else:
                day = day_after(view.until)
        self._checked, self._stays = day, origin is None or day == date.max
        if matter.ended is None and not self._stays:
            self.wakes = self._checked

    @property
    def chain(self) -> Chain:
        """The chain that the case goes."""
        return self.scene.chain(self.matter)

    def by_bearer(self, track: Track, known: Known) -> bool:
        """Tell whether the body that bears the duty acted, or the event does not say who did."""
        actor = known.actor
        if actor is None:
            return True
        bearer = borne_by(self.scene, track, known.event.date)
        if actor in (bearer.unit, bearer.post, bearer.person):
            return True
        return bearer.base is not None and self._is_body(known, bearer.base)

    def _is_body(self, known: Known, unit: str) -> bool:
        return known.actor is not None and known.actor in predecessors(self.scene.view(known.event.date), unit)

    def acts_for(self, known: Known, stage: str) -> bool:
        """Tell whether the event comes from the body of the stage, as the law names it or as it has moved."""
        rule = self.chain.bodies.get(stage)
        if known.actor is None or rule is None:
            return True
        named = self.body_of(stage, known.event)
        if named is not None and self._is_body(known, named):
            return True
        return known.actor == self.bearing_of(rule, known.event)

    def counts_on(self, event: Event) -> date:
        """Return the day on which an event counts: what is dated before the case opens counts from its opening."""
        return max(event.date, self.matter.opened)

    def body_of(self, stage: str, event: Event) -> str | None:
        """Return the body of the stage on the day of the event, or, where that way was lost, when the case opened."""
        found = body_unit(self.scene, self.matter, stage, self.counts_on(event))
        return found if found is not None else body_unit(self.scene, self.matter, stage, self.matter.opened)

    def bearing_of(self, rule: Duty, event: Event) -> str | None:
        """Return the unit that would bear a duty of the rule on the day of the event."""
        return bearer_on(self.scene, self.track_of(rule, event, ""), self.counts_on(event)).unit

    def track_of(self, rule: Duty, event: Event, id_: str, uses: tuple[Use, ...] = ()) -> Track:
        """Return a new duty of the rule that the event opens, in the round that the case is in."""
        matter = self.matter
        opened, known = event.date, event.known
        if opened < matter.opened:
            opened = matter.opened  # what is dated before the case opens counts from its opening
        if known < matter.known:
            known = matter.known
        start = start_of(self.scene, rule.bearer.start, matter, event)
        track = Track(rule, id_, matter, opened, known, event, start, self.round_of(rule))
        if start is None:
            track.missing = unset(self.scene, rule, start)
        level = missing_level(self.scene, rule, matter, event.date) if rule.missing is not None else None
        if level is not None:
            track.stand_in, uses = stand_in(level), (*uses, level)
        track.uses = uses
        return track

    def round_of(self, rule: Duty) -> int:
        """Return the round in which a duty of the rule is opened now."""
        return len(self.returns) + 1 if rule.per == "case round" else 1

    def same_body(self, first: str, second: str, event: Event) -> bool:
        """Tell whether one body has come to hold two stages, so that its own act leads on without a paper."""
        one, two = self.chain.bodies.get(first), self.chain.bodies.get(second)
        if one is None or two is None or body_unit(self.scene, self.matter, first, self.counts_on(event)) is None:
            return False
        bearing = self.bearing_of(one, event)
        moved = bearing != body_unit(self.scene, self.matter, first, self.counts_on(event))
        return moved and bearing == self.bearing_of(two, event)

    def missing_at(self, stage: str, event: Event) -> Use | None:
        """Return the choice for a level that is missing above the branch, or None when it is there."""
        rule = self.chain.bodies.get(stage)
        return missing_level(self.scene, rule, self.matter, event.date) if rule is not None else None

    def is_skipped(self, stage: str, event: Event) -> bool:
        """Tell whether the level of the stage is missing and, by choice, passed over."""
        level = self.missing_at(stage, event)
        return level is not None and level.value == "skip"

    def home_on(self, event: Event) -> str | None:
        """Return the unit of the member on the day of the event."""
        return home(self.scene, self.matter, self.scene.view(event.date))[0]
