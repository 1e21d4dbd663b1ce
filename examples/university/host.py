"""A host application in about thirty lines: it feeds events, shows a person's duties, and records a human decision."""

from pathlib import Path

from accountability import Event, Ledger, Organization, Policy

here = Path(__file__).parent
policy = Policy.shipped("university", parameters=here / "parameters.sample.toml")
ledger = Ledger(policy, Organization.load(here / "university.toml"))

# the host tells what happened
outcome = ledger.submit(Event("member.problem", date="2025-03-03", person="m-2", case="K-2"))
for duty in outcome.opened:
    print("opened:", duty.unit.name, duty.post, duty.act, "due", duty.due, "under", duty.clause.ref)

# days pass; the host asks what became overdue and to whom it goes
outcome = ledger.advance(to="2025-03-11")
for escalation in outcome.escalated:
    print("escalated:", escalation.from_unit, "->", escalation.to_post, "because of", escalation.reason)

# what one person has on the desk today
for duty in ledger.obligations(person="p-lan", status=["overdue", "pending"]):
    print("p-lan:", duty.act, duty.status, "- it is due on", duty.due)
    print(ledger.explain(duty, language="zh"))

# a candidate is for people to decide; the decision is an event like any other
(candidate,) = outcome.candidates
decision = {"liability": candidate.id, "outcome": "not_held", "by": "gb-cs", "document": "2025-12"}
outcome = ledger.submit(Event("liability.decided", date="2025-03-14", **decision))
print("decided:", outcome.decided[0].person, outcome.decided[0].decided, "by", outcome.decided[0].decided_by)
