"""The first words of a message or a draft, as lists show them."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.reading.preview import START_CHARACTERS, preview

START: Final[Mapping[str, int]] = {"start": START_CHARACTERS}
"""The parameter of statements that read the start of a text as `snippet`."""


def with_snippet(row: Mapping[Any, Any], characters: int) -> dict[str, Any]:
    """Return the row with its `snippet` as a preview of at most `characters` characters."""
    return {**row, "snippet": preview(row["snippet"] or "", characters)}
