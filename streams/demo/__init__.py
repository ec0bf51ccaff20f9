"""A sample company that runs a data-labelling and model-training platform; seeded, written by us.

Start at `company.company(seed, end=...)`; `company.recorded` yields everything in order of event
time. Nothing is re-exported here, because modules and functions share names. May import `schemas`,
`responders.store` and `kafka`.
"""

__all__ = ["company", "model", "player", "report", "tickets"]
