"""Prints what the models of the hub cost: `python tests/benchmarks/hub.py [NAME ...]`.

NAME is a model below, or `fast` or `quality`: that set in one process, on the demo's post with 20
retweets. Each model is built here in its real size with random weights, pulled as users pull it,
and run in a process of its own. Time and memory depend on sizes and lengths alone, so they are
those of the real model (but for rows of the vocabulary that no text here touches); quality cannot
be measured this way and is not. Speed is told for a second of one processor, so that other work on
the machine does not count. Needs 6 GB of disk and of memory, and the extra `hub`.
DRIFT_DEVICE=cpu keeps a GPU out.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

COUNT = 64
LONG = 30
SETS = {
    "fast": ("opus-mt-zh-en", "multilingual-e5-small"),
    "quality": ("opus-mt-zh-en", "mDeBERTa-v3-base", "LaBSE"),
}
SIZES = {
    "opus-mt-zh-en": {"d_model": 512, "encoder_layers": 6, "decoder_layers": 6,
                      "encoder_attention_heads": 8, "decoder_attention_heads": 8,
                      "encoder_ffn_dim": 2048, "decoder_ffn_dim": 2048, "vocab_size": 65001},
    "nllb-200-distilled-600M": {"d_model": 1024, "encoder_layers": 12, "decoder_layers": 12,
                                "encoder_attention_heads": 16, "decoder_attention_heads": 16,
                                "encoder_ffn_dim": 4096, "decoder_ffn_dim": 4096,
                                "vocab_size": 256206},
    "mDeBERTa-v3-base": {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
                         "intermediate_size": 3072, "vocab_size": 251000, "position_buckets": 256,
                         "pooler_hidden_size": 768},
    "LaBSE": {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
              "intermediate_size": 3072, "vocab_size": 501153},
    "multilingual-e5-small": {"hidden_size": 384, "num_hidden_layers": 12,
                              "num_attention_heads": 12, "intermediate_size": 1536,
                              "vocab_size": 250037},
}  # fmt: skip


def main() -> None:
    """Build, pull and measure each model."""
    names = sys.argv[1:] or [*SIZES, *SETS]
    print(f"{'model':26} {'million':>8} {'disk MB':>8} {'pull s':>7} {'load s':>7} "
          f"{'peak MB':>8}  speed")  # fmt: skip
    for name in names:
        with tempfile.TemporaryDirectory() as place:
            os.environ["DRIFT_HUB"] = f"{place}/home"
            if name in SETS:
                for each in SETS[name]:
                    step("pull", each, place)
                first, warm, plain, peak = step("check", name, place)
                print(f"{name}: 20 retweets, CPU seconds: first {first:.1f}, again {warm:.1f}, "
                      f"without the hub {plain:.1f}; peak {peak:.0f} MB", flush=True)  # fmt: skip
                continue
            millions, disk, seconds = step("pull", name, place)
            load, peak, speed, unit = step("run", name, place)
            print(f"{name:26} {millions:8.0f} {disk:8.0f} {seconds:7.1f} {load:7.1f} "
                  f"{peak:8.0f}  {speed:.1f} {unit}", flush=True)  # fmt: skip


def step(what: str, name: str, place: str) -> list:
    """Run one step in a process of its own, so that peaks are not mixed."""
    command = [sys.executable, "-W", "ignore", __file__, f"--{what}", name, place]
    alone = {**os.environ, "OMP_NUM_THREADS": "1"}  # threads that wait for each other burn time
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=alone)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def pull(name: str, place: str) -> list:
    """Build a snapshot and take it in."""
    from models.hub.pull import Wish
    from models.hub.pull import pull as take

    snapshot = Path(place) / name
    millions = build(name, snapshot)
    started = time.perf_counter()
    done = take(str(snapshot), Wish(), lambda _: None)
    return [millions, done.size / 1e6, time.perf_counter() - started]


def build(name: str, folder: Path) -> float:
    """Lay out the model in its real size; give its parameters in millions."""
    import torch
    import transformers

    from tests.models import hub_world as world

    sizes = SIZES[name]
    made = {
        "opus-mt-zh-en": (world.marian, transformers.MarianMTModel),
        "nllb-200-distilled-600M": (world.m2m, transformers.M2M100ForConditionalGeneration),
        "mDeBERTa-v3-base": (world.deberta, transformers.DebertaV2ForSequenceClassification),
        "LaBSE": (lambda at: world.encoder(at, dense=False), transformers.BertModel),
        "multilingual-e5-small": (
            lambda at: world.encoder(at, dense=False),
            transformers.BertModel,
        ),
    }[name]
    made[0](folder)
    config = transformers.AutoConfig.from_pretrained(folder)
    config.update(sizes)
    if name.startswith("opus"):
        vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
        pad = vocabulary.pop("<pad>")
        vocabulary |= {f"filler{n}": n for n in range(pad, sizes["vocab_size"] - 1)}
        vocabulary["<pad>"] = config.pad_token_id = sizes["vocab_size"] - 1
        config.decoder_start_token_id = config.pad_token_id
        config.decoder_vocab_size = config.vocab_size
        (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
        (folder / "generation_config.json").unlink()
    torch.manual_seed(1)
    model = made[1](config)
    if name.startswith("opus"):
        with torch.no_grad():
            model.model.shared.weight[config.pad_token_id].zero_()
    model.save_pretrained(folder)
    return sum(part.numel() for part in model.parameters()) / 1e6


def run(name: str, place: str) -> list:
    """Load a pulled model and time it, warm."""
    from models.hub import store
    from models.hub.device import chosen, on_cuda

    found = store.installed(name)
    post, retweets = demo()
    chinese, english = "".join(retweets), " ".join(post.split())
    pieces = 0.0
    if found.role == "translation":
        from models.hub.translators import HubTranslator

        model = HubTranslator(found)
        texts = [f"{retweets[n % len(retweets)][:20]}{n}次" for n in range(COUNT)]
        ask = partial(translate, model)
        unit = f"sentences/s ({LONG} pieces out, beam 4)"
    elif found.role == "entailment":
        from models.hub.entailment import HubEntailment

        model = HubEntailment(found)
        texts = [(english[n : n + 75], chinese[n : n + 25]) for n in range(COUNT)]
        ask, unit = model.infer, "pairs/s"
    else:
        from models.hub.embedding import HubEmbedder

        model = HubEmbedder(found)
        texts = [english[n : n + 75] for n in range(COUNT)]
        ask, unit = partial(near, model), "sentences/s"
    started = time.perf_counter()
    ask(texts[:2])
    load = time.perf_counter() - started
    started = time.process_time()
    ask(texts[2:])
    speed = (COUNT - 2) / (time.process_time() - started)
    if found.role != "translation":
        encoder = (model._reader if found.role == "entailment" else model._space)._encoder
        given = [text if isinstance(text, tuple) else (text,) for text in texts]
        pieces = sum(len(encoder._tokenizer(*text)["input_ids"]) for text in given) / COUNT
        unit += f" (of {pieces:.0f} pieces)"
    where = "GPU" if chosen() != "cpu" and on_cuda() else "a CPU second"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [load, peak, speed, f"{unit}, {where}"]


def translate(model, texts: list) -> None:
    """Translate to a set length: random weights never stop by themselves."""
    model._native.model.translate_batch(
        [model._pieces(text) for text in texts],
        beam_size=4, min_decoding_length=LONG, max_decoding_length=LONG, max_batch_size=16,
    )  # fmt: skip


def near(model, texts: list) -> None:
    """Embed texts."""
    model.similarities(texts[:1], texts[1:])


def demo() -> tuple[str, list]:
    """Give the demo's post and retweets."""
    folder = files("drift") / "demo"
    lines = (folder / "retweets.jsonl").read_text("utf-8").splitlines()
    return (folder / "post.txt").read_text("utf-8"), [json.loads(line)["retweet"] for line in lines]


def check(_name: str, _place: str) -> list:
    """Judge the demo's post with 20 retweets by all that is pulled, twice, and without it."""
    from drift import cli
    from drift.pipeline import check as judge
    from drift.records import Post, Retweet

    text, texts = demo()
    post = Post("demo", text)
    sets = [
        [Retweet(f"r{n}", f"{texts[n % len(texts)]}{mark}{n}") for n in range(20)]
        for mark in ("第", "共")
    ]
    found = []
    for models, retweets in (("hub", sets[0]), ("hub", sets[1]), ("gloss", sets[1])):
        tools = cli.tools(models)
        started = time.process_time()
        judge(post, retweets, tools)
        found.append(time.process_time() - started)
    return [*found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in {"--pull", "--run", "--check"}:
        steps = {"--pull": pull, "--run": run, "--check": check}
        print(json.dumps(steps[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
