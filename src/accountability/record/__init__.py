"""The record: an append-only log of events in a database, which can be trusted years later.

`database` opens it and keeps its promises about durability; `tables` is its shape, `row` one row and the chain, `basis`
the law and the organization that answered, `rows` what is read and added on a connection. `projection` is what a host asks
for often, `replay` the record worked out again, `evidence` its check, its lines. `log` is all of that together, `recorder` what
a ledger sees of it.
"""
