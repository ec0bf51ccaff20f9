"""The operator's questions and repairs: the ledger, dead letters, replays and JSON Schemas of the topics.

Import from the modules `ledger`, `dead_letters`, `replays` and `jsonschemas`: they load different clients.
May import `streams.kafka`, `streams.process`, `responders.store` and `schemas`.
"""

__all__ = ["dead_letters", "jsonschemas", "ledger", "replays"]
