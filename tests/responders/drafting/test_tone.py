"""Thanks answer kind words only. Each message here is scored as surely positive, the worst case."""

from typing import Any

import pytest

from responders.drafting.said import said_in
from responders.drafting.tone import tone_of
from schemas import Sentiment, Ticket
from tests.responders.support.drafting_samples import NOW

KIND = (
    "The new tasting menu was wonderful, our guests still talk about it.",
    "Thank you for the quick help with my prescription yesterday.",
    "Your technician was very friendly and had the boiler running in an hour.",
    "I love the new filter in the parcel overview.",
    "We are delighted with the curtains, the colour is perfect.",
    "Kudos to Marta at the front desk, she found our lost luggage tag in minutes!",
    "The lesson plan for year nine is excellent. How do I print it on A3?",
    "It works like a charm now, thanks for fixing the meter reading.",
    "Thanks a lot for all the support during our move.",
    "Everyone on the ward really appreciates the new handover screen.",
    "My daughter's riding lesson was amazing and the instructor was so patient.",
    "I just wanted to say that your support is outstanding.",
    "You saved us before the trade fair. The badges look great!",
    "Best service I have had from an insurer. Where do I upload the invoice?",
    "Thank you so much for your patient help with the tax form.",
    "The seedlings arrived in great shape and I am impressed by the packaging.",
)
NO_KIND_WORDS = (
    "Great, another outage on a Monday morning.",
    "Thanks for nothing.",
    "Well done breaking the booking page right before the holidays.",
    "I love how every update deletes my playlists.",
    "Your hotel used to be wonderful.",
    "It would be great if the driver rang the bell.",
    "I would appreciate an answer about my claim.",
    "I am not happy with the translation.",
    "The quality is no longer excellent.",
    "Your support was very helpful in the past, but my broadband is still down.",
    "It is disappointing that such a good course has no captions.",
    "Our card was charged twice for the gym membership. Thank you and best wishes.",
    "The wedding cake looked beautiful but it was the wrong flavour.",
    "Wonderful, now the pump leaks as well.",
    "What a great way to lose a customer.",
    "Oh perfect, the flight is delayed again.",
    "Is the premium plan really so great?",
    "How do I export the guest list? Many thanks in advance.",
    "Please send me the return label. Thanks!",
    "Thank you for your message. The sofa has still not arrived.",
    "Where can I find the excellent guide that you advertised?",
    "Closing a workspace: what happens to our data? Kind regards and thank you.",
    "Compensation for today, please. The ferry did not run.",
    "I hoped for a lovely evening, the room was dirty.",
    "Can you recommend a good vet near Leeds?",
    "The manual says that the alarm works perfectly without Wi-Fi. Where is the switch?",
    "I want a refund, the helmet is broken.",
    "My grandmother would love a large-print bill.",
    "A great deal of our stock went missing in your warehouse.",
    "Nice work, you have locked me out of my own pension.",
    "Congratulations, this is the third time the milk is sour.",
    "We were told that the service is excellent.",
    "The seats are never as good as advertised.",
    "If the new lens is that great, why does it fog up?",
    "Thank you for the kind reply, however nobody has called me.",
    "Amazing. Two hours in the queue for a parking permit.",
    "Please thank the team for the great idea of closing the only lift.",
    "We would like to order forty chairs. Is delivery on Friday possible?",
    "The student card was refused at the library.",
)
PRAISE_IN_A_COMPLAINT = ("We are cancelling the contract. Your people were always friendly.",)


def sentiment(**given: Any) -> Sentiment:
    ids = {"event_id": "e", "ticket_id": "t", "account_id": "a", "model": "m"}
    glad = {"label": "positive", "probabilities": (0.01, 0.04, 0.95), "score": 0.94}
    return Sentiment.model_validate({**ids, "occurred_at": NOW, "scored_at": NOW, **glad, **given})


def read(message: str) -> str:
    event = Ticket(event_id="e", ticket_id="t", account_id="a", body=message, occurred_at=NOW)
    return said_in(event)


@pytest.mark.parametrize("message", KIND)
def test_kind_words_are_thanked_for(message: str) -> None:
    assert tone_of(read(message), sentiment()) == "warm"


@pytest.mark.parametrize("message", NO_KIND_WORDS)
def test_words_that_only_look_kind_are_not_thanked_for(message: str) -> None:
    assert tone_of(read(message), sentiment()) == "calm"


@pytest.mark.parametrize("message", PRAISE_IN_A_COMPLAINT)
def test_praise_in_a_complaint_is_answered_by_the_mood(message: str) -> None:
    complaint = sentiment(label="negative", probabilities=(0.9, 0.05, 0.05), score=-0.85)
    assert tone_of(read(message), complaint) == "apology"


MOODS = (
    ({"label": None, "abstained": "uncertain"}, "calm"),
    ({"probabilities": (0.1, 0.3, 0.6), "score": 0.5}, "calm"),
    ({"frustration": 0.4, "frustration_reasons": ("waiting",)}, "calm"),
    ({"label": "neutral"}, "calm"),
    ({"label": None, "abstained": "unsupported_language", "probabilities": None, "score": None}, "calm"),
    ({"sarcasm": 0.7}, "apology"),
    ({"label": "negative"}, "apology"),
    ({"label": "negative", "threat": 0.2}, "apology"),
    ({"label": "neutral", "frustration": 0.6, "frustration_reasons": ("waiting",)}, "apology"),
    ({"threat": 0.8}, "leaving"),
    ({"label": "negative", "frustration": 0.6, "frustration_reasons": ("threat_to_leave",)}, "leaving"),
    ({"threat": 0.1, "frustration": 0.4, "frustration_reasons": ("threat_to_leave",)}, "calm"),
)


@pytest.mark.parametrize(("given", "tone"), MOODS)
def test_the_mood_decides_the_tone_of_the_answer_to_trouble(given: dict[str, Any], tone: str) -> None:
    assert tone_of(read("The lift is stuck since Monday and nobody came."), sentiment(**given)) == tone


@pytest.mark.parametrize("message", KIND[:4])
@pytest.mark.parametrize(("given", "tone"), MOODS)
def test_kind_words_get_no_apology_whatever_the_mood(message: str, given: dict[str, Any], tone: str) -> None:
    wanted = "calm" if tone == "apology" else tone
    assert tone_of(read(message), sentiment(**given)) == wanted


NO_TROUBLE = (
    "By when do I have to tell you that two of us leave the course?",
    "My cousin would like to start with you as well. Is there a thank-you for us?",
    "Saw the new parcel shop on the map, we are in Turin. Can we use it?",
    "How many decibels does the washer make? My baby sleeps next door.",
    "student discount? im in graz",
    "Do the reminders go out by themselves? I'd rather they did.",
    "Our insurer wants a certificate of yours. Where do I get it, and what sum is insured?",
    "What happens if the courier does not find the house?",
    "I look for a telephone number, I prefer to speak with a person.",
)
TROUBLE = (
    "The receipt of the choir trip is missing, and the treasurer asks for it daily.",
    "I must say I am a little surprised that the gardener came on a Sunday.",
    "We have been waiting for the piano tuner since March.",
    "i binned the whole guest list by accident, is it gone?",
    "My pump leaks since the visit of your technician.",
    "For the third time I send you the same form.",
    "The tickets were printed with the wrong date.",
    "Nobody told us that the pool is closed!!",
)


@pytest.mark.parametrize("message", NO_TROUBLE)
def test_a_question_that_tells_of_no_trouble_gets_no_apology(message: str) -> None:
    heard = sentiment(label="negative", probabilities=(0.88, 0.1, 0.02), score=-0.8, frustration=0.7)
    assert tone_of(read(message), heard) == "calm"


@pytest.mark.parametrize("message", TROUBLE)
def test_trouble_gets_an_apology_from_a_mood_that_is_not_sure(message: str) -> None:
    heard = sentiment(label="negative", probabilities=(0.62, 0.36, 0.02), score=-0.6)
    assert tone_of(read(message), heard) == "apology"


@pytest.mark.parametrize("message", NO_TROUBLE)
def test_a_mood_that_is_surely_negative_needs_no_words_of_trouble(message: str) -> None:
    heard = sentiment(label="negative", probabilities=(0.97, 0.02, 0.01), score=-0.95)
    assert tone_of(read(message), heard) == "apology"


def test_a_threat_that_nothing_confirms_is_answered_by_the_rest_of_the_mood() -> None:
    calm, angry = sentiment(threat=0.8), sentiment(threat=0.8, label="negative")
    assert [tone_of("Fewer seats, nothing works.", mood, leaves=False) for mood in (calm, angry)] == [
        "calm",
        "apology",
    ]


def test_a_message_without_a_mood_gets_a_calm_answer() -> None:
    assert {tone_of(read(message), None) for message in KIND} == {"calm"}


@pytest.mark.parametrize(
    ("probabilities", "label", "tone"),
    [
        ((0.49, 0.03, 0.48), "negative", "calm"),
        ((0.50, 0.44, 0.06), "negative", "calm"),
        ((0.44, 0.50, 0.06), "neutral", "calm"),
        ((0.60, 0.10, 0.30), "negative", "apology"),
    ],
)
def test_a_nearly_even_mood_gets_no_apology(
    probabilities: tuple[float, float, float], label: str, tone: str
) -> None:
    happy = "We are very happy with the platform so far, only the second review stage is missing."
    mood = sentiment(label=label, probabilities=probabilities, score=0.0, frustration=0.74)
    assert tone_of(happy, mood) == tone


def test_words_of_anger_get_an_apology_even_with_an_even_mood() -> None:
    even = {"label": "negative", "probabilities": (0.49, 0.48, 0.03), "score": -0.4}
    mood = sentiment(**even, frustration=0.7, frustration_reasons=("repeated_contact",))
    assert tone_of("This is the third time that I ask for my invoice.", mood) == "apology"
