"""Prints what the models of the hub cost: `python tests/benchmarks/hub.py [NAME ...]`.

Each model is built here in its real size with random weights, pulled as users pull it, and run in
a process of its own. Time and memory depend on sizes and lengths alone, so they are those of the
real model; quality cannot be measured this way and is not. Needs 6 GB of disk and of memory, and
the extra `hub`. DRIFT_DEVICE=cpu keeps a GPU out.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

PIECES = 100  # of a pair: a Chinese sentence and a window of the post
COUNT = 64
LONG = 30
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
    names = sys.argv[1:] or list(SIZES)
    print(f"{'model':26} {'million':>8} {'disk MB':>8} {'pull s':>7} {'load s':>7} "
          f"{'peak MB':>8}  speed")  # fmt: skip
    for name in names:
        with tempfile.TemporaryDirectory() as place:
            os.environ["DRIFT_HUB"] = f"{place}/home"
            millions, disk, seconds = step("pull", name, place)
            load, peak, speed, unit = step("run", name, place)
            print(f"{name:26} {millions:8.0f} {disk:8.0f} {seconds:7.1f} {load:7.1f} "
                  f"{peak:8.0f}  {speed:.1f} {unit}", flush=True)  # fmt: skip


def step(what: str, name: str, place: str) -> list:
    """Run one step in a process of its own, so that peaks are not mixed."""
    command = [sys.executable, "-W", "ignore", __file__, f"--{what}", name, place]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
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
    from models.hub.device import on_cuda
    from tests.models.hub_world import CHINESE, ENGLISH

    found = store.installed(name)
    chinese, english = "".join(CHINESE), " ".join(ENGLISH * 3)
    if found.role == "translation":
        from models.hub.translators import HubTranslator

        texts = [f"{CHINESE[n % 6][:-1]}{n}次。" for n in range(COUNT)]
        model = HubTranslator(found)
        unit = f"sentences/s ({LONG} pieces out, beam 4)"

        def ask(some):  # random weights never stop by themselves, so the length is set
            pieces = [model._pieces(text) for text in some]
            model._native.model.translate_batch(
                pieces, beam_size=4, min_decoding_length=LONG, max_decoding_length=LONG,
                max_batch_size=16,
            )  # fmt: skip

    elif found.role == "entailment":
        from models.hub.entailment import HubEntailment

        model = HubEntailment(found)
        texts = [(english[n : n + 90], chinese[n % 20 : n % 20 + 25]) for n in range(COUNT)]
        ask, unit = model.infer, f"pairs/s (about {PIECES} pieces)"
    else:
        from models.hub.embedding import HubEmbedder

        model = HubEmbedder(found)
        texts = [english[n : n + 100] for n in range(COUNT)]
        ask = lambda some: model.similarities(some[:1], some[1:])  # noqa: E731
        unit = "sentences/s"
    started = time.perf_counter()
    ask(texts[:2])
    load = time.perf_counter() - started
    started = time.perf_counter()
    ask(texts[2:])
    speed = (COUNT - 2) / (time.perf_counter() - started)
    where = "GPU" if on_cuda() else "CPU"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [load, peak, speed, f"{unit}, {where}"]


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in {"--pull", "--run"}:
        chosen = pull if sys.argv[1] == "--pull" else run
        print(json.dumps(chosen(*sys.argv[2:])))
    else:
        main()
