"""Run policy scenarios from YAML files: ``python tests/scenario_file.py FILE… [--only-documents 1]``.

The answers come through the public interface alone and are compared exactly as the header of the file says. Each
difference is printed; the last line is ``N passed, M failed``, and the exit status is 1 when a check failed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

import accountability as a

PACKS = {
    "1": "university", "2": "township", "3": "company", "4": "layers", "5": "township-report", "6": "bureau-report",
    "7": "province", "8": "authority", "9": "fine-grained",
}  # fmt: skip
LIVE = {"pending", "overdue", "blocked", "undetermined"}
OVERRIDES = ("organization_changes", "organization", "facts")


def main(arguments: list[str] | None = None) -> int:
    """Run the files and print the differences; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument(
        "--only-documents", nargs="+", metavar="N", help="only scenarios whose rules are all of these documents"
    )
    parser.add_argument("--only", nargs="+", metavar="ID", help="only these scenarios")
    options = parser.parse_args(arguments)
    passed = failed = 0
    for path in options.files:
        data = read(path)
        for scenario, number, check in checks(data, options.only_documents, options.only):
            differences = run_check(data, scenario, check)
            passed, failed = passed + (not differences), failed + bool(differences)
            for difference in differences:
                print(f"{scenario['id']} check {number}, as of {check['as_of']}: {difference}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def read(path: Path) -> dict[str, Any]:
    """Return a file's data; with ``extends`` it takes the fixtures and parameter sets of another file beside it."""
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "extends" in data:
        base = read(path.parent / data["extends"])
        for part in ("fixtures", "parameter_sets"):
            data[part] = {**base[part], **data.get(part, {})}
    return data


def documents(scenario: Mapping[str, Any]) -> set[str]:
    """Return the numbers of the documents whose rules the scenario loads."""
    return {rule[1 : rule.index("-")] for rule in scenario["rules"]}


def checks(
    data: Mapping[str, Any], only_documents: list[str] | None = None, only: list[str] | None = None
) -> Iterator[tuple[dict[str, Any], int, dict[str, Any]]]:
    """Yield each check of the file with its scenario and its number, from 1."""
    for scenario in data["scenarios"]:
        if only_documents is not None and not documents(scenario) <= set(only_documents):
            continue
        if only is not None and scenario["id"] not in only:
            continue
        for number, check in enumerate(scenario["checks"], 1):
            yield scenario, number, check


def run_check(data: Mapping[str, Any], scenario: Mapping[str, Any], check: Mapping[str, Any]) -> list[str]:
    """Return the differences between what a check expects and what the library answers."""
    try:
        return compare(check, answer(data, scenario, check))
    except a.AccountabilityError as error:
        return [f"{type(error).__name__}: {error}"]


def answer(data: Mapping[str, Any], scenario: Mapping[str, Any], check: Mapping[str, Any]) -> a.Assessment:
    """Return the assessment that a check asks for."""
    merged = {**scenario, **{key: check[key] for key in OVERRIDES if key in check}}
    force = scenario.get("in_force", {})
    packs = [PACKS[number] for number in sorted(documents(scenario)) if number in PACKS]
    whole = a.Policy.shipped(*packs, in_force=(force.get("from"), force.get("to")))
    common = data["parameter_sets"].get(scenario.get("parameter_set"), {})  # shared by packs that declare less
    parameters = {
        **{name: value for name, value in common.items() if whole.declaration(name) is not None},
        **scenario.get("params", {}),
        **check.get("params", {}),
    }
    for name in check.get("remove_params", ()):
        parameters.pop(name, None)
    policy = whole.only(norm for norm in scenario["rules"] if whole.has(norm))  # a norm may be not formalised
    shared = data["parameter_sets"].get(scenario.get("parameter_set"), {})  # it serves the norms of other packs as well
    parameters = {
        name: v for name, v in parameters.items() if name not in shared or whole.declaration(name) is not None
    }
    fixture = data["fixtures"][merged["organization"]]
    events = [event_of(each) for each in check.get("replace_events", scenario.get("events", []))]
    for number, change in enumerate(merged.get("organization_changes", ()), 1):
        events.extend(changes_of(change, f"change-{number}"))
    for number, rating in enumerate(check.get("ratings", ()), 1):
        fields = {"score": str(rating["score"]), "veto": rating["veto"]}
        events.append(a.Event("assessment.scored", id=f"rating-{number}", date=check["as_of"], **fields))
    known_as_of = check.get("known_as_of", check["as_of"])
    return a.assess(
        policy,
        a.Parameters.of(parameters),
        organization_of(fixture, merged.get("facts", {})),
        events,
        check["as_of"],
        known_as_of,
    )


def event_of(data: Mapping[str, Any]) -> a.Event:
    """Return the event of a line in the file."""
    fields = {key: value for key, value in data.items() if key not in ("type", "id", "date", "recorded", "case")}
    if "year" in fields:
        fields["year"] = str(fields["year"])  # the packs write a year as the key of a period
    kwargs = {key: data[key] for key in ("id", "date", "recorded", "case") if key in data}
    return a.Event(data["type"], **kwargs, **fields)


def organization_of(data: Mapping[str, Any], facts: Mapping[str, Any]) -> a.Organization:
    """Return the organization of a fixture, with the tables of the scenario."""
    units, relations, seats = [], [], []
    for unit in data["units"]:
        units.append(a.Unit(unit["id"], unit["kind"], unit.get("name", ""), unit.get("subkind")))
        if unit.get("parent") is not None:
            relations.append(a.Relation("leads", unit["parent"], unit["id"]))
        for kind in ("organ_of", "acts_for", "same_level"):
            if unit.get(kind) is not None:
                relations.append(a.Relation(kind, unit["id"], unit[kind]))
    for unit_id, persons in data.get("committees", {}).items():
        seats.extend(a.Seat(unit_id, person) for person in persons or [None])
    posts = [
        a.Post(
            post["id"], post["unit"], post["id"].rpartition(".")[2], head=post.get("head", False),
            leader=post.get("leader", False), portfolio=post.get("portfolio"),
        )
        for post in data.get("posts", ())
    ]  # fmt: skip
    return a.Organization.build(
        units=units,
        posts=posts,
        tenures=[a.Tenure(h["post"], h["person"], **dated(h), **flags(h)) for h in data.get("holders", ())],
        memberships=[a.Membership(m["person"], m["unit"], **dated(m)) for m in data.get("members", ())],
        relations=relations,
        seats=seats,
        **tables_of(facts),
    )


def tables_of(facts: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the tables of `facts`: duties, powers, competence, and layers by unit; each stands always."""
    unknown = facts.keys() - {"duties", "powers", "competence", "layers"}
    if unknown:
        raise ValueError(f"facts has unknown tables: {sorted(unknown)}")
    return {
        "duties": [
            a.Charge(each["duty"], each.get("bearer"), tuple(each.get("required_powers") or ()))
            for each in facts.get("duties", ())
        ],
        "powers": [a.Power(each["power"], each["holder"]) for each in facts.get("powers", ())],
        "competence": [a.Competence(each["unit"], each["matter"]) for each in facts.get("competence", ())],
        "layers": [a.Layer(unit, layer) for unit, layer in facts.get("layers", {}).items()],
    }


def dated(data: Mapping[str, Any]) -> dict[str, date]:
    """Return the days of a fact, open ends left out."""
    return {key: data[word] for key, word in (("from_", "from"), ("to", "to")) if data.get(word) is not None}


def flags(data: Mapping[str, Any]) -> dict[str, bool]:
    """Return the flags of a tenure."""
    return {key: data[key] for key in ("part_time", "acting") if key in data}


def changes_of(change: Mapping[str, Any], name: str) -> list[a.Event]:
    """Return the events that a change of the organization stands for."""
    day = change["date"]
    events: list[a.Event] = []

    def add(type_: str, **fields: Any) -> None:
        given = {key: value for key, value in fields.items() if value is not None}
        events.append(a.Event(type_, id=f"{name}.{len(events) + 1}", source="organization", date=day, **given))

    def hold(holders: list[Mapping[str, Any]]) -> None:
        for holder in holders:
            unit = holder["post"].rpartition(".")[0]
            add("post.assumed", post=holder["post"], person=holder["person"], unit=unit, **flags(holder))

    for word, what in change.items():
        if word == "end":
            add("post.vacated", **what) if "post" in what else add("member.left", **what)
        elif word == "start":
            hold([what]) if "post" in what else add("member.joined", **what)
        elif word == "create":
            for unit in what if isinstance(what, list) else [what]:
                add(
                    "unit.created",
                    unit=unit["id"],
                    kind=unit["kind"],
                    name=unit.get("name"),
                    superior=unit.get("parent"),
                )
        elif word == "merge":
            sources = what["from"] if isinstance(what["from"], list) else [what["from"]]
            add("unit.merged", units=sources, into=what["into"])
        elif word == "split":
            add("unit.split", unit=what["from"], into=what["into"], members=change.get("members_to"))
        elif word == "move_member":
            add("member.transferred", person=what["person"], to=what["to"], **{"from": what.get("from")})
        elif word == "set":
            for body, relation in (("local", "party_relation"), ("line", "business_relation")):
                if body in what or relation in what:
                    add(
                        "relation.changed",
                        relation=body,
                        **{"from": what.get(body)},
                        to=what["unit"],
                        ground=what.get(relation),
                    )
        elif word == "move":
            add("unit.moved", unit=what["unit"], to=what["to"])
    hold(change.get("holders", []))
    return events


# -- comparison, exactly as the header of the file says ---------------------------------------------------------------


def compare(check: Mapping[str, Any], answer: a.Assessment) -> list[str]:
    """Return the differences between what the check expects and the assessment."""
    only = check.get("only", {})
    obligations = [flat(o) for o in answer.obligations]
    in_only = [o for o in obligations if within(o, only)]
    chosen = {o["id"] for o in in_only}
    differences: list[str] = []
    if "obligations" in check:
        differences += compare_obligations(check["obligations"], in_only)
    for entry in check.get("not_yet", ()):
        differences += [f"exists already: {shown(o, entry)}" for o in in_only if fits(entry, o)]

    def resting(items: Any, attribute: str) -> list[Any]:
        return [i for i in items if not only or getattr(i, attribute) is None or getattr(i, attribute) in chosen]

    lists = {
        "escalations": [escalation(e) for e in resting(answer.escalations, "obligation")],
        "liability": [liability(c) for c in resting(answer.liabilities, "obligation")],
        "relations": [{"unit": r.unit, "lead": r.lead, "guide": r.guide} for r in answer.relations],
    }
    for name, actual in lists.items():
        if name in check:
            differences += exact(name, check[name], actual)
    if "findings" in check:
        expected = {(f["code"], first_word(f["about"])) for f in check["findings"]}
        found = {(f.code, first_word(f.about)) for f in resting(answer.findings, "rests_on")}
        differences += [f"finding missing: {code} about {about}" for code, about in sorted(expected - found)]
        differences += [f"finding not expected: {code} about {about}" for code, about in sorted(found - expected)]
    if "ratings" in check:
        differences += compare_ratings(check["ratings"], answer)
    return differences


def flat(obligation: a.Obligation) -> dict[str, Any]:
    """Return the compared facts of an obligation."""
    return {
        "id": obligation.id,
        "clause": obligation.clause.ref,
        "act": obligation.act,
        "unit": obligation.unit.id if obligation.unit is not None else None,
        "post": obligation.post,
        "person": obligation.person,
        "to": obligation.to,
        "case": obligation.case,
        "period": obligation.period,
        "round": obligation.round,
        "due": obligation.due,
        "status": obligation.status,
        "performed": obligation.performed,
        "outcome": obligation.outcome,
        "blocked_by": list(obligation.blocked_by),
    }


def escalation(each: a.Escalation) -> dict[str, Any]:
    """Return the compared facts of an escalation."""
    return {
        "from_unit": each.from_unit,
        "to_unit": each.to_unit,
        "to_post": each.to_post,
        "reason": each.reason,
        "clause": each.clause.ref,
        "earliest": each.day,
    }


def liability(each: a.Liability) -> dict[str, Any]:
    """Return the compared facts of a candidate."""
    return {"clause": each.clause.ref, "person": each.person, "post": each.post, "at": each.at, "level": each.level}


def within(obligation: Mapping[str, Any], only: Mapping[str, list[str]]) -> bool:
    """Tell whether an obligation is among those that the check compares."""
    keys = {"units": "unit", "clauses": "clause", "cases": "case", "periods": "period"}
    return all(obligation[keys[name]] in values for name, values in only.items())


def fits(entry: Mapping[str, Any], actual: Mapping[str, Any]) -> bool:
    """Tell whether every fact that the entry gives is so."""
    for key, value in entry.items():
        if key == "blocked_by" and not isinstance(value, list):
            value = [value]
        if key not in actual or actual[key] != value:
            return False
    return True


def shown(actual: Mapping[str, Any], entry: Mapping[str, Any] | None = None) -> str:
    """Return the facts of an item for people, those of the entry or all."""
    keys = entry if entry is not None else actual
    return ", ".join(f"{key}={actual.get(key)}" for key in keys if actual.get(key) not in (None, []))


def compare_obligations(expected: list[dict[str, Any]], actual: list[dict[str, Any]]) -> list[str]:
    """Match each listed obligation with one that stands; no other may be live."""
    left = list(actual)
    differences = []
    for entry in sorted(expected, key=len, reverse=True):
        found = next((o for o in left if fits(entry, o)), None)
        if found is not None:
            left.remove(found)
            continue
        near = [o for o in left if fits({key: entry[key] for key in ("clause", "act") if key in entry}, o)]
        differences.append(
            f"obligation missing: {shown(entry)}" + "".join(f"; there is {shown(o, entry)}" for o in near)
        )
    differences += [f"obligation not expected: {shown(o)}" for o in left if o["status"] in LIVE]
    return differences


def exact(name: str, expected: list[dict[str, Any]], actual: list[dict[str, Any]]) -> list[str]:
    """Match the expected with the actual one to one."""
    left = list(actual)
    differences = []
    for entry in expected:
        found = next((item for item in left if fits(entry, item)), None)
        if found is None:
            differences.append(f"{name} missing: {shown(entry)}")
        else:
            left.remove(found)
    return differences + [f"{name} not expected: {shown(item)}" for item in left]


def compare_ratings(expected: list[dict[str, Any]], answer: a.Assessment) -> list[str]:
    """Compare the rating of each score, in the order of the check; no other may stand."""
    found = {rating.event: rating.result for rating in answer.ratings}
    wanted = {f"rating-{n}": entry for n, entry in enumerate(expected, 1)}
    differences = [
        f"rating of {entry['score']}: {found.get(name)}, expected {entry['expect']}"
        for name, entry in wanted.items()
        if found.get(name) != entry["expect"]
    ]
    return differences + [f"rating not expected: {found[name]} by {name}" for name in found.keys() - wanted.keys()]


def first_word(about: object) -> str:
    """Return the text up to a space or colon."""
    return str(about).split(" ")[0].split(":")[0]


if __name__ == "__main__":
    sys.exit(main())
