"""What is searched for: an ask, and the message around it."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from responders.retrieval.embedding import EmbeddingArray, ReadText
from responders.retrieval.word_vectors import WordVectors, word_vectors

FOCUS_SHARE: Final = 0.4
"""Share of the ask in the vector of a query; the whole message has the rest.

Customers tell in one sentence what it is about and ask in a next, so the ask alone finds too little. Measured
with the trained encoder on the asks of the three help centres for tuning in `tests/evaluation`, mean of the
three: the right section is first for .596 of the asks with 0.2 and .618 with 0.4, and among the first three
for .804 and .831.
"""

AROUND_WEIGHT: Final = 0.7
"""Weight of a word of the message that is not in the ask; a word of the ask weighs 1. Measured likewise."""


@dataclass(frozen=True, slots=True)
class Query:
    """The masked `text` that is searched for with its unit vector (384,) and the vectors of its words.

    `focus` is the ask inside the text, in the same words; "" if the whole text is asked. `asked` is the unit
    vector of the ask alone; None if that is `vector`.
    """

    text: str
    vector: EmbeddingArray
    focus: str = ""
    words: WordVectors = field(default_factory=WordVectors)
    asked: EmbeddingArray | None = None

    @property
    def ask_vector(self) -> EmbeddingArray:
        """Return the unit vector of the ask alone."""
        return self.vector if self.asked is None else self.asked


def query_of(text: str, read: ReadText) -> Query:
    """Return the query for a whole text; `read` is the text as the encoder reads it."""
    return Query(text, read.vector, words=word_vectors(text, read))


def focused(message: Query, focus: str, vector: EmbeddingArray) -> Query:
    """Return the query for an ask inside a message; `vector` is the unit vector of the ask."""
    mixed = (1 - FOCUS_SHARE) * message.vector + FOCUS_SHARE * vector
    length = max(float(np.linalg.norm(mixed)), 1e-12)
    return Query(message.text, np.asarray(mixed / length, dtype=np.float32), focus, message.words, vector)
