"""Everything that touches a broker: the Faust app, its transport, topics, offsets, the relay and history.

Import from the modules, because each loads another client. May import `streams.process`, `responders.store`,
`responders.web` and `schemas`.
"""

__all__ = [
    "app",
    "brokers",
    "history",
    "link",
    "partitioner",
    "records",
    "relay",
    "startup",
    "topics",
    "worker",
]
