"""What every test starts from: no page is kept, Ctrl-C is heard, no example has a deadline."""

import os
import signal

from hypothesis import settings

os.environ["DRIFT_CACHE"] = "off"

# A shell's background jobs ignore Ctrl-C, and so would the commands that tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is the machine's affair: `tests/benchmarks` measure speed, as ratios.
settings.register_profile("drift", deadline=None)
settings.load_profile("drift")
