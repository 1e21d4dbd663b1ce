"""Parameters: what the source leaves open. A quantity never has a default; a choice shows who chose.

A value is dated, and names who set it and in which document. An obligation uses the value in force on its trigger day,
so a change never rewrites the past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import pairwise

from attrs import field, frozen

from .calendar import PERIOD_KINDS, Span, day_of_year
from .errors import PackError, nearest, quoted
from .plain import LIMITS, Limits, check_id

Setting = str | int | Span | tuple[str, str]


@frozen
class Parameter:
    """A declared parameter: a quantity (`type`, with the vague `word` of the source) or a choice (`choices`).

    `choice` is the value that the pack, or for its own choices the library, has chosen; None for a quantity.
    """

    name: str
    pack: str
    title: Mapping[str, str]
    type: str = "choice"
    choices: tuple[str, ...] = ()
    choice: str | None = None
    word: str = ""

    @property
    def is_choice(self) -> bool:
        """Tell whether it is a choice rather than a quantity."""
        return bool(self.choices)

    def read(self, value: object) -> Setting:
        """Return the typed value; raises ValueError with one sentence when it does not fit the declaration."""
        if self.is_choice:
            return self._read_choice(value)
        return _TYPES[self.type](value)

    def _read_choice(self, value: object) -> str:
        text = value if isinstance(value, str) else str(value).lower()
        if any(_fits(text, allowed) for allowed in self.choices):
            return text
        known = ", ".join(f"`{each}`" for each in self.choices)
        raise ValueError(
            f"{quoted(value)} is no choice for {quoted(self.name)}{nearest(text, self.choices) or '.'} Choose one of {known}"
        )


def _fits(text: str, template: str) -> bool:
    """Tell whether the text is the choice, or fills its place: ``substitute:<unit>``, ``at_least_<n>_unrecused``."""
    before, mark, rest = template.partition("<")
    what, _, after = rest.partition(">")
    if not mark:
        return text == template
    filled = text.removeprefix(before).removesuffix(after)
    if f"{before}{filled}{after}" != text or not filled or "<" in filled:
        return False
    if what == "n":
        return filled.isascii() and filled.isdecimal()
    try:
        return _read_unit(filled) == filled
    except ValueError:
        return False


def _read_span(value: object) -> Span:
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is no span; write `7d`, `7wd` (working days), `1m` or `1y`")
    return Span.parse(value)


def _read_count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{quoted(value)} is no count; write a whole number from 0")
    return value


def _read_share(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        raise ValueError(f"{quoted(value)} is no share; write whole per cent from 0 to 100")
    return value


def _read_day(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is no day of the year; write `MM-DD`")
    day_of_year(2024, value)
    return value


def _read_window(value: object) -> tuple[str, str]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f'{quoted(value)} is no window; write two days of the year, `["06-20", "07-10"]`')
    return _read_day(value[0]), _read_day(value[1])


def _read_period(value: object) -> str:
    if not isinstance(value, str) or value not in PERIOD_KINDS:
        known = ", ".join(f"`{kind}`" for kind in PERIOD_KINDS)
        raise ValueError(f"{quoted(value)} is no period{nearest(str(value), PERIOD_KINDS) or '.'} Use one of {known}")
    return value


def _read_unit(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{quoted(value)} is no id; write the id of a unit")
    try:
        return check_id(value, what="unit", where="", error=PackError)
    except PackError as problem:  # its message is `: the unit ...`
        raise ValueError(str(problem).removeprefix(": ")) from None


_TYPES: dict[str, Callable[[object], Setting]] = {
    "span": _read_span,
    "count": _read_count,
    "share": _read_share,
    "day": _read_day,
    "window": _read_window,
    "period": _read_period,
    "unit": _read_unit,
}
QUANTITY_TYPES = tuple(_TYPES)


@frozen
class ParameterValue:
    """A value that a host gives: in force from `from_` to `to` inclusive, set by whom, in which document."""

    name: str
    value: object
    from_: date | None = None
    to: date | None = None
    set_by: str = ""
    document: str = ""
    sample: bool = False
    place: str = ""


@frozen
class Use:
    """A parameter value as an answer used it: `origin` is ``host``, ``pack`` (its written choice) or ``library``."""

    name: str
    value: Setting
    origin: str
    choice: bool
    set_by: str = ""
    document: str = ""
    from_: date | None = None
    to: date | None = None
    sample: bool = False


@frozen
class Parameters:
    """The values that a host gives, by name; several values of one name have days that do not overlap."""

    values: tuple[ParameterValue, ...] = ()
    _by_name: Mapping[str, tuple[ParameterValue, ...]] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        by_name: dict[str, list[ParameterValue]] = {}
        for value in self.values:
            by_name.setdefault(value.name, []).append(value)
        for name, values in by_name.items():
            values.sort(key=lambda v: v.from_ or date.min)
            for earlier, later in pairwise(values):
                if (later.from_ or date.min) <= (earlier.to or date.max):
                    raise PackError(
                        f"{later.place or 'parameters'}: {quoted(name)} has two values on {later.from_ or earlier.from_}; "
                        "end the first with `to` on the eve of the second"
                    )
        object.__setattr__(self, "_by_name", {name: tuple(values) for name, values in by_name.items()})

    @staticmethod
    def of(values: Mapping[str, object], **facts: str) -> Parameters:
        """Build parameters from names and values that hold on every day; ``set_by=`` and ``document=`` for all."""
        return Parameters(tuple(ParameterValue(name, value, **facts) for name, value in values.items()))  # type: ignore[arg-type]

    @staticmethod
    def load(path: str, limits: Limits = LIMITS) -> Parameters:
        """Read a TOML file of parameters; see `accountability.parameter_file`."""
        from .parameter_file import load_parameters

        return load_parameters(path, limits)

    def with_values(self, values: Mapping[str, object]) -> Parameters:
        """Return parameters in which these values stand instead of those of the same name."""
        kept = tuple(v for v in self.values if v.name not in values and v.name.rpartition(".")[2] not in values)
        return Parameters((*kept, *Parameters.of(values).values))

    def on(self, name: str, day: date) -> ParameterValue | None:
        """Return the value of that exact name in force on the day."""
        for value in self._by_name.get(name, ()):
            if (value.from_ or date.min) <= day <= (value.to or date.max):
                return value
        return None

    def names(self) -> Iterable[str]:
        """The names that have a value."""
        return self._by_name


def _choice(name: str, zh: str, en: str, *choices: str) -> Parameter:
    return Parameter(name, "library", {"zh": zh, "en": en}, choices=choices, choice=choices[0])


LIBRARY: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "escalate_after",
            "library",
            {"zh": "逾期后上报的等待时间", "en": "wait from the first overdue day to the escalation"},
            "span",
        ),
        Parameter(
            "designate_within", "library", {"zh": "指定召集人的期限", "en": "time to designate a convener"}, "span"
        ),
        Parameter(
            "max_returns", "library", {"zh": "允许退回的次数", "en": "number of returns allowed in a case"}, "count"
        ),
        _choice("clock_start", "期限起算", "what starts a clock", "event_date", "recorded_date"),
        _choice("holiday_rule", "期限届满日为休息日时", "a due day that is a rest day", "keep", "next_working_day"),
        _choice("first_period", "期间中途开始的", "a duty that begins within a period", "partial", "whole"),
        _choice("on_unit_change_clock", "组织变更后的期限", "the clock when the unit changes", "continue", "restart"),
        _choice("case_follows", "党员转移组织关系后案件归属", "whom a case follows", "originating_branch", "member"),
        _choice("return_to", "退回给", "to whom a return goes", "previous_stage", "proposer"),
        _choice("on_disagree", "复审不同意时", "a review that does not agree", "return", "forward"),
        _choice("on_reject", "不批准时", "a rejection", "close", "return"),
        _choice(
            "no_committee",
            "没有支委会时",
            "a branch without a committee",
            "undetermined",
            "branch_meeting",
            "superior_handles",
        ),
        _choice("withdrawal_by_reporter", "举报人撤回后", "a reporter who withdraws", "continue", "close"),
        _choice("convener_substitute", "召集人回避时", "a convener who is recused", "superior_designates", "deputy"),
        _choice("chair_substitute", "主持人回避时", "a chair who is recused", "deputy", "superior"),
        _choice(
            "quorum",
            "回避后的人数要求",
            "the quorum after recusal",
            "more_than_half_of_unrecused",
            "at_least_<n>_unrecused",
        ),
        _choice("no_quorum", "回避后人数不足时", "no quorum after recusal", "superior_handles"),
        _choice("escalate_same_person", "上下级为同一人时", "the same person on both sides", "report", "climb"),
        _choice(
            "liability_attribution",
            "责任线索的归属",
            "on whom a candidate falls",
            "holder_at_breach",
            "all_holders_in_period",
        ),
        _choice(
            "fractional_policy",
            "分数落在分数段之间时",
            "a score between the bands",
            "continuous",
            "round_half_up",
            "reject",
        ),
        _choice("overlap_policy", "分数段重叠时", "a score in two bands", "higher_band", "lower_band"),
        _choice("veto_result", "一项否决的结果", "the result of a veto", "not_rated", "lowest_band"),
        _choice("cap", "得分上限", "the highest score that counts", "none", "<n>"),
        _choice(
            "missing_section",
            "缺少应有内容的报告",
            "a report without a required part",
            "report_incomplete",
            "report_not_filed",
        ),
        _choice("first_responsible_is", "第一责任人", "the first responsible person", "unit_head", "party_secretary"),
        _choice("guide_may_assign", "指导单位能否下达任务", "whether a guiding unit may set tasks", "true", "false"),
    )
}
"""The parameters of the library itself: quantities that its mechanism needs, and its own choices (first = chosen)."""
