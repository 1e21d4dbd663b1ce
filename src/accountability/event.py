"""Events: what happened, on which day, known since when; and their strict reading from plain data.

On the wire an event is a CloudEvents 1.0 object (https://cloudevents.io: `time`, `subject`, `data`). Policies declare
types of events with typed fields; an event of a type that nobody declared is kept as it came.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from attrs import field, frozen

from .errors import EventError, nearest, quoted
from .event_type import ADDRESS, Day, EventType, FieldType, frozen_value, read_day
from .plain import LIMITS, Limits, canonical, check_id, check_plain, read_json
from .quick import maker

Source = str | os.PathLike[str] | bytes | Iterable[str | bytes]


@frozen(init=False, eq=False, weakref_slot=False)
class Event:
    """A fact of one day: what happened (`type`, past tense), in which case, with which fields, and since when known.

    `(source, id)` identifies it. Events are equal when source, id, `recorded` and content are. Whatever is an event can
    be written and read again: its values are plain data, within the limits.
    """

    type: str
    date: datetime.date
    id: str
    source: str
    recorded: datetime.date | None  # None when the host did not say when it learned of the fact
    case: str | None
    fields: Mapping[str, Any]
    key: tuple[str, str] = field(init=False, repr=False)
    """Source and id, which identify the event."""
    known: datetime.date = field(init=False, repr=False)
    """The day from which on the event counts as known: the later of `date` and `recorded`."""
    _content: str | None = field(init=False, repr=False, default=None)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "key", (self.source, self.id))
        recorded = self.recorded
        object.__setattr__(self, "known", self.date if recorded is None or recorded < self.date else recorded)

    def __init__(
        self,
        type: str,
        *,
        date: Day,
        id: str | None = None,
        source: str | None = None,
        recorded: Day | None = None,
        case: str | None = None,
        **fields: object,
    ) -> None:
        """Make an event; days may be ISO text, `source` is ``host`` and the id is made of the content unless given.

        One underscore at the end of a keyword is dropped: ``from_="B1"`` is the field ``from``. A field that is None is
        absent. What can not be written as plain data is an `EventError`.
        """
        where, named = _label(type if id is None else id), dict[str, object]()
        for keyword, value in fields.items():
            name = keyword if keyword.endswith("__") else keyword.removesuffix("_")
            if name in named:
                raise EventError(f"{where}: the field {quoted(name)} is given twice; drop {quoted(keyword)}")
            named[name] = value
        given = {"type": type, "date": date, "id": id, "source": source, "recorded": recorded, "case": case}
        self.__attrs_init__(**_checked({**given, "fields": named}, where, LIMITS))

    @property
    def content(self) -> str:
        """The canonical text of type, date, case and fields: what must agree when two events share a key."""
        found = self._content
        if found is None:  # made once; a `cached_property` would have every attribute of the event read slowly
            found = canonical({"type": self.type, "date": self.date, "case": self.case, "fields": self.fields})
            object.__setattr__(self, "_content", found)
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field, or the event's own ``case``, ``date``, ``id`` or ``type``; `default` when it is absent."""
        value = self.fields.get(name)
        if value is None and name in _EVERY:
            value = getattr(self, name)
        return default if value is None else value

    def recorded_on(self, day: Day) -> Event:
        """Return the same event, recorded on `day`."""
        if type(day) is not datetime.date:
            day = read_day(day, "recorded date", _label(self.id))
        known = day if self.date < day else self.date
        return _quick(
            self.type, self.date, self.id, self.source, day, self.case, self.fields, self.key, known, self._content
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        return (self.key, self.recorded, self.content) == (other.key, other.recorded, other.content)

    def __hash__(self) -> int:
        return hash(self.key)


_quick = maker(Event)


def _label(name: object) -> str:
    return f"event {quoted(name)}" if isinstance(name, str) else "event"


def _made(event: Event | None, **attributes: Any) -> Event:
    """Return an event of checked attributes, the others as those of `event`."""
    made = Event.__new__(Event)
    if event is not None:
        attributes = {**{name: getattr(event, name) for name in _ATTRIBUTES}, **attributes}
    made.__attrs_init__(**attributes)
    return made


def _checked(given: Mapping[str, Any], where: str, limits: Limits) -> dict[str, Any]:
    """Return the attributes of an event made of values of which nothing is known yet."""

    def word(name: str, marks: str = "") -> str:
        return check_id(given[name], what=name, where=where, error=EventError, limits=limits, also=marks)

    if "case" in given["fields"]:
        raise EventError(f"{where}: `case` can not be a field, for every event has it; write it as `case`")
    found: dict[str, Any] = {
        "type": word("type"),
        "date": read_day(given["date"], "date", where),
        "id": "auto-0123456789abcdef" if given["id"] is None else word("id", ADDRESS),
        "source": "host" if given["source"] is None else word("source", ADDRESS),
        "recorded": None if given["recorded"] is None else read_day(given["recorded"], "recorded date", where),
        "case": None if given["case"] is None else word("case"),
        "fields": {name: value for name, value in given["fields"].items() if value is not None},
    }
    check_plain(_wire(found), where=where, error=EventError, limits=limits, max_bytes=limits.event_bytes)
    found["fields"] = frozen_value(found["fields"])
    if given["id"] is None:
        found["id"] = "auto-" + hashlib.sha256(_made(None, **found).content.encode()).hexdigest()[:16]
    return found


def _thawed(value: object) -> Any:
    if isinstance(value, Mapping):
        return {name: _thawed(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_thawed(part) for part in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


_EVERY = ("case", "date", "id", "type")
_ATTRIBUTES = ("type", "date", "id", "source", "recorded", "case", "fields")
_OWN = ("type", "date", "id", "source", "recorded", "case")
_NEEDED = ("id", "source", "type", "time")
_CLOUD = (*_NEEDED, "specversion", "subject", "recordedtime", "datacontenttype", "dataschema", "data")
_JSON = "application/json"
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def _wire(event: Mapping[str, Any]) -> dict[str, Any]:
    wire = {"specversion": "1.0", "id": event["id"], "source": event["source"], "type": event["type"]}
    wire |= {"time": f"{event['date']}T00:00:00Z", "subject": event["case"], "datacontenttype": _JSON}
    wire |= {"recordedtime": event["recorded"] and f"{event['recorded']}T00:00:00Z", "data": event["fields"]}
    return {name: value for name, value in wire.items() if value is not None}


def write_event(event: Event) -> dict[str, Any]:
    """Return the event as a CloudEvents object, days at 00:00 UTC; `canonical` of it is its line of JSON.

    `read_event` of it gives an equal event. Decimals stay `Decimal`, which `canonical` writes as exact numbers.
    """
    attributes = {name: getattr(event, name) for name in _ATTRIBUTES}
    return _wire({**attributes, "fields": _thawed(event.fields)})


def written_event(text: str) -> Event:
    """Return the event whose line of JSON this is, as `canonical` wrote it and nobody changed it: nothing is checked.

    Raises ValueError, KeyError or TypeError for another text; `read_event` says what is wrong with it.
    """
    data = json.loads(text, parse_float=Decimal)
    day, recorded = datetime.date.fromisoformat(data["time"][:10]), data.get("recordedtime")
    told = datetime.date.fromisoformat(recorded[:10]) if recorded is not None else None
    key, known = (data["source"], data["id"]), day if told is None or told < day else told
    fields = frozen_value(data["data"])
    made: Event = _quick(
        data["type"], day, data["id"], data["source"], told, data.get("subject"), fields, key, known, None
    )
    return made


def read_event(data: object, *, where: str = "event", limits: Limits = LIMITS) -> Event:
    """Read an event from plain data: a CloudEvents 1.0 object, or `type`, `date` and fields in one object.

    A CloudEvents object has `specversion`. Its `time` is an RFC 3339 time, whose calendar date as written is the date;
    `case` in `data`, else `subject`, is the case; the extension `recordedtime` gives the recorded date; other
    extensions are passed over. The plain form has `type` and `date`, may have `id`, `source`, `recorded` and `case`,
    and all else is a field (``source_`` is the field ``source``). An `EventError` begins with `where`.
    """
    check_plain(data, where=where, error=EventError, limits=limits, max_bytes=limits.event_bytes)
    return _read_plain(data, where, limits)


def _read_plain(data: object, where: str, limits: Limits) -> Event:
    if not isinstance(data, Mapping):
        raise EventError(f"{where}: {quoted(data)} is no event; write an object with `type` and `date`")
    label = _label(data.get("id"))
    where = label if where == "event" else f"{where}: {label}"
    is_cloud = "specversion" in data
    for name in _NEEDED if is_cloud else ("type", "date"):
        if data.get(name) is None:
            raise EventError(f"{where}: `{name}` is missing; write it")
    return _made(None, **_checked(_cloud(data, where) if is_cloud else _flat(data), where, limits))


def _flat(data: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in data.items() if name not in _OWN}
    for name in _OWN:
        if f"{name}_" in fields:
            fields[name] = fields.pop(f"{name}_")
    return {**{name: data.get(name) for name in _OWN}, "fields": fields}


def _cloud(data: Mapping[str, Any], where: str) -> dict[str, Any]:
    for name in sorted(data.keys() - set(_CLOUD)):
        is_word = re.fullmatch("[a-z0-9]{1,20}", name) and not get_close_matches(name, _CLOUD, cutoff=0.9)
        if not is_word or isinstance(data[name], Mapping | list | tuple):  # else an extension of the host
            hint = "" if is_word else nearest(name, _CLOUD)
            raise EventError(f"{where}: {quoted(name)} is no attribute of CloudEvents{hint or '; put it into `data`'}")
    media, fields = data.get("datacontenttype"), data.get("data")
    if data["specversion"] != "1.0":
        raise EventError(f"{where}: the specversion {quoted(data['specversion'])} can not be read; write `1.0`")
    if media is not None and (not isinstance(media, str) or media.split(";")[0].strip().lower() != _JSON):
        raise EventError(f"{where}: the datacontenttype {quoted(media)} can not be read; write `{_JSON}`")
    if not (fields is None or isinstance(fields, Mapping)):
        raise EventError(f"{where}: `data` is {quoted(fields)}; write an object of fields")
    fields, recorded = dict(fields or {}), data.get("recordedtime")
    case = fields.pop("case", None)
    return {
        **{name: data[name] for name in ("type", "id", "source")},
        "date": _day_of_time(data["time"], "time", where),
        "recorded": None if recorded is None else _day_of_time(recorded, "recordedtime", where),
        "case": data.get("subject") if case is None else case,
        "fields": fields,
    }


def _day_of_time(value: object, what: str, where: str) -> datetime.date:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        hint = "write date, time and offset as `2025-03-03T09:00:00+08:00`"
        raise EventError(f"{where}: the {what} {quoted(value)} can not be read; {hint}")
    return read_day(found[1], what, where)


def typed(event: Event, declared: Mapping[str, EventType], *, where: str = "", limits: Limits = LIMITS) -> Event:
    """Return the event with its fields read as their declared types; an event of an undeclared type as it is.

    A field that is not declared, missing, or of another type is an `EventError`. `unit` is known to every event.
    """
    kind = declared.get(event.type)
    if kind is None or _is_typed(event.fields, kind):
        return event
    where = f"{where}: {_label(event.id)}" if where else _label(event.id)
    known: dict[str, FieldType] = {"unit": FieldType("unit", optional=True), **kind.fields}
    for name in event.fields:
        if name not in known or name == "date":
            hint = nearest(name, [*known, *_OWN]) or f"; it has {', '.join(map(quoted, known))}"
            raise EventError(f"{where}: {quoted(event.type)} has no field {quoted(name)}{hint}")
    fields: dict[str, Any] = {}
    for name, declaration in known.items():
        value = event.get(name)
        if value is not None:
            fields[name] = declaration.read(value, where=f"{where}: the field {quoted(name)}", limits=limits)
        elif not declaration.optional:
            raise EventError(f"{where}: {quoted(event.type)} needs the field {quoted(name)}; give {declaration}")
    return _made(event, fields=frozen_value({name: fields[name] for name in fields if name not in ("case", "date")}))


def _is_typed(fields: Mapping[str, Any], kind: EventType) -> bool:
    """Tell, at little cost, that the fields are all of the declared types as they stand."""
    absent = 0
    for name, declaration, plain, known in kind.told:
        value = fields.get(name)
        if type(value) is plain and (known is None or value in known):
            continue
        if value is None:
            if not declaration.optional:
                return False
            absent += 1
        elif name in _EVERY or not declaration.holds(value):
            return False
    return len(fields) + absent == len(kind.told)


def read_events(
    source: Source, declared: Mapping[str, EventType] | None = None, *, limits: Limits = LIMITS
) -> tuple[Event, ...]:
    """Return all events of a file or of lines, as `iter_lines` reads them; the first bad one is an `EventError`."""
    events = []
    for _, event in iter_lines(source, declared, limits=limits):
        if isinstance(event, EventError):
            raise event
        events.append(event)
    return tuple(events)


def iter_lines(
    source: Source, declared: Mapping[str, EventType] | None = None, *, limits: Limits = LIMITS
) -> Iterator[tuple[int, Event | EventError]]:
    """Yield the number of each line, from 1, with its event or with the error that says why it is none.

    `source` is the path of a file of JSON lines, the path of a ``.json`` file that holds one list of events (whose
    items are numbered instead), the bytes of JSON lines, or lines. Blank lines and a byte order mark are passed over.
    Messages begin with ``file:line``. A file that can not be read at all raises `EventError`.
    """
    name = os.fspath(source) if isinstance(source, str | os.PathLike) else "events"
    for number, line in enumerate(_lines(source, name, limits), start=1):
        found: Event | EventError | None
        try:
            found = _read_line(line, f"{name}:{number}", limits)
            if found is not None:
                found = typed(found, declared or {}, where=f"{name}:{number}", limits=limits)
        except EventError as problem:
            found = problem
        if found is not None:
            yield number, found


def _lines(source: Source, name: str, limits: Limits) -> Iterator[object]:
    """Yield each line or item; a line is cut soon after the limit of an event, so that none fills the memory."""
    if not isinstance(source, str | bytes | os.PathLike):
        yield from source
        return
    size = limits.event_bytes + 8  # room for a byte order mark and the end of the line
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as file:
            if name.endswith(".json"):
                items = read_json(file.read(limits.file_bytes + 1), where=name, error=EventError, limits=limits)
                yield from items if isinstance(items, list) else [items]
            while line := file.readline(size):
                yield line
                while len(line) == size and not line.endswith(b"\n"):
                    line = file.readline(size)
    except (OSError, ValueError) as problem:  # a ValueError is a NUL in the path
        raise EventError(f"{quoted(name)} can not be read: {problem}") from None


def _read_line(line: object, where: str, limits: Limits) -> Event | None:
    if not isinstance(line, str | bytes):
        return read_event(line, where=where, limits=limits)
    text = line.removeprefix("\ufeff") if isinstance(line, str) else line.removeprefix(b"\xef\xbb\xbf")
    text = text.rstrip("\r\n") if isinstance(text, str) else text.rstrip(b"\r\n")
    most = limits.event_bytes
    if not text.strip() and len(text) <= most:
        return None
    return _read_plain(read_json(text, where=where, error=EventError, limits=limits, max_bytes=most), where, limits)
