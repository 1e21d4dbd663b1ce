"""The policy: the law of one or several packs, the parameters a host sets, the calendar, and the days in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from attrs import evolve, field, frozen

from .calendar import Calendar, parse_date
from .chain import Chain
from .clause import Clause, NotFormalised
from .errors import PackError, nearest, quoted
from .event_type import EventType, FieldType
from .organization_changes import ORGANIZATION_EVENTS
from .parameters import LIBRARY, Parameter, Parameters, Setting, Use
from .plain import LIMITS, Limits
from .rule import (
    Band,
    Counter,
    Duty,
    EscalationRule,
    Gate,
    LiabilityRule,
    Lint,
    Pattern,
    RelationRule,
    Role,
    Rule,
    Scale,
    Share,
)

_LIBRARY_EVENTS: dict[str, tuple[str, str, dict[str, object]]] = {
    "event.retracted": ("撤回事件", "an event is retracted", {"target": "event", "source": "text?", "reason": "text?"}),
    "deadline.extended": (
        "延长期限",
        "a due day is extended",
        {"obligation": "obligation", "due": "date", "by": "text", "document": "text"},
    ),
    "liability.decided": (
        "对责任线索作出决定",
        "people decide on a candidate",
        {"liability": "liability", "outcome": ["confirmed", "not_held"], "by": "text", "document": "text"},
    ),
    "recusal.declared": ("声明回避", "persons stand aside", {"persons": "list of person"}),
    "convener.designated": ("指定召集人", "a convener is designated", {"unit": "unit?", "person": "person"}),
    "report.withdrawn": ("举报人撤回", "the report is withdrawn", {"by": "person?"}),
}
LIBRARY_EVENTS: dict[str, EventType] = {
    **{
        name: EventType(name, {key: FieldType.parse(type_) for key, type_ in fields.items()}, {"zh": zh, "en": en})
        for name, (zh, en, fields) in _LIBRARY_EVENTS.items()
    },
    **ORGANIZATION_EVENTS,
}
"""The event types that the library itself reads, whatever the packs."""


@frozen
class Pack:
    """One pack of law: its id, version, titles (zh, en), the document it formalises, and the digest of its files.

    `files` are the bytes that were read, by name, so that a record can keep the law under which it answered.
    """

    id: str
    version: str
    title: Mapping[str, str]
    source: str
    digest: str
    files: Mapping[str, bytes] = field(factory=dict, repr=False, eq=False)


_Days = tuple[date | None, date | None]
Force = tuple[date | str | None, date | str | None]
"""The first and the last day on which law is in force, inclusive; None leaves an end open."""


@frozen(eq=False)
class Policy:
    """The law in force and all choices about it; every answer is given under one policy.

    `in_force` (first and last day, inclusive, None for open) is given by the host and narrows the days of the clauses:
    of all packs, or of each pack that a mapping names.
    """

    packs: tuple[Pack, ...]
    rules: tuple[Rule, ...]
    clauses: tuple[Clause, ...] = ()
    not_formalised: tuple[NotFormalised, ...] = ()
    event_types: Mapping[str, EventType] = field(factory=lambda: dict(LIBRARY_EVENTS))
    kinds: Mapping[str, Mapping[str, str]] = field(factory=dict)
    posts: Mapping[str, Mapping[str, str]] = field(factory=dict)
    relation_words: Mapping[str, Mapping[str, str]] = field(factory=dict)
    declared: Mapping[str, Parameter] = field(factory=lambda: dict(LIBRARY))
    parameters: Parameters = field(factory=Parameters)
    calendar: Calendar = field(factory=Calendar.bundled)
    in_force: _Days | Mapping[str, _Days] = (None, None)
    counters: Mapping[str, Counter] = field(factory=dict)
    shares: Mapping[str, Share] = field(factory=dict)
    duties: Mapping[str, Duty] = field(init=False)
    escalations: tuple[EscalationRule, ...] = field(init=False)
    liabilities: tuple[LiabilityRule, ...] = field(init=False)
    roles: tuple[Role, ...] = field(init=False)
    gates: tuple[Gate, ...] = field(init=False)
    lints: tuple[Lint, ...] = field(init=False)
    relations: tuple[RelationRule, ...] = field(init=False)
    scales: Mapping[str, Scale] = field(init=False)
    bands: Mapping[str, tuple[Band, ...]] = field(init=False)
    """The bands of each scale, the lowest first."""
    has_dated_rules: bool = field(init=False)
    """Whether rules about escalation have days of their own, so that the day of a duty decides which of them applies."""
    answerable: tuple[LiabilityRule, ...] = field(init=False)
    """The rules that name a candidate when a duty is overdue."""
    _carrying: dict[tuple[object, ...], tuple[EscalationRule, ...]] = field(factory=dict, init=False, repr=False)
    _naming: dict[tuple[object, ...], tuple[LiabilityRule, ...]] = field(factory=dict, init=False, repr=False)
    _force: dict[int, tuple[date | None, date | None]] = field(factory=dict, init=False, repr=False)
    _chains: dict[str | None, Chain] = field(factory=dict, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        rules = sorted(self.rules, key=lambda rule: rule.id)
        object.__setattr__(self, "duties", {rule.id: rule for rule in rules if isinstance(rule, Duty)})
        object.__setattr__(self, "escalations", tuple(r for r in rules if isinstance(r, EscalationRule)))
        object.__setattr__(self, "liabilities", tuple(r for r in rules if isinstance(r, LiabilityRule)))
        object.__setattr__(self, "roles", tuple(r for r in rules if isinstance(r, Role)))
        object.__setattr__(self, "gates", tuple(r for r in rules if isinstance(r, Gate)))
        object.__setattr__(self, "lints", tuple(r for r in rules if isinstance(r, Lint)))
        object.__setattr__(self, "relations", tuple(r for r in rules if isinstance(r, RelationRule)))
        object.__setattr__(self, "scales", {rule.id: rule for rule in rules if isinstance(rule, Scale)})
        bands: dict[str, list[Band]] = {}
        for band in sorted((r for r in rules if isinstance(r, Band)), key=_lowest_first):
            bands.setdefault(band.of, []).append(band)
        object.__setattr__(self, "bands", {scale: tuple(found) for scale, found in bands.items()})
        object.__setattr__(self, "answerable", tuple(r for r in self.liabilities if r.of is not None))
        dated = any(rule.clause.from_ or rule.clause.to for rule in self.escalations)
        object.__setattr__(self, "has_dated_rules", dated)
        self.check(self.parameters)

    @classmethod
    def shipped(
        cls,
        *packs: str,
        parameters: Parameters | Mapping[str, object] | str | None = None,
        rules: Iterable[str] | None = None,
        in_force: Force | Mapping[str, Force] | None = None,
        adopt: Iterable[str] = (),
        limits: Limits = LIMITS,
    ) -> Policy:
        """Load shipped packs by name (``"university"``).

        `parameters` is a file, a mapping of names to values, or `Parameters`; `rules` loads only the rules whose
        clause is one of these norm ids or stands under it (``P1-5-3`` loads ``P1-5-3b``); `in_force` gives the first
        and last day of the law, inclusive, of all packs or of each by its name; `adopt` names reported practices that the host adopts.

        Raises PackError with file and line.
        """
        folder = Path(__file__).parent / "rules"
        known = sorted(path.name for path in folder.iterdir() if (path / "pack.toml").exists())
        for name in packs:
            if name not in known:
                raise PackError(
                    f"no pack {quoted(name)} is shipped{nearest(name, known) or '.'} Shipped: {', '.join(known)}"
                )
        paths = (folder / name for name in packs)
        return cls.load(*paths, parameters=parameters, rules=rules, in_force=in_force, adopt=adopt, limits=limits)

    @classmethod
    def load(
        cls,
        *folders: str | Path,
        parameters: Parameters | Mapping[str, object] | str | Path | None = None,
        rules: Iterable[str] | None = None,
        in_force: Force | Mapping[str, Force] | None = None,
        adopt: Iterable[str] = (),
        limits: Limits = LIMITS,
    ) -> Policy:
        """Load packs from folders; otherwise as `shipped`.

        A text that is the name of a shipped pack means that pack, wherever the program runs; ``"./university"`` or a
        `Path` means the folder.
        """
        from .packs.reading import read_packs

        shipped = Path(__file__).parent / "rules"
        named = {path.name: path for path in shipped.iterdir() if (path / "pack.toml").exists()}
        policy = read_packs([named.get(e, Path(e)) if isinstance(e, str) else e for e in folders], limits)
        if rules is not None:
            policy = policy.only(rules)
        policy = policy.adopting(adopt)
        if isinstance(in_force, Mapping):
            policy = policy.in_force_by_pack(in_force)
        elif in_force is not None:
            policy = policy.in_force_between(*in_force)
        if isinstance(parameters, str | Path):
            parameters = Parameters.load(str(parameters), limits)
        return policy if parameters is None else policy.with_parameters(parameters)

    def only(self, norms: Iterable[str]) -> Policy:
        """Return the policy with only the rules whose norm id equals an entry or stands under it."""
        entries = tuple(norms)
        for entry in entries:
            if not self.has(entry):
                refs = sorted({rule.clause.ref for rule in self.rules})
                hint = nearest(entry, refs) or "; name a norm, as `P1-5-3`"
                raise PackError(f"no rule stands under {quoted(entry)}{hint}")
        return evolve(self, rules=tuple(r for r in self.rules if any(_stands_under(r.clause.ref, e) for e in entries)))

    def has(self, norm: str) -> bool:
        """Tell whether a rule's norm id equals the entry or stands under it."""
        return any(_stands_under(rule.clause.ref, norm) for rule in self.rules)

    def chain(self, opener: str | None) -> Chain:
        """Return the chain of a case, by the type of the event that opens it.

        It is that of the pack whose staged duty the event triggers; when it triggers none, or those of several packs, all
        staged duties are one chain.
        """
        found = self._chains.get(opener)
        if found is None:
            staged = [duty for duty in self.duties.values() if duty.stage is not None]
            packs = {duty.clause.pack for duty in staged if duty.on is not None and opener in duty.on.events}
            found = self._chains[opener] = Chain.of(d for d in staged if len(packs) != 1 or d.clause.pack in packs)
        return found

    def adopting(self, ids: Iterable[str]) -> Policy:
        """Return the policy with the reported practices that the host adopts; the others are left out."""
        adopted = set(ids)
        unknown = sorted(adopted - {rule.id for rule in self.rules} - {rule.clause.ref for rule in self.rules})
        if unknown:
            known = [rule.id for rule in self.rules]
            raise PackError(f"no rule {quoted(unknown[0])} can be adopted{nearest(unknown[0], known)}")
        kept = (r for r in self.rules if r.adopted or {r.id, r.clause.ref} & adopted)
        return evolve(self, rules=tuple(kept))

    def in_force_between(self, first: date | str | None, last: date | str | None) -> Policy:
        """Return the policy in force from `first` to `last`, inclusive; None leaves an end open. Raises PackError."""
        return evolve(self, in_force=_days(first, last, "the policy"))

    def in_force_by_pack(self, days: Mapping[str, Force]) -> Policy:
        """Return the policy with the days of each pack that is named; the others stand as their clauses say.

        Raises PackError for a pack that is not loaded, and for days that can not be read.
        """
        known = [pack.id for pack in self.packs]
        for name in days:
            if name not in known:
                raise PackError(f"no pack {quoted(name)} is loaded{nearest(name, known) or '; load it first'}")
        found = {name: _days(first, last, f"the pack {quoted(name)}") for name, (first, last) in days.items()}
        return evolve(self, in_force=found)

    def with_parameters(self, parameters: Parameters | Mapping[str, object] | str | Path) -> Policy:
        """Return the policy with these parameters instead of its own; raises PackError for a name or value unknown."""
        if isinstance(parameters, Mapping):
            parameters = Parameters.of(parameters)
        elif not isinstance(parameters, Parameters):
            parameters = Parameters.load(str(parameters))
        return evolve(self, parameters=parameters)

    def check(self, parameters: Parameters) -> None:
        """Refuse, with PackError, a parameter that nobody declared or a value that does not fit."""
        for value in parameters.values:
            declared = self.declaration(value.name)
            place = f"{value.place}: " if value.place else ""
            if declared is None:
                known = [parameter.name for parameter in self.declared.values()]
                raise PackError(
                    f"{place}no loaded pack has a parameter {quoted(value.name)}{nearest(value.name, known)}"
                )
            try:
                declared.read(value.value)
            except ValueError as error:
                raise PackError(f"{place}{quoted(value.name)}: {error}") from None

    def declaration(self, name: str) -> Parameter | None:
        """Return the declaration of a parameter named ``pack.name``, or by its bare name where that is unique."""
        found = self.declared.get(name)
        if found is not None:
            return found
        bare = [p for p in self.declared.values() if name in (p.name, f"{p.pack}.{p.name}")]
        return bare[0] if len(bare) == 1 else None

    def named_in(self, pack: str, name: str) -> str:
        """Return how a parameter that a pack names is found here: ``pack.name`` where several packs have the name."""
        own = f"{pack}.{name}"
        return own if self.declaration(name) is None and self.declaration(own) is not None else name

    def value(self, name: str, day: date, parameters: Parameters) -> Use | None:
        """Return the value of a parameter in force on the day and who gave it, or None for a quantity without one."""
        declared = self.declaration(name)
        if declared is None:
            return None
        given = parameters.on(f"{declared.pack}.{declared.name}", day) or parameters.on(declared.name, day)
        if given is not None:
            value: Setting = declared.read(given.value)
            return Use(
                declared.name, value, "host", declared.is_choice,
                given.set_by, given.document, given.from_, given.to, given.sample,
            )  # fmt: skip
        if declared.choice is None:
            return None
        origin = "library" if declared.pack == "library" else "pack"
        return Use(declared.name, declared.choice, origin, True)

    def patterns(self) -> dict[str, Pattern]:
        """Return every pattern of the rules, by ``rule:on``, ``:must``, ``:needs``, ``:requires`` and ``:without_committee``,
        and those of counters by their own names.
        """
        found: dict[str, Pattern] = {}
        for rule in self.rules:
            if isinstance(rule, Duty | LiabilityRule | Gate | Scale | Lint) and rule.on is not None:
                found[f"{rule.id}:on"] = rule.on
            if isinstance(rule, Gate) and rule.needs is not None:
                found[f"{rule.id}:needs"] = rule.needs
            if isinstance(rule, Gate) and rule.requires is not None:
                found[f"{rule.id}:requires"] = Pattern(rule.on.events, (*rule.on.where, *rule.requires.where))
            if isinstance(rule, Duty) and rule.keep is not None:
                counter = self.counters.get(rule.keep.count or "")
                found.update(counter.patterns() if counter is not None else {})
            elif isinstance(rule, Duty):
                found[f"{rule.id}:must"] = rule.must
                if rule.without_committee is not None:
                    found[f"{rule.id}:without_committee"] = rule.without_committee
        return found

    def carrying_up(
        self, duty: str, reason: str, post: str | None, unit: str, superior: bool
    ) -> tuple[EscalationRule, ...]:
        """Return the rules that carry such a breach up, the most specific first, whether or not they are in force."""
        key = (duty, reason, post, unit, superior)
        found = self._carrying.get(key)
        if found is None:
            fits = (r for r in self.escalations if not r.reasons or reason in r.reasons)
            fits = (r for r in fits if r.of.selects(duty, post, unit, superior))
            found = self._carrying[key] = tuple(sorted(fits, key=lambda rule: (-rule.of.rank, rule.id)))
        return found

    def naming(self, duty: str, post: str | None, unit: str, superior: bool) -> tuple[LiabilityRule, ...]:
        """Return the rules that name a candidate for such a breach, the most specific first, in force or not."""
        key = (duty, post, unit, superior)
        found = self._naming.get(key)
        if found is None:
            fits = [
                (r.of.rank, r) for r in self.answerable if r.of is not None and r.of.selects(duty, post, unit, superior)
            ]
            found = self._naming[key] = tuple(r for _, r in sorted(fits, key=lambda each: (-each[0], each[1].id)))
        return found

    def force(self, clause: Clause) -> tuple[date | None, date | None]:
        """Return the first and last day on which a clause applies: its own days, narrowed by those of the host."""
        found = self._force.get(id(clause))
        if found is None:
            found = self._force[id(clause)] = self._force_of(clause)
        return found

    def _force_of(self, clause: Clause) -> tuple[date | None, date | None]:
        given = self.in_force if isinstance(self.in_force, tuple) else self.in_force.get(clause.pack, (None, None))
        first = max((d for d in (clause.from_, given[0]) if d is not None), default=None)
        last = min((d for d in (clause.to, given[1]) if d is not None), default=None)
        return first, last

    def applies(self, clause: Clause, day: date) -> bool:
        """Tell whether the clause is in force on the day."""
        first, last = self.force(clause)
        return (first is None or first <= day) and (last is None or day <= last)


def _days(first: date | str | None, last: date | str | None, what: str) -> _Days:
    try:
        begin, end = (parse_date(day) if day is not None else None for day in (first, last))
    except ValueError as error:
        raise PackError(f"the days in force: {error}") from None
    if begin is not None and end is not None and end < begin:
        raise PackError(f"{what} would be in force from {quoted(begin)} to {quoted(end)}; swap the days")
    return begin, end


def _lowest_first(band: Band) -> tuple[Decimal, Decimal, str]:
    return (
        band.at_least if band.at_least is not None else Decimal("-Infinity"),
        band.at_most if band.at_most is not None else Decimal("Infinity"),
        band.id,
    )


def _stands_under(norm: str, entry: str) -> bool:
    rest = norm[len(entry) :]
    return norm.startswith(entry) and (not rest or rest[0] in "-." or rest[0].isalpha())
