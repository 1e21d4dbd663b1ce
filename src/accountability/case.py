"""The fold of one case: its dated events over the dated organization (meaning.md, section 4).

The chain is nothing but duty rules that trigger one another through their events. What the rules do not say, the
library does for every chain: rounds and returns, a missing level, the end of the case, the reporter who withdraws.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from attrs import evolve

from .bearer import bearer_on, body_rule, body_unit, home, missing_level, predecessors, stand_in, succeeded
from .event import Event
from .fold import Fold, Known
from .parameters import Use
from .rule import BODIES, STAGES, Duty
from .track import Matter, Scene, Track

_OPENS, _PERFORMS, _TRIGGERS, _RETURNS, _IDLE = range(5)


def fold_case(scene: Scene, case: str, known: Iterable[Known]) -> Fold:
    """Fold the known events of one case, in any order, into its duties."""
    return _CaseFold(scene, case, list(known)).run()


class _CaseFold(Fold):
    def __init__(self, scene: Scene, case: str, known: list[Known]) -> None:
        openers = [k for k in known if k.declared is not None and k.declared.opens_case]
        first = min(openers, key=lambda k: (k.event.date, k.event.known, k.event.key), default=None)
        self.known = sorted(known, key=lambda k: (k.event.date, k.event.type, k.event.known, k.event.key))
        self.first = first
        day = first.event.date if first is not None else scene.as_of
        matter = Matter(key=case, case=case, opened=day, known=first.event.known if first is not None else day)
        super().__init__(scene, matter)
        self.returns: list[Event] = []

    def run(self) -> Fold:
        if self.first is None:
            for known in self.known:
                self.result(known.event, "orphan" if known.read else "no_rule")
            return self
        self._open()
        self.known = [self._without_committee(known) for known in self.known]
        for _, same_day in groupby(self.known, key=lambda k: k.event.date):
            waiting = list(same_day)
            while waiting:
                chosen = min(waiting, key=self._usable) if len(waiting) > 1 else waiting[0]
                waiting.remove(chosen)
                self._apply(chosen)
        self._note_transfer()
        return self

    # -- the case itself -----------------------------------------------------------------------------------------

    def _open(self) -> None:
        assert self.first is not None
        opener, matter = self.first.event, self.matter
        matter.opener, matter.person = opener, opener.get("person")
        for known in self.known:
            event = known.event
            if known.declared is not None and known.declared.opens_case and event.get("person") is not None:
                self._recuse(event.get("person"), event)
            elif event.type == "recusal.declared":
                for person in event.get("persons"):
                    self._recuse(person, event)
            elif event.type == "convener.designated":
                matter.designated.append(event)

    def _without_committee(self, known: Known) -> Known:
        """In a branch that has no committee, where that is chosen, take its other meeting for that of the committee."""
        instead = [
            d for d in self.scene.policy.duties.values() if f"{d.id}:without_committee" in known.matched.selected
        ]
        view = self.scene.view(known.event.date)
        unit, _ = home(self.scene, self.matter, view)
        if not instead or unit is None or view.committee(unit) != ():
            return known
        if self.scene.choice("no_committee", self.matter.opened).value != "branch_meeting":
            return known
        acts = {duty.must for duty in instead}
        triggers = tuple(duty for duty in self.scene.policy.duties.values() if duty.on in acts)
        performs = known.performs | {duty.id for duty in instead}
        return evolve(known, performs=performs, triggers=(*known.triggers, *triggers))

    def _recuse(self, person: str, event: Event) -> None:
        since = max(event.date, self.matter.opened)
        self.matter.recused[person] = min(since, self.matter.recused.get(person, since))
        self.matter.recusals.append(event)

    def _close(self, event: Event) -> None:
        self.matter.ended = event.date
        self.end_live(event)

    def _note_transfer(self) -> None:
        """Report a member who is transferred while the case is open."""
        matter, scene = self.matter, self.scene
        if matter.person is None:
            return
        origin = scene.view(matter.opened).unit_of(matter.person)
        last = min(matter.ended or scene.as_of, scene.as_of)
        day = matter.opened
        while origin is not None and day <= last:
            view = scene.view(day)
            unit = view.unit_of(matter.person)
            stays, _ = succeeded(scene, matter, origin, view)
            if unit is not None and stays is not None and unit != stays:
                self.find("transfer_during_open_case", matter.person, day=day)
                return
            day = self.after(view.until)

    # -- one event -----------------------------------------------------------------------------------------------

    def _usable(self, known: Known) -> tuple[int, int, str, tuple[str, str]]:
        """Order the events of one day as the chain can use them."""
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
        return rank, stage, event.type, event.key

    def _apply(self, known: Known) -> None:
        event = known.event
        if event.type == "convener.designated":
            self.result(event, "no_effect")  # unless a duty to designate says that it performs it
            return
        if self.matter.ended is not None:
            self.result(event, "no_effect" if known.read else "no_rule")
        elif self.first is not None and known.event is self.first.event:
            self.result(event, "fired")
            self._trigger(known)
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
        person = known.event.get("person")
        opens = known.declared is not None and known.declared.opens_case
        return opens and person is not None and person != self.matter.person

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
            track.perform(event, known.outcome)
            if track.rule.stage == "review" and self._disagrees(known):
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

    def _performs(self, known: Known) -> list[Track]:
        """Return the open duties that the event performs: of each rule the earliest, for it serves one round."""
        found: dict[str, Track] = {}
        for track in self.tracks.values():
            fits = track.live and track.rule.id in known.performs and known.event.date >= track.opened
            if fits and self._by_bearer(track, known):
                found.setdefault(track.rule.id, track)
        return list(found.values())

    def _by_bearer(self, track: Track, known: Known) -> bool:
        """Tell whether the body that bears the duty acted, or the event does not say who did."""
        if known.actor is None:
            return True
        bearer = bearer_on(self.scene, track, known.event.date)
        return known.actor == bearer.unit or (bearer.base is not None and self._is_body(known, bearer.base))

    def _is_body(self, known: Known, unit: str) -> bool:
        return known.actor is not None and known.actor in predecessors(self.scene.view(known.event.date), unit)

    def _acts_for(self, known: Known, stage: str) -> bool:
        """Tell whether the event comes from the body of the stage, as the law names it or as it has moved."""
        rule = body_rule(self.scene, stage)
        if known.actor is None or rule is None:
            return True
        named = self._body(stage, known.event)
        if named is not None and self._is_body(known, named):
            return True
        return known.actor == self._bearing(rule, known.event)

    def _body(self, stage: str, event: Event) -> str | None:
        """Return the body of the stage on the day of the event, or, where that way was lost, when the case opened."""
        found = body_unit(self.scene, self.matter, stage, event.date)
        return found if found is not None else body_unit(self.scene, self.matter, stage, self.matter.opened)

    def _bearing(self, rule: Duty, event: Event) -> str | None:
        """Return the unit that would bear a duty of the rule on the day of the event."""
        return bearer_on(self.scene, self._track(rule, event, ""), event.date).unit

    def _verdict(self, known: Known) -> str | None:
        """Return ``returned`` or ``closed`` when the event ends a stage or the case, else None."""
        outcome, day = known.outcome, known.event.date
        if outcome is None:
            return None
        if outcome == "returned":
            live = {track.rule.stage for track in self.tracks.values() if track.live}
            decider = live & {"forward", "decide"} and self._decides(known)
            reviewer = live & {"review", "forward", "decide"} and self._acts_for(known, "review")
            return "returned" if decider or reviewer else None
        if outcome in ("approved", "rejected"):
            if not self._decides(known):
                return None
            close = outcome == "approved" or self.scene.choice("on_reject", day).value == "close"
            return "closed" if close else "returned"
        disagreed = self._disagrees(known) and any(track.rule.stage == "review" for track in self._performs(known))
        return "returned" if disagreed and not self._goes_on(known.event) else None

    @staticmethod
    def _disagrees(known: Known) -> bool:
        return known.outcome not in (None, "agree", "returned", "approved", "rejected")

    def _decides(self, known: Known) -> bool:
        return body_rule(self.scene, "decide") is not None and self._acts_for(known, "decide")

    # -- opening duties ------------------------------------------------------------------------------------------

    def _triggers(self, known: Known) -> list[Duty]:
        """Return the rules that the event triggers, when it comes from the body whose act leads to their stage."""
        return [rule for rule in known.triggers if rule.per.startswith("case") and self._leads_to(known, rule)]

    def _leads_to(self, known: Known, rule: Duty) -> bool:
        if rule.stage in ("submit", "review"):
            return self._acts_for(known, "convene")
        if rule.stage == "forward" and self._disagrees(known) and not self._goes_on(known.event):
            return False
        if rule.stage in ("forward", "decide"):
            return self._acts_for(known, "review") or self._skips(known)
        return True

    def _goes_on(self, event: Event) -> bool:
        """Tell whether a case goes on, with the dissent, after a review that does not agree."""
        return self.scene.choice("on_disagree", event.date).value == "forward"

    def _skips(self, known: Known) -> bool:
        return self._is_skipped("review", known.event) and self._acts_for(known, "convene")

    def _trigger(self, known: Known) -> bool:
        return self._begin_all(self._triggers(known), known.event)

    def _begin(self, rule: Duty, event: Event, uses: tuple[Use, ...] = ()) -> bool:
        """Open a duty of the rule, or of the stage that follows where its own stage falls away."""
        if rule.stage == "submit" and self._same_body("convene", self._after_submission(event), event):
            return self._begin_stage("review", event, uses)
        if rule.stage == "forward" and self._same_body("review", "decide", event):
            return self._begin_stage("decide", event, uses)
        level = self._missing("review", event) if rule.stage in ("review", "forward") else None
        choice = str(level.value).partition(":")[0] if level is not None else None
        if level is not None and choice == "skip":
            if rule.stage == "review" and not any(f.code == "stage_skipped_missing_level" for f in self.findings):
                self.find("stage_skipped_missing_level", rule.clause.ref, day=event.date, unit=self._home(event))
            return self._begin_stage("decide", event, (*uses, level))
        track = self._track(rule, event, self._id(rule), uses)
        if track.id in self.tracks:
            return False
        if choice == "undetermined":
            track.missing = rule.missing
        elif choice is not None and rule.stage == "review":
            self.find("stage_substituted_missing_level", rule.clause.ref, day=event.date, unit=track.stand_in)
        self.tracks[track.id] = track
        return True

    def _after_submission(self, event: Event) -> str:
        return "decide" if self._is_skipped("review", event) else "review"

    def _begin_stage(self, stage: str, event: Event, uses: tuple[Use, ...]) -> bool:
        return self._begin_all([rule for rule in self.scene.policy.duties.values() if rule.stage == stage], event, uses)

    def _begin_all(self, rules: list[Duty], event: Event, uses: tuple[Use, ...] = ()) -> bool:
        """Open a duty of each rule; tell whether one was opened."""
        opened = [self._begin(rule, event, uses) for rule in rules]
        return any(opened)

    def _track(self, rule: Duty, event: Event, id_: str, uses: tuple[Use, ...] = ()) -> Track:
        matter = self.matter
        known = max(event.known, matter.known)
        level = missing_level(self.scene, rule, matter, event.date)
        uses = (*uses, level) if level is not None else uses
        start, round_ = self.start(rule, event), self._round(rule)
        opened = max(event.date, matter.opened)  # what is dated before the case opens counts from its opening
        return Track(rule, id_, matter, opened, known, event, start, round_, stand_in=stand_in(level), uses=uses)

    def _round(self, rule: Duty) -> int:
        return len(self.returns) + 1 if rule.per == "case round" else 1

    def _id(self, rule: Duty) -> str:
        return self.track_id(rule, self._round(rule))

    def _same_body(self, first: str, second: str, event: Event) -> bool:
        """Tell whether one body has come to hold two stages, so that its own act leads on without a paper."""
        one, two = body_rule(self.scene, first), body_rule(self.scene, second)
        if one is None or two is None or body_unit(self.scene, self.matter, first, event.date) is None:
            return False
        bearing = self._bearing(one, event)
        moved = bearing != body_unit(self.scene, self.matter, first, event.date)
        return moved and bearing == self._bearing(two, event)

    def _missing(self, stage: str, event: Event) -> Use | None:
        """Return the choice for a level that is missing above the branch, or None when it is there."""
        rule = body_rule(self.scene, stage)
        return missing_level(self.scene, rule, self.matter, event.date) if rule is not None else None

    def _is_skipped(self, stage: str, event: Event) -> bool:
        level = self._missing(stage, event)
        return level is not None and level.value == "skip"

    def _home(self, event: Event) -> str | None:
        return home(self.scene, self.matter, self.scene.view(event.date))[0]

    # -- returns -------------------------------------------------------------------------------------------------

    def _return(self, known: Known, performed: list[Track]) -> bool:
        """Send the paper back: a new review at the reviewing body, or a rework at the branch."""
        event = known.event
        stages = {BODIES[track.rule.stage] for track in performed if track.rule.stage is not None}
        decider = "decide" in stages or (not stages and self._decides(known))
        for track in self.tracks.values():
            if track.live and track.rule.stage in ("forward", "decide"):
                track.end(event, event.date)
        self.returns.append(event)
        self._count_returns(event, "decide" if decider else "review")
        target = self.scene.choice("return_to", event.date)
        to_review = decider and target.value == "previous_stage" and not self._is_skipped("review", event)
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
            rule = body_rule(self.scene, stage)
            if rule is not None:
                self.exceeded = (event, self._bearing(rule, event), rule, use)

    # -- the order of the chain ----------------------------------------------------------------------------------

    def _stage(self, track: Track) -> int:
        return self._index(track.rule)

    @staticmethod
    def _index(rule: Duty) -> int:
        return STAGES.index(rule.stage) if rule.stage is not None else len(STAGES)
