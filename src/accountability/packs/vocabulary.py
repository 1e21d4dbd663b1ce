"""The words of packs: what their ``pack.toml`` files declare, merged into one vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from attrs import asdict, evolve, field, frozen

from ..calendar import parse_date
from ..errors import PackError, quoted
from ..event_type import EventType, FieldType
from ..organization_facts import RELATIONS
from ..parameters import LIBRARY, QUANTITY_TYPES, Parameter
from ..plain import LIMITS, Limits, check_id
from ..policy import LIBRARY_EVENTS, Pack
from ..rule import Counter, Share
from ..walk import FIRST_RESPONSIBLE, RolePost, Words
from .folder import PackFile, digest
from .table import Table, read_table

RESERVED = (
    "of", "above", "under", "each", "with", "superior", "top", "guide", "same_level", "unit", "post",
    "first_responsible",
)  # fmt: skip
"""Words of walks and selectors, which no pack can declare as its own."""


@frozen(eq=False)
class Declarations:
    """What one ``pack.toml`` declares: each word with the place where it stands; and the days of all its clauses."""

    pack: Pack
    from_: date | None
    to: date | None
    kinds: dict[str, Mapping[str, str]]
    posts: dict[str, Mapping[str, str]]
    events: dict[str, EventType]
    relations: dict[str, Mapping[str, str]]
    parameters: dict[str, Parameter]
    places: dict[str, str]
    counts: Mapping[str, Table] = field(factory=dict)
    shares: Mapping[str, Table] = field(factory=dict)


@frozen(eq=False)
class Vocabulary:
    """The words of all packs together with those of the library; roles join once their rules are read."""

    kinds: Mapping[str, Mapping[str, str]]
    posts: Mapping[str, Mapping[str, str]]
    events: Mapping[str, EventType]
    parameters: Mapping[str, Parameter]
    relations: Mapping[str, Mapping[str, str]] = field(factory=dict)
    roles: dict[str, tuple[RolePost, ...]] = field(factory=lambda: {FIRST_RESPONSIBLE: (RolePost(FIRST_RESPONSIBLE),)})
    counts: dict[str, Counter] = field(factory=dict)
    shares: dict[str, Share] = field(factory=dict)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key, declared in self.parameters.items():
            found.setdefault(declared.name, []).append(key)
        return found

    def parameter(self, name: str, pack: str) -> tuple[str, Parameter] | None:
        """Return the parameter that a rule of the pack names, and the name by which every reader will find it."""
        namesakes = self._by_name.get(name.rpartition(".")[2], [])
        known = (key for key in (name, f"{pack}.{name}") if key in self.parameters)
        key = next(known, namesakes[0] if len(namesakes) == 1 and "." not in name else None)
        if key is None:
            return None
        return self.parameters[key].name if len(namesakes) == 1 else key, self.parameters[key]

    def parameter_names(self, *types: str) -> list[str]:
        """Return the bare names of the parameters of the types (``choice`` for choices)."""
        return sorted({declared.name for declared in self.parameters.values() if declared.type in types})

    @cached_property
    def words(self) -> Words:
        """The words that walks may use."""
        units = frozenset(self.parameter_names("unit"))
        return Words(frozenset(self.kinds), frozenset(self.posts), self.roles, units)

    @cached_property
    def openers(self) -> tuple[EventType, ...]:
        """The types of events that open a case."""
        return tuple(declared for declared in self.events.values() if declared.opens_case)


def merged(packs: Iterable[Declarations]) -> Vocabulary:
    """Return the vocabulary of several packs; a word that two of them declare differently is refused."""
    tables: dict[str, dict[str, Any]] = {"kinds": {}, "posts": {}, "relations": {}, "events": {**LIBRARY_EVENTS}}
    parameters, places, ids = {**LIBRARY}, dict[str, str](), dict[str, str]()
    for pack in packs:
        if pack.pack.id in ids:
            raise PackError(f"{pack.places['pack']}: the pack {quoted(pack.pack.id)} is loaded already; load it once")
        ids[pack.pack.id] = pack.places["pack"]
        for what in ("kinds", "posts", "relations", "events"):
            declared = getattr(pack, what)
            for word, meaning in declared.items():
                place, key = pack.places[f"{what}.{word}"], f"{what}.{word}"
                if key in places and tables[what][word] != meaning:
                    problem = f"{quoted(word)} in {quoted(what)} is declared otherwise at {places[key]}"
                    advice = f"declare it alike in both packs, for {_differing(meaning, tables[what][word])}"
                    raise PackError(f"{place}: {problem}; {advice}")
                tables[what][word] = meaning
                places[key] = place
        for key, parameter in pack.parameters.items():
            place, word = pack.places[f"parameters.{parameter.name}"], f"parameters.{key}"
            if word in places and parameters[key].choice != parameter.choice:
                problem = f"the choice {quoted(key)} is made otherwise at {places[word]}"
                raise PackError(f"{place}: {problem}; choose alike in both packs")
            parameters[key] = parameter
            places[word] = place
    return Vocabulary(tables["kinds"], tables["posts"], tables["events"], parameters, tables["relations"])


def _differing(one: Any, other: Any) -> str:
    """Say in what two declarations of one word differ: a title in its two forms, or the keys of an event."""
    if isinstance(one, EventType):
        keys = [key for key in asdict(one, recurse=False) if getattr(one, key) != getattr(other, key)]
        if keys == ["fields"]:
            fields = {**one.fields, **other.fields}
            keys = [f"fields.{key}" for key in fields if one.fields.get(key) != other.fields.get(key)]
        return f"{', '.join(map(quoted, keys))} {'differ' if len(keys) > 1 else 'differs'}"
    return "; ".join(
        f"{quoted(key)} is {quoted(one[key])} here and {quoted(other[key])} there"
        for key in one
        if one[key] != other[key]
    )


def read_declarations(files: tuple[PackFile, ...], limits: Limits = LIMITS) -> Declarations:
    """Read the ``pack.toml`` among the files of a folder."""
    file = next(each for each in files if each.name == "pack.toml")
    table = read_table(file.text, "pack.toml", file.path, 0, limits)
    table.closed("pack", "kinds", "posts", "relations", "events", "parameters", "counts", "shares")
    head = table.table("pack", "the table `pack`")
    head.closed("id", "version", "title", "source", "from", "to")
    name = head.id("id", '`id = "house-rules"`')
    if "." in name or name == "library":
        head.wrong("id", "a name without `.` that is not `library`")
    pack = Pack(
        name,
        head.needed("version", 'the version as a text, `version = "1.0"`'),
        head.titles() or head.missing("title", '`title = { zh = "…", en = "…" }`'),
        head.needed("source", 'the document, `source = "…"`'),
        digest(files),
        {each.name: each.data for each in files},
    )
    from_, to = _day(head, "from"), _day(head, "to")
    if from_ is not None and to is not None and to < from_:
        head.wrong("to", f"a day from {from_} on")
    places = {"pack": head.place("id")}
    found = Declarations(
        pack,
        from_,
        to,
        {},
        {},
        {},
        {},
        {},
        places,
        table.tables("counts", "the count"),
        table.tables("shares", "the share"),
    )
    for word, counted in (*found.counts.items(), *found.shares.items()):
        counted.checked(word, "count")
    for what, words in (("kinds", found.kinds), ("posts", found.posts), ("relations", found.relations)):
        for word, titles in table.tables(what, f"`{what}`").items():
            check_id(word, what=what.removesuffix("s"), where=titles.place(), error=PackError, limits=limits)
            known = (*RESERVED, *found.kinds, *table.table("parameters").values)
            if word in (RELATIONS if what == "relations" else known):
                titles.fail(f"{quoted(word)} in {quoted(what)} has another meaning already; rename it")
            words[word] = titles.both_titles()
            places[f"{what}.{word}"] = titles.place()
    for word, event in table.tables("events", "the event").items():
        found.events[word] = _event(word, event)
        places[f"events.{word}"] = event.place()
    for word, parameter in table.tables("parameters", "the parameter").items():
        declared = _parameter(word, parameter, name)
        found.parameters[word if word in LIBRARY else f"{name}.{word}"] = declared
        places[f"parameters.{word}"] = parameter.place()
    return found


def _day(table: Table, key: str) -> date | None:
    try:
        return parse_date(table.values[key]) if key in table.values else None
    except ValueError:
        return table.wrong(key, "a day from 1900 to 2200, as `2025-01-01`")


def _event(name: str, table: Table) -> EventType:
    check_id(name, what="type of event", where=table.place(), error=PackError, limits=table.limits)
    table.closed("title", "opens_case", "fields", "outcome", "actor", "about")
    fields = table.table("fields")
    types: dict[str, FieldType] = {}
    for word, declaration in fields.values.items():
        check_id(word, what="field", where=fields.place(word), error=PackError, limits=table.limits)
        if "." in word or word in ("case", "date", "event"):
            fields.fail(
                f"{quoted(word)} is no name for a field, for it has another meaning; rename it, without `.`",
                word,
            )
        try:
            types[word] = FieldType.parse(declaration)
        except ValueError as problem:
            fields.fail(f"the field {quoted(word)}: {problem}", word)
    actors = {"unit"} | {
        word for word, type_ in types.items() if type_.name in ("unit", "post", "person") and not type_.many
    }
    try:
        found = EventType(
            name,
            fields=types,
            title=table.titles() or {},
            opens_case=table.flag("opens_case", False),
            outcome=table.optional("outcome"),
            actor=table.one_of("actor", actors, "field that names a unit, post or person"),
            about=table.one_of("about", actors, "field that names a unit, post or person") or "unit",
        )
    except ValueError as problem:
        table.fail(str(problem))
    library = LIBRARY_EVENTS.get(name)
    if library is not None and library != evolve(found, title=library.title):
        table.fail(f"the library declares the event {quoted(name)} otherwise; leave it out, or rename it")
    return found


def _parameter(name: str, table: Table, pack: str) -> Parameter:
    table.checked(name, "parameter")
    if "." in name or name in RESERVED:
        table.fail(f"the parameter {quoted(name)} has no name of its own; rename it, without `.`")
    for word in ("default", "value"):
        if word in table.values:
            table.fail(f"{quoted(word)} can not be written; a host gives the value of {quoted(name)}", word)
    if name in LIBRARY:
        return _library_choice(name, table, pack)
    table.closed("type", "title", "word", "choices", "choice")
    title = table.titles() or table.missing("title", '`title = { zh = "…", en = "…" }`')
    if "choices" not in table.values:
        if "choice" in table.values:
            table.missing("choices", "the list of what can be chosen")
        type_ = table.one_of("type", QUANTITY_TYPES, "type of parameter")
        if type_ is None:
            table.missing("type", f"one of {', '.join(map(quoted, QUANTITY_TYPES))}, or `choices` and `choice`")
        return Parameter(name, pack, title, type_, word=table.optional("word") or "")
    if "type" in table.values:
        table.fail(f"the parameter {quoted(name)} is a quantity or a choice; keep `type` or `choices`", "type")
    choices = table.texts("choices")
    if len(choices) < 2:
        table.wrong("choices", "at least two texts")
    return _chosen(Parameter(name, pack, title, choices=choices, word=table.optional("word") or ""), table)


def _library_choice(name: str, table: Table, pack: str) -> Parameter:
    if not LIBRARY[name].is_choice:
        table.fail(f"the library declares the quantity {quoted(name)}; leave it out, a host gives its value")
    table.closed("choice")
    return _chosen(evolve(LIBRARY[name], pack=pack), table)


def _chosen(parameter: Parameter, table: Table) -> Parameter:
    choice = table.needed("choice", "which of the `choices` the pack takes")
    try:
        if "<" in choice:
            raise ValueError(
                f"{quoted(choice)} is a pattern; write a name or number for {quoted(choice[choice.index('<') :])}"
            )
        return evolve(parameter, choice=str(parameter.read(choice)))
    except ValueError as problem:
        table.fail(str(problem), "choice")
