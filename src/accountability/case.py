"""The fold of one case: its dated events over the dated organization (meaning.md, section 4).

The chain is nothing but duty rules that trigger one another through their events. What the rules do not say, the
library does for every chain: rounds and returns, a missing level, the end of the case, the reporter who withdraws.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby

from .case_bodies import BodiesFold
from .event import Event
from .fold import INSTEAD, Fold, Known, track_id
from .origin import home
from .parameters import Use
from .rule import BODIES, STAGES, Duty
from .track import Matter, Track

_OPENS, _PERFORMS, _TRIGGERS, _RETURNS, _IDLE = range(5)


class CaseFold(BodiesFold):
    """The duties of one case."""

    awake = True

    last: date | None = None

    def filled(self, known: Iterable[Known]) -> Fold:
        """Take these events, given in any order, into the empty fold; the first that may open the case opens it."""
        events = list(known)
        openers, case = [k for k in events if _opens(k)], self.key[1]
        if openers:
            self.first = min(openers, key=lambda k: (k.event.date, k.event.known, k.event.key))
            opener = self.first.event
            self.matter = Matter(case, opener.date, opener.known, case, opener, opener.fields.get("person"))
            for each in sorted(events, key=lambda k: k.order) if len(events) > 1 else events:
                self._join(each)
        if len(events) == 1:
            self._day(events)
            self.last = events[0].event.date
        else:
            for day, same_day in groupby(sorted(events, key=lambda k: k.order), key=lambda k: k.event.date):
                self._day(list(same_day))
                self.last = day
        self.wake()
        return self

    def add(self, known: Known) -> bool:
        """Take one more event, when it is dated after all others and does not open the case."""
        if self.last is not None and known.event.date <= self.last:
            return False
        if self.first is None and _opens(known):
            return False
        if self._moved is not None and known.event.date < self._moved:
            return False  # it may end the case before the member was transferred
        if self.first is not None and self._join(known):
            self.matter.plain = None
            for track in self.tracks.values():
                if track.live:
                    track.forget()
                    self.scene.changed[track.id] = None
        self._day([known])
        self.last = known.event.date
        self.wake()
        return True

    def _day(self, waiting: list[Known]) -> None:
        """Apply the events of one day in the order in which the chain can use them."""
        if self.first is None:
            for known in waiting:
                self.result(known.event, "orphan" if known.read else "no_rule")
            return
        if len(waiting) == 1 and not waiting[0].law.instead:
            self._apply(waiting[0])
            return
        waiting = [self._without_committee(known) if known.law.instead else known for known in waiting]
        while len(waiting) > 1:
            chosen = min(waiting, key=self._usable)
            waiting.remove(chosen)
            self._apply(chosen)
        self._apply(waiting[0])

    def _join(self, known: Known) -> bool:
        """Note whom an event makes stand aside or convene; tell whether it does."""
        event = known.event
        person = event.fields.get("person")
        if person is not None and _opens(known):
            self._recuse(person, event)
        elif event.type == "recusal.declared":
            for person in event.get("persons"):
                self._recuse(person, event)
        elif event.type == "convener.designated":
            self.matter.designated = (*self.matter.designated, event)
        else:
            return False
        return True

    # -- the case itself -----------------------------------------------------------------------------------------

    def _without_committee(self, known: Known) -> Known:
        """In a branch that has no committee, where that is chosen, take its other meeting for that of the committee."""
        instead = [self.scene.policy.duties[name.removesuffix(INSTEAD)] for name in known.law.instead]
        view = self.scene.view(known.event.date)
        unit, _ = home(self.scene, self.matter, view)
        if unit is None or view.committee(unit) != ():
            return known
        if self.scene.choice("no_committee", self.matter.opened).value != "branch_meeting":
            return known
        acts = {duty.must for duty in instead}
        triggers = tuple(duty for duty in self.scene.policy.duties.values() if duty.on in acts)
        performs = known.performs | {duty.id for duty in instead}
        return known.selecting((*known.triggers, *triggers), performs)

    def _recuse(self, person: str, event: Event) -> None:
        self.matter.recuse(person, max(event.date, self.matter.opened), event)

    def _close(self, event: Event) -> None:
        self.matter.ended = event.date
        self.end_live(event)

    # -- one event -----------------------------------------------------------------------------------------------

    def _usable(self, known: Known) -> tuple[int, int, bool, str, tuple[str, str]]:
        """Order the events of one day as the chain can use them; what sends a paper back comes after what sends it on."""
        event = known.event
        rank, stage = _IDLE, 0
        if self.first is not None and known.event is self.first.event:
            rank = _OPENS
        elif self.matter.ended is None and event.date >= self.matter.opened:
            performed = [self._stage(track) for track in self._performs(known)]
            triggered = [self._index(rule) for rule in self._triggers(known) if self._id(rule) not in self.tracks]
            if performed:
                rank, stage = _PERFORMS, min(performed)
            elif triggered:
                rank, stage = _TRIGGERS, min(triggered)
            elif self._verdict(known) is not None:
                rank = _RETURNS
        return rank, stage, known.outcome == "returned", event.type, event.key

    def _apply(self, known: Known) -> None:
        event = known.event
        if known.law.is_step and self.matter.ended is None:
            self._take_step(known)
            return
        if event.type == "convener.designated":
            self.result(event, "no_effect")  # unless a duty to designate says that it performs it
            return
        if self.first is not None and known.event is self.first.event:
            self.result(event, "fired")
            self._trigger(known)
            if self.matter.ended is not None:  # the reporter had withdrawn before
                self._close(event)
        elif self.matter.ended is not None:
            self.result(event, "no_effect" if known.read else "no_rule")
        elif event.type == "recusal.declared" or self._joins(known):
            self.result(event, "fired")
        elif event.type == "report.withdrawn":
            self._withdraw(event)
        elif not known.read:
            self.result(event, "no_rule")
        elif event.date < self.matter.opened and known.outcome in ("returned", "approved", "rejected"):
            self.result(event, "orphan")  # nobody can have decided on a case that was not open
        else:
            self._act(known)

    def _joins(self, known: Known) -> bool:
        """Tell whether the event names one more person whom the open case is about."""
        person = known.event.fields.get("person")
        return person is not None and person != self.matter.person and _opens(known)

    def _withdraw(self, event: Event) -> None:
        assert self.matter.opener is not None
        reporter, by = self.matter.opener.get("reported_by"), event.get("by")
        if None not in (reporter, by) and reporter != by:
            self.result(event, "no_effect", "somebody else reported")
            return
        self.result(event, "fired")
        self.find("reporter_withdrew", self.matter.key, day=event.date)
        if self.scene.choice("withdrawal_by_reporter", event.date).value == "close":
            self._close(event)

    def _act(self, known: Known) -> None:
        event = known.event
        performed = self._performs(known)
        verdict = self._verdict(known)
        for track in performed:
            self.perform(track, known)
        if self._dissents(known):
            self.find("review_not_agreed", self.matter.key, day=event.date)
        opened = False
        if verdict == "returned":
            opened = self._return(known, performed)
        elif verdict == "closed":
            self._close(event)
        else:
            opened = self._trigger(known)
        if opened or (verdict is not None and not performed):
            self.result(event, "fired")
        elif performed:
            self.result(event, "performed")
        else:
            self.result(event, "cannot_tell" if known.matched.cannot_tell else "no_effect")

    def _take_step(self, known: Known) -> None:
        """Apply an event that does nothing but perform and open duties."""
        law, event, opened, performed = known.law, known.event, False, False
        for track in self._performs(known) if law.performs else ():
            performed = True
            self.perform(track, known)
        for rule in law.opens:
            opened |= self._begin(rule, event)
        if opened or performed:
            self.result(event, "fired" if opened else "performed")
        else:
            self.result(event, "cannot_tell" if law.matched.cannot_tell else "no_effect")

    def _performs(self, known: Known) -> list[Track]:
        """Return the open duties that the event performs: of each rule the earliest, for it serves one round."""
        performs, day = known.law.performs, known.event.date
        if not performs:
            return []
        found: dict[str, Track] = {}
        for track in self.tracks.values():
            rule = track.rule.id
            fits = rule in performs and track.performed is None and track.ended is None and day >= track.opened
            if fits and rule not in found and self.by_bearer(track, known):
                found[rule] = track
        return list(found.values())

    def _verdict(self, known: Known) -> str | None:
        """Return ``returned`` or ``closed`` when the event ends a stage or the case, else None."""
        outcome, day = known.outcome, known.event.date
        if outcome is None:
            return None
        if outcome == "returned":
            live = self._live()
            decider = live & {"forward", "decide"} and self._decides(known)
            reviewer = live & {"review", "forward", "decide"} and self.acts_for(known, "review")
            return "returned" if decider or reviewer else None
        if outcome in ("approved", "rejected"):
            if not self._decides(known):
                return None
            if outcome == "approved" or self.scene.choice("on_reject", day).value == "close":
                return "closed"
            return "returned" if self._live() & {"forward", "decide"} else None
        returns = self._dissents(known) and not self._goes_on(known.event)
        return "returned" if returns and self._live() & {"review", "forward", "decide"} else None

    def _live(self) -> set[str | None]:
        """Return the stages of which a duty is open."""
        return {track.rule.stage for track in self.tracks.values() if track.live}

    def _dissents(self, known: Known) -> bool:
        """Tell whether the reviewing body reviews and does not agree."""
        reviews = (duty for duty in self.chain.staged.get("review", ()) if duty.id in known.performs)
        return self._disagrees(known) and any(reviews) and self.acts_for(known, "review")

    @staticmethod
    def _disagrees(known: Known) -> bool:
        return known.outcome not in (None, "agree", "returned", "approved", "rejected")

    def _decides(self, known: Known) -> bool:
        return self.chain.bodies.get("decide") is not None and self.acts_for(known, "decide")

    # -- opening duties ------------------------------------------------------------------------------------------

    def _triggers(self, known: Known) -> list[Duty]:
        """Return the rules that the event triggers, when it comes from the body whose act leads to their stage."""
        return [rule for rule in known.law.opens if self._leads_to(known, rule)]

    def _leads_to(self, known: Known, rule: Duty) -> bool:
        if rule.stage in ("submit", "review"):
            return self.acts_for(known, "convene")
        if rule.stage == "forward" and self._disagrees(known) and not self._goes_on(known.event):
            return False
        if rule.stage in ("forward", "decide"):
            return self.acts_for(known, "review") or self._skips(known)
        return True

    def _goes_on(self, event: Event) -> bool:
        """Tell whether a case goes on, with the dissent, after a review that does not agree."""
        return self.scene.choice("on_disagree", event.date).value == "forward"

    def _skips(self, known: Known) -> bool:
        return self.is_skipped("review", known.event) and self.acts_for(known, "convene")

    def _trigger(self, known: Known) -> bool:
        return self._begin_all(self._triggers(known), known.event)

    def _begin(self, rule: Duty, event: Event, uses: tuple[Use, ...] = ()) -> bool:
        """Open a duty of the rule, or of the stage that follows where its own stage falls away."""
        if rule.stage is None and rule.missing is None:
            id_ = self._id(rule)
            if id_ in self.tracks:
                return False
            self.open(self.track_of(rule, event, id_, uses))
            return True
        if rule.stage == "submit" and self.same_body("convene", self._after_submission(event), event):
            return self._begin_stage("review", event, uses)
        if rule.stage == "forward" and self.same_body("review", "decide", event):
            return self._begin_stage("decide", event, uses)
        level = self.missing_at("review", event) if rule.stage in ("review", "forward") else None
        choice = str(level.value).partition(":")[0] if level is not None else None
        if level is not None and choice == "skip":
            if rule.stage == "review" and not any(f.code == "stage_skipped_missing_level" for f in self.findings):
                self.find("stage_skipped_missing_level", rule.clause.ref, day=event.date, unit=self.home_on(event))
            return self._begin_stage("decide", event, (*uses, level))
        track = self.track_of(rule, event, self._id(rule), uses)
        if track.id in self.tracks:
            return False
        if choice == "undetermined":
            track.missing = rule.missing
        elif choice is not None and rule.stage == "review":
            self.find("stage_substituted_missing_level", rule.clause.ref, day=event.date, unit=track.stand_in)
        self.open(track)
        return True

    def _after_submission(self, event: Event) -> str:
        return "decide" if self.is_skipped("review", event) else "review"

    def _begin_stage(self, stage: str, event: Event, uses: tuple[Use, ...]) -> bool:
        return self._begin_all(self.chain.staged.get(stage, []), event, uses)

    def _begin_all(self, rules: list[Duty], event: Event, uses: tuple[Use, ...] = ()) -> bool:
        """Open a duty of each rule; tell whether one was opened."""
        opened = False
        for rule in rules:
            opened |= self._begin(rule, event, uses)
        return opened

    def _id(self, rule: Duty) -> str:
        return track_id(rule, self.matter.key, self.round_of(rule))

    # -- returns -------------------------------------------------------------------------------------------------

    def _return(self, known: Known, performed: list[Track]) -> bool:
        """Send the paper back: a new review at the reviewing body, or a rework at the branch."""
        event = known.event
        stages = {BODIES[track.rule.stage] for track in performed if track.rule.stage is not None}
        decider = "decide" in stages or (not stages and self._decides(known))
        for track in self.tracks.values():
            if track.live and track.rule.stage in ("forward", "decide"):
                self.end(track, event)
        self.returns = (*self.returns, event)
        self._count_returns(event, "decide" if decider else "review")
        target = self.scene.choice("return_to", event.date)
        to_review = decider and target.value == "previous_stage" and not self.is_skipped("review", event)
        return self._begin_stage("review" if to_review else "rework", event, (target, *self._taken_as_return(known)))

    def _taken_as_return(self, known: Known) -> tuple[Use, ...]:
        """Return the choice by which an outcome that is no return was taken for one."""
        name = {"rejected": "on_reject"}.get(known.outcome or "", "on_disagree" if self._disagrees(known) else "")
        return (self.scene.choice(name, known.event.date),) if name else ()

    def _count_returns(self, event: Event, stage: str) -> None:
        use = self.scene.value("max_returns", event.date)
        if use is None:
            self.find("parameter_required", "max_returns", day=event.date)
        elif isinstance(use.value, int) and len(self.returns) == use.value + 1:
            self.find("max_returns_exceeded", self.matter.key, day=event.date, detail={"count": str(len(self.returns))})
            rule = self.chain.bodies.get(stage)
            if rule is not None:
                returned = (t for t in self.tracks.values() if t.rule.id == rule.id and t.act is event)
                track = next(returned, None) or next(iter(self.tracks.values()))
                self.exceeded = (event, self.bearing_of(rule, event), rule, use, track)

    # -- the order of the chain ----------------------------------------------------------------------------------

    def _stage(self, track: Track) -> int:
        return self._index(track.rule)

    @staticmethod
    def _index(rule: Duty) -> int:
        return STAGES.index(rule.stage) if rule.stage is not None else len(STAGES)


def _opens(known: Known) -> bool:
    declared = known.law.declared
    return declared is not None and declared.opens_case
