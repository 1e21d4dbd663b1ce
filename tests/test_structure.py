"""The shape of the package: who may import whom, and what stays out."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import networkx as nx

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


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import accountability` loads no networkx and none of its own modules."""
    code = (
        "import sys, accountability; print([m for m in sys.modules if m.startswith(('networkx', 'accountability.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_loads_and_says_what_it_is() -> None:
    """Each name of the public interface can be loaded and has a docstring."""
    import accountability

    for name in accountability.__all__:
        value = getattr(accountability, name)
        assert name == "__version__" or value.__doc__, name


def test_public_functions_do_not_turn_into_modules() -> None:
    """A public name means the same whichever other name was used before it."""
    code = "import accountability as a; a.Ledger; assert callable(a.assess) and callable(a.explain); print('ok')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "ok"


def test_source_files_stay_readable() -> None:
    """No source file has more than 400 lines."""
    long = {
        str(path): n for path in modules().values() if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
