"""The organization while events change it: what a view asks for, kept up to date event by event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .event import Event
from .organization import Organization
from .organization_changes import ORGANIZATION_EVENTS, apply_change, change_order, try_change
from .organization_draft import Draft
from .organization_facts import Absence, Ground, Membership, Post, Relation, Seat, Tenure, Unit, in_order
from .view import members_of

if TYPE_CHECKING:
    import networkx as nx

    from .leading import Leading


class LiveOrganization:
    """The facts of an organization by what they are about, changed in place; a `View` asks it as it asks an organization.

    `refused` holds, for each event that contradicts what stands, the reason. `leading` derives who leads and guides the
    units whose grounds are recorded.
    """

    def __init__(self, base: Organization, leading: Leading | None = None) -> None:
        self.base = base
        self.leading = leading
        self._applied: list[Event] = []
        self._touched: set[str] = set()
        self._begin()
        if leading is not None:
            leading.settle(self)
            self._is_stale = False

    def _begin(self) -> None:
        base = self.base
        self._is_stale = True  # who leads may have changed
        self.refused: dict[tuple[str, str], str] = {}
        self._draft = Draft(base)
        self.units: dict[str, Unit] = dict(base.units)
        self.posts: dict[str, Post] = dict(base.posts)
        self.tables = base.tables
        self._tenures: dict[str, tuple[Tenure, ...]] = dict(base._tenures)
        self._held: dict[str, tuple[Tenure, ...]] = dict(base._held)
        self._memberships: dict[str, tuple[Membership, ...]] = dict(base._memberships)
        self._absences: dict[str, tuple[Absence, ...]] = dict(base._absences)
        self._posts: dict[str, tuple[Post, ...]] = dict(base._posts)
        self._grounds: dict[str, tuple[Ground, ...]] = dict(base._grounds)
        self._belonging: dict[str, tuple[Membership, ...]] = {}
        self._committees: dict[str, tuple[Seat, ...]] = dict(base._committees)
        self._seated: dict[str, tuple[Seat, ...]] = dict(base._seated)
        self._graphs: dict[str, nx.DiGraph[str]] = {kind: graph.copy() for kind, graph in base._graphs.items()}
        for graph in self._graphs.values():
            for *_, data in graph.edges(data=True):
                data["facts"] = list(data["facts"])

    def _graph(self, kind: str) -> nx.DiGraph[str]:
        """Return the graph of the relations of the kind."""
        graph = self._graphs.get(kind)
        if graph is None:
            import networkx as nx  # see `organization`: it takes longer to load than all the rest

            graph = self._graphs[kind] = nx.DiGraph()
        return graph

    def belonging(self, unit: str) -> tuple[Membership, ...]:
        """Return the memberships in the unit, of all days."""
        found = self._belonging.get(unit)
        return self.base.belonging(unit) if found is None else found

    def change(self, coming: Iterable[Event], going: Iterable[Event]) -> set[str]:
        """Apply further changes and take others back; return the ids of the units, posts and persons they touch."""
        new = sorted((e for e in coming if e.type in ORGANIZATION_EVENTS), key=change_order)
        gone = {e.key for e in going if e.type in ORGANIZATION_EVENTS}
        touched: set[str] = set()
        if not new and not gone:
            return touched
        if not gone and (not self._applied or change_order(self._applied[-1]) < change_order(new[0])):
            self._applied += new
        else:  # begin again with the organization as it was given
            touched |= self._touched
            self._applied = sorted((e for e in (*self._applied, *new) if e.key not in gone), key=change_order)
            new = self._applied
            self._begin()
        for event in new:
            touched |= self._apply(event)
        if self.leading is not None and self._is_stale:
            touched |= self.leading.settle(self)
            self._is_stale = False
        self._touched |= touched
        return touched

    def refusals(self, events: Iterable[Event]) -> dict[tuple[str, str], str] | None:
        """Return the reasons for which changes would be refused, None when they do not come after all others."""
        new = sorted((e for e in events if e.type in ORGANIZATION_EVENTS), key=change_order)
        if new and self._applied and not change_order(self._applied[-1]) < change_order(new[0]):
            return None
        found = {event.key: try_change(self._draft, event) for event in new}
        self._draft.take_back()
        return {key: reason for key, reason in found.items() if reason is not None}

    def recorded(self, kind: str, unit: str) -> tuple[Relation, ...]:
        """Return the relations of the kind by which another unit leads or guides the unit, as they were recorded."""
        return self._draft.relations.get((kind, unit), ())

    def replace(self, kind: str, unit: str, relations: Iterable[Relation]) -> None:
        """Let these relations of the kind, and no others, lead to the unit."""
        graph = self._graph(kind)
        for source in list(graph.pred[unit]) if unit in graph else ():
            graph.edges[source, unit]["facts"] = []
        for relation in in_order(relations):
            if not graph.has_edge(relation.source, unit):
                graph.add_edge(relation.source, unit, facts=[])
            graph.edges[relation.source, unit]["facts"].append(relation)

    def _apply(self, event: Event) -> set[str]:
        refusal = apply_change(self._draft, event)
        if refusal is not None:
            self.refused[event.key] = refusal
            return set()
        touched: set[str] = set()
        for table, key, old in self._draft.kept:
            touched |= self._update(table, key, old)
        return touched

    def _update(self, table: dict[Any, Any], key: Any, old: Any) -> set[str]:
        """Take over what an entry of the draft has become; return the ids it is about."""
        draft, new = self._draft, table.get(key)
        self._is_stale |= table is draft.units or table is draft.relations or table is draft.grounds
        if table is draft.units:
            if new is None:
                self.units.pop(key, None)
            else:
                self.units[key] = new
            return {key}
        if table is draft.posts:
            return self._update_post(key, old, new)
        if table is draft.tenures:
            self._tenures[key] = in_order(new or ())
            persons = {tenure.person for tenure in (*(old or ()), *(new or ()))}
            for person in persons:
                others = (t for t in self._held.get(person, ()) if t.post != key)
                self._held[person] = in_order((*others, *(t for t in new or () if t.person == person)))
            return {key, *persons}
        if table is draft.memberships:
            self._memberships[key] = in_order(new or ())
            units = {membership.unit for membership in (*(old or ()), *(new or ()))}
            for unit in units:
                kept = [each for each in self.belonging(unit) if each.person != key]
                self._belonging[unit] = in_order([*kept, *(each for each in new or () if each.unit == unit)])
            return {key, *map(members_of, units)}
        if table is draft.grounds:
            self._grounds[key] = in_order(new or ())
            return {key}
        if table is draft.absences:
            self._absences[key] = in_order(new or ())
            return {key}
        return self._update_relations(old or (), new or ())

    def _update_post(self, name: str, old: Post | None, new: Post | None) -> set[str]:
        unit = (new or old).unit  # type: ignore[union-attr]  # one of them is there
        others = (post for post in self._posts.get(unit, ()) if post.id != name)
        if new is None:
            self.posts.pop(name, None)
            self._posts[unit] = in_order(others)
        else:
            self.posts[name] = new
            self._posts[unit] = in_order((*others, new))
        return {name, unit}

    def _update_relations(self, old: tuple[Relation, ...], new: tuple[Relation, ...]) -> set[str]:
        for relation in in_order({*old, *new}):
            graph = self._graph(relation.kind)
            ends = relation.source, relation.target
            if graph.has_edge(*ends):
                facts = graph.edges[ends]["facts"]
                graph.edges[ends]["facts"] = [fact for fact in facts if fact not in old and fact not in new]
            else:
                graph.add_edge(*ends, facts=[])
        for relation in new:
            graph = self._graphs[relation.kind]
            graph.edges[relation.source, relation.target]["facts"].append(relation)
        for kind, source, target in {(r.kind, r.source, r.target) for r in (*old, *new)}:
            edge = self._graphs[kind].edges[source, target]
            edge["facts"] = list(in_order(edge["facts"]))
        return {end for relation in (*old, *new) for end in (relation.source, relation.target)}
