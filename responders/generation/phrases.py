"""The phrases around the answers of a reply, by language: English, German and Spanish."""

from typing import Final

from responders.generation.brief import DEFAULT_SIGNATURE, Tone
from schemas.base import Record

TonePhrases = dict[Tone, tuple[str, ...]]


class ReplyPhrases(Record):
    """The phrases of one language; among equal phrases the variant of the brief picks one.

    `{name}`, `{wish}`, `{ask}`, `{title}`, `{url}`, `{slot}` and `{signature}` are filled.
    `team` signs if the operator has no signature of their own.
    """

    greeting: str
    greeting_named: str
    opening: TonePhrases
    wish: str
    several: tuple[str, ...]
    other: str
    open: tuple[str, ...]
    open_unsaid: tuple[str, ...]
    action: str
    action_unsaid: str
    link: str
    links: str
    closing: TonePhrases
    closing_open: str
    closing_public: str
    slot_question: str
    sign_off: str
    team: str
    yes: str
    no: str


_ENGLISH: Final = ReplyPhrases(
    greeting="Hello,",
    greeting_named="Hi {name},",
    opening={
        "calm": (
            "Thanks for your message.",
            "Thank you for getting in touch.",
            "Thanks for writing to us.",
            "Thanks for reaching out.",
        ),
        "apology": (
            "I'm sorry for the trouble.",
            "I'm sorry about this.",
            "I'm sorry that this gave you trouble.",
        ),
        "warm": ("Thank you for the kind words.", "Thank you for the kind words, they are good to read."),
        "leaving": ("I'm sorry for the trouble.",),
    },
    wish="You asked {wish}.",
    several=("Here is what I can tell you, point by point.", "Here are the answers to your points in order."),
    other="In case you mean “{title}”:",
    open=(
        "I could not find a confirmed answer to {ask}, so a colleague has to answer this part.",
        "Our documentation does not answer {ask}; a colleague has to look at this part.",
    ),
    open_unsaid=(
        "Part of your message stays open: our documentation does not answer it, and a colleague has to"
        " look at it.",
    ),
    action="A colleague has to do this part for you: {ask}.",
    action_unsaid="Part of your message is something that a colleague has to do for you.",
    link="More about this: {url}",
    links="More about this:",
    closing={
        "calm": (
            "If anything is unclear, just reply to this message.",
            "Just reply here if you get stuck.",
            "If something does not fit your case, reply here and tell me what you see.",
        ),
        "apology": (
            "If it still does not work after that, reply here and tell me what you see.",
            "Please reply here with what you see if that does not solve it.",
        ),
        "warm": ("Just reply here if there is anything else.",),
        "leaving": ("Please reply here if you have a question about this.",),
    },
    closing_open="Just reply here if I have misunderstood you.",
    closing_public="If that does not solve it, post what you see here, without any account details.",
    slot_question="Could you tell me the {slot}?",
    sign_off="Best regards,\n{signature}",
    team=DEFAULT_SIGNATURE,
    yes="Yes.",
    no="No.",
)
_GERMAN: Final = ReplyPhrases(
    greeting="Guten Tag,",
    greeting_named="Guten Tag {name},",
    opening={
        "calm": ("vielen Dank für Ihre Nachricht.", "danke, dass Sie sich melden."),
        "apology": ("es tut mir leid, dass Sie damit Ärger haben.",),
        "warm": ("vielen Dank für die freundlichen Worte.",),
        "leaving": ("es tut mir leid, dass Sie damit Ärger haben.",),
    },
    wish="",
    several=("Hier sind die Antworten der Reihe nach.",),
    other="Falls Sie „{title}“ meinen:",
    open=("Auf die Frage {ask} habe ich keine gesicherte Antwort gefunden; das muss ein Kollege klären.",),
    open_unsaid=("Ein Teil Ihrer Nachricht bleibt offen; das muss ein Kollege klären.",),
    action="Das muss ein Kollege für Sie erledigen: {ask}.",
    action_unsaid="Einen Teil Ihrer Nachricht muss ein Kollege für Sie erledigen.",
    link="Mehr dazu: {url}",
    links="Mehr dazu:",
    closing={
        "calm": ("Wenn etwas unklar ist, antworten Sie einfach auf diese Nachricht.",),
        "apology": ("Wenn es danach noch nicht geht, schreiben Sie mir bitte, was Sie sehen.",),
        "warm": ("Melden Sie sich gern, wenn noch etwas ist.",),
        "leaving": ("Wenn Sie dazu eine Frage haben, antworten Sie bitte auf diese Nachricht.",),
    },
    closing_open="Wenn ich Sie falsch verstanden habe, antworten Sie einfach auf diese Nachricht.",
    closing_public="Wenn das nicht hilft, schreiben Sie hier bitte ohne Kontodaten, was Sie sehen.",
    slot_question="Können Sie mir bitte noch nennen: {slot}?",
    sign_off="Mit freundlichen Grüßen\n{signature}",
    team="Ihr Support-Team",
    yes="Ja.",
    no="Nein.",
)
_SPANISH: Final = ReplyPhrases(
    greeting="Hola:",
    greeting_named="Hola, {name}:",
    opening={
        "calm": ("Gracias por su mensaje.", "Gracias por escribirnos."),
        "apology": ("Siento las molestias.",),
        "warm": ("Muchas gracias por sus amables palabras.",),
        "leaving": ("Siento las molestias.",),
    },
    wish="",
    several=("Le respondo punto por punto.",),
    other="Si se refiere a «{title}»:",
    open=("No he encontrado una respuesta segura a {ask}; un compañero tiene que verlo.",),
    open_unsaid=("Una parte de su mensaje queda abierta; un compañero tiene que verla.",),
    action="Un compañero tiene que hacer esto por usted: {ask}.",
    action_unsaid="Un compañero tiene que hacer una parte por usted.",
    link="Más información: {url}",
    links="Más información:",
    closing={
        "calm": ("Si algo no queda claro, responda a este mensaje.",),
        "apology": ("Si después sigue sin funcionar, respóndame y dígame lo que ve.",),
        "warm": ("Escríbanos si necesita algo más.",),
        "leaving": ("Si tiene alguna pregunta sobre esto, responda a este mensaje.",),
    },
    closing_open="Si le he entendido mal, responda a este mensaje.",
    closing_public="Si no se resuelve, escriba aquí lo que ve, sin datos de su cuenta.",
    slot_question="¿Puede decirme: {slot}?",
    sign_off="Un saludo,\n{signature}",
    team="El equipo de soporte",
    yes="Sí.",
    no="No.",
)
_BY_LANGUAGE: Final = {"en": _ENGLISH, "de": _GERMAN, "es": _SPANISH}


VERDICTS: Final = frozenset(word for one in _BY_LANGUAGE.values() for word in (one.yes, one.no))
"""The words that may stand before an answer without a source of their own."""


def phrases_of(language: str) -> ReplyPhrases:
    """Return the phrases of a language, as a code of ISO 639-1; English for one without phrases."""
    return _BY_LANGUAGE.get(language, _ENGLISH)


def picked(phrases: tuple[str, ...], variant: int) -> str:
    """Return one of equal phrases."""
    return phrases[variant % len(phrases)]
