"""Roles: which post a walk names, by its kind, by a role of the law, or as the first responsible person (meaning.md 1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from .clause import Clause
from .organization_facts import Post
from .parameters import Use
from .rule import Role
from .track import Scene
from .view import View
from .walk import FIRST_RESPONSIBLE, RolePost, Walk

CHOICE = "first_responsible_is"
"""The choice of the library that says who the first responsible person is."""


def named_post(
    scene: Scene, walk: Walk | None, unit: str | None, view: View, opened: date | None = None
) -> Post | None:
    """Return the post of the unit that a walk names, by its kind or by a role; without one its secretary, else its head.

    `opened` is the day whose choice counts, that of the view when it is None.
    """
    if unit is None:
        return None
    if walk is None or not walk.names_post:
        return view.responsible_post(unit)
    if walk.role is None:
        return next(iter(view.posts(unit, walk.post)), None)
    return next(iter(_posts(scene, view, unit, walk.is_, opened or view.day)), None)


def uses_of(scene: Scene, walk: Walk | None, opened: date) -> tuple[Use, ...]:
    """Return the choices on which the post that a walk names rests."""
    asks = walk is not None and any(role.post == FIRST_RESPONSIBLE for role in walk.is_)
    return (scene.choice(CHOICE, opened),) if asks else ()


class Answering:
    """The role clauses that make a post answer for its body."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._by_kind: dict[tuple[str | None, str | None], Clause] = {}
        self._by_facts: dict[str | None, list[Role]] = {}
        for role in scene.policy.roles:
            if role.is_.portfolio is None and role.is_.post not in (FIRST_RESPONSIBLE, None):
                self._by_kind.setdefault((role.is_.post, role.is_.unit), role.clause)
            else:
                self._by_facts.setdefault(role.is_.unit, []).append(role)

        self.any = bool(scene.policy.roles)

    def clause(self, post: Post, day: date) -> Clause | None:
        """Return the clause that makes the post answer on the day, None when there is none."""
        kind = self.scene.organization.units[post.unit].kind
        found = self._by_kind.get((post.kind, kind))
        for role in self._by_facts.get(kind, ()) if found is None else ():
            posts = _posts(self.scene, self.scene.view(day), post.unit, (role.is_,), day)
            if any(each.id == post.id for each in posts):
                return role.clause
        return found


def first_responsible(view: View, unit: str, chosen: str) -> Post | None:
    """Return the post of the first responsible person: as chosen the head of the unit, or its secretary.

    In a unit without a head post it is the secretary.
    """
    posts = view.posts(unit)
    secretary = next((post for post in posts if post.kind == "secretary"), None)
    if chosen == "party_secretary":
        return secretary
    heads = [post for post in posts if post.head] or [post for post in posts if post.kind == "head"]
    return heads[0] if heads else secretary


def _posts(scene: Scene, view: View, unit: str, roles: Iterable[RolePost], opened: date) -> Iterable[Post]:
    """Yield the posts of the unit that one of the roles means, in the order of their ids."""
    for role in roles:
        if role.post == FIRST_RESPONSIBLE:
            post = first_responsible(view, unit, str(scene.choice(CHOICE, opened).value))
            posts = [post] if post is not None else []
        else:
            posts = view.posts(unit, role.post)
        for post in posts:
            home = view.unit_ever(post.unit)
            is_leader = post.leader or role.post is not None
            fits = role.unit is None or (home is not None and home.kind == role.unit)
            if fits and is_leader and role.portfolio in (None, post.portfolio):
                yield post
