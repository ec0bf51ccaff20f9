"""The usage group: one online detector per account, kept in memory, saved with the next offset.

Imports `detectors.usage`, `responders.store`, `consume`, `kafka` and `process`. The group's handler is in
`handler`, the detectors of a partition are in `states`.
"""

__all__ = ["clocks", "handler", "states"]
