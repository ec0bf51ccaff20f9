"""Whether a writer adds anything to a forwarded message, or only points to it."""

import re
from typing import Final

from schemas.reading.courtesies import is_closing, is_greeting

_FEW_WORDS: Final = 3
_MAX_POINTER_WORDS: Final = 15
_READ_CHARACTERS: Final = 1_000
_MAX_POINTER_SENTENCES: Final = 4

_POINTER: Final = re.compile(
    r"\b(?:fyi|f\.y\.i|for your (?:information|attention|review)|below|beneath|underneath"
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


def adds_nothing(own: str) -> bool:
    r"""Tell whether own words above a forwarded message only point to it.

    >>> adds_nothing("Hi,\n\nplease see below.\nThanks!"), adds_nothing("How do we add seats? Mail below.")
    (True, False)
    """
    if len(own) > _READ_CHARACTERS:
        return False
    parts = [part.strip() for part in _SENTENCE.split(own)]
    said = [part for part in parts if part and not is_greeting(part) and not is_closing(part)]
    return len(said) <= _MAX_POINTER_SENTENCES and all(_points(part) for part in said)


def _points(sentence: str) -> bool:
    words = len(sentence.split())
    if words <= _FEW_WORDS:
        return not sentence.endswith("?") or _POINTER.search(sentence) is not None
    return words <= _MAX_POINTER_WORDS and _POINTER.search(sentence) is not None
