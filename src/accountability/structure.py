"""The checks of the organization on a day (meaning.md, section 10); each is silent without the table that it needs.

Each check takes what there is to look at and the arguments of its lint, and yields what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from .grounds import Flaw, Grounds
from .organization_facts import Post
from .rule import Lint

StructureCheck = Callable[[Grounds, Lint], Iterator[Flaw]]

WEAK = ("weak",)
LOWEST = "基层"


# -- duties and powers: the tables `duties` and `powers` --------------------------------------------------------------


def duty_without_power(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """A post bears a duty and does not hold a power that the duty needs."""
    if not grounds.has_begun(grounds.view.tables.powers):
        return
    for duty in grounds.duties:
        if duty.bearer is None or (post := grounds.view.post(duty.bearer)) is None:
            continue
        held = grounds.powers.get(duty.bearer, ())
        lacks = tuple(power for power in duty.required_powers if power not in held)
        if lacks:
            yield Flaw(duty.bearer, lacks, unit=post.unit, detail={"duties": duty.duty})


def post_without_duty(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """A post bears no duty, yet it holds a power or heads its unit."""
    for post in _without_duty(grounds):
        if post.head or post.id in grounds.powers:
            yield Flaw(post.id, unit=post.unit)


def title_only(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """A post bears no duty, holds no power, and does not head its unit."""
    for post in _without_duty(grounds):
        if not post.head and post.id not in grounds.powers:
            yield Flaw(post.id, unit=post.unit)


def hollow_unit(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """A unit has posts, and none of them bears a duty or holds a power."""
    if not grounds.has_begun(grounds.view.tables.duties):
        return
    for unit in grounds.view.units():
        posts = [post.id for post in _posts(grounds, unit.id)]
        if posts and not any(post in grounds.charged or post in grounds.powers for post in posts):
            yield Flaw(unit.id, unit=unit.id)


def orphan_duty(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """A duty names no bearer who is responsible for it, or none that exists."""
    for duty, posts in _responsible(grounds).items():
        if not posts:
            yield Flaw(duty)


def several_primaries(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """Several posts are responsible for one duty."""
    for duty, posts in _responsible(grounds).items():
        if len(posts) > 1:
            yield Flaw(duty, detail={"bearers": ", ".join(sorted(posts))})


def _posts(grounds: Grounds, unit: str) -> list[Post]:
    return [post for post in grounds.view.posts(unit) if post.unit == unit]


def _without_duty(grounds: Grounds) -> Iterator[Post]:
    """Yield the posts without a duty, where it is recorded which posts have one."""
    if grounds.has_begun(grounds.view.tables.duties):
        for unit in grounds.view.units():
            yield from (post for post in _posts(grounds, unit.id) if post.id not in grounds.charged)


def _responsible(grounds: Grounds) -> dict[str, set[str]]:
    """Return for each duty the posts that exist and are responsible for it."""
    found: dict[str, set[str]] = {}
    for duty in grounds.duties:
        posts = found.setdefault(duty.duty, set())
        if duty.primary and duty.bearer is not None and grounds.view.post(duty.bearer) is not None:
            posts.add(duty.bearer)
    return found


# -- posts and who holds them -----------------------------------------------------------------------------------------


def two_responsible_persons(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """The first responsible person, as chosen, is not the secretary of the unit, who signs."""
    chosen, view = grounds.value("first_responsible_is"), grounds.view
    if chosen is None or chosen.value != "unit_head":
        return
    for unit in view.units():
        posts = _posts(grounds, unit.id)
        head = next((post for post in posts if post.head), None) or next((p for p in posts if p.kind == "head"), None)
        secretary = next((post for post in posts if post.kind == "secretary"), None)
        if head is None or secretary is None:
            continue
        first, signs = view.holder(head.id), view.holder(secretary.id)
        if first is not None and signs is not None and first != signs:
            detail = {"persons": f"{first}, {signs}", "choice": f"{chosen.name} = {chosen.value}"}
            yield Flaw(unit.id, unit=unit.id, detail=detail)


def leader_without_portfolio(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """A member of the leadership has no portfolio, where portfolios are recorded."""
    posts = [post for unit in grounds.view.units() for post in _posts(grounds, unit.id)]
    if any(post.portfolio for post in posts):
        yield from (Flaw(post.id, unit=post.unit) for post in posts if post.leader and not post.portfolio)


def post_missing(grounds: Grounds, lint: Lint) -> Iterator[Flaw]:
    """A unit of a kind has no post of a kind that somebody holds."""
    kind = lint.arguments["post"]
    for unit in grounds.view.units(lint.arguments["of"]):
        if not any(grounds.view.holder(post.id) is not None for post in grounds.view.posts(unit.id, kind)):
            yield Flaw(unit.id, (kind,), unit=unit.id)


# -- units and their relations ----------------------------------------------------------------------------------------


def unit_without_superior(grounds: Grounds, lint: Lint) -> Iterator[Flaw]:
    """A unit of one of the kinds has no superior."""
    for unit in grounds.view.units(lint.arguments["kinds"]):
        if grounds.view.superior(unit.id) is None:
            yield Flaw(unit.id, unit=unit.id)


def body_missing(grounds: Grounds, lint: Lint) -> Iterator[Flaw]:
    """A unit of a kind has no organ of another kind."""
    kind, view = lint.arguments["kind"], grounds.view
    for unit in view.units(lint.arguments["of"]):
        organs = [view.unit(organ) for organ in view.organs(unit.id)]
        if not any(organ is not None and organ.kind == kind for organ in organs):
            yield Flaw(unit.id, (kind,), unit=unit.id)


def relation_missing(grounds: Grounds, lint: Lint) -> Iterator[Flaw]:
    """Nobody stands in the relation to a unit of a kind."""
    relation = lint.arguments["relation"]
    related = grounds.contacts if relation == "contact" else grounds.view.targets(relation)
    for unit in grounds.view.units(lint.arguments["each"]):
        if unit.id not in related:
            yield Flaw(unit.id, (relation,), unit=unit.id)


def one_sided_manager(grounds: Grounds, lint: Lint) -> Iterator[Flaw]:
    """A unit of the lowest layer has no units and no members under it, or no superior."""
    lowest, view = lint.arguments.get("layer", LOWEST), grounds.view
    if not grounds.has_begun(view.tables.layers):
        return
    leading = {view.superior(unit.id) for unit in view.units()} | view.with_members()
    for unit in view.units():
        if grounds.layer(unit.id, grounds.day) != lowest:
            continue
        lacks = [
            word
            for word, is_there in (("superior", view.superior(unit.id)), ("subordinates", unit.id in leading))
            if not is_there
        ]
        if lacks:
            yield Flaw(unit.id, tuple(lacks), unit=unit.id)


# -- contact points ---------------------------------------------------------------------------------------------------


def weak_unit_without_contact_point(grounds: Grounds, lint: Lint) -> Iterator[Flaw]:
    """A unit whose last grade is weak is nobody's contact point."""
    weak = lint.arguments.get("grades", WEAK)
    for unit in grounds.view.units():
        grade = grounds.grades.get(unit.id)
        if grade in weak and unit.id not in grounds.contacts:
            yield Flaw(unit.id, unit=unit.id, detail={"grade": str(grade)})


def contact_point_without_leader(grounds: Grounds, _: Lint) -> Iterator[Flaw]:
    """None of those whose contact point a unit is holds a post of the leadership any more."""
    view, organization = grounds.view, grounds.organization
    if not any(post.leader for post in organization.posts.values()):
        return
    for unit in view.units():
        persons = grounds.contacts.get(unit.id, [])
        leading = [
            p for p in persons if any(organization.posts[t.post].leader and view.post(t.post) for t in view.held(p))
        ]
        if persons and not leading:
            left = [(person, view.left(person)) for person in persons]
            note = ", ".join(f"{person} left {day}" if day is not None else person for person, day in left)
            yield Flaw(unit.id, note=note, unit=unit.id, detail={"contacts": ", ".join(persons)})


# -- what events tell of units ----------------------------------------------------------------------------------------


def elements_missing(grounds: Grounds, lint: Lint) -> Iterator[Flaw]:
    """The events about a unit of a kind, or by it, do not name all elements; silent while no such event is told."""
    told: dict[str | None, set[str]] = {}
    for event in grounds.selected(lint):
        value = event.get(lint.arguments["field"], ())
        for name in (grounds.about(event), grounds.actor(event)):
            told.setdefault(name, set()).update([value] if isinstance(value, str) else value)
    for unit in grounds.view.units(lint.arguments["each"]) if told else ():
        lacks = tuple(each for each in lint.arguments["elements"] if each not in told.get(unit.id, ()))
        if lacks:
            yield Flaw(unit.id, lacks, unit=unit.id)


def layer_without_decisions(grounds: Grounds, lint: Lint) -> Iterator[Flaw]:
    """The units of a layer took less than a share, in per cent, of the decisions of all units whose layer is known."""
    layer, share = lint.arguments["layer"], lint.arguments["share"]
    layers = [grounds.layer(str(grounds.actor(event)), event.date) for event in grounds.selected(lint)]
    known = [each for each in layers if each is not None]
    if not known:
        return
    least = grounds.value(share)
    if least is None:
        yield Flaw(share.rpartition(".")[2], code="parameter_required")
        return
    took = Decimal(100) * known.count(layer) / len(known)
    if took < Decimal(str(least.value)):
        detail = {"share": f"{took.quantize(Decimal('0.1'))} %", "least": f"{least.value} % ({least.name})"}
        yield Flaw(layer, detail=detail)
