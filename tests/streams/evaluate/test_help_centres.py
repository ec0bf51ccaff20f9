"""Help centres on disk become sections, questions and the sentences that answer."""

import json
from pathlib import Path

import pytest

from responders.retrieval.word_vectors import projection
from responders.store.index_version import INDEX_VERSION
from streams.cli.train_matching import CORPUS, JUDGES
from streams.evaluate.help_centres import articles_of, help_centre, read_sections

ROWS = [
    {
        "company": "Acme",
        "article": "Exports",
        "section": "By hand",
        "text": "Open Data > Export. The file is kept for 7 days.",
        "questions": [{"ask": "where do I click", "support": "Open Data > Export."}],
    },
    {
        "company": "Acme",
        "article": "Exports",
        "section": "Limits",
        "text": "| Plan | Rows |\n|---|---|\n| Free | 100 |\n| Pro | 900 |",
        "questions": [{"ask": "how many may I take", "support": "| Free | 100 |"}],
    },
]


def written(tmp_path: Path) -> Path:
    path = tmp_path / "acme.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return path


def test_a_question_knows_its_sections_and_the_sentence_that_answers(tmp_path: Path) -> None:
    centre = help_centre("acme", read_sections(written(tmp_path)))
    first, second = centre.questions
    assert [centre.sections[place].name for place in first.sections] == ["Exports: By hand"]
    ((place, number),) = first.sentences
    assert centre.sections[place].sentences[number] == "Open Data > Export."
    assert len(second.sections) > 1
    assert all(centre.sections[place].name.startswith("Exports: ") for place in second.sections)


def test_sections_of_one_article_stand_together(tmp_path: Path) -> None:
    (article,) = articles_of(read_sections(written(tmp_path)))
    assert article.title == "Exports"
    assert article.body.startswith("## By hand\n\nOpen Data")


def test_the_judges_are_files_of_the_corpus() -> None:
    names = {path.stem for path in CORPUS.glob("*.jsonl")}
    assert set(JUDGES) < names


def test_new_weights_need_a_new_version_of_the_index() -> None:
    from detectors.matching.weights_file import MatchingWeights

    assert {INDEX_VERSION: MatchingWeights.load().version} == {b"6": "matching-d6a73eb9"}


def test_the_shipped_words_are_those_of_the_shipped_weights() -> None:
    from detectors.matching.weights_file import MatchingWeights

    assert (projection() == MatchingWeights.load().projection).all()


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.jsonl")), ids=lambda file: file.stem)
def test_each_question_of_the_corpus_is_answered_by_words_of_its_section(file: Path) -> None:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    names = [(row["company"], row["article"], row["section"]) for row in rows]
    assert len(names) == len(set(names)) >= 30
    asked = [question["ask"] for row in rows for question in row["questions"]]
    assert len(asked) == len(set(asked)) >= 220
    lacking = [q["ask"] for row in rows for q in row["questions"] if q["support"] not in row["text"]]
    assert lacking == []
    assert all(none.strip() for row in rows for none in row.get("nones", [row.get("none")]))
