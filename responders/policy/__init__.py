"""Pure checks of incoming messages and of drafts. Each check returns reasons that a person can read.

Imports words and schemas.
"""

from responders.policy.claims.checking import check_claim
from responders.policy.claims.risks import unsourced_risks
from responders.policy.injections import injection_suspicions
from responders.policy.links import bad_links, hosts_of
from responders.policy.routes import needs_a_person

__all__ = [
    "bad_links",
    "check_claim",
    "hosts_of",
    "injection_suspicions",
    "needs_a_person",
    "unsourced_risks",
]
