"""Rules about orders that dictate the reply, or set its rules aside."""

from typing import Final

from responders.policy.injection_concepts import (
    CANCEL,
    CONTROL,
    LITERAL,
    MUST,
    REPLY,
    SAY,
    WRITERS,
    YOURS,
)
from responders.policy.injection_parts import ABOUT_A_SCREEN, LOOSE_START, NOT_OURS, QUOTE, START, Joint

REPLY_JOINTS: Final = (
    Joint(
        "dictates the reply",
        (
            r"\b(?:told|asked|said|advised|suggested|wants?)\s+(?:me|us|that\s+i)?\s?(?:to"
            r"|should)?\s?(?:add|write|include|put|leave|paste|insert)\b[^.\n]{0,70}[\"“„«「『]"
            r"|\bleave\s+(?:it|this|that)\s+in\b[^.\n]{0,10}:",
            rf"(?:{WRITERS})|computer|system|{CONTROL}|{REPLY}",
        ),
        r"\b(?:password|subject|reference|address)\b",
    ),
    Joint(
        "dictates the reply",
        (
            r"(?:^|[\n.!?;]\s*|\b(?:please|just|and|then|bitte|und)\s)(?:reply|answer|respond|say|state"
            r"|write|output|print|antworte\w*|schreib\w*|sag|répond\w*|écri(?:s|vez)|dis|dites"
            r"|respond[ae]\w*|escrib[ae]\w*|di|diga\w*|escreva\w*|rispond\w+|scriv\w+|antwoord|schrijf"
            r"|zeg|odpowiedz|napisz|ответь\w*|напиши\w*)(?:\s+(?:me|back|only|exactly|just|now|sie|mir"
            r"|nur|bitte)){0,2}\s*[:：]\s*\S{2}",
        ),
        rf"{ABOUT_A_SCREEN}|\bi\s+(?:want|would|wanted|must|have|can)\s|\bto\s+be\s+fair\b",
    ),
    Joint(
        "dictates the reply",
        (
            rf"{START}(?:tell|inform|write\s+to|promise|assure)\s+(?:all|every|each|other|your"
            rf"|any)\s+(?:\w+\s)?(?:customers?|users?|clients?|readers?|people|buyers?|callers?"
            rf"|visitors?)\b|{START}(?:sage?n?|teile?n?)\s+(?:sie\s+)?allen\s+kund\w+|{START}(?:dis"
            rf"|dites)\s+à\s+tous|{START}(?:di|diga)\s+a\s+todos|{START}(?:dì|dica|di)\s+a\s+tutti",
        ),
    ),
    Joint(
        "asks to ignore instructions",
        (
            rf"{LOOSE_START}(?:\w+\s){{0,2}}?(?:{CANCEL})|(?:{CONTROL})[^.\n]{{0,40}}(?:{CANCEL})|从|请"
            rf"|今まで|これまで",
            CANCEL,
            CONTROL,
            YOURS,
        ),
        NOT_OURS,
    ),
    Joint(
        "dictates the reply",
        (rf"{START}(?!let\b|i\b)(?:{SAY})\b(?!\s+(?:is|was|says)\b)[^.\n]{{0,80}}?(?:{LITERAL})",),
        rf"{ABOUT_A_SCREEN}|\b(?:asked\s+for|output\s+of|are\s+those|the\s+same)\b",
    ),
    Joint(
        "dictates the reply",
        (
            rf"{LOOSE_START}(?:{SAY})\b[^.\n]{{0,80}}(?:{LITERAL})",
            rf"(?:{CANCEL})[^.\n]{{0,60}}(?:{CONTROL})|(?:{CONTROL})[^.\n]{{0,60}}(?:{CANCEL})|{REPLY}"
            rf"|{WRITERS}|(?:\bfrom\s+now\s+on\b)",
        ),
        ABOUT_A_SCREEN,
    ),
    Joint(
        "dictates the reply",
        (
            REPLY,
            rf"(?:{MUST}|{START}(?:{SAY}))[^.\n]{{0,60}}(?:{QUOTE})"
            rf"|(?:{QUOTE})[^.\n]{{0,40}}(?:{MUST}|{SAY})|\bhave\s+(?:them|it)\s+(?:open|begin|start"
            rf"|end|close)\s+with",
        ),
        ABOUT_A_SCREEN,
    ),
    Joint(
        "dictates the reply",
        (
            r"\b(?:word\s+for\s+word|verbatim|unchanged|in\s+writing"
            r"|under\s+your\s+(?:company's\s+)?(?:name|letterhead)|this\s+(?:exact\s+)?(?:sentence"
            r"|wording|paragraph)|wortgetreu|wortwörtlich|(?:schreib\w*|bestätig\w*"
            r"|geben)\b[^.\n]{0,30}(?:schriftlich|wörtlich)|auf\s+ihrem\s+briefpapier|mot\s+pour\s+mot"
            r"|noir\s+sur\s+blanc|par\s+écrit|textuellement|tel\s+quel"
            r"|por\s+escrito|palabra\s+por\s+palabra|textualmente|por\s+extenso|per\s+iscritto"
            r"|parola\s+per\s+parola|testualmente|woordelijk|letterlijk|schriftelijk|dosłownie"
            r"|słowo\s+w\s+słowo|na\s+piśmie)\b|дословно|письменно|слово\s+в\s+слово|一字不|原话|书面|そのまま"
            r"|一字一句|書面で",
            r"[\"“„«「『][^\"”“»」』\n]{8,240}[\"”“»」』]",
            rf"{LOOSE_START}(?:{SAY})|\bi\s+want\b",
        ),
        ABOUT_A_SCREEN,
    ),
    Joint(
        "dictates the reply",
        (
            rf"(?:\b(?:whole|entire|full|only|sole)\s+(?:answer|reply|response)\b|\bin\s+full\s+with\b"
            rf"|\b(?:ausschließlich|uniquement|seulement|solamente|apenas|soltanto|uitsluitend"
            rf"|wyłącznie|nur\s+mit|nur:|solo\s+con|solo|só|alleen|tylko)\b|только|只|仅|だけ"
            rf"|のみ)[^.\n]{{0,20}}(?:{QUOTE})",
            rf"(?:{SAY})",
        ),
        r"\b(?:page|screen|button|says|zeigt|steht|affiche|muestra|display|error|fehler|erreur|sale"
        r"|aparece)\b",
    ),
    Joint(
        "dictates the reply",
        (
            rf"(?<!\b(?:reports?|logs?|lines?|files?|mails?|names?|codes?|i|we|they|you)\s)\b(?:start"
            rf"|begin|end|close|finish|conclude"
            rf"|open)\s+(?:(?:your|each|every|all|any|the"
            rf"|its)\s[^.\n]{{0,40}}\s)?with\s[^.\n]{{0,25}}(?:{QUOTE})|\b(?:beend\w+|schließ\w+"
            rf"|beginn\w+|end\w+)\b[^.\n]{{0,40}}\bmit\b[^.\n]{{0,25}}(?:{QUOTE})|\b(?:termin\w+"
            rf"|commenc\w+|début\w+|finis\w*"
            rf"|conclu\w+)\b[^.\n]{{0,40}}\bpar\b[^.\n]{{0,25}}(?:{QUOTE})"
            rf"|\b(?:acab\w+|termin\w+|empie\w+|comien\w+|encerr\w+|comec\w+|conclud\w+"
            rf"|inizi\w+)\b[^.\n]{{0,40}}\bco[nm]\b[^.\n]{{0,25}}(?:{QUOTE})|\b(?:eindig|begin"
            rf"|sluit)\b[^.\n]{{0,30}}\bmet\b[^.\n]{{0,25}}(?:{QUOTE})|(?:\b(?:zakończ|zacznij)\w*"
            rf"|закончи\w*|начни\w*)[^.\n]{{0,40}}(?:{QUOTE})|(?:末尾|结尾|开头|最後に"
            rf"|冒頭)[^.\n]{{0,20}}(?:{QUOTE})",
        ),
    ),
    Joint(
        "dictates the reply",
        (
            r"\b(?:paste|copy|repeat|put|insert|translate|übersetz\w*|traduis\w*|tradu[zc]\w*|vertaal"
            r"|przetłumacz)\b",
            r"\b(?:this\s+(?:whole\s+)?(?:paragraph|sentence|text|line)|all\s+answers|every\s+(?:answer"
            r"|reply)|under\s+your|your\s+company's\s+name|your\s+letterhead|briefpapier"
            r"|in\s+ihrem\s+namen)\b",
            r"[\"“„«「『][^\"”“»」』\n]{8,240}[\"”“»」』]",
        ),
    ),
    Joint(
        "dictates the reply",
        (
            r"\b(?:skip|without|leave\s+out|drop|ohne)\b[^.\n]{0,20}\b(?:warnings?|disclaimers?"
            r"|caveats?|warnhinweise?)\b",
            rf"(?:{SAY})",
        ),
    ),
)
