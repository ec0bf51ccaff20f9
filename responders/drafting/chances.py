"""The probability that a draft answers an ask: what the search found, and names that no passage knows."""

import math
import re
from collections.abc import Sequence
from typing import Final

from responders.retrieval.query import Query
from responders.retrieval.ranking import Passage, chunk_terms, query_terms

TOLD_MORE: Final = 2.6
"""Log-odds by which a draft answers more often than its first passage.

A draft tells a second passage and the other sections of an article, and customers write less like articles
than the questions by which confidence is calibrated. Chosen with the tickets of two made-up companies in
view: of the answerable tickets of tests/evaluation/fernwerk and halyard 8 % and 3 % are below the default
threshold, of the others with a question 71 % and 45 %.
"""

PER_UNKNOWN_NAME: Final = 1.3
"""Log-odds that each name of an ask takes away if no passage has it, at most MAX_UNKNOWN. Chosen likewise."""

MAX_UNKNOWN: Final = 2
NAMED_PASSAGES: Final = 5
"""The first passages, in which the names of an ask are looked for."""

_NAME: Final = re.compile(
    r"(?<=[a-z,;'’] )[A-Z][\w+&-]{2,}|\b[A-Z]{2,}[\w+-]*\b|\b[a-z]{1,20}[A-Z]\w+|\b[A-Za-z]+-?\d[\w-]*"
)
_CALENDAR: Final = frozenset(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december christmas easter""".split()
)


def answer_chance(ask: str, query: Query, passages: Sequence[Passage], *, first: float) -> float:
    """Return the probability in [0, 1] that a draft from `passages` answers an ask.

    `passages` are those that may be quoted, best first for `query`; `first` is the probability that the first
    one answers, by the desk's confidence.
    """
    if not 0.0 < first < 1.0 or not _shares_a_word(query, passages[0]):
        return first
    unknown = min(MAX_UNKNOWN, len(unknown_names(ask, passages)))
    log_odds = math.log(first / (1 - first)) + TOLD_MORE - PER_UNKNOWN_NAME * unknown
    return 1 / (1 + math.exp(-log_odds))


def _shares_a_word(query: Query, passage: Passage) -> bool:
    held = chunk_terms(passage.chunk)
    return any(held[term] for term in query_terms(query.text))


def unknown_names(ask: str, passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return the names and codes of an ask that none of the first passages has; placeholders are no names.

    >>> unknown_names("Does it work with Alexa on Monday?", [])
    ('Alexa',)
    """
    names = [name for name in _NAME.findall(re.sub(r"\[[A-Z]+_\d+\]", " ", ask)) if not _is_common(name)]
    if not names:
        return ()
    chunks = [passage.chunk for passage in passages[:NAMED_PASSAGES]]
    known = " ".join(f"{chunk.title} {chunk.heading} {chunk.body}" for chunk in chunks).casefold()
    return tuple(dict.fromkeys(name for name in names if name.casefold() not in known))


def _is_common(name: str) -> bool:
    return name.casefold() in _CALENDAR or not re.search(r"[A-Za-z]{2}", name)
