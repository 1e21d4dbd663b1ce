"""Matching: the flat facts of an event in, the rules whose pattern it fits out."""

from .facts import facts_of
from .python import Matched, PythonMatcher

__all__ = ["Matched", "PythonMatcher", "facts_of"]
