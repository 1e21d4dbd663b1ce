"""The tables of an organization that checks read: duties, powers, competences, layers and grades, dated like all facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from .organization_facts import BEGINNING, FOREVER


@frozen
class Charge:
    """A duty as the organization assigns it: its `bearer` is a post, None where nobody is named.

    `required_powers` are the powers that the duty needs. A bearer who is not `primary` assists.
    """

    duty: str
    bearer: str | None = None
    required_powers: tuple[str, ...] = ()
    primary: bool = True
    from_: date = BEGINNING
    to: date = FOREVER


@frozen
class Power:
    """A post holds a power."""

    power: str
    holder: str
    from_: date = BEGINNING
    to: date = FOREVER


@frozen
class Competence:
    """A unit is competent for a matter: it decides it itself."""

    unit: str
    matter: str
    from_: date = BEGINNING
    to: date = FOREVER


@frozen
class Layer:
    """The layer on which a unit stands: 高层, 中层, 基层, or a word of the host."""

    unit: str
    layer: str
    from_: date = BEGINNING
    to: date = FOREVER


@frozen
class Grade:
    """The grade that was given to a unit, such as ``weak``; later grades are told as `unit.graded`."""

    unit: str
    grade: str
    from_: date = BEGINNING
    to: date = FOREVER


Entry = Charge | Power | Competence | Layer | Grade


@frozen
class Tables:
    """All tables of an organization; a table without entries is one that the host does not keep."""

    duties: tuple[Charge, ...] = ()
    powers: tuple[Power, ...] = ()
    competence: tuple[Competence, ...] = ()
    layers: tuple[Layer, ...] = ()
    grades: tuple[Grade, ...] = ()

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of all tables."""
        for table in (self.duties, self.powers, self.competence, self.layers, self.grades):
            yield from table
