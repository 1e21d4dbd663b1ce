"""Names of units, posts and persons as people know them, each with its id; one line stays one line."""

from __future__ import annotations

from attrs import frozen

from ..errors import one_line
from ..organization import Organization
from ..policy import Policy


@frozen
class Names:
    """The names of one organization, in one language (``zh`` or ``en``)."""

    organization: Organization
    policy: Policy
    language: str

    def unit(self, name: str) -> str:
        """Return the unit's name with its id behind it, or the id."""
        unit = self.organization.units.get(name)
        return _named(unit.name if unit is not None else "", name)

    def post(self, name: str) -> str:
        """Return the post as its own name, or as its kind in its unit; else the id."""
        post = self.organization.posts.get(name)
        if post is None:
            return one_line(name)
        if post.name:
            return _named(post.name, name)
        unit = self.organization.units[post.unit]
        title = self.policy.posts.get(post.kind, {}).get(self.language, post.kind)
        body = unit.name or unit.id
        return one_line(f"{body}{title}" if self.language == "zh" else f"{title} of {body}")

    def person(self, name: str) -> str:
        """Return the person's name with the id behind it, or the id."""
        person = self.organization.persons.get(name)
        return _named(person.name if person is not None else "", name)


def _named(name: str, id_: str) -> str:
    return one_line(f"{name}({id_})" if name else id_)
