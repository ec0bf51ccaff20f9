"""Tells whether a line is the writer's own sentence, although it begins like a line of a program."""

import re
from typing import Final

_VERB: Final = re.compile(
    r"(?<![./@-])\b(?:not|never|is|are|was|were|does|cannot|fails?|failed|me|please|again"
    r"|nicht|nie|keine?\w?|ist|sind|wird|kommt|kann|bitte|ich|wir"
    r"|ne|pas|jamais|est|sont|je|nunca|están?|não|são|non|è|sono|niet|nooit|geen|zijn|kan|ik"
    r"|no (?:llegan?|funcionan?|se|me|puedo|podemos|hay|carga|abre))\b|n't\b|\bn'\w",
    re.IGNORECASE,
)
_APOLOGY: Final = re.compile(
    r"excuse|forgive|pardon|apolog|typo|brevity|brief|kürze|tippfehler|entschuldig|fautes|brièveté|désolé"
    r"|errores|erros|errori|brevità|disculp|desculp|scus|typefout|imprim|print|drucken",
    re.IGNORECASE,
)
_MAIL: Final = r"(?:e-?mails?|mail|message|nachricht|courriel|correo|mensaje|mensagem|messaggio|bericht)"
_THIS_MAIL: Final = re.compile(
    rf"\b(?:this|diese[rs]?|ce|cet|este|esta|quest[ao']|dit|deze|ta|tej|detta|denne) ?(?:external )?{_MAIL}\b"
    r"|\bdon't often get|\bthe sender\b"
    rf"|\bextern\w{{0,3}} ?(?:sender|absender|{_MAIL})?\s?(?:[^\w\s]|$|warn)",
    re.IGNORECASE,
)
_OF_MYSELF: Final = re.compile(
    r"\bI (?:have|got|received|was|am|do|did|cannot|can|need|want|had|think|found)\b|\bI'(?:m|ve)\b"
    r"|\b(?:ich|je|j'ai|yo|ik|recebi|ho ricevuto|he recibido)\b"
)


def says_something(text: str) -> bool:
    """Tell whether a line asks, tells or wants something; an apology for a small keyboard does not.

    >>> says_something("Sent via Gmail the reports are marked as spam."), says_something("Unsubscribe me")
    (True, True)
    >>> says_something("Sent from my phone, please excuse typos"), says_something("Enviado do meu iPhone")
    (False, False)
    """
    return "?" in text or (_VERB.search(text) is not None and _APOLOGY.search(text) is None)


def speaks_of_this_mail(text: str) -> bool:
    """Tell whether a warning is about its own mail, as the warnings of mail servers are.

    >>> speaks_of_this_mail("CAUTION: This email came from outside."), speaks_of_this_mail("[EXTERNAL]")
    (True, True)
    >>> speaks_of_this_mail("External users do not get our emails.")
    False
    """
    return _THIS_MAIL.search(text) is not None


def speaks_of_the_writer(text: str) -> bool:
    """Tell whether a text says "I", as no disclaimer does.

    >>> speaks_of_the_writer("I received it in error."), speaks_of_the_writer("If you received it in error")
    (True, False)
    """
    return _OF_MYSELF.search(text) is not None
