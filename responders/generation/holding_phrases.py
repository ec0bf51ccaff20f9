"""The phrases of holding replies, by language and route; `{who}` is who takes the message."""

from collections.abc import Mapping, Sequence
from typing import Final

LANGUAGES: Final = ("en", "de", "es")

HoldingVariants = Sequence[Sequence[str]]

WHO: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "security_report": "our security team",
        "legal_threat": "our legal team",
        "authority": "our legal team",
        "press": "our press contact",
        "personal_data": "our data protection team",
        "billing_dispute": "our billing team",
        "refund": "our billing team",
        "sales": "our sales team",
        "other": "a colleague",
    },
    "de": {
        "security_report": "unser Sicherheitsteam",
        "legal_threat": "unsere Rechtsabteilung",
        "authority": "unsere Rechtsabteilung",
        "press": "unsere Pressestelle",
        "personal_data": "unser Datenschutzteam",
        "billing_dispute": "unsere Buchhaltung",
        "refund": "unsere Buchhaltung",
        "sales": "unser Vertrieb",
        "other": "eine Kollegin oder ein Kollege",
    },
    "es": {
        "security_report": "nuestro equipo de seguridad",
        "legal_threat": "nuestro equipo jurídico",
        "authority": "nuestro equipo jurídico",
        "press": "nuestro contacto de prensa",
        "personal_data": "nuestro equipo de protección de datos",
        "billing_dispute": "nuestro equipo de facturación",
        "refund": "nuestro equipo de facturación",
        "sales": "nuestro equipo de ventas",
        "other": "una persona de nuestro equipo",
    },
}
"""Who takes a message by its route, unless a name is known."""

BESIDE: Final[Mapping[str, str]] = {
    "en": "I have also passed your message to {who}, who will come back to you here.",
    "de": "Außerdem liest {who} Ihre Nachricht und meldet sich hier bei Ihnen.",
    "es": "Además, {who} leerá tu mensaje y te responderá aquí.",
}
"""What follows an answer if a person must read the message too."""

ENGLISH: Final[Mapping[str, HoldingVariants]] = {
    "self_harm": (
        (
            "Thank you for telling us, and I am sorry that things are so hard right now.",
            "You do not have to go through it alone: please talk to somebody you trust, a crisis line or the"
            " emergency number where you live.",
            "{who} will read your message and write to you personally.",
        ),
    ),
    "violence": (
        (
            "We have read your message.",
            "{who} will take it from here and will answer you.",
        ),
    ),
    "safety": (
        (
            "Thank you for telling us at once.",
            "If you or somebody else is hurt or in danger now, please call the emergency number where you"
            " are.",
            "{who} has your message and will contact you personally.",
        ),
    ),
    "security_report": (
        (
            "Thank you for reporting this to us.",
            "We take it seriously, and I have passed it to {who}.",
            "They will contact you here; until then, please keep the details to yourself and send no"
            " passwords or data of others.",
        ),
        (
            "Thank you for letting us know, and for writing to us directly.",
            "{who} is looking into it and will come back to you in this conversation.",
            "If you have more details, such as when and where you saw it, please add them here.",
        ),
    ),
    "legal_threat": (
        (
            "Thank you for your message.",
            "I have passed it, with everything you wrote, to {who}, who will answer you.",
        ),
        (
            "We have received your message and take it seriously.",
            "{who} will read it and reply to you directly.",
        ),
    ),
    "authority": (
        (
            "Thank you for your request.",
            "I have passed it to {who}, who will contact you about it.",
        ),
    ),
    "press": (
        (
            "Thank you for your enquiry.",
            "I have passed it to {who}, who will get in touch with you.",
        ),
    ),
    "personal_data": (
        (
            "Thank you for your message about your personal data.",
            "I have passed it to {who}, who will handle it and write to you here.",
            "They may first need to make sure that the request comes from you.",
        ),
        (
            "We have received your request about your personal data.",
            "{who} takes care of it and will contact you in this conversation.",
        ),
    ),
    "billing_dispute": (
        (
            "I am sorry for the trouble with this charge, and thank you for telling us.",
            "{who} will compare it with your account and come back to you here.",
            "If you have a receipt or a bank statement at hand, it helps to add it; please leave out card"
            " numbers.",
        ),
        (
            "Thank you for pointing this out; I understand that you want it cleared up.",
            "I have passed it to {who}, who will check the invoice and answer you in this conversation.",
        ),
    ),
    "refund": (
        (
            "Thank you for your message, and I am sorry that there is a reason for it.",
            "I have passed your request on with all the details.",
            "{who} will look at it and come back to you here.",
        ),
        (
            "I am sorry about what happened, and I understand your request.",
            "{who} will go through it and answer you in this conversation.",
        ),
    ),
    "leaving": (
        (
            "Thank you for telling us so openly.",
            "I have passed your message to {who}, who will contact you personally about it.",
            "If there is a time or a number at which you would like to talk, please let us know.",
        ),
        (
            "I am sorry to read this, and a standard text would not do it justice.",
            "{who} has your message and will get in touch with you personally.",
        ),
    ),
    "sales": (
        (
            "Thank you for your interest.",
            "{who} will prepare an answer to your request and write to you here.",
            "If you already know the number of people and a start date, please add them.",
        ),
    ),
    "wants_person": (
        (
            "Of course, and thank you for saying so.",
            "{who} will take over this conversation and has everything that you wrote, so you do not have to"
            " repeat it.",
        ),
        (
            "I understand that you would like to talk to somebody.",
            "I have asked {who} to get in touch with you; if you prefer a certain number or time, please add"
            " it here.",
        ),
    ),
    "account_action": (
        (
            "Thank you for your message.",
            "This is something that has to be done on our side, so I have passed it to {who}.",
            "They will check it and confirm it here, or ask if anything is missing.",
        ),
    ),
    "other": (
        (
            "Thank you for your message.",
            "I have passed it to {who}, who will answer you here.",
        ),
        (
            "We have received your message.",
            "{who} will read it and get back to you in this conversation.",
        ),
    ),
}

GERMAN: Final[Mapping[str, HoldingVariants]] = {
    "self_harm": (
        (
            "Danke, dass Sie uns das sagen; es tut mir leid, dass es Ihnen gerade so schlecht geht.",
            "Sie müssen damit nicht allein bleiben: Bitte sprechen Sie mit einem vertrauten Menschen, mit der"
            " Telefonseelsorge oder mit dem Notruf.",
            "{who} liest Ihre Nachricht und schreibt Ihnen persönlich.",
        ),
    ),
    "safety": (
        (
            "Danke, dass Sie uns das sagen.",
            "Wenn Sie oder jemand anders verletzt oder in Gefahr ist, rufen Sie bitte gleich den Notruf.",
            "{who} hat Ihre Nachricht und meldet sich persönlich bei Ihnen.",
        ),
    ),
    "security_report": (
        (
            "Vielen Dank für Ihren Hinweis.",
            "Wir nehmen ihn ernst; {who} kümmert sich darum und meldet sich hier bei Ihnen.",
            "Bitte behalten Sie die Einzelheiten bis dahin für sich und senden Sie keine Passwörter.",
        ),
    ),
    "legal_threat": (
        (
            "Vielen Dank für Ihre Nachricht.",
            "{who} hat sie erhalten und wird Ihnen antworten.",
        ),
    ),
    "personal_data": (
        (
            "Vielen Dank für Ihre Nachricht zu Ihren persönlichen Daten.",
            "{who} bearbeitet Ihr Anliegen und meldet sich hier bei Ihnen.",
            "Eventuell ist vorher noch ein Nachweis nötig, dass die Anfrage von Ihnen kommt.",
        ),
    ),
    "billing_dispute": (
        (
            "Danke für Ihren Hinweis; ich verstehe, dass Sie das geklärt haben möchten.",
            "{who} vergleicht den Betrag mit Ihrem Konto und meldet sich hier bei Ihnen.",
        ),
    ),
    "refund": (
        (
            "Danke für Ihre Nachricht; es tut mir leid, dass es einen Anlass dafür gibt.",
            "{who} sieht sich Ihr Anliegen an und meldet sich hier bei Ihnen.",
        ),
    ),
    "leaving": (
        (
            "Vielen Dank, dass Sie uns das so offen schreiben.",
            "{who} hat Ihre Nachricht und meldet sich persönlich bei Ihnen.",
            "Wenn Sie lieber telefonieren, nennen Sie uns gern eine Nummer.",
        ),
    ),
    "wants_person": (
        (
            "Gern, und danke für Ihre Nachricht.",
            "{who} übernimmt dieses Gespräch und kennt alles, was Sie geschrieben haben.",
        ),
    ),
    "other": (
        (
            "Vielen Dank für Ihre Nachricht.",
            "{who} kümmert sich darum und antwortet Ihnen hier.",
        ),
        (
            "Ihre Nachricht ist bei uns angekommen.",
            "{who} liest sie und meldet sich in dieser Unterhaltung bei Ihnen.",
        ),
    ),
}

SPANISH: Final[Mapping[str, HoldingVariants]] = {
    "self_harm": (
        (
            "Gracias por contárnoslo; siento mucho que lo estés pasando tan mal.",
            "No tienes que pasar por esto a solas: habla con alguien de confianza, con una línea de crisis o"
            " con el número de emergencias.",
            "{who} leerá tu mensaje y te escribirá personalmente.",
        ),
    ),
    "safety": (
        (
            "Gracias por contárnoslo.",
            "Si tú u otra persona está herida o en peligro, llama ahora al número de emergencias.",
            "{who} tiene tu mensaje y se pondrá en contacto contigo personalmente.",
        ),
    ),
    "security_report": (
        (
            "Gracias por avisarnos.",
            "Lo tomamos en serio; {who} lo está revisando y te responderá aquí.",
            "Hasta entonces, no compartas los detalles ni envíes contraseñas.",
        ),
    ),
    "personal_data": (
        (
            "Gracias por tu mensaje sobre tus datos personales.",
            "{who} se ocupa de tu solicitud y te responderá aquí.",
        ),
    ),
    "billing_dispute": (
        (
            "Gracias por avisarnos; entiendo que quieras aclararlo.",
            "{who} comparará el importe con tu cuenta y te responderá aquí.",
        ),
    ),
    "refund": (
        (
            "Gracias por tu mensaje; siento que haya un motivo para él.",
            "{who} revisará tu solicitud y te responderá aquí.",
        ),
    ),
    "leaving": (
        (
            "Gracias por decírnoslo con tanta claridad.",
            "{who} tiene tu mensaje y se pondrá en contacto contigo personalmente.",
        ),
    ),
    "other": (
        (
            "Gracias por tu mensaje.",
            "{who} se ocupa de ello y te responderá aquí.",
        ),
        (
            "Hemos recibido tu mensaje.",
            "{who} lo leerá y te contestará en esta conversación.",
        ),
    ),
}
