"""The published contract is fuzzed by schemathesis, in all its phases, against a running server.

`DRIFT_EXAMPLES` is how many cases an operation gets in the fuzzing phase, `DRIFT_SEED` which. 1,500
make about 11,000 cases in all:

    DRIFT_EXAMPLES=1500 DRIFT_SEED=1 python -m pytest tests/api/test_contract.py -m slow -s
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.server import Server

EXAMPLES = os.environ.get("DRIFT_EXAMPLES", "50")
SEED = os.environ.get("DRIFT_SEED", "1")
FUZZER = Path(sys.executable).with_name("schemathesis")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FUZZER.exists(), reason="no schemathesis: pip install '.[proof]'"),
]


def test_no_request_gets_an_answer_that_the_contract_does_not_name(tmp_path):
    server = Server(
        f"sqlite:///{tmp_path / 'drift.db'}", DRIFT_WAITING="1000000", DRIFT_AT_ONCE="1000000"
    )
    try:
        server.wait()
        told = subprocess.run(
            [FUZZER, "run", f"http://127.0.0.1:{server.port}/openapi.json", "--checks", "all",
             "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", EXAMPLES,
             "--continue-on-failure", "--seed", SEED, "--max-response-time", "30"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        answers = server.client.get("/metrics").text
    finally:
        server.end()
    print(told.stdout[-3000:], answers)
    assert told.returncode == 0, told.stdout[-10_000:]
    made, passed = re.search(r"(\d+) generated, (\d+) passed", told.stdout).groups()
    assert made == passed
    assert int(made) > 5 * int(EXAMPLES)
