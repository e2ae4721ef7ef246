"""Which pieces of the base are kept, and that the rest falls apart into them."""

import gzip
import json
import lzma

import pytest
from sentencepiece import SentencePieceProcessor

from models.recipes.cross_encoder.vocabulary import RESERVED, choose, pieces_model
from tests.models import cross_base

PARALLEL = ("news-talk-microblog", "tatoeba", "web-essays", "tech-articles")
CHINESE, ENGLISH = "部长可能拒绝", "the minister may"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return cross_base.base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Write a data folder in miniature, of the same few words everywhere."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "parallel").mkdir()
    for name in PARALLEL:
        with lzma.open(folder / "parallel" / f"{name}.tsv.xz", "wt", encoding="utf-8") as file:
            file.write(f"{ENGLISH}\t{CHINESE}\ts\n" * 20)
    with lzma.open(folder / "weibo-sample.txt.xz", "wt", encoding="utf-8") as file:
        file.write("總統，總統!\n总统\n万\n")
    for name in ("critical-errors-train", "esa-train", "nli-monolingual"):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.write(json.dumps({"post": ENGLISH, "retweet": CHINESE}) + "\n")
    (folder / "driftbench-train.jsonl").write_text(
        json.dumps({"post": "police", "retweet": "警方"}) + "\n", "utf-8"
    )
    return folder


def reader(base, kept):
    return SentencePieceProcessor(model_proto=pieces_model(base, kept))


def kept_pieces(base, data, size):
    return [base.pieces[number] for number in choose(base, data, size)]


def test_reserved_pieces_come_first_and_the_order_of_the_base_is_kept(base, data):
    kept = choose(base, data)
    assert kept[:RESERVED] == list(range(RESERVED))
    assert kept == sorted(set(kept))


def test_frequent_pieces_and_every_character_that_is_not_rare_are_kept(base, data):
    kept = kept_pieces(base, data, 1000)
    assert {"部长", "可能", "拒绝", "▁the", "▁minister", "▁may"} <= set(kept)
    assert {*"部长可能拒绝警方总统", *"themnisray"} <= set(kept)
    assert not {"如", "果", "▁refused"} & set(kept)  # in no text


def test_characters_go_before_longer_pieces_where_room_is_short(base, data):
    characters = {*"部长可能拒绝警方总统"}
    kept = kept_pieces(base, data, RESERVED + 30)
    assert len(kept) == RESERVED + 30
    assert characters <= set(kept)


def test_a_word_that_is_not_kept_falls_apart_into_its_characters(base):
    numbers = [k for k, piece in enumerate(base.pieces) if k < RESERVED or len(piece) == 1]
    small, whole = reader(base, numbers), reader(base, range(len(base.pieces)))
    assert whole.encode("部长拒绝", return_type=str) == ["▁", "部长", "拒绝"]
    assert small.encode("部长拒绝", return_type=str) == ["▁", *"部长拒绝"]
    assert small.encode("部长 may", return_type=str) == ["▁", *"部长", "▁", *"may"]


def test_a_character_that_the_base_lacks_is_unknown(base):
    whole = reader(base, range(len(base.pieces)))
    assert whole.encode("部龘")[-1] == RESERVED - 1
