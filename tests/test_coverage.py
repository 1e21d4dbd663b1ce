"""Every passage and every norm of the documents is accounted for by the packs, and every rule is fired by a scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

import accountability
from accountability.errors import PackError
from accountability.packs.coverage import coverage, passages_of
from accountability.packs.reading import read_packs

TESTS = Path(__file__).parent
RULES = Path(accountability.__file__).parent / "rules"
PACKS = sorted(path.parent for path in RULES.glob("*/pack.toml"))


def digests() -> dict[str, list[str]]:
    """Return the digests of the passages of each document, in their order."""
    found: dict[str, list[str]] = {}
    for line in (TESTS / "passages.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        document, digest = line.split("\t")
        found.setdefault(document, []).append(digest)
    return found


def norms() -> list[str]:
    """Return the ids of the norms read out of the documents."""
    return (TESTS / "norms.tsv").read_text(encoding="utf-8").splitlines()[1:]


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_a_pack_accounts_for_its_whole_document(folder: Path) -> None:
    """Each passage is quoted or left out with a reason, each norm has a rule or a note, each rule is fired."""
    (found,) = coverage([folder])
    assert (found.open, found.undecided, found.unfired) == ((), (), ())
    assert found.formalised + found.not_formalised == found.norms


def test_the_packs_hold_the_passages_and_norms_of_nine_documents() -> None:
    """What the packs say their documents hold is what was read out of the documents: 568 passages and 214 norms."""
    import tomllib

    sources = [tomllib.loads((folder / "source.toml").read_text(encoding="utf-8")) for folder in PACKS]
    assert {source["document"]: source["passages"] for source in sources} == digests()
    assert sorted(norm for source in sources for norm in source["norms"]) == sorted(norms())
    assert len(norms()) == 214


def test_what_is_left_out_on_purpose_is_not_quoted() -> None:
    """A passage left out as `excluded` stands in no clause, and its note tells nothing of its words."""
    import tomllib

    excluded = 0
    for folder in PACKS:
        source = tomllib.loads((folder / "source.toml").read_text(encoding="utf-8"))
        quoted = {digest for clause in read_packs([folder]).clauses for digest in passages_of(clause.whole)}
        for part in source.get("part", []):
            if part.get("reason") == "excluded":
                excluded += 1
                assert part["digest"] not in quoted
    assert excluded >= 2


def test_a_pack_that_forgets_a_passage_is_told(tmp_path: Path) -> None:
    """A passage that is neither quoted nor left out is open; a reason that nobody knows is refused with its line."""
    pack = tmp_path / "pack.toml"
    pack.write_text(
        '[pack]\nid = "p"\nversion = "1"\nsource = "s"\ntitle = { zh = "甲", en = "a" }\n'
        '[kinds]\nteam = { zh = "组", en = "team" }\n[posts]\nhead = { zh = "长", en = "head" }\n',
        encoding="utf-8",
    )
    (tmp_path / "1.md").write_text(
        '## A {#A-1}\nThe head answers. Nobody else does.\n\n```toml role\nid = "A-1.role"\nname = "principal"\n'
        'is = "head of team"\ntext = "The head answers"\n```\n',
        encoding="utf-8",
    )
    quoted = list(passages_of("The head answers. Nobody else does."))
    source = tmp_path / "source.toml"
    source.write_text(f'document = "9"\nnorms = ["A-1", "A-2"]\npassages = ["{quoted[0]}", "ffff"]\n', encoding="utf-8")
    (found,) = coverage([tmp_path])
    assert (found.accounted, found.open, found.undecided, found.unfired) == (1, ("ffff",), ("A-2",), ("A-1.role",))
    with source.open("a", encoding="utf-8") as file:
        file.write('[[part]]\ndigest = "ffff"\nreason = "retoric"\n')
    with pytest.raises(PackError, match=r"source\.toml:\d+: `retoric` is no reason, did you mean `rhetoric`\?"):
        coverage([tmp_path])


def test_a_pack_without_a_source_has_no_coverage_and_says_so(tmp_path: Path) -> None:
    """Where no pack says which passages its document has, coverage is refused rather than silent."""
    with pytest.raises(PackError, match=r"the pack has no `source\.toml`.*; write one"):
        coverage([tmp_path])
