"""What headings, lists and tables of a passage state, as sentences that a claim can be compared with.

A table says "Gift card: no" in the row "Plus membership", a list "Corrections" below "Never counted", and a
heading asks what "No." below it answers. Only together they say something.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from responders.generation.limiting import is_denying, is_limiting
from responders.generation.tables import NamedRow, by_plan, is_of, is_table_line, rows_of
from responders.generation.telling import is_counted, lowered
from responders.words import sentences

_ANSWER: Final = re.compile(r"^(?P<said>yes|no|never)(?:(?P<mark>[.,;:!])(?:\s+|$)|\s*$)", re.IGNORECASE)
"""A first word that answers: a stop follows. "No setup fee is charged" answers nothing by its first word."""

_YES: Final = re.compile(r"^(?:yes|included)\b[,;.]?\s*", re.IGNORECASE)
_NO: Final = re.compile(r"^(?:no|none|never)\b(?P<end>[,;.]?)\s*", re.IGNORECASE)
_ITEM: Final = re.compile(r"^\s*[-*+][ \t]+(\S.*)$")
_MARKED: Final = re.compile(r"^\s*(?:[-*+]|\d+[.)])[ \t]+(?=\S)")
_HARD_STOP: Final = re.compile(r"\s*(?:[:;()?!…]|\.(?!\d))\s*")
_ASKS_WHETHER: Final = re.compile(
    r"^(?:can|could|may|is|are|am|do|does|did|will|would|has|have|must|should)\b.*\?$", re.IGNORECASE
)
_LIMITING: Final = re.compile(
    r"^(?:but|only|if|when|unless|except|provided|as long as|as soon as|however|though|although|on|in|for"
    r"|with|without|within|until|before|after|while|once|by|up to|at|from|not|just|depending)\b",
    re.IGNORECASE,
)
"""How a sentence begins that limits the answer before it."""

_ALLOWING: Final = re.compile(
    r"^(?:only|if|when|unless|except|until|before|after|once|while|without|not|just)\b", re.IGNORECASE
)
"""How a sentence begins that takes a "No." back in a case."""

_TURNING: Final = re.compile(r"^(?:but|however|though|although|not)\b", re.IGNORECASE)
"""How a sentence begins that says more than when or for whom the answer is true."""

_PARTED: Final = re.compile(r"[,;:()!?…]|\b(?:and|or|but|because)\b", re.IGNORECASE)
"""What may part a statement, so that half of it would count without the rest."""

_LIMITS: Final = re.compile(
    r"\b(?:no|not|never|none|only|without|unless|except|cannot|\w+n['’]t)\b", re.IGNORECASE
)
_UNLIMITED: Final = re.compile(r"\b(?:no limit|not limited|without limit)\b", re.IGNORECASE)


def topic_lines(title: str, heading: str) -> list[str]:
    """Return the headings that only name what a passage is about, as Markdown.

    A heading that limits or asks whether something is so stays out: its words are only true with its answer.

    >>> topic_lines("Export labels", "Steps"), topic_lines("Bill", "Never counted"), topic_lines("", "Is it?")
    (['# Export labels', '# Steps'], ['# Bill'], [])
    """
    return [f"# {text}" for text in (title, heading) if text and not _is_bound(text)]


def _is_bound(heading: str) -> bool:
    return is_limiting(heading) or _asks_whether(heading)


def _asks_whether(heading: str) -> bool:
    return _ASKS_WHETHER.match(heading.strip()) is not None


def statements_of(
    heading: str, body: str, plans: tuple[str, ...] = (), own: str | None = None
) -> tuple[str, ...]:
    """Return what a passage states, line by line; `own` is the account's plan, None if it must not count.

    A heading that denies or limits stands before each statement. The cell of a plan is said of that plan, and
    without its name only for the own one, if it denies nothing.

    >>> statements_of("Never counted", "- Skipped tasks.")
    ('Never counted , skipped tasks.',)
    >>> statements_of("If a payment fails", "We try again. You get a message.")
    ('If a payment fails , we try again.', 'If a payment fails , you get a message.')
    >>> statements_of("Can a score be reset?", "No. But a project can be left out.")
    ('can not a score be reset.', 'But a project can be left out.')
    >>> statements_of("Can it be restored?", "Yes, if 30 days have not passed. Ask us.")
    ('can it be restored if 30 days have not passed.', 'Ask us.')
    >>> statements_of("", "- **Team**: Filter: none; Seats: 5.", ("Team", "Works"))
    ('no filter on Team.', '5 seats on Team.')
    >>> statements_of("", "- **Norway**: Cost: €18.90.")
    ('Norway , cost €18.90.',)
    """
    lines = [line for line in body.splitlines() if line.strip()]
    answered, lines = _answered(heading, lines)
    limit = "" if _asks_whether(heading) or not is_limiting(heading) else _flat(heading)
    found = [*answered]
    for is_table, run in groupby(lines, key=is_table_line):
        block = list(run)
        rows = rows_of(block) if is_table else ()
        told = _of_rows(rows, plans, own) if rows else [said for line in block for said in _of_line(line)]
        found += [bound for said in told for bound in _bound(limit, said)]
    return tuple(dict.fromkeys(line if line in lines else f"{line.rstrip('.')}." for line in found))


def _flat(heading: str) -> str:
    """Return a heading without the stops that would part it from what follows."""
    return _HARD_STOP.sub(" , ", " ".join(heading.split())).strip(" ,")


def _bound(limit: str, said: str) -> list[str]:
    """Return a statement with the heading that limits it before each of its sentences."""
    if not limit:
        return [said]
    return [f"{limit} , {lowered(one)}" for one in sentences(_MARKED.sub("", said))]


def _answered(heading: str, lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what a question and the first word below it state together, and the lines that are left to read.

    What limits the answer belongs to it. If more follows in its sentence, only that counts.
    """
    found = _ANSWER.match(lines[0]) if lines and _asks_whether(heading) else None
    if found is None:
        return [], list(lines)
    (first, *after), rest = sentences(lines[0][found.end() :]) or [""], list(lines[1:])
    left = [line for line in (" ".join(after), *rest) if line]
    whole = [line for line in (" ".join([first, *after]), *rest) if line]
    denies = found["said"].lower() != "yes"
    if is_denying(heading) or (found["mark"] == ":" and not first) or first.endswith(":"):
        return [], whole
    if found["mark"] in {".", "!", None}:
        takes_back = _ALLOWING if denies else _LIMITING
        is_bare = not takes_back.match(_MARKED.sub("", next(iter(whole), "")))
        return ([_question(heading, denies=denies)] if is_bare else []), whole
    said = _question(heading, denies=denies, limit=first)
    is_kept = not _PARTED.search(said) or (denies and not _ALLOWING.match(first))
    return ([said], left) if _LIMITING.match(first) and is_kept else ([], whole)


def _question(heading: str, *, denies: bool, limit: str = "") -> str:
    """Return a question as a statement, with what limits it."""
    first, _, rest = heading.strip().rstrip(" ?").partition(" ")
    turns = " ," if _TURNING.match(limit) else ""
    return f"{first.lower()} {'not ' if denies else ''}{rest}{turns} {limit}".rstrip()


def _of_rows(rows: Sequence[NamedRow], plans: tuple[str, ...], own: str | None) -> list[str]:
    """Return each cell with the name of its row; plans as columns are rows too."""
    told: list[str] = []
    for row in by_plan(rows, plans) or rows:
        cells = [_cell(header, value) for header, value in row.filled]
        affirmed = [cell for cell in cells if not _LIMITS.search(cell)]
        whole = [" , ".join(affirmed)] if len(affirmed) > 1 else []
        told += [said for cell in (*cells, *whole) for said in _of_cell(row, cell, plans, own)]
    return told


def _of_cell(row: NamedRow, cell: str, plans: tuple[str, ...], own: str | None) -> list[str]:
    """Return a cell with the name of its row; a plan's name limits it, and so does what follows the name.

    Without the name it is only told of the own plan, and only if it denies nothing.
    """
    if not any(is_of(row, plan) for plan in plans):
        return [f"{row.name} , {cell}"]
    case = _case(row.name, plans)
    limit = f" if {case}" if case else ""
    named = row.name.removesuffix(case).rstrip(", ") or row.name
    denies = _LIMITS.search(_UNLIMITED.sub("", cell)) is not None
    return [f"{cell} on {named}{limit}", *([f"{cell}{limit}"] if is_of(row, own) and not denies else [])]


def _case(name: str, plans: tuple[str, ...]) -> str:
    """Return what stands after the plans that a row is named by: how they are paid, for example.

    >>> _case("Team, yearly", ("Team", "Works")), _case("Team, Works", ("Team", "Works"))
    ('yearly', '')
    """
    known = "|".join(re.escape(plan) for plan in sorted(plans, key=len, reverse=True))
    return re.sub(rf"^(?:(?:{known})(?:, | and | or |$))+", "", name, flags=re.IGNORECASE)


def _cell(header: str, value: str) -> str:
    """Return a cell as a statement: "yes" affirms what its header names, "no" denies it.

    >>> _cell("Gift card", "yes, in the Wallet"), _cell("Gift card", "no"), _cell("Price", "$5")
    ('gift card in the Wallet', 'no gift card', 'price $5')
    """
    denied = _NO.match(value)
    rest = value[denied.end() :] if denied else _YES.sub("", value)
    if denied and rest and not denied["end"]:
        return f"{lowered(header)} {value}"
    if is_counted(header, rest):
        return f"{rest} {lowered(header)}"
    return f"{'no ' if denied else ''}{lowered(header)} {rest}".strip()


def _of_line(line: str) -> Iterator[str]:
    """Yield a line; an item of a list with the words before its colon, which limit it."""
    found = _ITEM.match(line)
    yield " , ".join(part.strip() for part in found[1].split(": ", 1)) if found else line
