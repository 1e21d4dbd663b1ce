"""accountability: from dated organizations and events to obligations with their clause, due date and reasons.

The names below are all of the public interface; each is loaded on first use, so that `import accountability` is free.
"""

TYPE_CHECKING = False  # type checkers take it to be true; `typing` takes longer to load than a bare interpreter
__version__ = "0.1.0"

_HOMES = {
    "AccountabilityError": "errors",
    "ConflictError": "errors",
    "EventError": "errors",
    "IntegrityError": "errors",
    "LimitError": "errors",
    "MatcherError": "errors",
    "OrganizationError": "errors",
    "PackError": "errors",
    "StoreError": "errors",
    "Calendar": "calendar",
    "Span": "calendar",
    "Event": "event",
    "read_event": "event",
    "read_events": "event",
    "write_event": "event",
    "Absence": "organization_facts",
    "Membership": "organization_facts",
    "Organization": "organization",
    "Person": "organization_facts",
    "Post": "organization_facts",
    "Relation": "organization_facts",
    "Seat": "organization_facts",
    "Tenure": "organization_facts",
    "Unit": "organization_facts",
    "Charge": "organization_tables",
    "Competence": "organization_tables",
    "Grade": "organization_tables",
    "Layer": "organization_tables",
    "Power": "organization_tables",
    "Parameters": "parameters",
    "ParameterValue": "parameters",
    "Clause": "clause",
    "Policy": "policy",
    "Assessment": "answer",
    "Change": "comparison",
    "Escalation": "answer",
    "Finding": "answer",
    "Liability": "answer",
    "Obligation": "answer",
    "Rating": "answer",
    "to_data": "answer",
    "assess": "assessment",
    "Ledger": "ledger",
    "Outcome": "outcome",
    "Record": "record.log",
    "Head": "record.row",
    "Owed": "record.projection",
    "compare": "comparison",
    "explain": "explanation",
}
__all__ = sorted([*_HOMES, "__version__"])

if TYPE_CHECKING:
    from .answer import Assessment as Assessment
    from .answer import Escalation as Escalation
    from .answer import Finding as Finding
    from .answer import Liability as Liability
    from .answer import Obligation as Obligation
    from .answer import Rating as Rating
    from .answer import to_data as to_data
    from .assessment import assess as assess
    from .calendar import Calendar as Calendar
    from .calendar import Span as Span
    from .clause import Clause as Clause
    from .comparison import Change as Change
    from .comparison import compare as compare
    from .errors import AccountabilityError as AccountabilityError
    from .errors import ConflictError as ConflictError
    from .errors import EventError as EventError
    from .errors import IntegrityError as IntegrityError
    from .errors import LimitError as LimitError
    from .errors import MatcherError as MatcherError
    from .errors import OrganizationError as OrganizationError
    from .errors import PackError as PackError
    from .errors import StoreError as StoreError
    from .event import Event as Event
    from .event import read_event as read_event
    from .event import read_events as read_events
    from .event import write_event as write_event
    from .explanation import explain as explain
    from .ledger import Ledger as Ledger
    from .organization import Organization as Organization
    from .organization_facts import Absence as Absence
    from .organization_facts import Membership as Membership
    from .organization_facts import Person as Person
    from .organization_facts import Post as Post
    from .organization_facts import Relation as Relation
    from .organization_facts import Seat as Seat
    from .organization_facts import Tenure as Tenure
    from .organization_facts import Unit as Unit
    from .organization_tables import Charge as Charge
    from .organization_tables import Competence as Competence
    from .organization_tables import Grade as Grade
    from .organization_tables import Layer as Layer
    from .organization_tables import Power as Power
    from .outcome import Outcome as Outcome
    from .parameters import Parameters as Parameters
    from .parameters import ParameterValue as ParameterValue
    from .policy import Policy as Policy
    from .record.log import Record as Record
    from .record.projection import Owed as Owed
    from .record.row import Head as Head

else:

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
