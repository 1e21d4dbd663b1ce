"""On whom recurring and keeping duties fall: units, posts, contact points; and whose duty an event may serve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from .event import Event
from .fold import Known
from .organization import Organization
from .organization_facts import Post, Relation, Tenure, Unit
from .organization_live import LiveOrganization
from .rule import Counter, Duty, Each
from .track import Scene
from .view import View

Subject = tuple[str, ...]
"""The id of a unit or post; for a contact point the ids of the post and of the unit."""

ASSIGNED = "contact_point.assigned"
"""The event by which a leader (field `leader`) takes a unit (field `unit`) as contact point."""


def subjects(organization: Organization | LiveOrganization, each: Each, names: Iterable[str] | None) -> list[Subject]:
    """Return on whom a rule falls by the facts of the organization, whenever they exist; those that these names touch."""
    if each.contact:
        return sorted(set(_contacts(organization, each, names)))
    if names is None:
        places: Iterable[Unit | Post] = (organization.units if each.post is None else organization.posts).values()
        return [(place.id,) for place in places if falls_on(organization, each, place)]
    known = organization.units if each.post is None else organization.posts
    return [(name,) for name in sorted(names) if name in known and falls_on(organization, each, known[name])]


def falls_on(organization: Organization | LiveOrganization, each: Each, subject: Unit | Post) -> bool:
    """Tell whether a rule falls on the unit or post, or on a contact point of the post, whenever it exists."""
    if isinstance(subject, Unit):
        return each.post is None and subject.kind == each.kind
    of_kind = each.post in ("post", subject.kind) and (subject.leader or not each.leader)
    return each.post is not None and of_kind and organization.units[subject.unit].kind == each.kind


def _contacts(
    organization: Organization | LiveOrganization, each: Each, names: Iterable[str] | None
) -> Iterator[Subject]:
    """Yield the contact points that are recorded as relations of a leader to a unit."""
    graph = organization._graphs.get("contact")
    if graph is None:
        return
    leaders: set[str] = set(graph) if names is None else set()
    for name in names or ():
        held = {tenure.person for tenure in organization._tenures.get(name, ())}
        leaders |= {name, *held, *(graph.pred[name] if name in graph else ())}
    for leader in sorted(leaders & set(graph)):
        for unit in sorted(graph.succ[leader]):
            for post in _posts_ever(organization, each, leader):
                if first_contact(organization, post, unit) is not None:
                    yield post, unit


def first_contact(organization: Organization | LiveOrganization, post: str, unit: str) -> date | None:
    """Return the first day on which the holder of the post is recorded as contact of the unit, None when there is none."""
    graph = organization._graphs.get("contact")
    found: list[date] = []
    for tenure in organization._tenures.get(post, ()):
        if graph is not None and graph.has_edge(tenure.person, unit):
            found += [max(r.from_, tenure.from_) for r in graph.edges[tenure.person, unit]["facts"] if _meet(r, tenure)]
    return min(found, default=None)


def _meet(relation: Relation, tenure: Tenure) -> bool:
    return relation.from_ <= tenure.to and tenure.from_ <= relation.to


def contacts_assigned(scene: Scene, each: Each, event: Event) -> Iterator[Subject]:
    """Yield the contact points that an assignment makes: one for each post that the leader then holds."""
    leader, unit = event.get("leader"), event.get("unit")
    if not isinstance(leader, str) or not isinstance(unit, str):
        return
    scene.asked.add(leader)
    for tenure in scene.organization._held.get(leader, ()):
        if tenure.from_ <= event.date <= tenure.to:
            post = scene.organization.posts[tenure.post]
            scene.asked.update((post.id, post.unit))
            if falls_on(scene.organization, each, post):
                yield post.id, unit


def _posts_ever(organization: Organization | LiveOrganization, each: Each, person: str) -> list[str]:
    posts = (organization.posts[tenure.post] for tenure in organization._held.get(person, ()))
    return sorted({post.id for post in posts if falls_on(organization, each, post)})


def subjects_graded(scene: Scene, each: Each, unit: str) -> Iterator[Subject]:
    """Yield the subjects of a rule that a grade of the unit is about."""
    organization = scene.organization
    scene.asked.add(unit)
    if each.post is None:
        yield from subjects(organization, each, (unit,))
    elif not each.contact:
        yield from subjects(organization, each, [post.id for post in organization._posts.get(unit, ())])


def subjects_counted(scene: Scene, each: Each, counter: Counter, event: Event) -> Iterator[Subject]:
    """Yield the subjects whose number the event may tell or change; after a succession also those that passed on."""
    organization, named = scene.organization, event.get(counter.per)
    if not isinstance(named, str):
        return
    scene.asked.add(named)
    if counter.type == "person":
        yield from ((post,) for post in _posts_ever(organization, each, named))
    elif counter.type == "post":
        yield from subjects(organization, each, (named,))
    else:
        view = scene.view(event.date)
        for unit in _chain(named, lambda name: view.related(name, "succeeds")):
            posts = [post.id for post in organization._posts.get(unit, ())]
            yield from subjects(organization, each, (unit,) if each.post is None else posts)


def subjects_acting(scene: Scene, rule: Duty, known: Known) -> tuple[Subject, ...]:
    """Return the subjects of a recurring rule whose duty the act may serve.

    That is the unit that the event is about, where its type says so beside the actor; else whoever acted: the unit,
    or those to which its duties passed, the post, or the posts of the person. At a contact point it is both.
    """
    actor, declared = known.actor, known.declared
    named = (
        known.about if declared is not None and (declared.actor is None or declared.about != declared.actor) else None
    )
    if actor is None and named is None:
        return ()
    found: tuple[Subject, ...] = scene.lasting_as(
        ("subjects", rule.id, actor or "", named or ""),
        known.event.date,
        lambda view: tuple(_subjects_acting(scene.organization, rule, actor, named, view)),
    ).value
    return found


def _subjects_acting(
    organization: Organization | LiveOrganization, rule: Duty, actor: str | None, named: str | None, view: View
) -> Iterator[Subject]:
    assert rule.each is not None
    each = rule.each
    if each.contact:
        if actor is not None and named is not None:
            view.asked.add(actor)
            posts = [actor] if actor in organization.posts else _posts_ever(organization, each, actor)
            yield from ((post, named) for post in posts)
        return
    found: set[str] = set()
    for name in {actor, named} - {None}:
        assert name is not None
        if each.post is None:
            found |= _chain(name, lambda unit: [relation.source for relation in view.successors(unit)])
        else:
            view.asked.add(name)
            found |= {name, *(tenure.post for tenure in organization._held.get(name, ()))}
            if name in organization.units and name == named:
                found |= {post.id for post in view.posts(name)}
    yield from subjects(organization, each, found)


def _chain(unit: str, further: Callable[[str], Iterable[str]]) -> set[str]:
    """Return the unit and those to which the steps lead from it."""
    waiting, seen = [unit], set[str]()
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting.extend(further(each))
    return seen
