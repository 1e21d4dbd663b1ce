"""What answered: the policy, the parameters and the organization of a ledger as documents, and back again.

A record keeps them word for word, so that years later the same law gives the same answer, whatever became of the files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

from attrs import evolve, frozen

from .. import __version__
from ..calendar import Calendar
from ..errors import IntegrityError, StoreError
from ..organization import Organization
from ..organization_file import read_organization, write_organization
from ..parameters import Parameters, ParameterValue
from ..plain import WRITTEN, canonical, read_json
from ..policy import Policy


@frozen(eq=False, slots=False)
class Basis:
    """The policy, parameters and organization that a ledger answers from; equal ones have equal documents."""

    policy: Policy
    parameters: Parameters
    organization: Organization

    @cached_property
    def documents(self) -> dict[str, str]:
        """The documents, canonical JSON, by what they are; another law, value or fact gives another text."""
        return {
            "policy": canonical(_policy(self.policy)),
            "parameters": canonical(_parameters(self.parameters)),
            "organization": canonical(write_organization(self.organization)),
        }

    @cached_property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each document, and the version of the library, which is part of what answered."""
        return {**{what: digest_of(text) for what, text in self.documents.items()}, "library": __version__}

    @staticmethod
    def of(documents: Mapping[str, str]) -> Basis:
        """Return what the documents describe; raises PackError or OrganizationError where this library refuses them."""
        data = {
            what: read_json(text, where=what, error=IntegrityError, limits=WRITTEN) for what, text in documents.items()
        }
        policy = _read_policy(data["policy"])
        parameters = Parameters(tuple(_read_value(value) for value in data["parameters"]))
        return Basis(
            policy, parameters, read_organization(data["organization"], "the organization of the record", WRITTEN)
        )


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _policy(policy: Policy) -> dict[str, Any]:
    if not all(pack.files for pack in policy.packs) or not policy.packs:
        problem = "the policy was not read from the files of packs, so that no record could keep it"
        raise StoreError(f"{problem}; load it with `Policy.load` or `Policy.shipped`")
    force, calendar = policy.in_force, policy.calendar
    return {
        "packs": [{"id": pack.id, "files": {name: data.decode() for name, data in pack.files.items()}} for pack in policy.packs],
        "rules": sorted(rule.id for rule in policy.rules),
        "in_force": list(force) if isinstance(force, tuple) else {pack: list(days) for pack, days in force.items()},
        "calendar": {
            "rest": sorted(calendar.rest), "work": sorted(calendar.work), "years": list(calendar.years),
        },
    }  # fmt: skip


def _read_policy(data: Mapping[str, Any]) -> Policy:
    from ..packs.folder import kept_files
    from ..packs.reading import read_packs

    packs = [kept_files(p["id"], {name: text.encode() for name, text in p["files"].items()}) for p in data["packs"]]
    whole, kept, days, calendar = read_packs(packs, WRITTEN), set(data["rules"]), data["in_force"], data["calendar"]
    policy = evolve(
        whole,
        rules=tuple(rule for rule in whole.rules if rule.id in kept),
        calendar=Calendar(
            frozenset(map(date.fromisoformat, calendar["rest"])),
            frozenset(map(date.fromisoformat, calendar["work"])),
            tuple(calendar["years"]),
        ),
    )
    return policy.in_force_by_pack(days) if isinstance(days, Mapping) else policy.in_force_between(*days)


def _parameters(parameters: Parameters) -> list[dict[str, Any]]:
    values = sorted(parameters.values, key=lambda value: (value.name, value.from_ or date.min))
    return [
        {
            "name": v.name, "value": v.value, "from": v.from_, "to": v.to,
            "set_by": v.set_by, "document": v.document, "sample": v.sample,
        }
        for v in values
    ]  # fmt: skip


def _read_value(data: Mapping[str, Any]) -> ParameterValue:
    value = tuple(data["value"]) if isinstance(data["value"], list) else data["value"]
    from_, to = (None if data[end] is None else date.fromisoformat(data[end]) for end in ("from", "to"))
    return ParameterValue(data["name"], value, from_, to, data["set_by"], data["document"], data["sample"])
