"""The web door with models beside the rules: the same opinions in the answer and on the page."""

import pytest

import models
from api.schemas import CheckAnswer
from drift import cli
from models.judge import settings as judge_settings
from tests.api import world
from tests.models.judge_server import World, says, serving


@pytest.fixture
def judged(tmp_path, monkeypatch):
    """Serve with a judge that points at the figure."""
    answers = World(answer=says(0.9, ("4万人", "about 4,000 people")))
    monkeypatch.setenv("DRIFT_JUDGE_MODEL", "some-model")
    monkeypatch.setattr(world, "tools", lambda: cli.tools("auto+judge"))
    with serving(answers) as address:
        monkeypatch.setenv("DRIFT_JUDGE_URL", address)
        judge_settings.load.cache_clear()
        with world.serving(world.settings(tmp_path)) as client:
            yield client
    judge_settings.load.cache_clear()


def test_an_answer_says_who_spoke(judged):
    asked = {"post": {"text": world.SHORT_POST}, "retweets": [{"text": world.SHORT_RETWEET}]}
    answer = judged.post("/v1/checks", json=asked).json()
    (result,) = CheckAnswer.model_validate(answer).results
    (said,) = result.opinions
    assert (said.model, said.about, said.weighed) == ("llm-some-model-p1", "judge", True)
    assert said.figures["misrepresents"] == 0.9


def test_serve_gives_large_models_one_worker(monkeypatch):
    seen = []
    monkeypatch.setattr("api.serving.serve", lambda chosen, _: seen.append(dict(chosen)))
    real = models.choose
    large = type("Large", (), {"alone": True})
    monkeypatch.setattr(models, "choose", lambda name: large if name == "hub" else real(name))
    monkeypatch.delenv("DRIFT_WORKERS", raising=False)
    monkeypatch.delenv("DRIFT_MODELS", raising=False)
    cli._serve({"models": "hub"})
    cli._serve({"models": "hub", "workers": "3"})
    cli._serve({})
    monkeypatch.setenv("DRIFT_MODELS", "hub")
    cli._serve({})
    assert seen == [
        {"workers": "1", "models": "hub"},
        {"workers": "3", "models": "hub"},
        {},
        {"workers": "1"},
    ]
