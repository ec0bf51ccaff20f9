"""Cutting a source into chunks. Pure.

HTML becomes Markdown first, so that sections, steps, tables and code are recognised.
"""

import re
from collections.abc import Sequence
from typing import Final, cast

from responders.chunks.chunk import KnowledgeChunk, KnowledgeSource, source_id_of
from responders.markup.code import code_spans
from responders.markup.converting import as_markdown
from schemas.knowledge import KnowledgeArticle, Macro, SolvedTicket
from schemas.tickets import SourceKind

MIN_NAMED_ITEMS: Final = 2
"""A list with at least this many named items is cut into its items."""

MAX_HEADING_CHARS: Final = 300
"""Characters of an article's heading that are kept."""

MAX_QUESTION_CHARS: Final = 20_000
"""Characters of a question that are kept: it grows when HTML becomes Markdown and when values are masked."""

MAX_SECTION_CHARS: Final = 8_000
"""A longer section is cut between paragraphs, because a chunk and a draft hold at most 20,000 characters."""

_HEADING = re.compile(r"^#{1,6}[ \t]+(\S.*)$", re.MULTILINE)
_BOUNDARIES: Final = (("\n\n", r"\n[ \t]*\n"), ("\n", r"\n"), (" ", r"(?<=[.!?]) "), (" ", r" "))
"""Boundaries at which a long section may be cut, best first: the text that joins pieces, and its pattern."""

_NAMED_ITEM = re.compile(r"^[-*+][ \t]+\*\*([^*\n]{2,200})\*\*[ \t]*(.+(?:\n[ \t]+\S.*)*)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^[ \t]*\|[^\n]*\n){2}(?:^[ \t]*\|[^\n]*(?:\n|\Z))*", re.MULTILINE)
_TITLE_LINE = re.compile(r"\A\s*#[ \t]+[^\n]*\n?")


def chunks_of(source: KnowledgeSource) -> tuple[KnowledgeChunk, ...]:
    """Cut a source into chunks, in reading order: an article by its headings, the others whole.

    A heading without text below it makes no chunk. HTML becomes Markdown. A section or reply of more than
    MAX_SECTION_CHARS is cut between paragraphs.
    """
    if isinstance(source, KnowledgeArticle):
        pairs = _sections(as_markdown(source.body))
    elif isinstance(source, Macro):
        pairs = [(as_markdown(source.question), as_markdown(source.body))]
    else:
        pairs = [(as_markdown(source.question), as_markdown(source.answer))]
    cut = [(heading, piece) for heading, text in pairs for piece in _pieces(text, _BOUNDARIES)]
    return tuple(_chunk(source, place, heading, body) for place, (heading, body) in enumerate(cut))


def _chunk(source: KnowledgeSource, position: int, heading: str, body: str) -> KnowledgeChunk:
    source_id = source_id_of(source)
    solved = isinstance(source, SolvedTicket)
    article = source if isinstance(source, KnowledgeArticle) else None
    title = _first_line(heading) if isinstance(source, SolvedTicket) else source.title
    return KnowledgeChunk(
        chunk_id=f"{source_id}#{position}",
        source_id=source_id,
        source_kind=cast(SourceKind, source_id.partition(":")[0]),
        title=" ".join(as_markdown(title).split())[:300] or "Untitled",
        heading=heading[:MAX_QUESTION_CHARS],
        body=body,
        url=article.url if article and article.public else None,
        tags=source.tags,
        public=article is not None and article.public,
        position=position,
        account_id=source.account_id if isinstance(source, SolvedTicket) else None,
        updated_at=source.solved_at if solved else source.updated_at,  # type: ignore[union-attr]
    )


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "Solved ticket")
    return line[:300]


def _sections(body: str) -> list[tuple[str, str]]:
    """Return (heading, text) pairs of a Markdown body; text before the first heading has the heading ''.

    A list of two or more named items (`- **Name.** Text`) gives one pair per item, after the section's other
    text. A table becomes a list of named items, and its section also stays whole.
    """
    pairs = _parted(_TITLE_LINE.sub("", body, count=1))
    cut = [pair for heading, text in pairs for pair in _items_apart(heading.strip(), text)]
    return [(heading[:MAX_HEADING_CHARS], text.strip()) for heading, text in cut if text.strip()]


def _parted(body: str) -> list[tuple[str, str]]:
    """Return (heading, text) pairs in order; a line of code that begins with `#` is not a heading."""
    spans = iter(code_spans(body))
    code = next(spans, None)
    pairs: list[tuple[str, str]] = []
    heading, end = "", 0
    for match in _HEADING.finditer(body):
        while code and code.end <= match.start():
            code = next(spans, None)
        if code is None or match.start() < code.start:
            pairs.append((heading, body[end : match.start()]))
            heading, end = _heading_text(match[1]), match.end()
    return [*pairs, (heading, body[end:])]


def _heading_text(written: str) -> str:
    """Return a heading without closing number signs.

    >>> _heading_text("Keys ## "), _heading_text("#")
    ('Keys', '#')
    """
    return written.rstrip().rstrip("#").rstrip() or written.strip()


def _pieces(text: str, boundaries: Sequence[tuple[str, str]]) -> list[str]:
    """Return a text in pieces of at most MAX_SECTION_CHARS, cut at the best boundary that it has."""
    if len(text) <= MAX_SECTION_CHARS:
        return [text]
    if not boundaries:
        return [text[at : at + MAX_SECTION_CHARS] for at in range(0, len(text), MAX_SECTION_CHARS)]
    (joint, pattern), *others = boundaries
    pieces: list[str] = []
    for part in re.split(pattern, text):
        if pieces and len(pieces[-1]) + len(joint) + len(part) <= MAX_SECTION_CHARS:
            pieces[-1] += joint + part
        else:
            pieces += _pieces(part, others)
    return [piece for piece in pieces if piece.strip()]


def _items_apart(heading: str, text: str) -> list[tuple[str, str]]:
    listed = _TABLE.sub(lambda match: _table_as_list(match.group()), text)
    items = list(_NAMED_ITEM.finditer(listed))
    if len(items) < MIN_NAMED_ITEMS:
        return [(heading, listed)]
    named = [
        (item[1].strip().rstrip(".:"), _named_text(item) if item[0] in text else item[0]) for item in items
    ]
    whole = listed if listed != text else _NAMED_ITEM.sub("", listed)
    return [(heading, whole), *named]


def _named_text(item: re.Match[str]) -> str:
    return re.sub(r"(?<!\s)\s+([:,.])", r"\1", f"{item[1].strip()} {item[2]}")


def _table_as_list(table: str) -> str:
    r"""Return a Markdown table as a list: one item per row, named by the first cell, then the other cells.

    Each cell follows its header, so that a row that is found alone can be read.

    >>> _table_as_list("| Plan | Seats | SSO |\n|---|---|---|\n| Team | 50 | no |\n")
    '\n- **Team**: Seats: 50; SSO: no.\n'
    """
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")] for line in table.strip().splitlines()
    ]
    headers = rows[0]
    lines = [
        f"- **{row[0].strip('*')}**: {_row_text(headers, row)}."
        for row in rows[2:]
        if row[0] and len(row) > 1
    ]
    return "\n" + "\n".join(lines) + "\n"


def _row_text(headers: Sequence[str], row: Sequence[str]) -> str:
    """Return the cells of a row that have a text, each after its header."""
    cells = [(header, cell) for header, cell in zip(headers[1:], row[1:], strict=False) if cell]
    return "; ".join(f"{header}: {cell}" if header else cell for header, cell in cells).rstrip(".")
