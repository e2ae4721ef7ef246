"""Measures batches: `python tests/benchmarks/batch.py --rows 200000 [--runs 1 2 cluster]`.

Rows are made by `batch_rows.py`. They are judged with one process, with two, and by a cluster of a
scheduler and two workers on this machine; the outputs must be the same bytes. For each run: rows a
second, core-hours and cost a million rows, and the memory of all its processes (proportional set
size) over the run, whose second half must not lie above the first. Then a subset of the same rows
goes the plain way that a user would go: a Marian of opus-mt's size writes English, and a classifier
of mDeBERTa-base's size reads it beside the post, both by transformers with random weights, because
speed depends on the shapes alone. Prints one JSON object. Compare figures of one run only.
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
EVERY = 1.0  # seconds between two looks at the memory
_PAD, _UNKNOWN, _END = "<pad>", "<unk>", "</s>"
HERE = {**os.environ, "DRIFT_CACHE": "off", "PYTHONPATH": str(ROOT)}


def processes_of(root: int) -> list[int]:
    """List a process and all its descendants."""
    found, fresh = [], [root]
    while fresh:
        one = fresh.pop()
        found.append(one)
        for told in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                fresh += map(int, told.read_text().split())
            except OSError:
                continue
    return found


def memory_of(roots: list[int]) -> float:
    """Add up the proportional set size of process trees, in MB; shared pages count once."""
    total = 0
    for one in {child for root in roots for child in processes_of(root)}:
        try:
            told = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(told.partition("\nPss:")[2].split()[0])
    return total / 1024


@contextmanager
def watched(roots: list[int]) -> Iterator[list[float]]:
    """Look at the memory of process trees from time to time."""
    seen: list[float] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(EVERY):
            seen.append(memory_of(roots))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def judged(
    rows: Path | str, output: Path | str, more: list[str], beside: list[int]
) -> dict[str, Any]:
    """Run one batch and measure it; `beside` are processes that work for it."""
    command = [sys.executable, "-m", "drift.cli", "batch", rows, "-o", output, *more]
    began, used = time.perf_counter(), _cpu(beside)
    told = Path(str(output).removeprefix("file://")).with_suffix(".log")
    with told.open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=ROOT, env=HERE, stdout=log, stderr=log
        )
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with watched([process.pid, *beside]) as seen:
            status = process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter() - began
    if status:
        raise SystemExit(told.read_text("utf-8"))
    own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": wall, "cpu": own + _cpu(beside) - used, "memory": seen}


def _cpu(roots: list[int]) -> float:
    """Add up the processor seconds of running process trees."""
    ticks = 0
    for one in {child for root in roots for child in processes_of(root)}:
        try:
            told = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def figures(found: dict[str, Any], rows: int, price: float) -> dict[str, Any]:
    """Put what was measured into the figures that are asked for."""
    hours = found["cpu"] / 3600 * 1e6 / rows
    memory = found["memory"]
    middle = len(memory) // 2
    halves = [memory[len(memory) // 8 : middle], memory[middle:-1]]
    first, second = (sorted(half)[len(half) // 2] if half else 0.0 for half in halves)
    return {
        "rows a second": round(rows / found["wall"], 1),
        "rows a core-second": round(rows / found["cpu"], 1),
        "core-hours a million rows": round(hours, 2),
        f"cost a million rows at {price:g} a core-hour": round(hours * price, 2),
        "memory, MB: median of the first half, of the second, highest": [
            round(first), round(second), round(max(memory, default=0.0)),
        ],
    }  # fmt: skip


def runs(rows: Path, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure runs on so many processes, or on a cluster of two workers; compare their outputs."""
    from tests.clusters import Cluster

    found, digests = {}, set()
    for name in options.runs:
        output = folder / f"{name}.jsonl"
        if name == "cluster":
            with Cluster(folder) as cluster:
                beside = [process.pid for process in cluster.started]
                more = ["--models", options.models, "--engine", "dask"]
                more += ["--address", cluster.address]
                # By addresses, so that the workers read and write themselves.
                one = judged(f"file://{rows}", f"file://{output}", more, beside)
        else:
            one = judged(rows, output, ["--models", options.models, "-j", name], [])
        title = "cluster of 2 workers" if name == "cluster" else f"processes: {name}"
        found[title] = figures(one, options.rows, options.price)
        print(json.dumps({title: found[title]}, ensure_ascii=False), file=sys.stderr, flush=True)
        digests.add(_digest(output))
        output.unlink()
    found["the outputs are the same bytes"] = len(digests) == 1
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def plain(rows: Path, count: int, threads: int) -> float:
    """Give the rows a second of the plain way, on the first rows, models loaded and warm."""
    import torch

    torch.set_num_threads(threads)
    given = [json.loads(line) for _, line in zip(range(count), rows.open("rb"), strict=False)]
    tokens = _tokenizer([row[side] for row in given for side in ("post", "retweet")])
    translate, classify = _translator(tokens), _classifier(tokens)
    _judge_plainly(given[:2], translate, classify)
    began = time.perf_counter()
    _judge_plainly(given, translate, classify)
    return len(given) / (time.perf_counter() - began)


def _judge_plainly(rows: list[Any], translate: Any, classify: Any) -> None:
    english = translate([row["retweet"] for row in rows])
    pairs = zip(rows, english, strict=True)
    classify(
        [{"text": row["post"], "text_pair": said} for row, said in pairs],
        batch_size=16, truncation=True, max_length=512,
    )  # fmt: skip


def _tokenizer(texts: list[str]) -> Any:
    """Learn pieces from the very texts: no real vocabulary would cut them into fewer."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    learned = Tokenizer(models.Unigram())
    learned.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=32_000, unk_token=_UNKNOWN, show_progress=False,
        special_tokens=[_PAD, _UNKNOWN, _END],
    )  # fmt: skip
    learned.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=learned, pad_token=_PAD, unk_token=_UNKNOWN, eos_token=_END
    )


def _translator(tokens: Any) -> Any:
    """Make what the translation pipeline was: batches through `generate` of opus-mt's shape."""
    import torch
    from transformers import MarianConfig, MarianMTModel

    config = MarianConfig(
        vocab_size=65_001, d_model=512, encoder_layers=6, decoder_layers=6,
        encoder_attention_heads=8, decoder_attention_heads=8, encoder_ffn_dim=2048,
        decoder_ffn_dim=2048, pad_token_id=65_000, decoder_start_token_id=65_000,
        eos_token_id=0, forced_eos_token_id=None,
    )  # fmt: skip
    model = MarianMTModel(config).eval()

    def translate(texts: list[str]) -> list[str]:
        said: list[str] = []
        for start in range(0, len(texts), 16):
            ids = tokens(texts[start : start + 16], return_tensors="pt", padding=True)
            # Random weights never stop of themselves: English has about as many pieces as Chinese.
            length = int(ids["attention_mask"].sum(1).float().mean())
            with torch.inference_mode():
                made = model.generate(
                    input_ids=ids["input_ids"], attention_mask=ids["attention_mask"],
                    num_beams=4, min_new_tokens=length, max_new_tokens=length,
                )  # fmt: skip
            known = made.clamp(max=len(tokens) - 1)
            said += tokens.batch_decode(known, skip_special_tokens=True)
        return said

    return translate


def _classifier(tokens: Any) -> Any:
    """Make a text-classification pipeline of mDeBERTa-base's shape."""
    from transformers import DebertaV2Config, DebertaV2ForSequenceClassification, pipeline

    config = DebertaV2Config(
        vocab_size=251_000, hidden_size=768, num_hidden_layers=12, num_attention_heads=12,
        intermediate_size=3072, relative_attention=True, position_buckets=256, type_vocab_size=0,
        position_biased_input=False, pos_att_type=["p2c", "c2p"], share_att_key=True,
        norm_rel_ebd="layer_norm", num_labels=3, pad_token_id=0,
    )  # fmt: skip
    model = DebertaV2ForSequenceClassification(config).eval()
    return pipeline("text-classification", model=model, tokenizer=tokens, device="cpu")


def _plain_apart(rows: Path, count: int, threads: int) -> float:
    command = [sys.executable, __file__, "--part", str(rows), str(count), str(threads)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=HERE)
    return float(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--plain", type=int, default=64, help="rows that go the plain way")
    parser.add_argument("--copies", type=float, default=0.5, help="share of verbatim copies")
    parser.add_argument("--runs", nargs="*", default=["1", "2", "cluster"], metavar="N|cluster")
    parser.add_argument("--models", default="auto", help="who back-translates, as for drift batch")
    parser.add_argument("--price", type=float, default=0.04, help="of a core-hour")
    parser.add_argument("--folder", type=Path, help="default: a temporary one")
    parser.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(plain(Path(options.part[0]), *map(int, options.part[1:])))
        return
    from batch_rows import write

    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        rows = folder / "rows.jsonl"
        write(rows, options.rows, copies=options.copies)
        found: dict[str, Any] = {
            "rows": options.rows,
            "verbatim copies": options.copies,
            "models": options.models,
        }
        found |= runs(rows, folder, options)
        if options.plain:
            rates = [_plain_apart(rows, options.plain, threads) for threads in (1, 2)]
            found["plain way, rows a second (the better of 1 and 2 threads)"] = round(max(rates), 2)
            found["plain way, measured on the first rows"] = options.plain
            ours = max(one["rows a second"] for one in found.values() if isinstance(one, dict))
            found["times faster"] = round(ours / max(rates), 1)
    print(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
