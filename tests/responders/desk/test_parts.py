"""The pure parts of the desk."""

import asyncio
import re
from pathlib import Path

import responders.desk
from responders.desk.charts import band, mood_trend
from responders.desk.events import QUEUE_LENGTH, Client, Hub
from responders.desk.sources import segments
from schemas import Claim, Sentiment
from tests.responders.support.desk_samples import (
    NOW,
    chart,
    draft_of,
    mood_row,
)


def test_the_segments_of_a_draft_put_together_are_its_body() -> None:
    draft = draft_of("t")
    extra = Claim(text="Not in the body.", source_ids=("kb-1",), supported=True)
    for claims in (draft.claims, (), (extra,), tuple(reversed(draft.claims))):
        parts = segments(draft.model_copy(update={"claims": claims}))
        assert "".join(part.text for part in parts) == draft.body
    assert [part.markers for part in segments(draft) if part.markers] == [(1,), (2,)]


def test_a_chart_stays_in_its_frame_and_leaves_the_warm_up_without_a_band() -> None:
    drawn = band(chart())
    assert drawn is not None
    assert len(drawn.bands) == 1
    for place in f"{drawn.observed} {drawn.bands[0]}".split():
        x, y = map(float, place.split(","))
        assert 0 <= x <= 480
        assert 0 <= y <= 120
    assert band(chart()[:1]) is None
    flat = [point.model_copy(update={"at": NOW, "observed": 0.0, "low": None}) for point in chart()[:3]]
    assert band(flat) is not None


def test_a_mood_trend_needs_two_judgements() -> None:
    moods = [Sentiment.model_validate(mood_row("t", f"e{n}", minutes_ago=9 - n).record) for n in range(3)]
    silent = moods[0].model_copy(update={"label": None, "score": None, "probabilities": None})
    assert mood_trend([moods[0], silent]) is None
    drawn = mood_trend([*moods, silent])
    assert drawn is not None
    assert len(drawn.dots) == 3


def test_a_page_that_reads_too_slowly_is_told_to_fetch_again() -> None:
    async def story() -> list[str]:
        hub = Hub()
        messages = hub.messages(hub.enter(Client()), keep_alive_seconds=0.01)
        await anext(messages)
        for number in range(QUEUE_LENGTH + 2):
            hub.publish(f"event: draft\ndata: {number}\n\n")
        return [await anext(messages) for _ in range(3)]

    resync, last, silence = asyncio.run(story())
    assert (resync, last) == ("event: resync\ndata: \n\n", f"event: draft\ndata: {QUEUE_LENGTH + 1}\n\n")
    assert silence.startswith(":")


def test_a_silent_stream_is_kept_alive_and_ends_at_close() -> None:
    async def story() -> tuple[str, int, list[str], int]:
        hub = Hub()
        queue = hub.enter(Client())
        messages = hub.messages(queue, keep_alive_seconds=0.01)
        first = await anext(messages)
        open_pages = hub.clients
        hub.close()
        rest = [message async for message in messages]
        hub.leave(queue)
        hub.leave(queue)
        return first, open_pages, rest, hub.clients

    assert asyncio.run(story()) == (": still here\n\n", 1, [], 0)


def test_every_pair_of_text_and_ground_has_a_contrast_of_four_and_a_half() -> None:
    sheet = (Path(responders.desk.__file__).parent / "static" / "base.css").read_text()
    grounds = {
        "text": ("bg", "surface", "raised", "accent-soft", "warn-soft", "bad-soft"),
        "muted": ("bg", "surface", "raised", "accent-soft", "bad-soft"),
        "accent": ("bg", "surface", "accent-soft"),
        "bad": ("bg", "surface", "bad-soft", "accent-soft"),
        "warn": ("bg", "surface", "warn-soft"),
        "good": ("bg", "surface", "good-soft", "accent-soft"),
        "on-accent": ("accent",),
    }
    blocks = re.findall(r":root \{(.*?)\n *\}", sheet, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))
        for ink, papers in grounds.items():
            for paper in papers:
                assert (ink, paper, _contrast(colours[ink], colours[paper]) >= 4.5) == (ink, paper, True)


def _contrast(ink: str, paper: str) -> float:
    lighter, darker = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
