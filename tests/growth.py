"""How work grows with its input, as a ratio in one run; a busy machine must not decide."""

import gc
import time


def growth(work, short, long):
    """Give how many times longer `work(long)` takes than `work(short)`, the best of several."""
    work(short)  # tables are read once
    return _best(work, long) / max(_best(work, short), 0.003)


def _best(work, given):
    times = []
    for _ in range(5):
        gc.collect()
        gc.disable()
        try:
            start = time.process_time()
            work(given)
            times.append(time.process_time() - start)
        finally:
            gc.enable()
    return min(times)
