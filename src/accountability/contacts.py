"""The fold of duties at a contact point: from the day on which a leader takes the unit, its post bears them."""

from __future__ import annotations

from datetime import date

from .fold import Known
from .recurring import RecurringFold
from .subjects import ASSIGNED, first_contact
from .track import Scene


class ContactFold(RecurringFold):
    """The duties of one recurring rule at one contact point: the post of a leader, and a unit."""

    def __init__(self, key: tuple[str, ...], scene: Scene) -> None:
        super().__init__(key, scene)
        self.contact = self.matter.contact = key[3]
        scene.asked.add(self.contact)
        scene.asked.update(tenure.person for tenure in scene.organization._tenures.get(key[2], ()))
        self._may_begin, self._assigned = self.begin, date.max
        first = first_contact(scene.organization, key[2], key[3])
        self._begin_on(*((first, first) if first is not None else (date.max, date.max)))

    def _begin_on(self, day: date, known: date) -> None:
        """Let the contact point begin on a day, known since another."""
        self._assigned = day
        self.begin = self._seen = self.matter.opened = max(self._may_begin, day)
        self.matter.known = max(self.begin, known)

    def add(self, known: Known) -> bool:
        """Take one more act, or the assignment of the contact point."""
        if known.event.type != ASSIGNED:
            return super().add(known)
        if known.event.date < self._assigned:
            if self._assigned < date.max or self.results:
                return False  # what was told before this day may serve it now
            self._begin_on(known.event.date, known.event.known)
        self.result(known.event, "fired")
        return True

    def is_act(self, known: Known) -> bool:
        """Tell whether the event is more than one that says on whom the rule falls."""
        return known.event.type != ASSIGNED and super().is_act(known)
