"""Who reads which facts of the organization, so that a change of one is asked about again where it matters."""

from __future__ import annotations

from collections.abc import Iterable

from .track import Owner, Scene


class Readers:
    """The owners of answers by the units, posts and persons on facts about which the answers rest.

    An owner that does not read a fact any more stays among its readers: it is asked once more than needed.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._readers: dict[str, set[Owner]] = {}

    def listen(self, owner: Owner) -> None:
        """Let the scene note, from now on, about whom the owner asks."""
        self._scene.owner = owner
        if self._scene.asked:
            self._scene.asked.clear()

    def note(self, owner: Owner) -> None:
        """Note that the owner's answers rest on facts about the units, posts and persons that were asked about."""
        readers = self._readers
        for name in self._scene.asked:
            found = readers.get(name)
            if found is None:
                readers[name] = {owner}
            else:
                found.add(owner)

    def of(self, names: Iterable[str]) -> set[Owner]:
        """Return the owners whose answers rest on facts about one of these."""
        return set().union(*(self._readers.get(name, ()) for name in names))
