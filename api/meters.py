"""Counts what the server does, in the text form that Prometheus reads."""

import threading
from collections import Counter
from collections.abc import Mapping


class Meters:
    """Counters of answers by route and status."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()

    def count(self, route: str, status: int) -> None:
        """Count one answer."""
        with self._lock:
            self._answers[route, status] += 1

    def text(self, gauges: Mapping[str, float]) -> str:
        """Write the counters and the given gauges."""
        with self._lock:
            answers = sorted(self._answers.items())
        lines = ["# TYPE drift_answers_total counter"]
        lines += [
            f'drift_answers_total{{route="{route}",status="{status}"}} {number}'
            for (route, status), number in answers
        ]
        for name, value in gauges.items():
            lines += [f"# TYPE drift_{name} gauge", f"drift_{name} {value:g}"]
        return "\n".join(lines) + "\n"
