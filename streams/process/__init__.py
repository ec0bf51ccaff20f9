"""The life of one process: settings, metrics, health, logs, clock, database, errors, supervision, backoff.

This folder may import `schemas` and `responders.store`, and nothing else of `streams`; every other folder of
`streams` may import its modules.
"""

__all__ = [
    "backoff",
    "clock",
    "database",
    "errors",
    "health",
    "logs",
    "metrics",
    "ports",
    "settings",
    "startup",
    "supervise",
    "version",
]
