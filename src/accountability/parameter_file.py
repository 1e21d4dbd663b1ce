"""The file of parameters that a host writes: read it, or print the template that shows what is open."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from .calendar import parse_date
from .errors import PackError, nearest, quoted
from .parameters import Parameter, Parameters, ParameterValue
from .plain import LIMITS, Limits
from .rule import Duty, EscalationRule, LiabilityRule, Rule
from .toml_file import TomlFile, read_toml

if TYPE_CHECKING:
    from .policy import Policy

_KEYS = ("value", "from", "to", "set_by", "document")


def load_parameters(path: str | os.PathLike[str], limits: Limits = LIMITS) -> Parameters:
    """Read a TOML file: a table per parameter, ``[hold_within]`` or ``["university.hold_within"]``.

    A table has `value` and may have `from` and `to` (both inclusive), `set_by` and `document`; several dated values of
    one parameter are an array, ``[[hold_within]]``. ``sample = true`` at the top marks all values as samples. Whether a
    name and its value fit is told by the policy. Raises PackError with file and line.
    """
    file = read_toml(path, error=PackError, most=limits.parameter_bytes, limits=limits)
    sample = file.data.get("sample", False)
    if not isinstance(sample, bool):
        raise PackError(f"{file.place('sample')}: `sample` is {quoted(sample)}; write true or false")
    values = [
        _value(file, f"{name}[{number}]" if isinstance(tables, list) else name, name, table, sample, limits.name)
        for name, tables in file.data.items()
        if name != "sample"
        for number, table in enumerate(tables if isinstance(tables, list) and tables else [tables])
    ]
    return Parameters(tuple(values))


def _value(file: TomlFile, path: str, name: str, table: object, sample: bool, longest: int) -> ParameterValue:
    if not isinstance(table, Mapping):
        raise PackError(f"{file.place(path)}: {quoted(name)} is no table; write it as one, with `value = …`")
    for key, value in table.items():
        if key not in _KEYS:
            hint = nearest(key, _KEYS) or f"; the keys are {', '.join(map(quoted, _KEYS))}"
            if isinstance(value, Mapping | list):
                hint = "; write the whole name in quotation marks, as {}".format(quoted(f'"{name}.{key}"'))
            raise PackError(f"{file.place(f'{path}.{key}')}: {quoted(key)} is no key of a parameter{hint}")
    if "value" not in table:
        raise PackError(f"{file.place(path)}: the parameter {quoted(name)} has no `value`; write it or drop the table")
    from_, to = (_day(file, path, table, key) for key in ("from", "to"))
    if from_ is not None and to is not None and to < from_:
        raise PackError(f"{file.place(f'{path}.to')}: `to` is {to}, before `from`; write a day from {from_} on")
    set_by, document = (_text(file, path, table, key, longest) for key in ("set_by", "document"))
    return ParameterValue(name, table["value"], from_, to, set_by, document, sample, file.place(path))


def _day(file: TomlFile, path: str, table: Mapping[str, Any], key: str) -> date | None:
    try:
        return parse_date(table[key]) if key in table else None
    except ValueError as problem:
        raise PackError(f"{file.place(f'{path}.{key}')}: `{key}`: {problem}") from None


def _text(file: TomlFile, path: str, table: Mapping[str, Any], key: str, longest: int) -> str:
    text = table.get(key, "")
    if not isinstance(text, str) or len(text) > longest:
        advice = f"write a text of at most {longest} characters"
        raise PackError(f"{file.place(f'{path}.{key}')}: `{key}` is {quoted(text)}; {advice}")
    return text


_FORMS = {
    "span": '"…"    # 7d, 7wd (working days / 工作日), 1m or 1y',
    "count": "…      # a whole number from 0 / 整数",
    "share": "…      # whole per cent from 0 to 100 / 百分比",
    "day": '"…"    # a day of the year / 日期, MM-DD',
    "window": '["…", "…"]    # two days of the year / 起止日期, MM-DD',
    "period": '"…"    # year, half-year, quarter, month, half-month, week, day or working-day',
    "unit": '"…"    # the id of a unit / 组织代码',
}
_SETTING = ("# from = 2025-01-01", '# set_by = ""', '# document = ""', "")
_HEAD = """\
# 参数模板 / Template of parameters
# 去掉行首的 # 并填写即生效。数值项没有默认值；选择项未填写时按所列“现用”执行。
# To set a value, drop the `# ` before its lines and fill it in. A quantity has no default: without a value the duty is
# undetermined. A choice that is not set stands as shown. Several dated values of one parameter: [[name]] for each.
# sample = true    # 全部为示例值 / all values are samples
"""


def template(policy: Policy, packs: Iterable[str] | None = None) -> str:
    """Return the commented TOML of what the policy leaves open: first the quantities, then the choices.

    Each quantity stands beside the vague word of the source and the clauses that use it. `packs` names the packs whose
    parameters are listed (all of them unless given); those of the library follow. It loads as an empty file.
    """
    wanted = None if packs is None else {*packs, "library"}
    declared = [p for p in policy.declared.values() if wanted is None or p.pack in wanted]
    declared.sort(key=lambda parameter: parameter.pack == "library")
    quantities, choices = ([p for p in declared if p.is_choice is is_choice] for is_choice in (False, True))
    lines = [_HEAD, "# ---- 数值项 / quantities ----", ""]
    for parameter in quantities:
        lines += [*_heading(policy, parameter), f"# value = {_FORMS[parameter.type]}", *_SETTING]
    lines += ["# ---- 选择项 / choices ----", ""]
    for parameter in choices:
        by = "the library / 本库" if parameter.pack == "library" else f"the pack / 规则包 `{parameter.pack}`"
        value = f'# value = "{parameter.choice}"    # 现用 / in force, chosen by {by}'
        lines += [*_heading(policy, parameter), value, *_SETTING]
    return "\n".join(lines)


def _heading(policy: Policy, parameter: Parameter) -> Iterator[str]:
    yield f"# {_line(parameter.title.get('zh', ''))} / {_line(parameter.title.get('en', ''))}"
    if parameter.word:
        yield f"# 原文 / in the source: {_line(parameter.word)}"
    clauses = {(rule.clause.ref, rule.clause.text) for rule in policy.rules if parameter in _used(policy, rule)}
    yield from (f"# {_line(ref)} {_line(text)}" for ref, text in sorted(clauses))
    if parameter.is_choice:
        yield f"# 可选 / one of: {', '.join(map(quoted, parameter.choices))}"
    is_unique = policy.declaration(parameter.name) == parameter
    yield f"# [{parameter.name}]" if is_unique else f'# ["{parameter.pack}.{parameter.name}"]'


def _used(policy: Policy, rule: Rule) -> Iterator[Parameter]:
    """Yield the parameters that the rule names: for times, recurrence, a missing level, or the start of a walk."""
    names: list[object] = []
    starts: list[object] = []
    if isinstance(rule, Duty):
        starts = [rule.bearer.start, rule.to and rule.to.start]
        names = [rule.within and rule.within.parameter, rule.by, rule.missing]
        if (every := rule.recurrence) is not None:
            names += [every.parameter, every.window, every.at_least, every.anchor]
        if rule.keep is not None:
            names.append(rule.keep.number)
    elif isinstance(rule, EscalationRule):
        names = [rule.wait.parameter]
    elif isinstance(rule, LiabilityRule):
        starts = [rule.post and rule.post.start]
    for name in (*names, *starts):
        found = policy.declaration(name) if isinstance(name, str) else None
        if found is not None and (name in names or found.type == "unit"):
            yield found


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
