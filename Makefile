# Two commands do everything: `make demo` and `make test`. Each makes .venv when it has to.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-find-links --allow-unsafe --generate-hashes

.PHONY: demo test slow check fmt bench serve lock clean

demo: .venv/run.stamp  ## judge the seed post's retweets, print the report, write an HTML report
	@$(BIN)/drift demo --output out/demo.html

test: .venv/dev.stamp  ## layout, lint, types, import rules, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q

slow: .venv/proof.stamp  ## the tests that take minutes: hostile servers, a real browser, kills, fuzzing
	$(BIN)/python -m pytest -q -m slow

check: test

fmt: .venv/dev.stamp  ## rewrite layout
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/run.stamp  ## speed and memory, as ratios in one run
	$(BIN)/python tests/benchmarks/pipeline.py

serve: .venv/run.stamp  ## the web form and the HTTP API on http://127.0.0.1:8000
	$(BIN)/drift serve

lock: .venv/dev.stamp  ## pin and hash what pyproject.toml asks for
	$(COMPILE) --extra build -o .ci/requirements.txt pyproject.toml
	$(COMPILE) --extra build --extra dev -c .ci/requirements.txt -o .ci/requirements-dev.txt pyproject.toml
	$(COMPILE) --extra build --extra dev --extra proof -c .ci/requirements-dev.txt -o .ci/requirements-proof.txt pyproject.toml
	$(COMPILE) --extra build --extra dev --extra recipes --extra parquet --extra cluster -c .ci/requirements-dev.txt -o .ci/requirements-recipes.txt pyproject.toml

clean:
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python .ci/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp .ci/requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements-dev.txt
	@touch $@

.venv/proof.stamp: .venv/dev.stamp .ci/requirements-proof.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements-proof.txt
	@touch $@
