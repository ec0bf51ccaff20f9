"""Phrases of messages that a person must answer."""

import re
from typing import Final

_I: Final = re.IGNORECASE

_ROUTES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "self_harm",
        re.compile(
            r"\b(?:kill(?:ing)?|hurt(?:ing)?|harm(?:ing)?|cut(?:ting)?)\s+my\s?self\b|\bsuicid(?:e|al)\b"
            r"|\bend(?:ing)?\s+my\s+(?:own\s+)?life\b"
            r"|\b(?:don'?t|do\s+not)\s+want\s+to\s+(?:live|be\s+alive)\b|\bself[- ]harm\b"
            r"|\bwant\s+to\s+die\b|\bbetter\s+off\s+dead\b",
            _I,
        ),
    ),
    (
        "security_report",
        re.compile(
            r"\b(?:found|discovered|report(?:ing)?|disclos\w+|noticed|there(?:'s"
            r"|\s+is))\b.{0,40}\b(?:vulnerabilit(?:y|ies)|security\s+(?:hole|flaw|bug|issue|problem"
            r"|incident|breach))"
            r"|\b(?:data|security)\s+breach\b|\b(?:xss|csrf|ssrf|rce|sql\s+injection|idor|cve-\d{4}-\d+)\b"
            r"|\bbug\s+bounty\b|\bresponsible\s+disclosure\b"
            r"|\b(?:see|access|view|read|open|downloaded?)\b.{0,30}\b(?:another|other|different"
            r"|someone\s+else'?s?)\s+(?:customers?|compan(?:y|ies)|accounts?|organi[sz]ations?|tenants?"
            r"|workspaces?)(?:'s?|')?\s*(?:\w+\s+)?(?:data|labels|files|projects?|images|tasks|exports?"
            r"|datasets?|invoices?)"
            r"|\b(?:account|workspace|we|i)\s+(?:\w+\s+){0,3}(?:hacked|compromised)\b|\b(?:leaked"
            r"|stolen)\s+(?:api\s+)?(?:keys?|tokens?|credentials?|passwords?)\b",
            _I,
        ),
    ),
    (
        "legal_threat",
        re.compile(
            r"\b(?:my|our|a|the)\s+(?:lawyers?|attorneys?|solicitors?)\b|\b(?:sue|suing)\s+(?:you|your"
            r"|the)\b|\blawsuit\b|\blegal\s+(?:action|proceedings|steps|consequences)\b"
            r"|\btake\s+(?:you|this)\s+to\s+court\b|\bsee\s+you\s+in\s+court\b|\bbreach\s+of\s+(?:our\s+"
            r"|the\s+)?(?:contract|agreement)\b|\bsmall\s+claims\b"
            r"|\b(?:report|complain|complaint)\b.{0,40}\b(?:regulator|data\s+protection\s+authority"
            r"|consumer\s+protection|ombudsman|ftc|ico)\b",
            _I,
        ),
    ),
    (
        "personal_data",
        re.compile(
            r"\b(?:delete|erase|remove|wipe|forget|send|give|export|copy|provide|access|know"
            r"|see)\b.{0,50}\b(?:(?:my|our|his|her|their)\s+(?:\w+\s+)?personal\s+(?:data|information"
            r"|details)"
            r"|(?:personal\s+)?(?:data|information)\s+(?:that\s+)?(?:you\s+(?:hold|have|store"
            r"|keep)\s+)?(?:about|on)\s+(?:me|us)\b)"
            r"|\bright\s+to\s+(?:be\s+forgotten|erasure|access)\b"
            r"|\b(?:data\s+)?subject\s+access\s+request\b|\b(?:gdpr|ccpa|dsar)\b.{0,30}\b(?:request"
            r"|delet\w+|eras\w+|access)\b"
            r"|\b(?:request|delet\w+|eras\w+|article\s+1[57])\b.{0,30}\b(?:gdpr|ccpa|dsar)\b",
            _I,
        ),
    ),
    (
        "refund",
        re.compile(
            r"\b(?:want|need|demand|request|requesting|expect|asking\s+for|ask\s+for|like|give|issue"
            r"|process|get|give\s+me|owe|due|where'?s?|where\s+is)\b.{0,30}\brefund(?:ed)?\b"
            r"|\brefund\s+(?:me|us|my|our|this|the|it|immediately|now|please|is\s+(?:still\s+)?(?:missing"
            r"|outstanding))\b|\b(?:money|payment)\s+back\b"
            r"|\bcharge\s?back\b|\bdispute\s+(?:the|this)\s+(?:charge|payment)\b|\breimburse(?:d|ment)?\b"
            r"|\bcompensat(?:e|ed|ion)\b|\bcredit\s+(?:us|me|our\s+account|my\s+account)\b"
            r"|\bservice\s+credits?\b.{0,20}\b(?:owed|due)\b",
            _I,
        ),
    ),
)

_POLICY_QUESTION = re.compile(
    r"\b(?:what\s+is|what'?s|where\s+(?:can|do)\s+i\s+(?:find|read)|how\s+(?:does|do)|is\s+there"
    r"|do\s+you\s+have)\b.{0,30}\brefund\s+polic(?:y|ies)\b",
    _I,
)


def needs_a_person(text: str) -> str | None:
    """Return the reason why a person must answer, or None.

    The first that applies of: self_harm, security_report, legal_threat, personal_data, refund. A question
    about the refund policy is not a demand for a refund.

    >>> needs_a_person("I want a refund now"), needs_a_person("What is your refund policy?")
    ('refund', None)
    """
    plain = _POLICY_QUESTION.sub(" ", " ".join(text.replace("’", "'").split()))
    return next((route for route, pattern in _ROUTES if pattern.search(plain)), None)
