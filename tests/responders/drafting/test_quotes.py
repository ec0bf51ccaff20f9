"""The drafter answers the customer's newest words, not quoted text or a signature."""

import pytest

from schemas import Draft
from tests.responders.support.drafting_samples import NOW, drafter, situation, ticket

LINK_QUESTION = "The download link of my export has expired"


def draft(body: str) -> Draft:
    return drafter().draft(ticket(body), situation(), now=NOW)


def test_quoted_history_and_signature_are_not_answered() -> None:
    body = f"{LINK_QUESTION}\n\nOn Monday, Bob wrote:\n> How do I add seats?\n> more seats for colleagues"
    assert "seats" not in draft(body).body


OLD_QUESTION = "How do I add more seats for new colleagues to our plan? Our lawyer will sue."


@pytest.mark.parametrize(
    "quoted",
    [
        "From: Help <h@x.example>\nSent: Monday, 5 January 2026 09:00\nTo: Ada\nSubject: RE: Seats\n\n{old}",
        "Von: Hilfe\nGesendet: Montag, 5. Januar 2026 09:00\nAn: Ada\nBetreff: AW: Plätze\n\n{old}",
        "Le lun. 5 janv. 2026 à 09:00, Aide <h@x.example> a écrit :\n\n{old}",
        "Am Mo., 5. Jan. 2026 um 09:00 Uhr schrieb Hilfe\n<h@x.example>:\n\n{old}",
        "On Mon, 5 Jan 2026 at 09:00, Example Support <h@x.example>\nwrote:\n\n{old}",
        "Da: Aiuto <h@x.example>\nInviato: lunedì 5 gennaio 2026 09:00\nA: Ada\nOggetto: R: posti\n\n{old}",
    ],
)
def test_a_quoted_question_is_never_answered_instead_of_the_new_question(quoted: str) -> None:
    plain = draft(LINK_QUESTION)
    below = draft(f"{LINK_QUESTION}\n\n{quoted.format(old=OLD_QUESTION)}")
    assert (below.state, below.body, below.citations) == ("ready", plain.body, plain.citations)
    page = f"<div>{LINK_QUESTION}</div><blockquote><p>{OLD_QUESTION}</p></blockquote>"
    assert draft(page).body == plain.body


@pytest.mark.parametrize(
    "body",
    [
        "On Mon, 5 Jan 2026 at 09:00, Help <h@x.example> wrote:\n> Does it work now?\n\nNo. {asked}",
        "On Mon, 5 Jan 2026 at 09:00, Help wrote:\n> Did it?\n\nYes.\n\n> More?\n\n{asked}",
        "Hello,\n\nThanks!\nThe invoice came.\n\n{asked}",
        "I tried two things\n--\n{asked}",
        "FYI\n\n---------- Forwarded message ---------\nFrom: Bo <b@x.example>\nDate: Mon, 5 Jan 2026\n"
        "Subject: Link\nTo: Ada <a@x.example>\n\n{asked}",
        "<p>Hello,</p><p>{asked}</p><div class=gmail_signature>Ada</div>",
    ],
)
def test_a_question_below_between_or_inside_quoted_text_is_answered(body: str) -> None:
    found = draft(body.format(asked=LINK_QUESTION))
    assert found.state == "ready"
    assert "New link" in found.body
