"""The command line: results to stdout, talk to stderr, and exit codes that scripts can rely on.

Exit codes, the first that fits: 4 internal error, 2 usage or refused input, 1 something is overdue or a finding is a
breach, 3 something is undetermined, 0 compliant. Commands that pass no judgement give 0, 2 or 4; `test` gives 1 when a
scenario fails, `lint` 2 when a pack has an error.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TextIO

from attrs import evolve, frozen

from .answer import Assessment, Escalation, Liability, Obligation, Rating
from .assessment import assess, organization_after
from .cli_options import QUESTION, VALUES, WHOSE, Commands, Result, UsageError, parsed
from .cli_record import export, import_, is_address, organization_of, told_in, verify
from .comparison import compare
from .errors import AccountabilityError, EventError, PackError, nearest, one_line, quoted
from .event import Event, read_events
from .explanation import explain
from .matching import Matcher, compared, matcher_for
from .packs.coverage import coverage
from .packs.lint import lint
from .packs.reading import read_packs, read_whole
from .packs.testing import run_scenarios
from .parameter_file import load_parameters, template
from .parameters import Parameters
from .plain import Limits
from .policy import Policy
from .reports.changes import changes_json, changes_text
from .reports.coverage_report import coverage_json, coverage_text
from .reports.event_schema import event_schema
from .reports.json_text import assessment_json, due_json, json_text, problems_json
from .reports.names import Names
from .reports.reading import reading
from .reports.text import WORDS, assessment_text, by_due, due_text
from .reports.verdict import exit_code, refusals, strange_kinds
from .why_not import why_not

_SHIPPED = Path(__file__).parent / "rules"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; `arguments` are those of the process unless given."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        _speak_utf8(stream)
    try:
        options = parsed(given, _COMMANDS)
        command: Callable[[argparse.Namespace], Result] = options.command
        result = command(options)
    except SystemExit as done:  # after --help and --version
        result = Result("", done.code if isinstance(done.code, int) else 0)
    except (AccountabilityError, OSError) as problem:
        result = Result("", 2, str(problem))
    except KeyboardInterrupt:
        result = Result("", 130, "interrupted")
    except Exception as problem:
        result = Result("", 4, f"internal error, {type(problem).__name__}: {problem}; `--debug` shows where")
        if "--debug" in given:
            traceback.print_exc()
    _write(sys.stdout, result.text)
    _write(sys.stderr, f"accountability: {one_line(result.told)}" if result.told else "")
    return result.code


def _speak_utf8(stream: TextIO) -> None:
    if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _write(stream: TextIO, text: str) -> None:
    """Write the text and the end of its line; a reader who has gone is no error."""
    try:
        print(text.rstrip("\n"), file=stream, end="\n" if text else "", flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


# -- the law and the question -----------------------------------------------------------------------------------------


def _shipped() -> list[str]:
    return sorted(path.name for path in _SHIPPED.iterdir() if (path / "pack.toml").is_file())


def _folder(name: str) -> Path:
    """Return the folder of a shipped pack, else the folder of that name."""
    known = _shipped()
    if name in known:
        return _SHIPPED / name
    if Path(name).name == name and not Path(name).is_dir():
        advice = nearest(name, known) or f"; shipped are {', '.join(map(quoted, known))}, others are named by folder"
        raise PackError(f"no pack {quoted(name)} is shipped{advice}")
    return Path(name)


def _limits(options: argparse.Namespace) -> Limits:
    return Limits(**dict(options.limit))


def _packs(options: argparse.Namespace) -> Policy:
    return read_packs([_folder(name) for name in options.pack], _limits(options))


def _policy(options: argparse.Namespace, whole: Policy) -> Policy:
    """Return the policy that the options make of the whole packs."""
    policy, rules = whole, getattr(options, "rules", None)
    if rules is not None:
        policy = whole.only(rules)
    first, last = options.in_force or (None, None)
    if first is not None and last is not None and last < first:
        raise UsageError(f"--in-force: {last} lies before {first}; write the first day before the last")
    policy = evolve(policy.adopting(options.adopt), in_force=(first, last))
    parameters = load_parameters(options.params, _limits(options)) if options.params is not None else Parameters()
    given = {name: _value(policy, name, text) for name, text in options.param}
    merged = parameters.with_values(given).values
    return policy.with_parameters(
        Parameters(tuple(evolve(v, set_by="--param", place="--param") if v.name in given else v for v in merged))
    )


def _value(policy: Policy, name: str, text: str) -> object:
    """Return the value as its declared type takes it: a whole number, two days of the year (``06-20,07-10``), a text."""
    declared = policy.declaration(name)
    kind = declared.type if declared is not None else ""
    if kind == "count" and re.fullmatch("[0-9]{1,18}", text):
        return int(text)
    return [day.strip() for day in text.split(",")] if kind == "window" else text


@frozen
class _Case:
    """A question with its answer; `names` know the organization after its recorded changes."""

    policy: Policy
    events: tuple[Event, ...]
    answer: Assessment
    names: Names
    matcher: Matcher

    @property
    def is_sample(self) -> bool:
        return any(value.sample for value in self.policy.parameters.values)

    def text(self, text: str) -> str:
        """Return the text, under the line that says so where parameters are samples."""
        return f"{WORDS[self.names.language]['sample']}\n{text}" if self.is_sample else text


def _asked(options: argparse.Namespace) -> _Case:
    policy = _policy(options, _packs(options))
    limits = _limits(options)
    organization = organization_of(options.organization, limits)
    if is_address(options.events):
        events = told_in(options.events)
    else:
        source = options.events if options.events != "-" else _stdin(limits)
        events = read_events(source, policy.event_types, limits=limits)
    matcher = matcher_for(policy.patterns(), getattr(options, "matcher", "python"))
    answer = assess(
        policy, policy.parameters, organization, events, options.as_of, options.known_as_of, matcher=matcher
    )
    after = organization_after(organization, events, policy)
    return _Case(policy, events, answer, Names(after, policy, options.language), matcher)


def _stdin(limits: Limits) -> Iterator[bytes]:
    """Yield the lines of stdin, those that are too long in pieces, so that none fills the memory."""
    return iter(lambda: sys.stdin.buffer.readline(limits.event_bytes + 9), b"")


# -- the commands -----------------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> Result:
    case = _asked(options)
    code = exit_code(case.answer)
    told = "; ".join(
        [*refusals(case.answer), *strange_kinds(case.names.organization, case.policy), *compared(case.matcher)]
    )
    if options.format == "json":
        return Result(assessment_json(case.answer, code, sample=case.is_sample), code, told)
    return Result(case.text(assessment_text(case.answer, case.names, code)), code, told)


def _due(options: argparse.Namespace) -> Result:
    case = _asked(options)
    _check_names(case, options)
    last = case.policy.calendar.add(options.as_of, options.within).day
    chosen = sorted((o for o in case.answer.obligations if o.live and _is_due(o, last, options)), key=_open_last)
    if options.format == "json":
        return Result(due_json(chosen, options.as_of, last, sample=case.is_sample))
    return Result(case.text(due_text(chosen, case.names, options.as_of, last)))


def _is_due(item: Obligation, last: date, options: argparse.Namespace) -> bool:
    unit = item.unit.id if item.unit is not None else None
    wanted = ((options.unit, unit), (options.post, item.post), (options.person, item.person))
    is_wanted = all(asked is None or asked == actual for asked, actual in wanted)
    return is_wanted and (item.status == "undetermined" or item.due is None or item.due <= last)


def _open_last(item: Obligation) -> tuple[bool, tuple[date, str]]:
    return item.status == "undetermined", by_due(item)


def _check_names(case: _Case, options: argparse.Namespace) -> None:
    """Refuse the id of a unit, post or person that the organization does not know: it would seem to owe nothing."""
    after = case.names.organization
    facts = (after.tenures, after.memberships, after.seats)
    persons = {fact.person for each in facts for fact in each if fact.person is not None} | set(after.persons)
    posts = {*after.posts, *(f"{unit}.acting_convener" for unit in after.units)}
    for what, known in (("unit", set(after.units)), ("post", posts), ("person", persons)):
        name = getattr(options, what)
        if name is not None and name not in known:
            raise UsageError(f"--{what}: the organization has no {what} {quoted(name)}{nearest(name, known)}")


def _explain(options: argparse.Namespace) -> Result:
    if (options.id is None) != options.all:
        raise UsageError("explain takes the id of an answer or `--all`; `check` prints the ids")
    case = _asked(options)
    answer = case.answer
    items: list[Obligation | Escalation | Liability | Rating] = [
        *answer.obligations, *answer.escalations, *answer.liabilities, *answer.ratings,
    ]  # fmt: skip
    if options.all:
        items = [item for item in items if not isinstance(item, Obligation) or item.live]
        told = [f"{one_line(item.id)}\n{_told(case, item)}" for item in items]
        return Result(case.text("\n\n".join(told) or WORDS[options.language]["none"]))
    found = next((item for item in items if item.id == options.id), None)
    if found is None:
        raise EventError(f"no answer has the id {quoted(options.id)}{nearest(options.id, (i.id for i in items))}")
    return Result(case.text(_told(case, found)))


def _told(case: _Case, item: Obligation | Escalation | Liability | Rating) -> str:
    """Return the reasons on one line."""
    text = explain(item, case.policy, case.names.organization, case.names.language)
    for clause in (item.clause, item.because.answers):
        if clause is not None:
            text = text.replace(clause.text, " ".join(clause.text.split()))
    return one_line(text)


def _why_not(options: argparse.Namespace) -> Result:
    case = _asked(options)
    told = why_not(
        case.policy, case.names.organization, case.events, case.answer, options.rule, options.key, options.language
    )
    return Result(case.text(one_line(told)))


def _diff(options: argparse.Namespace) -> Result:
    first = _asked(options)
    second = argparse.Namespace(**vars(options))
    second.pack = options.to_pack or options.pack
    second.params = options.to_params or options.params
    second.param = [*options.param, *options.to_param]
    changes = compare(first.answer, _asked(second).answer)
    return Result(changes_json(changes) if options.format == "json" else changes_text(changes, options.language))


def _lint(options: argparse.Namespace) -> Result:
    if not options.packs and not options.coverage:
        raise UsageError("the following arguments are required: PACK; see `accountability lint --help`")
    folders = [_folder(name) for name in options.packs or _shipped()]
    if options.coverage:
        return _coverage(folders, options)
    policy, scenarios = read_whole(folders, _limits(options))
    homes = {pack.id: folder for pack, folder in zip(policy.packs, folders, strict=True)}
    problems = []
    for problem in lint(policy, scenarios):
        pack, _, rest = problem.place.partition("/")
        message = problem.message
        for name, home in homes.items():
            message = message.replace(f" at {name}/", f" at {home}/")
        problems.append(evolve(problem, place=f"{homes.get(pack, pack)}/{rest}", message=message))
    code = 2 if any(problem.severity == "error" for problem in problems) else 0
    return Result(problems_json(problems) if options.format == "json" else _lines(map(str, problems)), code)


def _coverage(folders: list[Path], options: argparse.Namespace) -> Result:
    found = coverage(folders, _limits(options))
    code = 2 if any(each.open or each.undecided for each in found) else 0
    return Result(coverage_json(found) if options.format == "json" else coverage_text(found), code)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(map(one_line, lines))


def _read(options: argparse.Namespace) -> Result:
    whole = _packs(options)
    policy = _policy(options, whole)
    kept = {rule.id for rule in policy.rules}
    left_out = [rule for rule in whole.rules if rule.id not in kept and not rule.adopted]
    return Result(reading(policy, options.language, not_adopted=left_out))


def _params(options: argparse.Namespace) -> Result:
    return Result(template(_packs(options)))


def _test(options: argparse.Namespace) -> Result:
    tested = run_scenarios([_folder(name) for name in options.pack], _limits(options))
    lines = [str(difference) for difference in tested.differences]
    for what, unfired in (("rules", tested.unfired_rules), ("clauses", tested.unfired_clauses)):
        if unfired:
            lines.append(f"{what} that no scenario fires ({len(unfired)}): {', '.join(unfired)}")
    lines.append(f"{tested.passed} passed, {tested.failed} failed")
    return Result(_lines(lines), 1 if tested.failed else 0)


def _schema(options: argparse.Namespace) -> Result:
    return Result(json_text(event_schema(_packs(options).event_types, options.language)))


_COMMANDS: Commands = {
    "check": (_check, "what is owed, overdue, escalated and found on a day", (*QUESTION, "--format", "--matcher")),
    "due": (_due, "what is due soon, or overdue already", (*QUESTION, "--within", *WHOSE, "--format")),
    "diff": (
        _diff,
        "what changes under another policy or other parameters",
        (*QUESTION, "--to-pack", "--to-params", "--to-param", "--format"),
    ),
    "explain": (_explain, "the reasons of an answer, in sentences", (*QUESTION, "id", "--all")),
    "why-not": (_why_not, "the first condition for which a rule gave nothing", (*QUESTION, "rule", "key")),
    "lint": (_lint, "what is wrong or unfinished in packs", ("packs", "--format", "--coverage")),
    "read": (_read, "packs as people read and sign them", ("pack", *VALUES, "--language")),
    "params": (_params, "a template of what packs leave open", ("pack",)),
    "test": (_test, "run the scenarios of packs", ("pack",)),
    "schema": (_schema, "the events of packs as JSON Schema", ("pack", "--language")),
    "verify": (verify, "whether a record is what was written, and its head to keep outside", ("store", "--head")),
    "export": (export, "a record as lines of JSON, the same from every database", ("store",)),
    "import": (import_, "take the lines of `export` into a new record", ("lines", "store")),
}
