"""Parameters: their declarations, the values that a host gives, the file that holds them, and its template."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from accountability.calendar import Span
from accountability.clause import Clause
from accountability.errors import PackError
from accountability.parameter_file import load_parameters, template
from accountability.parameters import LIBRARY, QUANTITY_TYPES, Parameter, Parameters, ParameterValue
from accountability.policy import Pack, Policy
from accountability.rule import Duty, EscalationRule, LiabilityRule, Pattern, Recurrence, Selector, Time
from accountability.walk import Walk

TITLE = {"zh": "期限", "en": "time"}


def day(text: str) -> date:
    return date.fromisoformat(text)


def quantity(type_: str) -> Parameter:
    return Parameter("x", "house", TITLE, type_)


CHOICE = Parameter(
    "level", "house", TITLE, choices=("skip", "substitute:<unit>", "at_least_<n>_unrecused"), choice="skip"
)


# -- declarations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "written", "value"),
    [
        (quantity("span"), "7wd", Span(7, "wd")),
        (quantity("span"), "0d", Span(0, "d")),
        (quantity("count"), 0, 0),
        (quantity("count"), 3, 3),
        (quantity("day"), "07-01", "07-01"),
        (quantity("day"), "02-29", "02-29"),
        (quantity("window"), ["06-20", "07-10"], ("06-20", "07-10")),
        (quantity("window"), ("12-20", "01-10"), ("12-20", "01-10")),
        (quantity("period"), "half-year", "half-year"),
        (quantity("unit"), "U.PC", "U.PC"),
        (CHOICE, "skip", "skip"),
        (CHOICE, "substitute:U.PC", "substitute:U.PC"),
        (CHOICE, "at_least_3_unrecused", "at_least_3_unrecused"),
    ],
)
def test_a_value_that_fits_its_declaration_is_read(parameter: Parameter, written: object, value: object) -> None:
    """Each type of quantity, and each choice with its place filled, is read as what it means."""
    assert parameter.read(written) == value


@pytest.mark.parametrize(
    ("parameter", "written"),
    [
        *((quantity("span"), value) for value in ("7", "-1d", "7 d", "101y", 7, None, True, Decimal(7))),
        *((quantity("count"), value) for value in (-1, "3", True, None, Decimal(3))),
        *((quantity("day"), value) for value in ("7-1", "02-30", "2025-07-01", 701, day("2025-07-01"))),
        *((quantity("window"), value) for value in ("06-20", ["06-20"], ["06-20", "13-01"], ["06-20", 7], {"a": 1})),
        *((quantity("period"), value) for value in ("year ", "yearly", 1, "window")),
        *((quantity("unit"), value) for value in ("", 5, None)),
        *((CHOICE, value) for value in ("skp", "substitute:", "at_least__unrecused", "at_least_x_unrecused", True)),
    ],
)
def test_a_value_that_does_not_fit_is_refused(parameter: Parameter, written: object) -> None:
    """What is of another type, out of range, or an unfilled pattern is a ValueError that quotes it."""
    with pytest.raises(ValueError, match="`"):
        parameter.read(written)


def test_only_choices_have_a_value_of_their_own() -> None:
    """In the library every choice has one of its allowed values written, and no quantity has any."""
    for name, parameter in LIBRARY.items():
        assert parameter.name == name
        assert parameter.pack == "library"
        assert set(parameter.title) == {"zh", "en"}
        if parameter.is_choice:
            assert parameter.read(parameter.choice) == parameter.choice
        else:
            assert parameter.choice is None
            assert parameter.type in QUANTITY_TYPES


# -- the values of a host ----------------------------------------------------------------------------------------------


def test_a_value_holds_on_both_of_its_end_days() -> None:
    """The value in force is that whose days, both inclusive, hold the day; between them there is none."""
    first = ParameterValue("hold_within", "7d", to=day("2024-12-31"))
    second = ParameterValue("hold_within", "5d", from_=day("2025-01-02"), to=day("2025-06-30"))
    third = ParameterValue("hold_within", "3d", from_=day("2025-07-01"))
    parameters = Parameters((third, first, second))
    days = ("1999-01-01", "2024-12-31", "2025-01-01", "2025-01-02", "2025-06-30", "2025-07-01", "2100-01-01")
    found = [parameters.on("hold_within", day(d)) for d in days]
    assert found == [first, first, None, second, second, third, third]
    assert parameters.on("submit_within", day("2025-01-02")) is None
    assert list(parameters.names()) == ["hold_within"]


def test_two_values_on_one_day_are_refused() -> None:
    """Values of one name must not overlap, in whatever order they are given."""
    first = ParameterValue("hold_within", "7d", to=day("2025-01-01"))
    second = ParameterValue("hold_within", "5d", from_=day("2025-01-01"), place="p.toml:9")
    for values in ((first, second), (second, first)):
        with pytest.raises(PackError, match=r"^p.toml:9: `hold_within` has two values on 2025-01-01; end the first"):
            Parameters(values)


def test_new_values_stand_instead_of_those_of_the_same_name() -> None:
    """`with_values` replaces a value given under the bare name or under that of the pack, and keeps the others."""
    parameters = Parameters.of({"house.hold_within": "7d", "max_returns": 1}, set_by="office", document="doc 3")
    changed = parameters.with_values({"hold_within": "3d"})
    assert {value.name: value.value for value in changed.values} == {"max_returns": 1, "hold_within": "3d"}
    assert [value.set_by for value in changed.values] == ["office", ""]
    assert {value.name: value.value for value in parameters.values} == {"house.hold_within": "7d", "max_returns": 1}


# -- the file ----------------------------------------------------------------------------------------------------------

FILE = """\
sample = true

[hold_within]
value = "7d"
from = 2025-01-01
to = "2025-12-31"
set_by = "office"
document = "文件〔2024〕3号"

[[review_within]]
value = "10d"
to = 2025-06-30
[[review_within]]
value = "5d"
from = 2025-07-01

["house.window"]
value = ["06-20", "07-10"]
[max_returns]
value = 1
"""


def save(folder: Path, text: str | bytes) -> Path:
    path = folder / "params.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_says_value_days_and_who_set_it(tmp_path: Path) -> None:
    """Each table is a value with its days, its author and document, the mark of a sample, and its place."""
    path = save(tmp_path, FILE)
    expected = (
        ParameterValue(
            "hold_within", "7d", day("2025-01-01"), day("2025-12-31"), "office", "文件〔2024〕3号", True, f"{path}:3"
        ),
        ParameterValue("review_within", "10d", None, day("2025-06-30"), "", "", True, f"{path}:10"),
        ParameterValue("review_within", "5d", day("2025-07-01"), None, "", "", True, f"{path}:13"),
        ParameterValue("house.window", ["06-20", "07-10"], sample=True, place=f"{path}:17"),
        ParameterValue("max_returns", 1, sample=True, place=f"{path}:19"),
    )
    assert load_parameters(path).values == expected
    assert Parameters.load(str(path)).values == expected


def test_a_value_may_hold_for_one_day(tmp_path: Path) -> None:
    """The last day of a value may be its first; an author may be named with 512 characters."""
    text = f"[a]\nvalue = 1\nfrom = 2025-01-01\nto = 2025-01-01\nset_by = '{'x' * 512}'\n"
    (value,) = load_parameters(save(tmp_path, text)).values
    assert (value.from_, value.to, len(value.set_by)) == (day("2025-01-01"), day("2025-01-01"), 512)


def test_values_are_no_samples_unless_the_file_says_so(tmp_path: Path) -> None:
    """Without ``sample = true`` at its top a file gives values that count."""
    for top in ("", "sample = false\n"):
        (value,) = load_parameters(save(tmp_path, f"{top}[max_returns]\nvalue = 1\n")).values
        assert value.sample is False
    assert load_parameters(save(tmp_path, "")).values == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sample = 1\n", "1: `sample` is `1`; write true or false"),
        ("\n[sample]\nvalue = 1", "2: `sample` is `{'value': 1}`; write true or false"),
        ("hold_within = '7d'", "1: `hold_within` is no table; write it as one, with `value = …`"),
        ("hold_within = []", "1: `hold_within` is no table; write it as one, with `value = …`"),
        ("hold_within = ['7d']", "1: `hold_within` is no table; write it as one, with `value = …`"),
        ("[hold_within]\nvalu = '7d'", "2: `valu` is no key of a parameter, did you mean `value`?"),
        (
            "[x]\nvalue = 1\n[hold_within]\nvalue = '7d'\nwhy = 1",
            "5: `why` is no key of a parameter; the keys are `value`, `from`, `to`, `set_by`, `document`",
        ),
        (
            "[house.hold_within]\nvalue = '7d'",
            '1: `hold_within` is no key of a parameter; write the whole name in quotation marks, as `"house.hold_within"`',
        ),
        ("[a]\nfrom = 2025-01-01", "1: the parameter `a` has no `value`; write it or drop the table"),
        ("[a]\nvalue = 1\nfrom = '2025'", "3: `from`: `2025` is no date; write YYYY-MM-DD"),
        ("[a]\nvalue = 1\nto = 2300-01-01", "3: `to`: `2300-01-01` is no date; write YYYY-MM-DD"),
        (
            "[a]\nvalue = 1\nfrom = 2025-02-01\nto = 2025-01-31",
            "4: `to` is 2025-01-31, before `from`; write a day from 2025-02-01 on",
        ),
        ("[a]\nvalue = 1\nset_by = 3", "3: `set_by` is `3`; write a text of at most 512 characters"),
        (f"[a]\nvalue = 1\ndocument = '{'x' * 513}'", "3: `document` is `xxx"),
        ("[[a]]\nvalue = 1\n[[a]]\nvalue = 2", "3: `a` has two values on "),
        ("[[a]]\nvalue = 1\n[[a]]\nvale = 2", "4: `vale` is no key of a parameter, did you mean `value`?"),
        ("[a]\nvalue = 1\n[a]\nvalue = 2", "3: `[a]` is not TOML: "),
        ("[a]\nvalue = inf", "2: `a.value` is no finite number that can be kept"),
        ("[a]\nvalue = 2025-01-01T00:00:00", "2: `a.value` is of the kind `datetime`"),
        ('["a\\nb"]\nvalu = 1', " `valu` is no key of a parameter, did you mean `value`?"),
        (b"[a]\nvalue = '\xff'", "2: the text is not UTF-8; save it as UTF-8"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    """The message begins with file and line and is one line, whatever the file holds."""
    path = save(tmp_path, text)
    with pytest.raises(PackError) as refused:
        load_parameters(path)
    assert str(refused.value).startswith(f"{path}:{message}")
    assert "\n" not in str(refused.value)


def test_a_file_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    """A missing file and one of more than a million bytes are refused by name."""
    with pytest.raises(PackError, match=r"no.toml: the file can not be read: No such file or directory; correct"):
        load_parameters(tmp_path / "no.toml")
    with pytest.raises(PackError, match=r"params.toml: the file is longer than 1000000 bytes; split it"):
        load_parameters(save(tmp_path, "#" * 1_000_001))


@given(st.integers(0, len(FILE)), st.integers(0, 12), st.text("[]{}=\"'\n.,#\\ax0", max_size=4))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory: Any, at: int, cut: int, put: str) -> None:
    """A file with characters cut out or put in still gives values, or is refused by its name."""
    path = save(tmp_path_factory.getbasetemp(), FILE[:at] + put + FILE[at + cut :])
    try:
        load_parameters(path)
    except PackError as refused:
        assert str(refused).startswith(f"{path}:")
        assert "\n" not in str(refused)


# -- with a policy -----------------------------------------------------------------------------------------------------


def clause(ref: str, text: str) -> Clause:
    return Clause(ref, text, ref, text, "document", "house", "law.md", 1)


def walk(start: str) -> Walk:
    return Walk(f"secretary of {start}", start, (), "secretary")


def duty(ref: str, text: str, **keys: Any) -> Duty:
    must = Pattern(("meeting.held",))
    return Duty(
        **{"bearer": walk("unit"), "must": must, "per": "case"} | keys,
        id=ref,
        clause=clause(ref, text),
        title=TITLE,
        act="act",
    )


def policy() -> Policy:
    """A policy of two packs that share the name of a parameter, with a rule for each way of using one."""
    declared = [
        Parameter("hold_within", "house", {"zh": "召开期限", "en": "time to hold"}, "span", word="及时"),
        Parameter("visit_every", "house", {"zh": "走访周期", "en": "how often to visit"}, "period", word="定期"),
        Parameter("visit_at_least", "house", {"zh": "走访次数", "en": "how many visits"}, "count", word="经常"),
        Parameter("july1_window", "house", {"zh": "七一期间", "en": "around 1 July"}, "window", word="期间"),
        Parameter("report_due", "house", {"zh": "上报日", "en": "day of the report"}, "day"),
        Parameter("authority", "house", {"zh": "调整机关", "en": "who adjusts"}, "unit"),
        Parameter(
            "level",
            "house",
            {"zh": "缺级", "en": "a missing level"},
            choices=("skip", "substitute:<unit>"),
            choice="skip",
        ),
        Parameter("shared", "house", {"zh": "同名", "en": "a shared name"}, "span"),
        Parameter("shared", "other", {"zh": "同名二", "en": "the other one"}, "span"),
    ]
    house = duty("H-1", "应及时召开\n会议", within=Time(parameter="hold_within"), missing="level")
    escalation = EscalationRule("H-5.e", clause("H-5", "逐级上报"), TITLE, Selector())
    return Policy(
        packs=(Pack("house", "1", TITLE, "document", "0"), Pack("other", "1", TITLE, "document", "0")),
        rules=(
            house,
            duty("H-2", "定期走访", recurrence=Recurrence(parameter="visit_every", at_least="visit_at_least")),
            duty("H-3", "七一期间考核", recurrence=Recurrence(window="july1_window"), by="report_due"),
            duty("H-4", "由机关调整", bearer=walk("authority"), within=Time(parameter="house.shared")),
            escalation,
            LiabilityRule("H-6.l", clause("H-6", "追究责任"), TITLE, on=Pattern(("x",)), post=walk("authority")),
        ),
        declared={**LIBRARY, **{p.name if p.name != "shared" else f"{p.pack}.shared": p for p in declared}},
    )


def block(text: str, name: str) -> list[str]:
    """Return the paragraph of the template that ends in the settings of a parameter."""
    found = [paragraph for paragraph in text.split("\n\n") if f"\n# [{name}]\n" in f"\n{paragraph}\n"]
    assert len(found) == 1
    return found[0].splitlines()


def test_the_template_shows_each_quantity_beside_its_word_and_clauses() -> None:
    """A quantity stands with its titles, the vague word of the source, each clause that uses it, and its form."""
    text = template(policy())
    assert block(text, "hold_within") == [
        "# 召开期限 / time to hold",
        "# 原文 / in the source: 及时",
        "# H-1 应及时召开 会议",
        "# [hold_within]",
        '# value = "…"    # 7d, 7wd (working days / 工作日), 1m or 1y',
        "# from = 2025-01-01",
        '# set_by = ""',
        '# document = ""',
    ]


@pytest.mark.parametrize(
    ("name", "refs"),
    [
        ("hold_within", ["H-1"]),
        ("visit_every", ["H-2"]),
        ("visit_at_least", ["H-2"]),
        ("july1_window", ["H-3"]),
        ("report_due", ["H-3"]),
        ("authority", ["H-4", "H-6"]),
        ("level", ["H-1"]),
        ('"house.shared"', ["H-4"]),
        ('"other.shared"', []),
        ("escalate_after", ["H-5"]),
        ("max_returns", []),
    ],
)
def test_the_template_names_the_clauses_that_use_a_parameter(name: str, refs: list[str]) -> None:
    """Times, days, recurrences, missing levels, waits, and walks that begin with a parameter are all found."""
    found = [line.split()[1] for line in block(template(policy()), name) if line.startswith("# H-")]
    assert found == refs


def test_the_template_shows_each_choice_with_its_values_and_who_chose() -> None:
    """A choice stands with what is allowed, the value in force, and whether a pack or the library chose it."""
    text = template(policy())
    assert block(text, "level")[-6:-2] == [
        "# 可选 / one of: `skip`, `substitute:<unit>`",
        "# [level]",
        '# value = "skip"    # 现用 / in force, chosen by the pack / 规则包 `house`',
        "# from = 2025-01-01",
    ]
    by_library = '# value = "event_date"    # 现用 / in force, chosen by the library / 本库'
    assert by_library in block(text, "clock_start")
    by_pack = evolve(
        policy(),
        declared={**LIBRARY, "clock_start": evolve(LIBRARY["clock_start"], pack="house", choice="recorded_date")},
    )
    assert '# value = "recorded_date"    # 现用 / in force, chosen by the pack / 规则包 `house`' in template(by_pack)


def test_the_template_lists_quantities_before_choices_and_the_library_last() -> None:
    """First come the quantities of the packs, then those of the library, then the choices in the same order."""
    headers = [line for line in template(policy()).splitlines() if line.startswith("# [")]
    position = {header[3:-1]: number for number, header in enumerate(headers)}
    assert position["hold_within"] < position["escalate_after"] < position["level"] < position["clock_start"]
    assert len(headers) == len(policy().declared)


def test_the_template_of_one_pack_leaves_out_the_others() -> None:
    """Where packs are named, only their parameters and those of the library are listed."""
    text = template(policy(), ["other"])
    assert '# ["other.shared"]' in text
    assert "hold_within" not in text
    assert "# [escalate_after]" in text


def test_the_template_is_an_empty_file_of_parameters(tmp_path: Path) -> None:
    """As printed it loads without any value; a table that is filled in loads and fits the policy."""
    text = template(policy())
    assert load_parameters(save(tmp_path, text)).values == ()
    filled = text
    for name, value in (("hold_within", '"7wd"'), ("visit_at_least", "2"), ('"other.shared"', '"1m"')):
        header, form = block(text, name)[-5:-3]
        filled = filled.replace(f"{header}\n{form}", f"[{name}]\nvalue = {value}")
    parameters = load_parameters(save(tmp_path, filled))
    assert {v.name: v.value for v in parameters.values} == {
        "hold_within": "7wd",
        "visit_at_least": 2,
        "other.shared": "1m",
    }
    use = policy().with_parameters(parameters).value("hold_within", day("2025-01-01"), parameters)
    assert use is not None
    assert (use.value, use.origin) == (Span(7, "wd"), "host")


def test_an_uncommented_form_is_no_value(tmp_path: Path) -> None:
    """The template suggests no number: whoever drops the comment marks and fills in nothing is refused."""
    text = template(policy())
    for name in ("hold_within", "visit_every", "july1_window", "report_due"):
        header, form = block(text, name)[-5:-3]
        path = save(tmp_path, text.replace(f"{header}\n{form}", f"{header[2:]}\n{form[2:]}"))
        with pytest.raises(PackError, match=f"params.toml:[0-9]+: `{name}`: `"):
            policy().with_parameters(str(path))


def test_the_template_of_the_shipped_pack_is_an_empty_file(tmp_path: Path) -> None:
    """What `accountability params university` prints loads as a file without values."""
    assert load_parameters(save(tmp_path, template(Policy.shipped("university")))).values == ()


def test_a_policy_names_the_place_of_an_unknown_or_unfit_parameter(tmp_path: Path) -> None:
    """A name that no pack declares, or a value that does not fit, is refused with the file and line of its table."""
    for text, message in (
        (
            "\n[hold_withn]\nvalue = '7d'",
            ":2: no loaded pack has a parameter `hold_withn`, did you mean `hold_within`?",
        ),
        ("[hold_within]\nvalue = 7", ":1: `hold_within`: `7` is no span; "),
        ("[shared]\nvalue = '7d'", ":1: no loaded pack has a parameter `shared`"),
    ):
        path = save(tmp_path, text)
        with pytest.raises(PackError) as refused:
            policy().with_parameters(path)
        assert str(refused.value).startswith(f"{path}{message}")


def test_a_use_says_who_gave_the_value() -> None:
    """The value in force is the host's, else the choice of the pack or of the library; a quantity has none else."""
    today = day("2025-03-10")
    parameters = Parameters((ParameterValue("house.hold_within", "7d", day("2025-01-01"), None, "office", "doc"),))
    found = {
        name: policy().value(name, today, parameters) for name in ("hold_within", "level", "clock_start", "authority")
    }
    uses = {name: use and (use.value, use.origin, use.choice) for name, use in found.items()}
    assert uses == {
        "hold_within": (Span(7, "d"), "host", False),
        "level": ("skip", "pack", True),
        "clock_start": ("event_date", "library", True),
        "authority": None,
    }
    assert policy().value("hold_within", day("2024-12-31"), parameters) is None


@pytest.mark.parametrize(
    "value", ["at_least_<n>_unrecused", "at_least__unrecused", "at_least_三_unrecused", "at_least_３_unrecused"]
)
def test_a_choice_with_a_place_must_be_filled_with_a_number(value: str) -> None:
    """A choice that names a number is refused as long as no plain number stands in its place."""
    with pytest.raises(PackError, match="is no choice for `quorum`"):
        Policy.shipped("university", parameters={"quorum": value})
    assert Policy.shipped("university", parameters={"quorum": "at_least_3_unrecused"})
