"""What a message asks for before an account leaves, in words that nobody fitted."""

import pytest

from detectors.churn.asks import leaving_asks

ASKED = {
    "Please cancel our subscription at the end of the month.": ("closing",),
    "We would like to close the account.": ("closing",),
    "We have decided not to renew our contract.": ("closing",),
    "Wir möchten unseren Vertrag zum 31. März kündigen.": ("closing",),
    "Nous souhaitons résilier notre abonnement.": ("closing",),
    "Queremos cancelar nuestra suscripción.": ("closing",),
    "How can I export all of our projects at once?": ("export_all",),
    "Is there a full export of the workspace?": ("export_all",),
    "Wie kann ich alle Daten exportieren?": ("export_all",),
    "Can we reduce the number of seats from 40 to 10?": ("fewer_seats",),
    "We need fewer licences next year, and an export of everything: download all data please.": (
        "export_all",
        "fewer_seats",
    ),
}
NOT_ASKED = (
    "",
    "Please do not cancel our subscription, the invoice is paid.",
    "Can I cancel the running job?",
    "The export of this chart fails with error 500.",
    "How do I close a ticket?",
    "Please delete the label from this image.",
    "We want to add ten seats.",
    "All exports were fine, thanks.",
    "We will renew the contract next week.",
    "Where do I stop the training?",
)


@pytest.mark.parametrize(("text", "asks"), ASKED.items())
def test_an_ask_that_points_to_leaving_is_heard(text: str, asks: tuple[str, ...]) -> None:
    assert leaving_asks(text) == asks


@pytest.mark.parametrize("text", NOT_ASKED)
def test_ordinary_asks_are_no_sign_of_leaving(text: str) -> None:
    assert leaving_asks(text) == ()


def test_a_long_message_costs_little() -> None:
    assert leaving_asks("export " * 50_000) == ()
