"""The shape of events on the wire, as JSON Schema (draft 2020-12): a CloudEvents 1.0 object per declared type.

The schema says what can be said there: ids are checked more strictly when they are read (normal form, one script).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..event_type import EventType, FieldType
from ..plain import LIMITS

_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
_NO_SPACE = r"^[^\s\u0000-\u001f\u007f]+$"
_MORE = "^(?!data$)[a-z0-9]{1,20}$"

_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "id": {"type": "string", "minLength": 1, "maxLength": LIMITS.id, "pattern": _NO_SPACE},
    "answer_id": {"type": "string", "minLength": 1, "maxLength": LIMITS.name, "pattern": _NO_SPACE},
    "text": {"type": "string", "maxLength": LIMITS.text},
    "time": {"type": "string", "format": "date-time", "pattern": _TIME},
    "date": {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "int": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "decimal": {"oneOf": [{"type": "number"}, {"type": "string", "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?$"}]},
    "bool": {"type": "boolean"},
    "map": {"type": "object", "maxProperties": LIMITS.keys},
}
_LONGER = ("obligation", "liability")


def event_schema(declared: Mapping[str, EventType], language: str = "zh") -> dict[str, Any]:
    """Return the JSON Schema of an event of any of the declared types; each stands, whole, under ``$defs``."""
    types = {name: _event(declared[name], language) for name in sorted(declared)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "event",
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(types)}},
        "allOf": [
            {"if": {"properties": {"type": {"const": name}}}, "then": {"$ref": f"#/$defs/{_pointer(name)}"}}
            for name in types
        ],
        "$defs": types,
    }


def _pointer(name: str) -> str:
    return quote(name.replace("~", "~0").replace("/", "~1"), safe="~")


def _event(declared: EventType, language: str) -> dict[str, Any]:
    fields = {"unit": FieldType("unit", optional=True), **declared.fields}
    needed = sorted(name for name, field in fields.items() if not field.optional and name not in ("case", "date"))
    data: dict[str, Any] = {
        "type": "object",
        "properties": {"case": _shape("id"), **{name: _field(fields[name]) for name in sorted(fields)}},
        "required": needed,
        "additionalProperties": False,
    }
    return {
        "title": declared.title.get(language, declared.name),
        "type": "object",
        "required": ["id", "source", "specversion", "time", "type", *(["data"] if needed else [])],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _shape("id"),
            "source": _shape("id"),
            "type": {"const": declared.name},
            "time": _shape("time"),
            "recordedtime": _shape("time"),
            "subject": _shape("id"),
            "datacontenttype": {"type": "string", "pattern": "^application/json( *;.*)?$"},
            "dataschema": {"type": "string"},
            "data": data,
        },
        "patternProperties": {_MORE: {"not": {"type": ["object", "array"]}}},
        "additionalProperties": False,
    }


def _field(field: FieldType) -> dict[str, Any]:
    if field.name == "choice":
        one: dict[str, Any] = {"enum": list(field.choices)}
    elif field.name in _SHAPES:
        one = _shape(field.name)
    else:
        one = _shape("answer_id" if field.name in _LONGER else "id")
    return {"type": "array", "items": one} if field.many else one


def _shape(name: str) -> dict[str, Any]:
    return dict(_SHAPES[name])
