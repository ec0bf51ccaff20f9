"""Claims of a draft: what a sentence says, and whether the passages that it cites say the same.

Pure and without a language model: words with near-synonyms, quantities in one form, conditions, denials and
who does what are compared clause by clause.
"""

from responders.policy.claims.checking import MIN_WORD_SUPPORT, ClaimCheck, check_claim
from responders.policy.claims.risks import unsourced_risks

__all__ = ["MIN_WORD_SUPPORT", "ClaimCheck", "check_claim", "unsourced_risks"]
