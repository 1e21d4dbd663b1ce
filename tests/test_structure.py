"""The shape of the package: who may import whom, and what stays out."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest

PACKAGE = Path(__file__).parent.parent / "src" / "accountability"


def imports_at_load(path: Path) -> set[str]:
    """Return the modules of the package that a module imports when it is loaded (not inside functions)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    here = ("accountability", *path.relative_to(PACKAGE).with_suffix("").parts)
    found = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level]
            found.add(".".join((*base, *(node.module or "").split("."))).rstrip("."))
            if node.module is None:
                found |= {".".join((*base, alias.name)) for alias in node.names}
    return found


def modules() -> dict[str, Path]:
    """Return the modules of the package by name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(("accountability", *(part for part in parts if part != "__init__")))] = path
    return found


def test_imports_are_acyclic() -> None:
    """No module of the package imports, directly or not, a module that imports it."""
    known = modules()
    graph = nx.DiGraph(
        (name, other) for name, path in known.items() for other in imports_at_load(path) if other in known
    )
    assert list(nx.simple_cycles(graph)) == []


def test_the_heart_does_not_know_the_surface() -> None:
    """What defines the answer imports neither ledger, explanations, reports, command line nor the reading of packs."""
    known = modules()
    graph = nx.DiGraph((name, other) for name, path in known.items() for other in imports_at_load(path))
    reached = nx.descendants(graph, "accountability.assessment")
    surface = (
        "accountability.ledger",
        "accountability.explanation",
        "accountability.reports",
        "accountability.cli",
        "accountability.packs",
    )
    assert not [name for name in reached if name.startswith(surface)]
    assert "accountability.bearer" in reached


def test_rules_hold_no_python() -> None:
    """The folder of law holds packs and nothing that Python could run."""
    kinds = {path.suffix for path in (PACKAGE / "rules").rglob("*") if path.is_file()}
    assert kinds == {".toml", ".md"}


def loaded_by(code: str) -> set[str]:
    """Return the modules that a new interpreter loads while it runs the code, besides those it always has."""
    program = f"import sys; before = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_else() -> None:
    """`import accountability` loads that one module: no networkx, no durable_rules, no attrs, none of its own modules."""
    assert loaded_by("import accountability") == {"accountability"}


@pytest.mark.parametrize("name", ["Event", "Calendar", "Organization", "Policy", "Ledger", "assess", "explain"])
def test_a_public_name_loads_what_it_needs_and_no_more(name: str) -> None:
    """No name loads networkx, the readers of TOML and of packs or durable_rules before something is made with it."""
    heavy = ("networkx", "tomllib", "durable", "accountability.packs")
    loaded = loaded_by(f"from accountability import {name}")
    assert [module for module in sorted(loaded) if module.startswith(heavy)] == []
    assert len(loaded) > 1


def test_what_is_heavy_loads_with_its_first_use() -> None:
    """An organization that is built loads networkx, a policy that is read loads the reader of packs."""
    assert "networkx" in loaded_by("from accountability import Organization; Organization()")
    assert "accountability.packs.reading" in loaded_by(
        "from accountability import Policy; Policy.shipped('university')"
    )


def test_type_checkers_see_the_public_names() -> None:
    """The names that only type checkers import are the public ones, from the modules that load them on first use."""
    import accountability

    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {node.names[0].asname: node.module for node in block.body if isinstance(node, ast.ImportFrom)}
    assert seen == accountability._HOMES
    assert dir(accountability) == accountability.__all__ == sorted([*seen, "__version__"])


def test_no_public_name_is_that_of_a_module() -> None:
    """So a public name never turns into a module, whichever was loaded before it."""
    import accountability

    tops = {name.split(".")[1] for name in modules() if "." in name}
    assert tops.isdisjoint(accountability.__all__)
    everything = "; ".join(f"import {name}" for name in sorted(modules()) if not name.endswith(("__main__", "durable")))
    code = f"{everything}; import accountability as a; print(type(a.assess).__name__, type(a.explain).__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["function", "function"]


def test_an_unknown_name_is_no_attribute() -> None:
    """A name that is not public is refused as Python refuses it."""
    import accountability

    with pytest.raises(AttributeError, match="module 'accountability' has no attribute 'Legder'"):
        accountability.Legder  # noqa: B018  # the look is the test


def test_every_public_name_loads_and_says_what_it_is() -> None:
    """Each name of the public interface can be loaded and has a docstring."""
    import accountability

    for name in accountability.__all__:
        value = getattr(accountability, name)
        assert name == "__version__" or value.__doc__, name


def test_source_files_stay_readable() -> None:
    """No source file has more than 400 lines."""
    long = {
        str(path): n for path in modules().values() if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
