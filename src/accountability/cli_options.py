"""The options of the command line: how they are written, and the one sentence with which a wrong one is refused."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NoReturn

from attrs import fields, frozen

from . import __version__
from .calendar import Span, parse_date
from .errors import AccountabilityError, LimitError, nearest, quoted
from .matching import MATCHERS
from .plain import Limits
from .reports.verdict import MEANINGS


class UsageError(AccountabilityError):
    """The command line can not be understood."""


@frozen
class Result:
    """What a command answers: the text for stdout, the exit code, and what to tell on stderr."""

    text: str
    code: int = 0
    told: str = ""


class _Parser(argparse.ArgumentParser):
    """A parser whose refusals are one sentence each, like all others."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


Commands = Mapping[str, tuple[Callable[[argparse.Namespace], Any], str, tuple[str, ...]]]
"""For each command what runs it, what it is for, and its options."""


def parsed(arguments: list[str], known: Commands) -> argparse.Namespace:
    """Return what a command line says; raises UsageError."""
    parser, commands = _parsers(known)
    if arguments[:1] and arguments[0] in commands:
        return commands[arguments[0]].parse_intermixed_args(arguments[1:])
    if arguments[:1] and not arguments[0].startswith("-"):
        advice = nearest(arguments[0], commands) or f"; the commands are {', '.join(commands)}"
        raise UsageError(f"{quoted(arguments[0])} is no command{advice}")
    return parser.parse_args(arguments)


def _parsers(known: Commands) -> tuple[_Parser, dict[str, _Parser]]:
    """Return the parser of all and those of the commands, which take options and positions in any order."""
    codes = "exit codes, the first that fits: " + ", ".join(f"{code} {MEANINGS[code]}" for code in (4, 2, 1, 3, 0))
    parser = _Parser("accountability", description="Who must act, by when, under which clause, and why.", epilog=codes)
    parser.add_argument("--version", action="version", version=__version__)
    names = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    commands: dict[str, _Parser] = {}
    for name, (run, help_, options) in known.items():
        commands[name] = names.add_parser(name, help=help_, description=help_, epilog=codes, allow_abbrev=False)
        commands[name].set_defaults(command=run)
        for option in (*options, "--limit", "--debug"):
            commands[name].add_argument(option, **_OPTIONS[option])
    return parser, commands


def _reader(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return the function so that argparse tells what it raises."""

    def reader(text: str) -> Any:
        try:
            return read(text)
        except (ValueError, LimitError) as problem:
            raise argparse.ArgumentTypeError(str(problem)) from None

    return reader


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = (part.strip() for part in text.partition("="))
    if not mark or not name:
        raise ValueError(f"{quoted(text)} is no parameter; write `name=value`")
    return name, value


def _limit(text: str) -> tuple[str, int]:
    """Read ``name=number``, a limit of `plain.Limits`."""
    name, value = _pair(text)
    known = [each.name for each in fields(Limits)]
    if name not in known:
        raise ValueError(f"no limit {quoted(name)} is known{nearest(name, known) or f'; the limits are {known}'}")
    if not re.fullmatch("[0-9]{1,13}", value):
        raise ValueError(f"the limit {quoted(name)} is {quoted(value)}; write a whole number")
    Limits(**{name: int(value)})
    return name, int(value)


def _day_or_open(text: str) -> date | None:
    return None if text == "-" else parse_date(text)


_MANY: dict[str, Any] = {"nargs": "+", "action": "extend", "metavar": "ID"}
_DAY: dict[str, Any] = {"type": _reader(parse_date), "metavar": "DATE"}
_DAYS: dict[str, Any] = {"nargs": 2, "type": _reader(_day_or_open), "metavar": ("FROM", "TO")}
_OPTIONS: dict[str, dict[str, Any]] = {
    "organization": {
        "metavar": "ORG",
        "help": "the organization, a .toml or .json file, a folder of .csv files, or a record",
    },
    "events": {"metavar": "EVENTS", "help": "the events, JSON lines; `-` for stdin; or a record"},
    "pack": {"nargs": "+", "metavar": "PACK", "help": "a shipped pack, or the folder of one"},
    "packs": {
        "nargs": "*",
        "metavar": "PACK",
        "help": "shipped packs, or folders; for `--coverage` all shipped ones when none is named",
    },
    "--coverage": {"action": "store_true", "help": "how much of its document each pack accounts for"},
    "id": {"nargs": "?", "metavar": "ID", "help": "of an obligation, an escalation or a candidate"},
    "rule": {"metavar": "RULE", "help": "the id of a duty, or its norm"},
    "key": {"metavar": "KEY", "help": "a case, unit, post, person or event"},
    "store": {"metavar": "RECORD", "help": "the address of a record, such as sqlite:///record.db"},
    "lines": {"metavar": "LINES", "help": "the file that `export` wrote, `-` for stdin"},
    "--head": {"metavar": "HEAD", "help": "a head kept outside, `position:digest`: the log must still hold it"},
    "--pack": {"action": "append", "required": True, "metavar": "PACK", "help": "a shipped pack, or a folder"},
    "--rules": {**_MANY, "help": "only the rules that stand under these norms"},
    "--in-force": {**_DAYS, "help": "first and last day of the law, `-` for open"},
    "--adopt": {**_MANY, "default": [], "help": "reported practices to adopt"},
    "--params": {"metavar": "FILE", "help": "TOML file of parameters"},
    "--param": {"action": "append", "default": [], "type": _reader(_pair), "metavar": "NAME=VALUE"},
    "--to-pack": {"action": "append", "metavar": "PACK", "help": "the packs of the second policy (the same)"},
    "--to-params": {"metavar": "FILE", "help": "the parameters of the second policy (the same)"},
    "--to-param": {"action": "append", "default": [], "type": _reader(_pair), "metavar": "NAME=VALUE"},
    "--as-of": {**_DAY, "required": True, "help": "the day that is asked about"},
    "--known-as-of": {**_DAY, "help": "on what was known that day (the same day)"},
    "--within": {"type": _reader(Span.parse), "required": True, "metavar": "SPAN", "help": "such as 30d or 10wd"},
    "--unit": {"metavar": "ID", "help": "only what this unit owes"},
    "--post": {"metavar": "ID", "help": "only what this post answers for"},
    "--person": {"metavar": "ID", "help": "only what this person answers for"},
    "--all": {"action": "store_true", "help": "all that is live, and what followed from breaches"},
    "--matcher": {
        "choices": MATCHERS,
        "default": "python",
        "help": "compare each event with durable_rules: auto where that is installed, durable always (python: not at all)",
    },
    "--format": {"choices": ("text", "json"), "default": "text", "help": "of what is printed (text)"},
    "--language": {"choices": ("zh", "en"), "default": "zh", "help": "of what is printed (zh)"},
    "--limit": {
        "action": "append",
        "default": [],
        "type": _reader(_limit),
        "metavar": "NAME=NUMBER",
        "help": "another limit of the input, see docs/limits.md",
    },
    "--debug": {"action": "store_true", "help": "show where an internal error happened"},
}
VALUES = ("--in-force", "--adopt", "--params", "--param")
WHOSE = ("--unit", "--post", "--person")
QUESTION = ("organization", "events", "--pack", "--rules", *VALUES, "--as-of", "--known-as-of", "--language")
