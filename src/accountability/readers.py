"""Who reads which facts of the organization, so that a change of one is asked about again where it matters."""

from __future__ import annotations

from collections.abc import Iterable

from .track import Scene

Owner = tuple[str, ...]
"""A fold, by its key; ``event`` with its source and id; ``vacancy`` with its post and first day."""


class Readers:
    """The owners of answers by the units, posts and persons on facts about which the answers rest."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._readers: dict[str, set[Owner]] = {}
        self._asked: dict[Owner, set[str]] = {}

    def listen(self, owner: Owner) -> set[str]:
        """Let the scene note, from now on, about whom the owner asks; return the set that will hold them."""
        self._scene.owner = owner
        asked = self._scene.asked = set[str]()
        return asked

    def note(self, owner: Owner, names: set[str]) -> None:
        """Note that the owner's answers rest on facts about these units, posts and persons."""
        if not names:
            return
        known = self._asked.get(owner)
        if known is None:
            known = self._asked[owner] = set()
        new = names - known
        if new:
            known |= new
            for name in new:
                readers = self._readers.get(name)
                if readers is None:
                    readers = self._readers[name] = set()
                readers.add(owner)

    def forget(self, owner: Owner) -> None:
        """Forget what the owner read."""
        for name in self._asked.pop(owner, ()):
            self._readers[name].discard(owner)

    def of(self, names: Iterable[str]) -> set[Owner]:
        """Return the owners whose answers rest on facts about one of these."""
        return set().union(*(self._readers.get(name, ()) for name in names))
