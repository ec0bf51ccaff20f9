"""The subject of a draft has no personal value, no secret, no tag, and no link to another host."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.drafting import Rules
from responders.drafting.subject import reply_subject
from responders.markup import has_tags
from responders.privacy import Pseudonyms, has_placeholder
from tests.responders.support.drafting_samples import HOST, NOW, drafter, situation, ticket

ASKED = "The download link of my export has expired"
SECRETS = (
    "4242 4242 4242 4242",
    "ada@example.com",
    "DE89 3704 0044 0532 0130 00",
    "sk-live-abcdefghijklmnop123",
    "+49 30 901820 11",
    "192.168.10.11",
    "password: hunter2hunter2",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("body", [ASKED, "Does the zebrafish sing?", "I want a refund now"])
def test_a_personal_value_in_the_subject_is_not_repeated(secret: str, body: str) -> None:
    draft = drafter().draft(ticket(body, subject=f"Export fails for {secret}"), situation(), now=NOW)
    assert draft.subject.startswith("Re: Export fails for")
    assert secret.removeprefix("password: ") not in draft.to_bytes().decode()
    assert not has_placeholder(draft.subject)


def test_the_name_of_the_customer_is_masked_in_the_subject_as_in_the_body() -> None:
    draft = drafter().draft(ticket(ASKED, subject="Ada Lovelace: export"), situation(), now=NOW)
    assert draft.subject == "Re: …: export"


@pytest.mark.parametrize("link", ["https://evil.example.net/x", "evil.com/x", "javascript:alert(1)"])
@pytest.mark.parametrize("body", [ASKED, "Does the zebrafish sing?", "I want a refund now"])
def test_a_link_to_another_host_is_taken_out_of_the_subject_with_a_warning(link: str, body: str) -> None:
    draft = drafter().draft(ticket(body, subject=f"See {link} now"), situation(), now=NOW)
    assert draft.subject == "Re: your message"
    assert any(warning.startswith("Left out of the subject, link: ") for warning in draft.warnings)


def test_a_link_to_our_own_help_stays() -> None:
    subject = f"https://{HOST}/exports is unclear"
    draft = drafter().draft(ticket(ASKED, subject=subject), situation(), now=NOW)
    assert draft.subject == f"Re: {subject}"
    allowed = Rules(allowed_hosts=frozenset({"status.example.net"}))
    told = drafter(rules=allowed).draft(ticket(ASKED, subject="See status.example.net"), situation(), now=NOW)
    assert told.subject == "Re: See status.example.net"


def test_a_subject_of_several_lines_or_of_tags_is_one_line_without_tags() -> None:
    draft = drafter().draft(ticket(ASKED, subject="<b>Export</b>\r\nBcc: x"), situation(), now=NOW)
    assert draft.subject == "Re: Export Bcc: x"


@pytest.mark.parametrize(
    "marks", ["Re: ", "SV: ", "Antw: RE: ", "TR: ", "RV:", "AW[3]: ", "Odp: ", "回复：", "Fwd: Re(2): "]
)
def test_the_marks_of_replies_in_any_language_are_not_repeated(marks: str) -> None:
    draft = drafter().draft(ticket(ASKED, subject=f"{marks}Export"), situation(), now=NOW)
    assert draft.subject == "Re: Export"


@given(st.text(max_size=300))
def test_any_subject_gives_a_reply_subject(subject: str) -> None:
    said = reply_subject(subject, Pseudonyms())
    assert said.startswith("Re: ")
    assert "\n" not in said
    assert not has_tags(said)
    assert not has_placeholder(said)
