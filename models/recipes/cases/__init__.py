"""Labelled cases written for training, beside driftbench-train: posts, retweets, verdicts, spans.

One JSON line a post, in files by who wrote them: `id`, `post`, and `cases`, each a retweet with its
script, verdict, findings, English gloss and, where it has a twin, the name of the pair. They follow
the project's annotation guidelines, were written and labelled by a language model in one go,
checked for form by a program and for sense in samples only, and nothing is reported on them but
what was held out over posts. `tests/data` holds other cases, which train nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def written(folder: Path = Path(__file__).parent) -> list[dict[str, Any]]:
    """Read the cases in driftbench's form: one row a retweet, with its post and post id."""
    return [row for path in sorted(folder.glob("*.jsonl")) for row in _rows(path)]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        post = json.loads(line)
        for case in post["cases"]:
            yield {"post_id": post["id"], "post": post["post"], **case}
