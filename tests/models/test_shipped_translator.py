"""The translator as it ships: whole, small, without torch, and fit to be shown."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import models
from drift.errors import BackendError
from drift.translate import changed_numbers
from models import weights
from models.embedded import FOLDER, EmbeddedTranslator, load, looping

pytest.importorskip("ctranslate2")
pytest.importorskip("sentencepiece")

SEED = (
    "RT @uponsnow: 美国自媒体人 @ChinaGeeks Custer 发文表示,虽然事件扑朔迷离,但是如果最终证实,"
    "美国外交官因胆怯而拒绝王立军避难,将重创美国的国际形象。"
)


@pytest.fixture(scope="module")
def translator():
    return load()


def test_it_is_whole_and_small_enough():
    weights.verify(FOLDER)
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 50e6


def test_auto_takes_it(translator):
    assert models.translator("auto").signature == translator.signature
    assert translator.signature.startswith("embedded-zh-en-base-")


def test_its_card_says_what_a_user_must_know():
    card = (FOLDER / "CARD.md").read_text("utf-8")
    for said in (
        "Intended use",
        "licence",
        "NVIDIA",
        "seconds",
        "BLEU",
        "Known weaknesses",
        "loss",
    ):
        assert said in card


def test_the_tweet_of_2012_is_translated(translator):
    (said,) = translator.translate([SEED])
    assert said.startswith("RT @uponsnow:")
    assert said.count("@ChinaGeeks") == 1
    for word in ("if", "diplomat", "Wang", "international image"):
        assert word in said
    assert not looping(said)


@pytest.mark.parametrize(
    ("chinese", "words"),
    [
        ("警方否认了这一说法。", ["Police", "denied"]),
        ("公司計劃明年裁員。", ["company", "next year"]),
        ("公司计划明年裁员1200人。", ["1,200", "next year"]),
        ("专家警告说，如果不下雨，河水会干涸。", ["if", "rain", "river"]),
        ("市长可能辞职。", ["mayor", "may"]),
        ("他们罚款1.5万美元。", ["fine", "15"]),  # 15,000 or 15K: 8-bit sums differ by processor
    ],
)
def test_plain_sentences_keep_what_they_say(translator, chinese, words):
    (said,) = translator.translate([chinese])
    assert [word for word in words if word.casefold() not in said.casefold()] == []
    assert changed_numbers(chinese, said) == []


@pytest.mark.parametrize(
    "text",
    [
        "哈" * 300,
        "好好好好好好好好好好好好",
        "不不不不不不不是",
        "转发微博" * 40,
        "。。。！？",
        "呜呜呜呜呜",
    ],
)
def test_odd_texts_give_neither_nothing_nor_a_loop(translator, text):
    (said,) = translator.translate([text])
    assert said
    assert not looping(said)
    assert len(said) < 20 * len(text) + 100


def test_the_likelier_english_is_the_truer(translator):
    chinese = "警方否认了这一说法。"
    good, bad = translator.score(
        [(chinese, "The police denied the claim."), (chinese, "The police confirmed the claim.")]
    )
    assert good > bad


def test_a_flipped_byte_refuses_with_a_remedy(tmp_path):
    broken = tmp_path / "zh-en"
    broken.mkdir()
    for path in FOLDER.iterdir():
        if path.name == "model.bin":
            data = bytearray(path.read_bytes())
            data[len(data) // 3] ^= 4
            (broken / path.name).write_bytes(data)
        else:
            (broken / path.name).symlink_to(path)
    with pytest.raises(BackendError, match=r"model\.bin is not the file .*reinstall"):
        EmbeddedTranslator(broken).translate(["你好"])
    with pytest.raises(BackendError, match=r"model\.bin"):
        _ = EmbeddedTranslator(broken).signature


def test_a_forked_process_translates_too():
    code = (
        "import os, sys; from models.embedded import load; first = load().translate(['你好。']);"
        "child = os.fork();"
        "child or os._exit(load().translate(['你好。', '再见。'])[:1] != first);"
        "sys.exit(os.waitpid(child, 0)[1])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 0


def test_neither_its_runtime_nor_the_default_install_needs_torch():
    code = (
        "import sys; from models.embedded import load; load().translate(['你好。']);"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    project = Path(__file__).parents[2] / "pyproject.toml"
    asked = " ".join(tomllib.loads(project.read_text("utf-8"))["project"]["dependencies"])
    assert "ctranslate2" in asked
    assert "torch" not in asked


def test_a_likelihood_does_not_depend_on_what_else_is_asked():
    translator = load()
    pairs = [
        ("大桥没有威胁到小镇", "The bridge does not threaten the town."),
        ("他说也许会走", "He said that he might leave, but nobody believed him at the time."),
        ("", "It rained."),
    ]
    together = translator.likelihoods(pairs)
    assert together == [translator.likelihoods([pair])[0] for pair in pairs]
