"""Names of units, posts and persons as people know them, each with its id; one line stays one line."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from ..errors import one_line
from ..organization import Organization
from ..policy import Policy

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "named": "{name}（{id}）",
        "post": "{unit}{title}",
        "acting_convener": "{unit}代理召集人",
        "in_force": "施行期间（in_force）",
    },
    "en": {
        "named": "{name} ({id})",
        "post": "{title} of {unit}",
        "acting_convener": "acting convener of {unit}",
        "in_force": "days in force (in_force)",
    },
}


@frozen
class Names:
    """The names of one organization, in one language (``zh`` or ``en``)."""

    organization: Organization
    policy: Policy
    language: str

    def unit(self, name: str) -> str:
        """Return the unit's name with its id behind it, or the id."""
        unit = self.organization.units.get(name)
        return self._named(unit.name if unit is not None else "", name)

    def post(self, name: str) -> str:
        """Return the post as its own name, or as its kind in its unit; else the id."""
        post = self.organization.posts.get(name)
        if post is None:
            unit, _, kind = name.rpartition(".")
            return self._say("acting_convener", unit=self.unit(unit)) if kind == "acting_convener" else one_line(name)
        if post.name:
            return self._named(post.name, name)
        title = self.policy.posts.get(post.kind, {}).get(self.language, post.kind)
        return self._say("post", unit=self.organization.units[post.unit].name or post.unit, title=title)

    def person(self, name: str | None) -> str:
        """Return the person's name with the id behind it, or the id."""
        person = self.organization.persons.get(name) if name is not None else None
        return self._named(person.name if person is not None else "", str(name))

    def parameter(self, name: str) -> str:
        """Return the title of a parameter with its name behind it, or the name."""
        declared = self.policy.declaration(name)
        return self._named(declared.title[self.language] if declared is not None else "", name)

    def event(self, type_: str) -> str:
        """Return the title of a type of events with its name behind it, or the name."""
        declared = self.policy.event_types.get(type_)
        return self._named(declared.title.get(self.language, "") if declared is not None else "", type_)

    def about(self, name: str) -> str:
        """Return what a finding is about with the id behind it: a post, unit, person or parameter; else the id."""
        if name in self.organization.posts:
            told = self.post(name)
            return told if name in told else self._named(told, name)
        if name in self.organization.units:
            return self.unit(name)
        if name in self.organization.persons:
            return self.person(name)
        first, _, rest = name.partition(" ")
        if rest and (first in self.organization.posts or first in self.organization.units):
            return self.about(first)  # what is lacking stands in the detail
        return WORDS[self.language]["in_force"] if name == "in_force" else self.parameter(name)

    def _named(self, name: str, id_: str) -> str:
        return self._say("named", name=name, id=id_) if name else one_line(id_)

    def _say(self, word: str, /, **values: object) -> str:
        return one_line(WORDS[self.language][word].format(**values))
