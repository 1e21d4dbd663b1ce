"""Scales: what the bands of a scale leave open or say twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from accountability import Event, Ledger, Organization, Policy, explain
from accountability.packs.lint import lint
from accountability.packs.reading import read_packs
from accountability.reports.names import Names
from accountability.reports.text import assessment_text
from accountability.scale import band_findings

PACK = """
[pack]
id = "score"
version = "1.0"
title = { zh = "评分", en = "score" }
source = "House rules"

[kinds]
team = { zh = "小组", en = "team" }

[events."team.scored"]
fields = { unit = "unit", points = "decimal" }
"""


def written(folder: Path, text: str, *bands: str) -> Path:
    """Write a pack of one scale with these bands, such as `at_least = 90`."""
    blocks = ["""```toml scale\nid = "S-1.scale"\non = "team.scored"\nscore = "points"\n```"""]
    for number, limits in enumerate(bands, start=1):
        name = f'{{ zh = "{number}", en = "{number}" }}'
        blocks.append(f'```toml band\nid = "S-1.b{number}"\nof = "S-1.scale"\nname = {name}\n{limits}\n```')
    (folder / "pack.toml").write_text(PACK, encoding="utf-8")
    (folder / "1.md").write_text("\n\n".join([f"## Score {{#S-1}}\n{text}", *blocks]), encoding="utf-8")
    return folder


def rated(folder: Path) -> Ledger:
    """A team with 95.5 points on 3 March, under a highest score of 95."""
    (folder / "o.toml").write_text('[[units]]\nid = "dev"\nkind = "team"\n', encoding="utf-8")
    ledger = Ledger(Policy.load(folder, parameters={"cap": "95"}), Organization.load(folder / "o.toml"))
    ledger.submit(Event("team.scored", id="s", date="2025-03-03", unit="dev", points="95.5"))
    return ledger


def told(folder: Path) -> list[tuple[str, str]]:
    return [(finding.code, finding.about) for finding in band_findings(read_packs([folder]))]


def linted(folder: Path) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in lint(read_packs([folder]))]


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        (("at_most = 59", "at_least = 60"), [("band_gap", "(59,60)")]),
        (("at_least = 60", "at_least = 90"), [("band_overlap", "[90,∞)")]),
        (("at_most = 60", "at_most = 80"), [("band_overlap", "(-∞,60]")]),
        (("at_most = 60", "at_least = 60"), [("band_overlap", "60")]),
        (
            ("at_least = 0\nat_most = 100", "at_least = 10\nat_most = 20", "at_least = 30\nat_most = 40"),
            [("band_overlap", "[10,20]"), ("band_overlap", "[30,40]")],
        ),
    ],
)
def test_every_score_in_no_band_or_in_two_is_found(
    tmp_path: Path, bands: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    """A score that no band holds is in a gap, one that two bands hold in an overlap, also where a band is open."""
    assert told(written(tmp_path, "Points.", *bands)) == expected


TEXT = "From 90 points it is good, from 60 to 89 points sufficient, up to 59 points poor, from 80 to 99.5 points fair."


def test_bands_as_the_text_gives_them_are_no_problem(tmp_path: Path) -> None:
    """Whole numbers that follow one another, and one score that two bands share, may stand in a text: lint is silent."""
    bands = ("at_least = 90", "at_least = 60\nat_most = 89", "at_most = 60")
    assert linted(written(tmp_path, TEXT, *bands)) == []


@pytest.mark.parametrize(
    ("bands", "code", "words"),
    [
        (("at_least = 90", "at_least = 60\nat_most = 80"), "band-gap", "above `80` and below `90`"),
        (("at_least = 80", "at_least = 60\nat_most = 89"), "band-overlap", "`S-1.b1`"),
        (("at_least = 90", "at_least = 60"), "band-overlap", "`S-1.b1`"),
        (("at_least = 91", "at_most = 90"), "number-not-in-text", "`91` of `S-1.b1`"),
        (("at_least = 99.6", "at_least = 60\nat_most = 99.5"), "number-not-in-text", "`99.6` of `S-1.b1`"),
    ],
)
def test_limits_of_bands_that_are_a_slip_are_found_before_anything_runs(
    tmp_path: Path, bands: tuple[str, ...], code: str, words: str
) -> None:
    """Whole scores in no band, scores in two bands, and limits that the clause does not name are found by lint."""
    ((found, message),) = linted(written(tmp_path, TEXT, *bands))
    assert found == code and words in message


@pytest.mark.parametrize(
    ("language", "facts"),
    [
        (
            "en",
            ("dev is rated “1” on 2025-03-03 (score 95, given as 95.5)", "cap) = 95", "Clause S-1 ", "(s, 2025-03-03)"),
        ),
        ("zh", ("2025-03-03，dev评定为“1”（得分95，原得分95.5）", "S-1", "s，2025-03-03")),
    ],
)
def test_a_rating_says_the_score_the_clause_and_the_choices(
    tmp_path: Path, language: str, facts: tuple[str, ...]
) -> None:
    """A rating is explained like every answer: unit, result, score as told and as counted, clause, choices, event."""
    ledger = rated(written(tmp_path, TEXT, "at_least = 90", "at_most = 89"))
    (rating,) = ledger.assessment().ratings
    told = ledger.explain("S-1.scale/host/s", language=language)
    assert all(fact in told for fact in facts), told
    assert told == explain(rating, ledger.policy, ledger.organization, language)


def test_ratings_stand_in_the_text_of_an_answer(tmp_path: Path) -> None:
    """The answer in lines has each rating: day, unit, result, score as told, clause, and the id to ask for."""
    ledger = rated(written(tmp_path, TEXT, "at_least = 90", "at_most = 89"))
    lines = assessment_text(ledger.assessment(), Names(ledger.organization, ledger.policy, "en"), 0).splitlines()
    assert lines[lines.index("Ratings: 1") + 1] == "  2025-03-03 | dev | 1 | score 95.5 | S-1 | S-1.scale/host/s"
