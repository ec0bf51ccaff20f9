"""The languages of short sentences, and of the texts in languages.jsonl.

The rule was tuned on the texts with an even id; those with an odd id judge it. The texts of the kinds
`english_unseen` and `foreign_unseen` were written when the rule was finished.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from detectors.sentiment import identify
from detectors.sentiment.language import LANGUAGES
from detectors.sentiment.preparing import examine

TEXTS = [
    json.loads(line)
    for line in Path(__file__).with_name("languages.jsonl").read_text(encoding="utf-8").splitlines()
]

FOREIGN = """
de|Der Export ist schon wieder fehlgeschlagen und niemand antwortet.
de|Wie kann ich meine Labels exportieren?
de|Vielen Dank, das hat funktioniert!
de|Bitte kündigen Sie unser Konto zum Monatsende.
de|Export geht nicht
de|Rechnung falsch
fr|L'export a encore échoué et personne ne répond.
fr|Comment puis-je ajouter un utilisateur à mon projet ?
fr|Merci beaucoup pour votre aide
fr|Je veux annuler mon abonnement
es|La exportación ha fallado otra vez y nadie contesta.
es|¿Cómo puedo cambiar mi contraseña?
es|Muchas gracias por la ayuda
es|Necesito cancelar la cuenta hoy mismo
it|L'esportazione non funziona da due giorni, è inaccettabile.
it|Come posso aggiungere un nuovo utente?
it|Grazie mille per l'aiuto
pt|A exportação falhou novamente e ninguém responde.
pt|Muito obrigado pela ajuda
nl|De export is weer mislukt en niemand reageert.
nl|Hoe kan ik een nieuwe gebruiker toevoegen?
pl|Eksport znowu się nie powiódł i nikt nie odpowiada.
sv|Exporten misslyckades igen och ingen svarar.
da|Eksporten fejlede igen, og ingen svarer.
fi|Vienti epäonnistui taas eikä kukaan vastaa.
tr|Dışa aktarma yine başarısız oldu ve kimse cevap vermiyor.
cs|Export opět selhal a nikdo neodpovídá.
hu|Az exportálás ismét sikertelen volt, és senki sem válaszol.
ro|Exportul a eșuat din nou și nimeni nu răspunde.
vi|Xuất dữ liệu lại thất bại và không ai trả lời.
ja|エクスポートがまた失敗しました。誰も返事をくれません。
ja|ラベルをエクスポートする方法を教えてください
zh|导出又失败了,没有人回复。
ko|내보내기가 또 실패했는데 아무도 답변하지 않아요.
ru|Экспорт снова не сработал, и никто не отвечает.
ru|Спасибо большое!
ru|Не работает
uk|Експорт знову не спрацював, і ніхто не відповідає.
ar|فشل التصدير مرة أخرى ولا أحد يرد.
he|הייצוא נכשל שוב ואף אחד לא עונה.
hi|निर्यात फिर से विफल हो गया और कोई जवाब नहीं दे रहा।
th|การส่งออกล้มเหลวอีกครั้งและไม่มีใครตอบ
el|Η εξαγωγή απέτυχε ξανά και κανείς δεν απαντά.
"""
ENGLISH = """
Export fails
Billing
API error 500
CUDA out of memory
Login broken
SSO SAML Okta
Invoice PDF
help
thx
refund
Where's my invoice?
Traceback ValueError in train.py
COCO JSON schema
dataset v2 import
GPU quota
pls fix asap
Kubernetes webhook timeout
annotator consensus metrics
Hola team, the export is broken again
Hello, my colleague José Müller cannot log in to the Zürich workspace.
See https://example.com/de/hilfe/export-ist-fehlgeschlagen for the page that I mean
WHY IS NOTHING WORKING
"""


@pytest.mark.parametrize("line", FOREIGN.strip().splitlines())
def test_another_language_is_recognised(line: str) -> None:
    code, text = line.split("|")
    found = identify(text)
    assert found.code == code
    assert not found.supported


@pytest.mark.parametrize("text", ENGLISH.strip().splitlines())
def test_short_english_and_technical_words_are_english(text: str) -> None:
    assert identify(text).supported


@pytest.mark.parametrize("text", ["", "...", "12345", "😡😡", "\x00", "\ud800"])
def test_a_text_without_letters_has_no_language(text: str) -> None:
    found = identify(text)
    assert (found.code, found.confidence, found.supported) == ("und", 0.0, False)


def right(*, is_held: bool, is_english: bool) -> Iterator[bool]:
    for row in TEXTS:
        if (row["id"] % 2 == 1) is is_held and (row["language"] == "en") is is_english:
            yield (examine(row["text"]).abstained is None) is is_english


def test_the_corpus_has_enough_different_texts_of_each_half_and_kind() -> None:
    assert len({row["text"] for row in TEXTS}) == len(TEXTS) >= 300
    assert len({row["language"] for row in TEXTS}) >= 20
    for parity in (0, 1):
        assert len({row["kind"] for row in TEXTS if row["id"] % 2 == parity}) >= 10


@pytest.mark.parametrize("is_held", [False, True])
@pytest.mark.parametrize(("is_english", "share"), [(True, 0.95), (False, 0.97)])
def test_the_language_of_the_prose_decides_and_not_that_of_a_quoted_text(
    is_held: bool, is_english: bool, share: float
) -> None:
    found = list(right(is_held=is_held, is_english=is_english))
    assert sum(found) >= share * len(found)


def test_an_error_text_that_is_longer_than_the_message_is_left_out() -> None:
    line = "ERROR Die Datei kann nicht gelesen werden, weil sie beschädigt ist"
    found = identify(f"I get this all day:\n{line}\n{line} und fehlt\n{line} oder leer\n\nWhat can I do?")
    assert found.code == "en"


def test_a_model_of_two_languages_reads_both_and_no_third() -> None:
    german = "Der Export ist schon wieder fehlgeschlagen und niemand antwortet."
    found = [
        identify(text, ("en", "de")) for text in (german, "The export fails", "Il ne marche pas du tout")
    ]
    assert [(one.code, one.supported) for one in found] == [("de", True), ("en", True), ("fr", False)]


def test_a_model_of_another_script_reads_it() -> None:
    found = [
        identify(text, ("ja",))
        for text in ("エクスポートがまた失敗しました。", "The export has failed again")
    ]
    assert [(one.code, one.supported) for one in found] == [("ja", True), ("en", False)]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_can_be_declared(code: str) -> None:
    assert 0.0 <= identify("Größe l'écran файл 画面", (code,)).confidence <= 1.0
