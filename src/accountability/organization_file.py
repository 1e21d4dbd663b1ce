"""Organizations in TOML, JSON and CSV files, or in plain data from a host: read with care, and written again.

A unit names its superior (`led_by`, `organ_of`), its committee and its posts with their holders; all these may also
stand in lists of their own. Days are inclusive; a fact without them stands always. Keys are closed. ::

    [[units]]
    id = "U.GB1"
    kind = "general_branch"
    led_by = "U.PC"                  # or dated: [{ unit = "U.PC", from = 2020-01-01 }]; likewise organ_of, acts_for,
    committee = ["li", "wang"]       # same_level and guided_by; an empty committee is recorded to be none

    [[units.posts]]
    kind = "secretary"               # its id, unless given, is `U.GB1.secretary`
    holders = [{ person = "li", from = 2022-01-01, part_time = true }]
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, NoReturn

from attrs import evolve, fields, frozen

from .calendar import parse_date
from .errors import OrganizationError, nearest, quoted
from .organization import Organization
from .organization_csv import read_folder
from .organization_facts import (
    BEGINNING,
    FOREVER,
    GROUNDS,
    RELATIONS,
    Absence,
    Fact,
    Ground,
    Membership,
    Person,
    Post,
    Relation,
    Seat,
    Tenure,
    Unit,
)
from .organization_tables import Charge, Competence, Entry, Grade, Layer, Power
from .plain import LIMITS, Limits, check_id, check_plain, read_json
from .text_file import read_bytes
from .toml_file import read_toml

_LINKS = {
    "led_by": ("leads", False),
    "organ_of": ("organ_of", True),
    "acts_for": ("acts_for", True),
    "same_level": ("same_level", True),
    "guided_by": ("guides", False),
    "local": ("local", False),
    "line": ("line", False),
}
"""For each key that names another unit: the kind of relation, and whether the unit itself is its source."""

_MISSPELT = tuple(kind for kind in RELATIONS if kind not in ("local", "line"))
_DAYS = ("from", "to")
_LINK = ("unit", *_DAYS, "matter", "ground")
_GROUND = ("ground", *_DAYS)
_SEAT = ("person", *_DAYS)
_HOLDER = (*_SEAT, "part_time", "acting", "slot")
_POST = ("id", "kind", "name", "head", "leader", "portfolio", *_DAYS, "holders", "holder")
_KEYS = {
    "units": ("id", "name", "kind", "subkind", *_DAYS, *_LINKS, *GROUNDS, "committee", "posts"),
    "posts": (*_POST, "unit"),
    "holders": (*_HOLDER, "post"),
    "tenures": (*_HOLDER, "post"),
    "members": (*_SEAT, "unit"),
    "committees": (*_SEAT, "unit"),
    "persons": ("id", "name"),
    "absences": _SEAT,
    "relations": ("relation", "source", "target", *_DAYS, "matter", "ground"),
    "duties": ("duty", "bearer", "required_powers", "primary", *_DAYS),
    "powers": ("power", "holder", *_DAYS),
    "competence": ("unit", "matter", *_DAYS),
    "layers": ("unit", "layer", *_DAYS),
    "grades": ("unit", "grade", *_DAYS),
}
_PATH = re.compile(r"(?:([a-z_]+(?:\[\d+\](?:\.[a-z_]+)?)*): )?(.*)", re.DOTALL)
_Facts = dict[str, list[tuple[Any, str]]]
"""Each fact with the path of its entry, by the name that `Organization.build` gives to its kind."""

_TWINS = str.maketrans("авекмнорстухіѕјԛԝһԁӏ" + "αβεικνορτυχ", "abekmhopctyxisjqwhdl" + "abeikvoptux")


def load_organization(path: str | os.PathLike[str], limits: Limits = LIMITS) -> Organization:
    """Read an organization from a ``.toml`` or ``.json`` file, or from a folder of ``.csv`` files, see `read_folder`.

    Each file is in UTF-8 and has at most 256 MB. Raises OrganizationError; its message begins with the file, for TOML
    and CSV the line, and the path of the entry or the column.
    """
    name = os.fspath(path)
    if os.path.isdir(name):
        folder = read_folder(path, limits)
        return _organization(folder.data, folder.place, limits)
    if name.endswith(".toml"):
        file = read_toml(path, error=OrganizationError, limits=limits)
        return _organization(file.data, lambda path: _told(file.place(path), path), limits)
    if name.endswith(".json"):
        content = read_bytes(path, error=OrganizationError, most=limits.file_bytes)
        data = read_json(content, where=name, error=OrganizationError, limits=limits)
        return _organization(data, lambda path: _told(name, path), limits)
    raise OrganizationError(
        f"{name}: the kind of file is not known; name a file that ends in `.toml` or `.json`, or a folder of `.csv` files"
    )


def read_organization(data: Mapping[str, Any], where: str, limits: Limits = LIMITS) -> Organization:
    """Read an organization from plain data of the same form as the files; messages begin with `where`."""
    check_plain(data, where=where, error=OrganizationError, limits=limits)
    return _organization(data, lambda path: _told(where, path), limits)


def write_organization(organization: Organization) -> dict[str, Any]:
    """Return the organization as plain data, days as ISO text; `read_organization` of it gives equal facts.

    Where persons are registered at all, those that only other facts name are registered too, so that it can be read.
    """
    registered = dict(organization.persons)
    if registered:
        named = (organization.tenures, organization.memberships, organization.seats, organization.absences)
        for person in (fact.person for facts in named for fact in facts if fact.person is not None):
            registered.setdefault(person, Person(person))
    committees: dict[str, list[Seat]] = {}
    for seat in organization.seats:
        committees.setdefault(seat.unit, []).append(seat)
    units = [_written(unit) for unit in organization.units.values()]
    for unit in units:
        for ground in organization._grounds.get(unit["id"], ()):
            unit.setdefault(ground.relation, []).append(_written(ground, "unit", "relation"))
        if seats := committees.get(unit["id"]):
            unit["committee"] = [] if seats == [Seat(unit["id"], None)] else [_written(s, "unit") for s in seats]
    written = {
        "units": units,
        "posts": [_written(post) for post in organization.posts.values()],
        "tenures": [_written(tenure) for tenure in organization.tenures],
        "members": [_written(membership) for membership in organization.memberships],
        "persons": [_written(person) for person in registered.values()],
        "absences": [_written(absence) for absence in organization.absences],
        "relations": [{"relation": r.kind, **_written(r, "kind")} for r in organization.relations],
        **{
            name: [_written(entry) for entry in getattr(organization.tables, name)]
            for name in ("duties", "powers", "competence", "layers", "grades")
        },
    }
    return {key: entries for key, entries in written.items() if entries}


def _written(fact: Fact | Person | Entry, *without: str) -> dict[str, Any]:
    """Return the fields of the fact that say something: neither their default nor nothing nor an open end."""
    entry = {}
    for field in fields(type(fact)):
        value = getattr(fact, field.name)
        if field.name not in without and value not in (field.default, None, BEGINNING, FOREVER):
            plain = list(value) if isinstance(value, tuple) else value
            entry[field.name.rstrip("_")] = value.isoformat() if isinstance(value, date) else plain
    return entry


def _told(*parts: str) -> str:
    return ": ".join(filter(None, parts))


def _organization(data: Mapping[str, Any], place: Callable[[str], str], limits: Limits) -> Organization:
    """Read the data; `place` gives for the path of an entry, such as `units[2].name`, what a message begins with."""
    try:
        facts = _read(data, limits)
    except OrganizationError as problem:
        path, said = _PATH.fullmatch(str(problem)).groups("")  # type: ignore[union-attr]  # it matches any text
        raise OrganizationError(_told(place(path), said)) from None
    try:
        return Organization.build(**{name: [fact for fact, _ in found] for name, found in facts.items()})
    except OrganizationError as problem:
        path = next((path for found in facts.values() for fact, path in found if fact is problem.fact), "")
        raise OrganizationError(_told(place(path), str(problem))) from None


def _read(data: Mapping[str, Any], limits: Limits) -> _Facts:
    facts: _Facts = defaultdict(list)
    whole = _Entry("", {}, {}, limits).within("", data, tuple(_KEYS))
    for person in whole.each("persons"):
        facts["persons"].append((Person(person.id("id", "person"), person.text("name") or ""), person.path))
    if facts["persons"]:
        whole = evolve(whole, persons={person.id for person, _ in facts["persons"]})
    for unit in whole.each("units"):
        _read_unit(unit, facts)
    for post in whole.each("posts"):
        _read_post(post, post.id("unit", "unit"), facts)
    for key in ("holders", "tenures"):
        for tenure in whole.each(key):
            facts["tenures"].append((_tenure(tenure, tenure.id("post", "post")), tenure.path))
    for entry in whole.each("members"):
        facts["memberships"].append((Membership(entry.person(), entry.id("unit", "unit"), *entry.days()), entry.path))
    for seat in whole.each("committees"):
        facts["seats"].append((_seat(seat, seat.id("unit", "unit")), seat.path))
    for absence in whole.each("absences"):
        facts["absences"].append((Absence(absence.person(), *absence.days()), absence.path))
    for relation in whole.each("relations"):
        facts["relations"].append((_relation(relation), relation.path))
    _read_tables(whole, facts)
    return facts


def _read_tables(whole: _Entry, facts: _Facts) -> None:
    """Read the tables that checks read."""
    for entry in whole.each("duties"):
        bearer = entry.id("bearer", "post") if entry.has("bearer") else None
        powers, primary = entry.words("required_powers"), entry.flag("primary", True)
        facts["duties"].append((Charge(entry.word("duty"), bearer, powers, primary, *entry.days()), entry.path))
    for entry in whole.each("powers"):
        power = Power(entry.word("power"), entry.id("holder", "post"), *entry.days())
        facts["powers"].append((power, entry.path))
    for entry in whole.each("competence"):
        competence = Competence(entry.id("unit", "unit"), entry.word("matter"), *entry.days())
        facts["competence"].append((competence, entry.path))
    for entry in whole.each("layers"):
        facts["layers"].append((Layer(entry.id("unit", "unit"), entry.word("layer"), *entry.days()), entry.path))
    for entry in whole.each("grades"):
        facts["grades"].append((Grade(entry.id("unit", "unit"), entry.word("grade"), *entry.days()), entry.path))


def _read_unit(entry: _Entry, facts: _Facts) -> None:
    unit = entry.id("id", "unit")
    subkind = entry.id("subkind", "subkind") if entry.has("subkind") else None
    made = Unit(unit, entry.id("kind", "kind"), entry.text("name") or "", subkind, *entry.days())
    facts["units"].append((made, entry.path))
    for key, (kind, is_source) in _LINKS.items():
        for link in entry.each(key, _LINK, short="unit"):
            ends = (unit, link.id("unit", "unit")) if is_source else (link.id("unit", "unit"), unit)
            relation = Relation(kind, *ends, *link.days(), link.text("matter"), link.text("ground"))
            facts["relations"].append((relation, link.path))
    for key in GROUNDS:
        for each in entry.each(key, _GROUND, short="ground"):
            ground = each.text("ground") or each.refuse("ground", "the ground is missing; write for example `属地`")
            facts["grounds"].append((Ground(unit, key, ground, *each.days()), each.path))
    if entry.has("committee"):
        seats = [(_seat(seat, unit), seat.path) for seat in entry.each("committee", _SEAT, short="person")]
        facts["seats"] += seats or [(Seat(unit, None), entry.path)]
    for post in entry.each("posts", _POST):
        _read_post(post, unit, facts)


def _read_post(entry: _Entry, unit: str, facts: _Facts) -> None:
    if not entry.has("id"):
        entry = evolve(entry, table={**entry.table, "id": f"{unit}.{entry.id('kind', 'kind')}"})
    post = entry.id("id", "post")
    kind = entry.id("kind", "kind") if entry.has("kind") else post.rpartition(".")[2]
    name, head, leader = entry.text("name") or "", entry.flag("head"), entry.flag("leader")
    made = Post(post, unit, kind, name, head, leader, entry.text("portfolio"), *entry.days())
    facts["posts"].append((made, entry.path))
    for key in ("holders", "holder"):
        facts["tenures"] += [(_tenure(each, post), each.path) for each in entry.each(key, _HOLDER, short="person")]


def _seat(entry: _Entry, unit: str) -> Seat:
    return Seat(unit, entry.person() if entry.has("person") else None, *entry.days())


def _tenure(entry: _Entry, post: str) -> Tenure:
    slot = entry.text("slot") or "A"
    if slot not in ("A", "B"):
        entry.refuse("slot", f"{quoted(slot)} is no slot; write `A` or `B`, who bears while A is absent")
    return Tenure(post, entry.person(), *entry.days(), entry.flag("part_time"), entry.flag("acting"), slot)


def _relation(entry: _Entry) -> Relation:
    kind = entry.id("relation", "relation")
    if kind not in RELATIONS and (hint := nearest(kind, _MISSPELT)):  # a pack may declare others
        entry.refuse("relation", f"no relation {quoted(kind)} is known{hint}")
    source = entry.id("source", "leader" if kind == "contact" else "unit")
    target = entry.id("target", "unit")
    return Relation(kind, source, target, *entry.days(), entry.text("matter"), entry.text("ground"))


@frozen
class _Entry:
    """One table of the data: `path` is where it stands; a key without a value is absent.

    `looks` holds the ids read so far, by what they name and how they look; `persons` the persons, when they are listed.
    """

    path: str
    table: Mapping[str, Any]
    looks: dict[tuple[str, str], str]
    limits: Limits
    persons: set[str] | None = None

    def refuse(self, key: str, problem: str) -> NoReturn:
        """Refuse the value at the key, or the entry itself where the key is empty."""
        at = f"{self.path}.{key}".strip(".")
        raise OrganizationError(f"{at}: {problem}" if at else problem)

    def within(self, path: str, table: object, known: tuple[str, ...]) -> _Entry:
        """Return the entry at the path when it is a table whose keys are all known."""
        if not isinstance(table, Mapping):
            evolve(self, path=path).refuse(
                "", f"{quoted(table)} is no table; write one with the keys {', '.join(map(quoted, known))}"
            )
        entry = _Entry(path, table, self.looks, self.limits, self.persons)
        for key in table:
            if key not in known:
                hint = nearest(key, known) or f"; the keys are {', '.join(map(quoted, known))}"
                entry.refuse(key if re.fullmatch("[a-z_]+", key) else "", f"the key {quoted(key)} is not known{hint}")
        return entry

    def has(self, key: str) -> bool:
        """Tell whether there is a value at the key."""
        return self.table.get(key) is not None

    def each(self, key: str, known: tuple[str, ...] = (), short: str = "") -> Iterator[_Entry]:
        """Yield the entries of the list at the key; a text stands for a table of the key `short` alone."""
        value = self.table.get(key)
        if isinstance(value, str) and short:
            value = [value]
        if value is not None and not isinstance(value, list | tuple):
            self.refuse(key, f"{quoted(value)} is no list; write a list of tables")
        for number, item in enumerate(value or ()):
            table = {short: item} if isinstance(item, str) and short else item
            yield self.within(f"{self.path}.{key}[{number}]".lstrip("."), table, known or _KEYS[key])

    def text(self, key: str) -> str | None:
        """Return the text at the key, None when there is none."""
        value = self.table.get(key)
        if value is not None and not isinstance(value, str):
            self.refuse(key, f"{quoted(value)} is no text; write it in quotation marks")
        if value is not None and len(value) > self.limits.name:
            self.refuse(key, f"{quoted(value)} is longer than {self.limits.name} characters; shorten it")
        return value

    def word(self, key: str) -> str:
        """Return the text at the key, which must be there and say something."""
        text = self.text(key)
        if text is None or not text.strip():
            self.refuse("" if text is None else key, f"`{key}` is missing; add it")
        return text.strip()

    def words(self, key: str) -> tuple[str, ...]:
        """Return the texts of the list at the key, each once; a text alone stands for a list of it."""
        value = self.table.get(key)
        texts = [value] if isinstance(value, str) else value or []
        if not isinstance(texts, list | tuple) or not all(isinstance(text, str) and text.strip() for text in texts):
            self.refuse(key, f"{quoted(value)} is no list of texts; write one in brackets")
        if too_long := next((text for text in texts if len(text) > self.limits.name), None):
            self.refuse(key, f"{quoted(too_long)} is longer than {self.limits.name} characters; shorten it")
        return tuple(dict.fromkeys(text.strip() for text in texts))

    def flag(self, key: str, default: bool = False) -> bool:
        """Return the truth value at the key, the default when there is none."""
        value = self.table.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, f"{quoted(value)} is neither true nor false; write one of them")
        return default if value is None else bool(value)

    def days(self) -> tuple[date, date]:
        """Return the first and the last day of the fact."""
        days = [BEGINNING, FOREVER]
        for end, key in enumerate(_DAYS):
            try:
                days[end] = parse_date(self.table[key]) if self.has(key) else days[end]
            except ValueError as problem:
                self.refuse(key, str(problem))
        return days[0], days[1]

    def person(self) -> str:
        """Return the id of the person; where persons are listed, one of them."""
        person = self.id("person", "person")
        if self.persons is not None and person not in self.persons:
            hint = nearest(person, self.persons) or "; add it to `persons`"
            self.refuse("person", f"no person {quoted(person)} is listed{hint}")
        return person

    def id(self, key: str, what: str) -> str:
        """Return the id at the key; one that only looks like another id is refused."""
        text = self.table.get(key)
        if text is None:
            self.refuse("", f"`{key}` is missing; add it")
        if isinstance(text, str):
            other = self.looks.setdefault((what, _look(text)), text)
            if other != text:
                odd = sorted(c for c in {*text} ^ {*other} if not c.isascii() or c.isspace())
                names = "".join(f" (U+{ord(c):04X} {unicodedata.name(c, '?')})" for c in odd)
                self.refuse(key, f"the {what} {quoted(text)}{names} looks like {quoted(other)}; write one of them")
        return check_id(text, what=what, where=f"{self.path}.{key}", error=OrganizationError, limits=self.limits)


def _look(text: str) -> str:
    """Return what the text looks like: without width and case, letters of other scripts as their Latin twins."""
    if text.isascii():
        return "".join(text.split()).casefold()
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_TWINS)
    return "".join(c for c in plain if unicodedata.category(c)[0] not in "CZ")
