"""Writes log records as JSON, one a line, whatever stands in them."""

import json
import logging
import sys
from datetime import UTC, datetime

from drift.report.structured import encode

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class Lines(logging.Formatter):
    """One JSON object a record: time, level, what, the facts that came with it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; line breaks and control characters in it become escapes."""
        facts = {name: value for name, value in vars(record).items() if name not in _USUAL}
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **json.loads(json.dumps(facts, default=str)),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return encode(line)


def install(level: int = logging.INFO) -> None:
    """Send all logs to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
