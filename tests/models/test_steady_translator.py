"""The shipped translator says the same of a text, whatever else it is asked."""

import json
import random
from importlib.resources import files

import pytest

from models.embedded import FOLDER, EmbeddedTranslator

pytest.importorskip("ctranslate2")
pytest.importorskip("sentencepiece")


@pytest.mark.skipif(not (FOLDER / "model.bin").is_file(), reason="no translator is installed")
def test_what_else_is_translated_changes_no_translation():
    lines = (files("drift") / "demo" / "retweets.jsonl").read_text("utf-8").splitlines()
    told = [json.loads(line)["retweet"] for line in lines]
    clauses = [part for text in told for part in text.replace("。", "，").split("，") if part]
    texts = [clause + sign for clause in clauses for sign in ("", "啊", "！！", "啊啊啊")][:96]
    together = dict(zip(texts, EmbeddedTranslator().translate(texts), strict=True))
    dice = random.Random(3)
    dice.shuffle(texts)
    other = EmbeddedTranslator(workers=1)
    at = 0
    while at < len(texts):
        part = texts[at : at + dice.randint(1, 12)]
        assert dict(zip(part, other.translate(part), strict=True)) == {
            text: together[text] for text in part
        }
        at += len(part)
