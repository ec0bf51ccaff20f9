"""What a message asks for before an account leaves: an export of everything, fewer seats, or the end.

Patterns of stems in English, German, French and Spanish; a message in another language asks nothing here. A
pattern needs the thing itself (a contract, all data, seats), so "cancel the job" or "export this chart" is
no such ask. A negation shortly before the verb takes the ask back.
"""

import re
from typing import Final

_MOST_CHARACTERS: Final = 20_000
"""Characters of a message that are read."""

_BEFORE: Final = 24
"""Characters before an ask in which a negation is searched. Chosen by hand: two or three words."""

_NEGATED: Final = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bwithout|\bavoid|\bno need to|\binstead of|\bnicht|\bohne|\bkein\w*"
    r"|\bne|\bsans|\bsin)\b[^.!?]*$",
    re.IGNORECASE,
)
_OF_US: Final = r"(?:our|my|the|this|whole|entire|company|team)"
_ENDS: Final = (
    rf"\b(?:cancel|terminat|clos|delet|discontinu|end|stop)\w*\s+(?:{_OF_US}\s+){{1,3}}"
    r"(?:\w+\s+)?(?:accounts?|subscriptions?|contracts?|plans?|memberships?|workspaces?|tenancy)\b",
    r"\bcancel\w*\s+(?:subscriptions?|contracts?|memberships?)\b",
    r"\b(?:not|n['’]t)\s+(?:\w+\s+){0,3}renew\w*\b|\bnon-?renewal\b",
    r"\b(?:abo\w*|vertr[aä]g\w*|konto|account)\b[^!?]{0,40}\b(?:k[uü]ndig\w*|beend\w*|schlie(?:ss|ß)\w*|l[oö]sch\w*)",
    r"\b(?:k[uü]ndig\w*|beend\w*|l[oö]sch\w*)\b[^!?]{0,40}\b(?:abo\w*|vertrag\w*|konto|account)\b",
    r"\br[ée]sili\w*|\b(?:ferm|supprim|annul|clôtur)\w*\s+(?:notre|mon|le|l['’])\s*(?:compte|abonnement|contrat)\b",
    r"\b(?:cancel|cerr|elimin)\w*\s+(?:nuestr[ao]|mi|la|el)\s+(?:cuenta|suscripci[oó]n|contrato)\b",
)
_SEATS: Final = (
    r"\b(?:reduc|remov|drop|cut|lower|decreas|fewer|less)\w*\s+(?:\w+\s+){0,5}(?:seats?|licen[cs]es?)\b",
    r"\b(?:fewer|less)\s+(?:\w+\s+){0,2}(?:seats?|licen[cs]es?|users)\b",
    r"\bdowngrad\w*\b",
    r"\b(?:weniger|reduzier\w*)\s+(?:\w+\s+){0,3}(?:pl[aä]tze|lizenzen|sitze)\b",
    r"\b(?:r[ée]dui\w*|moins)\s+(?:\w+\s+){0,4}(?:licences?|sièges?|places)\b",
    r"\b(?:reduc\w*|menos)\s+(?:\w+\s+){0,4}(?:licencias?|puestos|asientos)\b",
)
_ALL: Final = r"(?:all|everything|entire|whole|complete|full)"
_EXPORTS: Final = (
    rf"\b(?:export|download|extract|migrat|dump|backup)\w*\s+(?:\w+\s+){{0,3}}{_ALL}\b(?:\s+\w+){{0,4}}",
    r"\b(?:full|complete|entire|whole)\s+(?:\w+\s+){0,2}(?:exports?|dumps?|backups?)\b",
    r"\b(?:all|our|my)\s+data\s+out\b",
    r"\b(?:alle|s[aä]mtliche|komplett\w*|ganz\w*)\b[^!?]{0,40}\bexport\w*|\bexport\w*[^.!?]{0,30}\b(?:alle[rns]?|komplett\w*)\b",
    r"\bexport\w*\s+(?:\w+\s+){0,3}(?:toutes?|tous|tout|int[ée]gralit[ée]|compl[eè]te?)\b",
    r"\bexport\w*\s+(?:\w+\s+){0,3}(?:tod[oa]s?|complet[oa]s?)\b",
)


def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_ASKS: Final = {
    "closing": _compiled(_ENDS),
    "export_all": _compiled(_EXPORTS),
    "fewer_seats": _compiled(_SEATS),
}


def leaving_asks(text: str) -> tuple[str, ...]:
    """Return what the words of a customer ask for that points to leaving, in order of name.

    >>> leaving_asks("How do I export all our projects? We will not renew the contract.")
    ('closing', 'export_all')
    >>> leaving_asks("Please don't cancel our subscription. Can I cancel the job and export this chart?")
    ()
    """
    read = text[:_MOST_CHARACTERS]
    return tuple(name for name, pattern in _ASKS.items() if _is_asked(read, pattern))


def _is_asked(text: str, pattern: re.Pattern[str]) -> bool:
    return any(
        not _NEGATED.search(text[max(0, found.start() - _BEFORE) : found.start()])
        for found in pattern.finditer(text)
    )
