"""The calibration recipe with and without pulled models, on cases that are made here."""

import json
import sys

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("ctranslate2")
pytest.importorskip("sentencepiece")
pytest.importorskip("sklearn")

import models
from drift.cli import main
from models import calibration, weights
from models.hub import store
from models.hub.pull import Wish, pull
from models.recipes.calibration import __main__ as recipe
from tests.models import hub_world as world

pytestmark = pytest.mark.neural

_FIRMS = ("Lumo", "Acme", "Orion", "Vega")
_THINGS = (("drug", "药"), ("phone", "手机"), ("car", "汽车"))


def cases():
    """Give labelled cases about 16 posts: a faithful, a distorted and an unrelated one of each."""
    found = []
    for number in range(16):
        firm, (thing, zh) = _FIRMS[number % 4], _THINGS[number % 3]
        count = 2 + number % 7
        post = (
            f"If the second test fails, {firm} will withdraw the {thing}. "
            f"About {count},000 people use it. Officials have not commented on case {number}."
        )
        texts = (
            (f"如果第二次测试失败，{firm}将撤回这款{zh}，大约有{count}000人在用。", "faithful", []),
            (f"{firm}已经撤回这款{zh}，{count}0万人全都受害，官员已经道歉。", "misrepresents",
             [{"type": ("quantity", "conditional")[number % 2], "severity": "major"}]),
            ("今天天气不错，大家早上好。", "unrelated", []),
        )  # fmt: skip
        for at, (retweet, verdict, findings) in enumerate(texts):
            found.append(
                {
                    "id": f"{number}-{at}", "post_id": str(number), "post": post,
                    "retweet": retweet, "verdict": verdict, "findings": findings,
                }
            )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    lines = "\n".join(json.dumps(case, ensure_ascii=False) for case in cases())
    (folder / "driftbench-train.jsonl").write_text(lines + "\n", "utf-8")
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "home"))
    monkeypatch.setenv("DRIFT_DEVICE", "cpu")
    pull(str(world.deberta(tmp_path / "mdeberta")), Wish(), lambda _: None)
    pull(str(world.encoder(tmp_path / "labse", dense=True)), Wish(), lambda _: None)
    return tmp_path / "home"


def fit(monkeypatch, data, output, *more):
    monkeypatch.setattr(recipe, "written", list)
    monkeypatch.setattr(
        sys, "argv", ["calibration", "--data", str(data), "--output", str(output), *more]
    )
    recipe.main()
    return calibration.read(output / "calibration.json")


def test_numbers_fitted_with_pulled_models_weigh_what_they_say(monkeypatch, data, home, capsys):
    fitted = fit(monkeypatch, data, home / "calibration-hub", "--models", "hub")
    assert fitted.advisers == models.choose("hub").advisers.signature
    names = set(fitted.drift.weights)
    assert {"nli:entailed", "nli:contradicted", "nli:back", "emb:near"} <= names
    assert {"topic:entailed", "topic:near"} <= set(fitted.topic.weights)
    weights.verify(home / "calibration-hub")
    assert "mdeberta@" in (home / "calibration-hub" / "CARD.md").read_text("utf-8")

    capsys.readouterr()
    case = cases()[1]
    main(["check", case["post"], case["retweet"], "--models", "hub", "--format", "jsonl"])
    row = json.loads(capsys.readouterr().out)
    assert f"|cal:{fitted.signature}|" in row["signature"]
    assert all(one["weighed"] for one in row["opinions"])
    main(["check", case["post"], case["retweet"], "--models", "hub"])
    assert "not counted" not in capsys.readouterr().out

    # Numbers that were fitted with other models would weigh these wrongly.
    chosen = models.choose("mdeberta")
    assert not chosen.advisers.weighed
    assert chosen.calibrator.signature == models.calibrator().signature


def test_without_pulled_models_the_recipe_makes_the_embedded_file(monkeypatch, data, tmp_path):
    plain = fit(monkeypatch, data, tmp_path / "plain")
    assert (plain.signature, plain.advisers) == ("1", "")
    assert not any(name.startswith(("nli:", "emb:")) for name in plain.drift.weights)
