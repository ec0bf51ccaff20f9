"""Yes or no before an answer, if the first sentence of the source decides the question for sure."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from responders.generation.brief import Unit
from responders.generation.plans import AccountPlans
from responders.words import content_stems

Verdict = Literal["yes", "no"]

DECIDING_SHARE: Final = 0.65
"""Share of the question's stems that a sentence must have to decide it.

Chosen by hand: a yes to another thing does more harm than no yes.
"""

NAMED_SHARE: Final = 0.65
"""Share of the stems of a cell's header that a question must have to ask for it.

The header must have at least half as large a share of the question's stems. Chosen by hand.
"""

ONE_STEM_SHARE: Final = 0.5
"""Share of the question's stems that a header of one stem must be: "Export" says nothing about an export to
Excel of old jobs. Chosen by hand.
"""

_ASKS_WHETHER: Final = re.compile(
    r"^\W*(?:(?:and|also|so|but|or|then|1|2|3|hi|hello)\b[\s.,:)]*)*(?:can|could|may|is|are|am|do|does|did|will"
    r"|would|has|have|must|should|possible|any (?:way|chance)|kann|können|darf|ist|gibt es|puedo|puede"
    r"|es posible|hay)\b",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(
    r"\b(?:not|cannot|can't|never|no longer|isn't|aren't|doesn't|don't|won't|no)\b", re.IGNORECASE
)
_NO: Final = re.compile(
    r"\b(?:cannot|can't|(?:is|are) (?:not|never)|isn't|aren't|(?:does|do) not exist|not (?:yet )?offered"
    r"|not (?:possible|available|supported|included))\b",
    re.IGNORECASE,
)
_YES: Final = re.compile(
    r"\b(?:can|may|is possible|are possible|is included|are included|is available|are available"
    r"|is supported|are supported|is offered|are offered)\b",
    re.IGNORECASE,
)
_FREE: Final = re.compile(r"\bfree\b(?! \w+s\b)", re.IGNORECASE)
_OWN_ROW: Final = re.compile(r"^([^:.;]+) on your plan \([^()]+\): ([^;:]+)$")
_ROW: Final = re.compile(r"^[^:.;]+ – [^:;]+: ([^;:]+)$")
"""One cell of a row of a table, as `told_row` tells it."""

_BARE: Final = re.compile(r"^(?:yes|no|ja|nein|sí)[.!,]?$", re.IGNORECASE)

_RESERVED: Final = re.compile(
    r"\b(?:only|unless|except|if|when|once|during|while|until|from|but|apart from|other than|either"
    r"|without|before|after"
    r"|on (?:the )?(?:plans?|starter|team|business|enterprise|pro)|plans?)\b",
    re.IGNORECASE,
)


def verdict_of(ask: str, sentence: str, plans: AccountPlans | None = None) -> Verdict | None:
    """Return yes or no if a sentence decides a question without condition; None in any doubt.

    A sentence that lists the plans that have the thing says no to an account whose plan it leaves out.
    Another sentence about other plans decides nothing.

    >>> verdict_of("Can I import jobs by CSV?", "Jobs cannot be imported by CSV.")
    'no'
    >>> verdict_of("Can I move jobs?", "Jobs can be moved only by an administrator.") is None
    True
    >>> cell = "Collective invoice on your plan (Practice): yes."
    >>> verdict_of("Can we lodge claims from the invoice so that the patient gets a rebate?", cell) is None
    True
    >>> plans = AccountPlans(own="Free", names=("Free", "Team", "Works"))
    >>> verdict_of("Can we use webhooks?", "Webhooks are part of Team and Works only.", plans)
    'no'
    """
    known = plans or AccountPlans()
    said = ask.replace("’", "'")
    told = sentence.replace("’", "'")
    if not _ASKS_WHETHER.match(said) or _NEGATED.search(said) or re.search(r"\bor\b", said):
        return None
    own, row = _OWN_ROW.search(told), _ROW.search(told)
    if own:
        return _decided(own[2]) if _asks_for(said, own[1]) else None
    if row:
        return _decided(row[1]) if _shares_enough(said, told) else None
    if known.leaves_out(told) and not known.in_text(said) & known.in_text(told):
        return "no" if known.lists_plans(told) or _shares_enough(said, told) else None
    is_reserved = _RESERVED.search(told) or known.in_text(told) - {known.own}
    is_own_answer = re.match(r"(?:yes|no)\b", told, re.IGNORECASE)
    return None if is_reserved or is_own_answer or not _shares_much(said, told) else _plainly(said, told)


def _plainly(said: str, told: str) -> Verdict | None:
    """Return what a sentence without a condition says about a question."""
    if _NO.search(told):
        return "no"
    if _FREE.search(said) and re.search(r"\b(?:is|are) (?:always |all )?free\b", told):
        return "yes"
    return "yes" if _YES.search(told) and not _NEGATED.search(told) else None


def without_questions(units: Sequence[Unit], ask: str) -> list[Unit]:
    """Return the units of a passage without the questions of a list of questions and answers.

    A bare "Yes." or "No." stays only if its question, or else the sentence after it, shares words with the
    ask: it answers the question of the list, which may be another one.

    >>> told = ["Can I pause the coffee?", "No.", "It goes on.", "Who sees it?", "All."]
    >>> units = [Unit(text=text, layout="sentence", block=0) for text in told]
    >>> [unit.text for unit in without_questions(units, "Can I gift the coffee?")]
    ['It goes on.', 'All.']
    >>> [unit.text for unit in without_questions(units, "Can I pause my coffee?")]
    ['No.', 'It goes on.', 'All.']
    """
    kept: list[Unit] = []
    for place, unit in enumerate(units):
        if _BARE.match(unit.text):
            near = (
                units[max(0, place - 1) : place] if _is_question(units, place - 1) else units[place + 1 :][:1]
            )
            if not near or not _ASKS_WHETHER.match(ask) or not _shares_much(ask, near[0].text):
                continue
        elif _is_question(units, place):
            continue
        kept.append(unit)
    return kept


def _is_question(units: Sequence[Unit], place: int) -> bool:
    """Tell whether a unit is a question with its answer after it in the same paragraph."""
    if place < 0 or not units[place].text.endswith("?") or units[place].layout != "sentence":
        return False
    return any(unit.block == units[place].block for unit in units[place + 1 :][:1])


def _asks_for(said: str, header: str) -> bool:
    """Tell whether a question asks for what the header of a cell names, and for little else.

    >>> _asks_for("Can we export?", "Export"), _asks_for("Can we export old jobs to Excel?", "Export")
    (True, False)
    """
    wanted, named = set(content_stems(said)), set(content_stems(header))
    shared, least = len(wanted & named), ONE_STEM_SHARE if len(named) == 1 else NAMED_SHARE / 2
    return shared > 0 and shared >= NAMED_SHARE * len(named) and shared >= least * len(wanted)


def _shares_enough(said: str, told: str) -> bool:
    wanted, held = set(content_stems(said)), set(content_stems(told))
    return bool(wanted) and len(wanted & held) / len(wanted) >= DECIDING_SHARE


def _shares_much(ask: str, told: str) -> bool:
    """Tell whether a sentence has at least two meaningful words of an ask, and enough of them."""
    return len(set(content_stems(ask)) & set(content_stems(told))) > 1 and _shares_enough(ask, told)


def _decided(cell: str) -> Verdict | None:
    """Return what a cell of a table says by its first word, if it is yes or no alone."""
    said = cell.strip(" .").casefold()
    return "yes" if said in {"yes", "included"} else "no" if said in {"no", "not offered", "never"} else None
