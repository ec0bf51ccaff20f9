"""Sentences of a text, and the pieces of its tokens."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.sentiment.pieces import tokenised
from detectors.sentiment.sentences import MAX_SENTENCES, sentence_numbers, sentence_spans
from detectors.sentiment.windows import MAX_WINDOWS, WINDOW_TOKENS

TEXTS = st.text(st.sampled_from("ab .!?…\n\"')"), max_size=200)


@given(TEXTS)
def test_spans_follow_one_another_and_cover_every_word(text: str) -> None:
    spans = sentence_spans(text)
    end = 0
    for first, after in spans:
        assert end <= first < after
        assert not text[end:first].strip()
        assert text[first:after].strip()
        end = after
    assert not text[end:].strip()


def test_a_text_of_many_sentences_is_bounded_and_the_last_takes_the_rest() -> None:
    text = "No. " * (MAX_SENTENCES + 50)
    spans = sentence_spans(text)
    assert len(spans) == MAX_SENTENCES
    assert spans[-1][1] == len(text)


def test_a_decimal_and_an_address_do_not_end_a_sentence() -> None:
    text = "Version 2.5 of example.com fails. It worked."
    assert [text[first:end] for first, end in sentence_spans(text)] == [
        "Version 2.5 of example.com fails. ",
        "It worked.",
    ]


@given(st.lists(st.integers(0, 100), max_size=30), st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_numbers_of_tokens_never_fall_and_stay_within_the_sentences(
    starts: list[int], lengths: list[int]
) -> None:
    spans, end = [], 0
    for length in lengths:
        spans.append((end, end + length))
        end += length
    numbers = sentence_numbers(sorted(starts), spans)
    assert list(numbers) == sorted(numbers)
    assert all(0 <= number < len(spans) for number in numbers)
    for start, number in zip(sorted(starts), numbers, strict=True):
        assert start >= spans[number][0]


def test_pieces_hold_every_token_once_and_their_runs_have_the_windows_length() -> None:
    text = "One two. Three!"
    found = tokenised(text, [5, 6, 7, 8, 9], [0, 4, 7, 9, 14], (1, 2))
    (piece,) = found.pieces
    assert piece.window == (1, 5, 6, 7, 8, 9, 2)
    assert (piece.sentences, piece.numbers, piece.runs) == ((3, 2), (0, 1), (1, 3, 2, 1))
    assert not found.cut


def test_each_sentence_of_a_piece_is_a_piece_of_its_own() -> None:
    (piece,) = tokenised("One two. Three!", [5, 6, 7, 8, 9], [0, 4, 7, 9, 14], (1, 2)).pieces
    (first, one), (second, other) = piece.parts()
    assert (first, second) == (0, 1)
    assert (one.window, one.runs) == ((1, 5, 6, 7, 2), (1, 3, 1))
    assert (other.window, other.runs) == ((1, 8, 9, 2), (1, 2, 1))


def test_a_long_text_keeps_the_pieces_of_both_ends() -> None:
    count = (MAX_WINDOWS + 8) * (WINDOW_TOKENS - 2)
    found = tokenised("word " * count, list(range(10, count + 10)), [5 * i for i in range(count)], (1, 2))
    assert found.cut
    assert len(found.pieces) == MAX_WINDOWS
    assert found.pieces[0].window[1] == 10
    assert found.pieces[-1].window[-2] == count + 9
    assert all(sum(piece.runs) == len(piece.window) <= WINDOW_TOKENS for piece in found.pieces)
