"""Each recogniser by itself: what it finds, and the look-alikes that it leaves."""

from collections.abc import Callable, Iterator

import pytest

from responders.privacy.addresses import addresses
from responders.privacy.gazetteer import is_common, is_first_name, is_surname
from responders.privacy.known_names import KnownNames
from responders.privacy.names import names
from responders.privacy.numbers import numbers
from responders.privacy.people import birthdates, phones, registered_numbers
from responders.privacy.places import is_place_or_company
from responders.privacy.secret_clauses import said_words, secrets_of_clauses
from responders.privacy.secrets import secrets
from responders.privacy.span import PersonalValue, texts_of, without_overlaps

Recognise = Callable[[str], Iterator[PersonalValue]]

FOUND: list[tuple[Recognise, str, list[str]]] = [
    (addresses, "Ny adress: Laugavegur 22, 101 Reykjavík.", ["Laugavegur 22, 101 Reykjavík"]),
    (addresses, "to Plot 22B, Acacia Avenue, Kololo, Kampala", ["Plot 22B, Acacia Avenue, Kololo, Kampala"]),
    (addresses, "rue de Wavre 512, bte 4, 1040 Etterbeek!", ["rue de Wavre 512, bte 4, 1040 Etterbeek"]),
    (addresses, "Version 4, 2024 Edition, train 9417 and 12 seats", []),
    (names, "could @henrik ask sandra mcallister", ["henrik", "sandra mcallister"]),
    (names, "Zuzana's laptop, paid by Holt & Sons in San José", ["Zuzana"]),
    (names, "The parcel for Ubbo, my neighbour", ["Ubbo"]),
    (names, "Morgan Stanley and the Victoria line", []),
    (numbers, "GB33BUKB20201555555555 from 203.0.113.9", ["GB33BUKB20201555555555", "203.0.113.9"]),
    (numbers, "GB34BUKB20201555555555, version 42.2.29.1", []),
    (phones, "call (312) 555-0177 x4", ["(312) 555-0177 x4"]),
    (phones, "order 0800-555-2210", []),
    (registered_numbers, "DNI 12345678Z, policy no 881204", ["12345678Z", "881204"]),
    (registered_numbers, "account 12 of 30", []),
    (birthdates, "DOB says 1971-08-30, should say 1971-03-08", ["1971-08-30", "1971-03-08"]),
    (birthdates, "founded 12.03.1987", []),
    (secrets, "session=a8QmZx77LpW0rTt2;", ["a8QmZx77LpW0rTt2"]),
    (secrets, "Password is required. Choose **Require** at sign-on**.", []),
    (secrets_of_clauses, "Backup codes: 8841-0021, 7719-5520", ["8841-0021", "7719-5520"]),
    (secrets_of_clauses, "Our PIN pad shows 12 items", []),
    (said_words, "Kundenkennwort Regenpfeifer war richtig", ["Regenpfeifer"]),
    (said_words, "The passphrase field is short", []),
]


@pytest.mark.parametrize(("recognise", "text", "found"), FOUND)
def test_a_recogniser_finds_its_values_and_no_look_alikes(
    recognise: Recognise, text: str, found: list[str]
) -> None:
    assert texts_of(text, without_overlaps(recognise(text))) == found


def test_the_lists_tell_names_from_words() -> None:
    assert (is_first_name("Siobhán"), is_surname("Fitzgerald"), is_common("delivery")) == (True, True, True)
    assert (is_first_name("delivery"), is_surname("delivery"), is_common("Gulnara")) == (False, False, False)


def test_places_and_companies_are_no_people() -> None:
    text = "Santa Cruz, Wells Fargo, Ada Holt"
    spans = ((0, 10), (12, 23), (25, 33))
    assert [is_place_or_company(text, PersonalValue(*at, "NAME")) for at in spans] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hola, sofia del rio otra vez", ["sofia del rio"]),
        ("Sofia, R. wrote to Sofia-Rio", ["Sofia, R.", "Sofia-Rio"]),
        ("the Rioja and a sofa", []),
        ("sOFIA and SOFÍA", ["sOFIA", "SOFÍA"]),
    ],
)
def test_known_names_are_found_in_a_row_with_particles_and_in_any_case(text: str, found: list[str]) -> None:
    assert texts_of(text, KnownNames(["Sofia", "Rio"]).find(text)) == found
