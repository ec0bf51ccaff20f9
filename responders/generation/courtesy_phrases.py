"""The phrases after thanks and for a customer who asks for news, by language."""

from collections.abc import Mapping
from typing import Final

from responders.generation.holding_phrases import HoldingVariants

THANKS: Final[Mapping[str, HoldingVariants]] = {
    "en": (
        (
            "Thank you for letting us know, I'm glad to hear it.",
            "Just write to us if anything else comes up.",
        ),
        ("That is good to hear, thank you for writing.", "We are here whenever you need us."),
        ("You're very welcome.", "Thank you for taking the time to tell us."),
    ),
    "de": (
        ("Vielen Dank für die Rückmeldung, das freut mich.", "Schreiben Sie uns gern, wenn noch etwas ist."),
        ("Sehr gern geschehen.", "Danke, dass Sie sich die Zeit für eine Nachricht genommen haben."),
    ),
    "es": (
        ("Muchas gracias por avisarnos, me alegra leerlo.", "Escríbenos si necesitas algo más."),
        ("Con mucho gusto.", "Gracias por tomarte el tiempo de escribirnos."),
    ),
}

FOLLOW_UP: Final[Mapping[str, HoldingVariants]] = {
    "en": (
        (
            "Thank you for asking, and I'm sorry that you had to.",
            "Your earlier message has not been forgotten, and a colleague will answer you here.",
        ),
        (
            "Thank you for your patience, and for writing again.",
            "A colleague will look at where your request stands and answer you in this conversation.",
        ),
    ),
    "de": (
        (
            "Danke für die Nachfrage; es tut mir leid, dass sie nötig war.",
            "Ihre Nachricht ist nicht vergessen, und Sie erhalten die Antwort hier.",
        ),
    ),
    "es": (
        (
            "Gracias por preguntar; siento que haya sido necesario.",
            "Tu mensaje no se ha olvidado, y recibirás la respuesta aquí.",
        ),
    ),
}
