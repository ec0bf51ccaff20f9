"""What the claim check compares: tokens, clauses with their limits, and the evidence for a clause."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Token(NamedTuple):
    """One token: its kind, the key that is compared, the word as written and its place in the sentence.

    Kinds: "word", "quantity", "marker", "deny", "quantifier", "modal", "light" and "stop" (punctuation).
    A party is somebody who acts.
    """

    kind: str
    key: str
    raw: str
    name: bool = False
    denies: bool = False
    comparison: str = ""
    is_party: bool = False


@dataclass(frozen=True)
class Limit:
    """A condition or limit of a clause: its class, what it governs, the number of its part, its denials."""

    kind: str
    governed: frozenset[str]
    part: int
    guards: bool = False
    actor: str = ""
    parallel: bool = False
    place: int = 0


@dataclass(frozen=True)
class ReadClause:
    """What one clause says. `parts` numbers the pieces between commas and "and", one number per token."""

    tokens: tuple[Token, ...]
    parts: tuple[int, ...]
    limits: tuple[Limit, ...]
    keys: frozenset[str]
    opener: str = ""

    @cached_property
    def content(self) -> list[Token]:
        """Return the words with content, in order."""
        return [token for token in self.tokens if token.kind == "word"]

    @cached_property
    def quantities(self) -> list[Token]:
        """Return the quantities, in order."""
        return [token for token in self.tokens if token.kind == "quantity"]

    @cached_property
    def weighty(self) -> list[Token]:
        """Return the words with content, then the quantities."""
        return [*self.content, *self.quantities]

    @cached_property
    def said(self) -> frozenset[str]:
        """Return the keys of words and quantities."""
        return self.keys | {token.key for token in self.quantities}

    @cached_property
    def denials(self) -> int:
        """Return how often it denies."""
        return sum(token.denies for token in self.tokens)

    @cached_property
    def raws(self) -> frozenset[str]:
        """Return its words as written, in lower case."""
        return frozenset(token.raw.lower() for token in self.tokens)

    @cached_property
    def placed(self) -> list[tuple[Token, int]]:
        """Return the words and quantities in order, each with the number of its part."""
        kinds = {"word", "quantity"}
        return [
            (token, part) for token, part in zip(self.tokens, self.parts, strict=True) if token.kind in kinds
        ]

    def part_of(self, token: Token) -> int:
        """Return the number of the part of a token."""
        return self.parts[self.tokens.index(token)]

    def denials_in(self, parts: set[int]) -> int:
        """Return how often the named parts deny."""
        return sum(token.denies for token, part in zip(self.tokens, self.parts, strict=True) if part in parts)

    def touched(self, said: frozenset[str]) -> set[int]:
        """Return the parts with a word or quantity among `said`."""
        kinds = {"word", "quantity"}
        return {
            part
            for token, part in zip(self.tokens, self.parts, strict=True)
            if token.kind in kinds and token.key in said
        }

    def has(self, kind: str, key: str) -> bool:
        """Tell whether a token of this kind and key is there."""
        return any(token.kind == kind and token.key == key for token in self.tokens)

    def keys_of(self, kind: str) -> set[str]:
        """Return the keys of the tokens of a kind."""
        return {token.key for token in self.tokens if token.kind == kind}


@dataclass(frozen=True)
class ClaimEvidence:
    """A clause of a source, the clauses of the same sentence around it, and what may be borrowed from afar.

    `borrowed` are concepts of the beginning of earlier clauses and of titles; `facts` are the clauses of
    short texts such as "plan Team", which may fill any gap. `said` is all that the claim's sentence says,
    `context` all words of the source, `topic` what its headings name. `latest` are the clauses of the
    answer's sentence before the claim, `previous` those of the source's sentence before, and `halves` the two
    sentences of a joined clause.
    """

    clause: ReadClause
    sentence: tuple[ReadClause, ...]
    borrowed: frozenset[str]
    facts: tuple[ReadClause, ...]
    said: frozenset[str] = frozenset()
    context: frozenset[str] = frozenset()
    topic: frozenset[str] = frozenset()
    latest: tuple[ReadClause, ...] = ()
    previous: tuple[ReadClause, ...] = ()
    halves: tuple[ReadClause, ...] = ()
