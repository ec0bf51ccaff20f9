"""A sentence that only refers to another article: the row of that article that answers in its place."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from responders.generation.brief import Material, Unit

RowsAbout = Callable[[Material, str], Sequence[Unit]]
"""Returns the rows of an article of which a cell is named by some words; empty if there are none."""


_ADDRESS: Final = r"\((?P<url>https?://[^()\s]+)\)"
_SEE: Final = re.compile(
    rf"(?:[,;:–-]+ ?(?:please )?|\. |^)(?:please )?(?:see|siehe|véase|compare) [^()]{{2,90}}{_ADDRESS}\.?$",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(
    rf"\b(?:is|are) (?:listed|shown|named|described|found|written|explained) (?:in|under|on"
    rf"|at) [^()]{{2,90}}{_ADDRESS}\.?$",
    re.IGNORECASE,
)
_DEPENDS: Final = re.compile(
    r"\b(?:depends?|according to|vary|varies|differs?|how (?:many|much|long|often|far)|which|limits?"
    r"|hängt|depende)\b",
    re.IGNORECASE,
)


def answered_references(
    units: Sequence[Unit], linked: Sequence[Material], rows_about: RowsAbout
) -> list[tuple[Unit, Material | None]]:
    """Return units with the row of the article that each refers to, if it answers; None is the own passage.

    "How long the bin keeps things depends on your plan, see Limits (https://…)" becomes "How long the bin
    keeps things depends on your plan." and the row of the account's plan. A sentence that refers to an
    article without such a row stays as it is.
    """
    told: list[tuple[Unit, Material | None]] = []
    for unit in units:
        found = _row_for(unit, linked, rows_about)
        told += [(unit, None)] if found is None else found
    return told


def _row_for(
    unit: Unit, linked: Sequence[Material], rows_about: RowsAbout
) -> list[tuple[Unit, Material | None]] | None:
    match = _SEE.search(unit.text) or _LISTED.search(unit.text)
    if match is None or not linked or not _DEPENDS.search(unit.text):
        return None
    url = match["url"].rstrip("/.")
    said = unit.text[: match.start()] or unit.text
    for material in linked:
        if (material.url or "").rstrip("/") == url:
            rows = rows_about(material, said)
            if rows:
                kept = said.rstrip(" ,;:–-") if match.re is _SEE else ""
                own = [(unit.model_copy(update={"text": f"{kept}."}), None)] if kept else []
                return [*own, *((row.model_copy(update={"block": unit.block}), material) for row in rows)]
    return None
