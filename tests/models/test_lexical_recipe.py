"""The recipe on a small language of its own, from parallel text to a table."""

import lzma
import subprocess
import sys
from importlib.util import find_spec
from itertools import product

import pytest

from models import weights
from models.lexical import LexicalTable
from models.recipes.lexical import cedict, corpus, counts, lemmas, table, tokens

ROOT = __file__.rsplit("/tests/", 1)[0]

WHO = {"the mayor": "市长", "the lawyer": "律师", "the journalist": "记者", "the soldier": "士兵",
       "the teacher": "老师", "the doctor": "医生", "the farmer": "农民"}  # fmt: skip
DID = {"rejected": "拒绝", "read": "读到", "praised": "赞扬", "bought": "购买", "lost": "丢失"}
WHAT = {"a letter": "一封信", "a report": "一份报告", "a book": "一本书", "a newspaper": "一份报纸",
        "a map": "一张地图", "a contract": "一份合同", "a photograph": "一张照片",
        "a house": "一所房子", "a car": "一辆汽车"}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Write 315 sentences and a dictionary of three entries."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "parallel").mkdir()
    (folder / "lexicon").mkdir()
    with lzma.open(folder / "parallel" / "made.tsv.xz", "wt", encoding="utf-8") as file:
        for who, did, what in product(WHO, DID, WHAT):
            english = f"{who} {did} {what}.".capitalize()
            file.write(f"{english}\t{WHO[who]}{DID[did]}{WHAT[what]}。\tmade\n")
        file.write("Not a pair\tNot a pair\tmade\nbroken line\n")
    with lzma.open(folder / "lexicon" / "cc-cedict.u8.xz", "wt", encoding="utf-8") as file:
        file.write("# a comment\n拒絕 拒绝 [ju4 jue2] /to refuse/to turn down/\n")
        file.write("副市長 副市长 [fu4 shi4 zhang3] /deputy mayor/CL:個|个[ge4]/\n")
        file.write("行 行 [xing2] /to walk/\n行 行 [hang2] /row/\n")
    return folder


def test_the_whole_road(data, tmp_path):
    if find_spec("eflomal") is None:
        pytest.skip("eflomal, which only the recipe needs, is not installed")
    output, work = tmp_path / "out", tmp_path / "work"
    command = [sys.executable, "-m", "models.recipes.lexical", "--data", str(data),
               "--work", str(work), "--output", str(output)]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    weights.verify(output)
    made = LexicalTable(output)
    assert made.english("律师")[0][0] == "lawyer"
    assert made.chinese("journalist")[0][0] == "记者"
    assert "deputy mayor" in dict(made.phrases("副市长"))
    assert {"rejected", "refuse"} <= set(dict(made.english("拒绝")))
    assert "lawyer" in made.follows("the")
    card = (output / "CARD.md").read_text("utf-8")
    assert "made" in card
    assert weights.sha256(data / "parallel" / "made.tsv.xz") in card


def test_pairs_are_cleaned_and_chosen_once(data):
    chosen = list(corpus.choose(data / "parallel"))
    assert len(chosen) == len({pair.english for pair in chosen}) == 315
    assert list(corpus.choose(data / "parallel")) == chosen
    assert 0 < len(list(corpus.choose(data / "parallel", 40))) <= 40


@pytest.mark.parametrize(
    ("english", "chinese"),
    [("", "好"), ("Hello", ""), ("Hello 好", "你好"), ("Yes", "是" * 50), ("a " * 80, "好" * 100),
     ("x = {a: 1; b = 2};", "代码"), ("He went to see the big old house", "看")],
)  # fmt: skip
def test_what_is_no_pair_is_left_out(english, chinese):
    assert not corpus.usable(english, chinese)


def test_the_dictionary_gives_glosses_readings_and_characters(data):
    entries = cedict.read(data / "lexicon" / "cc-cedict.u8.xz")
    assert [entry.simplified for entry in entries] == ["拒绝", "副市长", "行", "行"]
    assert set(cedict.short_pairs(entries)) == {
        ("refuse", "拒绝"), ("turn down", "拒绝"), ("deputy mayor", "副市长"), ("walk", "行"),
        ("row", "行"),
    }  # fmt: skip
    table = cedict.simplification(entries)
    assert "拒絕副市長行".translate(table) == "拒绝副市长行"


def test_a_character_that_simplified_text_uses_is_not_simplified_again():
    pairs = [("什麼", "什么"), ("怎麼", "怎么"), ("么", "幺"), ("兒子", "儿子"), ("兒", "儿")]
    entries = [cedict.Entry(old, new, (), ()) for old, new in pairs]
    assert "什麼怎么兒".translate(cedict.simplification(entries)) == "什么怎么儿"


def test_links_grow_only_from_the_intersection_into_the_union():
    forward, reverse = {(0, 0), (1, 0), (5, 5)}, {(0, 0), (3, 3)}
    grown = counts.grow(forward, reverse)
    assert forward & reverse <= grown <= forward | reverse
    assert (1, 0) in grown
    assert not {(5, 5), (3, 3)} & grown


def test_a_phrase_must_be_contiguous_and_exclusive():
    english, chinese = ["he", "turned", "it", "down"], ["他", "拒绝"]
    assert not list(counts.phrases(english, chinese, [(1, 1), (3, 1)]))
    assert not list(counts.phrases(english, chinese, [(0, 0), (1, 1), (2, 1), (1, 0)]))
    assert list(counts.phrases(english, chinese, [(1, 1), (2, 1), (3, 1)])) == [
        ("turned it down", "拒绝")
    ]


def test_rows_are_probabilities_and_chance_links_weigh_less():
    made = counts.Counts()
    for unit, times in (("refused", 6), ("rejected", 3), ("noise", 1)):
        for _ in range(times):
            made.link("拒绝", unit, 1.0)
        made.english[unit] += times
    (row,) = table.chinese_rows(made)
    shares = dict(row.links)
    assert list(shares) == ["refused", "rejected"]
    assert 0 < sum(shares.values()) < 1
    back = {found.word: dict(found.links) for found in table.english_rows(made, [row])}
    assert set(back) == {"refused", "rejected"}
    assert all(0 < share <= 1 for links in back.values() for share in links.values())


def test_a_base_is_chosen_by_meaning():
    rows = [
        table.Row("hope", (("希望", 0.9),)), table.Row("hoping", (("希望", 0.8),)),
        table.Row("hop", (("跳", 0.9),)), table.Row("morning", (("早上", 0.9),)),
        table.Row("morn", (("悲伤", 0.9),)),
    ]  # fmt: skip
    seen = dict.fromkeys(("hope", "hoping", "hop", "morn", "mourning"), 10)
    meanings = {row.word: dict(row.links) for row in rows}
    assert lemmas._base("hoping", meanings, seen) == "hope"
    assert lemmas._base("morning", meanings, seen | {"morning": 10}) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Can't", ["can", "not"]),
        ("They’re U.S.-based", ["they", "are", "u.s", "-", "based"]),
        ("TELL US NOW", ["tell", "us", "now"]),
        ("1,200.5 well-known", ["1,200.5", "well", "known"]),
    ],
)
def test_english_tokens(text, words):
    assert tokens.english_tokens(text) == words
