"""A row of the log, and the chain that makes every change of it visible.

Each row carries the SHA-256 of the row before it and of its own text, so that no row can be changed, dropped or put
between others without changing all the digests after it. The last digest, kept outside, tells whether the log was cut
or written anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import frozen

from ..errors import AccountabilityError, IntegrityError, StoreError, quoted
from ..event import Event, read_event, write_event, written_event
from ..event_type import EventType
from ..plain import WRITTEN, canonical, read_json

SOURCE = "accountability:record"
"""The source of the rows that the record itself writes; events of the host can not have it."""
ADVANCED, BASIS = "record.advanced", "record.basis"
NO_DIGEST = "0" * 64
"""What stands in the first row for the digest of the one before."""
_HEAD = re.compile(r"\s*([0-9]{1,18}):([0-9a-f]{64})\s*")


@frozen
class Head:
    """Where a log ends: the position of its last row and the digest of it, 0 and zeros for an empty one.

    Its text, ``position:digest``, is what an auditor keeps outside.
    """

    position: int = 0
    digest: str = NO_DIGEST

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"

    @staticmethod
    def parse(text: str) -> Head:
        """Read the text of a head; raises StoreError."""
        found = _HEAD.fullmatch(text)
        if found is None:
            raise StoreError(f"{quoted(text.strip())} is no head; write `position:digest`, as `verify` prints it")
        return Head(int(found[1]), found[2])


@frozen
class Row:
    """One row of the log.

    - `position`: 1, 2, 3, … without a gap, in the order of recording.
    - `batch`: the position of the first row of the same step; a step was recorded whole or not at all.
    - `source`, `id`, `type`, `date`, `recorded`: of the event, as its content says; days as ISO text.
    - `keys`: what the event names, ``case/K1 person/m1``, in order.
    - `content`: the event as a CloudEvents object in canonical JSON (RFC 8785).
    - `previous`, `digest`: the SHA-256 of the row before and of this one, in hexadecimal digits.
    """

    position: int
    batch: int
    source: str
    id: str
    type: str
    date: str
    recorded: str
    keys: str
    content: str
    previous: str
    digest: str

    @property
    def event(self) -> Event:
        """The event of the row; raises IntegrityError when the content is not that of the digest."""
        try:
            if self._is_whole:
                return written_event(self.content)
        except (ValueError, KeyError, TypeError):
            return self._read()
        raise self.bad("its digest is not that of its content")

    @property
    def is_own(self) -> bool:
        """Tell whether the record itself wrote the row: the day was advanced, or the law or organization changed."""
        return self.source == SOURCE

    @property
    def _is_whole(self) -> bool:
        return self.digest == digest(self.previous, self.position, self.batch, self.keys, self.content)

    def _read(self) -> Event:
        try:
            return read_event(
                read_json(self.content, where="content", error=StoreError, limits=WRITTEN), limits=WRITTEN
            )
        except AccountabilityError as problem:
            raise self.bad(f"its content can not be read ({problem})") from None

    def bad(self, problem: str) -> IntegrityError:
        """Return the error that says what is wrong with the row."""
        return IntegrityError(f"row {self.position} is not what was recorded: {problem}", self.position)

    def check(self, before: Head, batch: int) -> None:
        """Raise IntegrityError unless the row is what was recorded after `before`, whose row was of that `batch`."""
        if self.position != before.position + 1:
            raise self.bad(f"row {before.position + 1} is missing before it")
        if self.previous != before.digest:
            raise self.bad("it does not follow the row before it, which was changed, or it was moved")
        if not self._is_whole:
            raise self.bad("its digest is not that of its content")
        if self.batch not in (batch, self.position):
            raise self.bad(f"its batch {self.batch} is neither that of the row before it nor its own position")
        event = self._read()
        if canonical(write_event(event)) != self.content:
            raise self.bad("its content is not in canonical form")
        for name, told in _columns(event).items():
            if getattr(self, name) != told:
                raise self.bad(f"its `{name}` is {quoted(getattr(self, name))}, but its content says {quoted(told)}")

    def data(self) -> dict[str, Any]:
        """Return the row as plain data, its content as an object, so that it can be written as a line of JSON."""
        return {
            "position": self.position,
            "batch": self.batch,
            "keys": self.keys.split(),
            "event": read_json(self.content, where=f"row {self.position}", error=IntegrityError, limits=WRITTEN),
            "previous": self.previous,
            "digest": self.digest,
        }


def read_row(data: object, where: str) -> Row:
    """Return the row of plain data as `Row.data` writes it; raises StoreError."""
    names = {"position": int, "batch": int, "keys": list, "event": Mapping, "previous": str, "digest": str}
    if not isinstance(data, Mapping) or data.keys() != names.keys():
        raise StoreError(f"{where}: this is no row of a record; it has the keys {', '.join(map(quoted, names))}")
    for name, kind in names.items():
        if not isinstance(data[name], kind) or isinstance(data[name], bool):
            raise StoreError(f"{where}: the {name} {quoted(data[name])} can not be read; export the record again")
    try:
        event = read_event(data["event"], limits=WRITTEN)
    except AccountabilityError as problem:
        raise StoreError(f"{where}: {problem}") from None
    keys, content = " ".join(map(str, data["keys"])), canonical(data["event"])
    return Row(data["position"], data["batch"], **_columns(event), keys=keys, content=content,
               previous=data["previous"], digest=data["digest"])  # fmt: skip


def digest(previous: str, position: int, batch: int, keys: str, content: str) -> str:
    """Return the SHA-256, in hexadecimal digits, of the five values as UTF-8 lines, a line feed between them."""
    return hashlib.sha256(f"{previous}\n{position}\n{batch}\n{keys}\n{content}".encode()).hexdigest()


def chained(events: Iterable[tuple[Event, str]], head: Head) -> Iterator[Row]:
    """Yield the rows of one step after `head`: of each event, which has its recorded day, and of the keys it names."""
    batch = head.position + 1
    position, previous = head.position, head.digest
    for event, named in events:
        position += 1
        content = canonical(write_event(event))
        own = digest(previous, position, batch, named, content)
        yield Row(position, batch, **_columns(event), keys=named, content=content, previous=previous, digest=own)
        previous = own


def keys_of(event: Event, declared: Mapping[str, EventType]) -> str:
    """Return what the event names: its case, and the units, posts and persons in its fields, as ``kind/id`` in order."""
    found = set() if event.case is None else {f"case/{event.case}"}
    kind = declared.get(event.type)
    fields = kind.fields if kind is not None else {}
    for name, value in event.fields.items():
        what = fields[name].name if name in fields else name
        if what in ("unit", "post", "person"):
            values = value if isinstance(value, tuple) else (value,)
            found |= {f"{what}/{each}" for each in values if isinstance(each, str) and " " not in each}
    return " ".join(sorted(found))


def own_event(type_: str, day: date, position: int, **fields: Any) -> Event:
    """Return an event that the record itself tells; its id is the position of its row."""
    return Event(type_, date=day, recorded=day, id=str(position), source=SOURCE, **fields)


def _columns(event: Event) -> dict[str, str]:
    return {
        "source": event.source,
        "id": event.id,
        "type": event.type,
        "date": event.date.isoformat(),
        "recorded": event.known.isoformat(),
    }
