"""The shape of the code, kept by test."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from drift.commands import COMMANDS
from drift.detectors import DETECTORS

ROOT = Path(__file__).parents[1]
MODULES = [path for top in ("drift", "models", "api") for path in (ROOT / top).rglob("*.py")]
HEAVY = {"torch", "transformers", "sentencepiece", "ctranslate2", "jieba", "sacrebleu", "numpy",
         "fastapi", "jinja2", "rich", "aiohttp", "trafilatura", "pyarrow"}  # fmt: skip
TYPES = {
    "conditional", "certainty", "polarity", "quantity", "entity", "role", "attribution", "cause",
    "intensity", "aspect", "quantifier", "addition", "omission", "stance",
}  # fmt: skip


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_short_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350
    assert ast.get_docstring(ast.parse(text))


def test_importing_drift_loads_nothing_heavy():
    code = "import drift, models, drift.cli, drift.pipeline, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not HEAVY & set(done.stdout.split())


def test_every_finding_type_has_one_detector_with_its_file_and_cases():
    files = {path.stem for path in (ROOT / "drift/detectors").glob("*.py")} - {"__init__"}
    cases = {path.stem for path in (ROOT / "tests/cases").glob("*.toml")}
    assert set(DETECTORS) == TYPES == files
    assert cases >= TYPES


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_detector_says_when_it_fires_when_it_is_silent_and_what_is_not_its_own(name):
    text = ast.get_docstring(ast.parse((ROOT / f"drift/detectors/{name}.py").read_text("utf-8")))
    assert all(mark in text for mark in ("Fires:", "Silent:", "Not ours:"))


def test_every_command_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"drift {command.name}" in readme for command in COMMANDS)
