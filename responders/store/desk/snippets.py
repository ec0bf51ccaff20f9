"""The first words of a message or a draft, as a line of a list shows them."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import RowMapping

from schemas.reading.preview import START_CHARACTERS, preview

START: Final[Mapping[str, int]] = {"start": START_CHARACTERS}
"""The parameter of the statements that read the beginning of a text as `snippet`."""


def with_snippet(row: RowMapping, characters: int) -> dict[str, Any]:
    """Return a row whose `snippet` is what a person reads first, at most so many characters."""
    return {**row, "snippet": preview(row["snippet"] or "", characters)}
