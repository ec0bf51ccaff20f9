"""Tells whether a writer adds words to a forwarded message, or only points to the message."""

import re
from typing import Final

from schemas.reading.courtesies import is_closing, is_greeting

_FEW_WORDS: Final = 3
_MAX_POINTER_WORDS: Final = 15
_READ_CHARACTERS: Final = 1_000
_MAX_POINTER_SENTENCES: Final = 4

_POINTER: Final = re.compile(
    r"\b(?:please (?:advise|handle|check|help|assist|answer|respond|reply|take care)|(?:can"
    r"|could) (?:you|someone|somebody)"
    r" (?:please )?(?:help|advise|check|assist|have a look)|das (?:bitte |mal |bitte mal )?(?:prüfen"
    r"|ansehen|anschauen|klären|erledigen"
    r"|beantworten|bearbeiten|übernehmen)|weiterhelfen|bitte (?:um )?(?:prüf|bearbeit|kümmer|beantwort"
    r"|klär)\w*|merci de (?:traiter|vérifier"
    r"|répondre|regarder)|pueden (?:revisar|ayudar|responder)|potete (?:verificare|rispondere|aiutare)"
    r"|kunnen jullie (?:kijken|helpen)|fyi|f\.y\.i|for your (?:information|attention|review)|below"
    r"|beneath|underneath"
    r"|forward\w{0,4}|fwd|this|these|it|z\.?\s?k\.?"
    r"|zur (?:info|information|kenntnis|kenntnisnahme|bearbeitung|weiteren bearbeitung)|unten"
    r"|untenstehend\w{0,2}|weitergeleitet\w{0,2}|leite|anbei"
    r"|dies\w{0,2}|darum|dazu|folgende\w{0,2}|nachstehend\w{0,2}|pour (?:info|information)|ci-dessous"
    r"|transf[èe]r\w{0,4}|transmets|ceci|cela|ça|cette"
    r"|para (?:su|tu|vuestra|sua|vosso) (?:informaci[óo]n|conocimiento|informação|conhecimento)"
    r"|reenv[ií]\w{0,4}|abajo|a continuaci[óo]n|est[eo]s?|esta|esto"
    r"|encaminh\w{0,4}|reencaminh\w{0,4}|abaixo|para conhecimento|segue|isto|isso|inoltr\w{0,4}|giro"
    r"|sotto|qui sotto|per conoscenza|quest[aoe]"
    r"|doorgestuurd\w{0,1}|stuur|onderstaand\w{0,1}|hieronder|ter info|ter informatie|dit|deze|hierbij"
    r"|poniżej|do wiadomości|przekazuj\w{0,3}|przesyłam|nedan"
    r"|vidarebefordr\w{0,4}|för kännedom|nedenfor|nedenstående|videresend\w{0,3}|til orientering|níže"
    r"|přeposílám|alla|tiedoksi)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n")


def adds_nothing(own: str, *, surely_forwarded: bool = True) -> bool:
    r"""Tell whether the writer's words above a forwarded message only point to that message.

    If the message may also be the history of a reply, words without a pointer ("Done.") add something.

    >>> adds_nothing("Hi,\n\nplease see below.\nThanks!"), adds_nothing("How do we add seats? Mail below.")
    (True, False)
    """
    if len(own) > _READ_CHARACTERS:
        return False
    parts = [part.strip() for part in _SENTENCE.split(own)]
    said = [part for part in parts if part and not is_greeting(part) and not is_closing(part)]
    return len(said) <= _MAX_POINTER_SENTENCES and all(
        _points(part, may_be_short=surely_forwarded) for part in said
    )


def _points(sentence: str, *, may_be_short: bool) -> bool:
    words = len(sentence.split())
    if words <= _FEW_WORDS and may_be_short:
        return not sentence.endswith("?") or _POINTER.search(sentence) is not None
    return words <= _MAX_POINTER_WORDS and _POINTER.search(sentence) is not None
