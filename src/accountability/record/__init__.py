"""The record: an append-only log of events in a database, which can be trusted years later.

`database` opens it and keeps its promises about durability, `tables` is its shape, `row` the chain of its rows, `basis`
the law and the organization that answered, `projection` what a host asks for often, `log` all of that together.
"""
