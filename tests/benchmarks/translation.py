"""Measures the embedded translator beside the same network run by transformers, in one run.

`python tests/benchmarks/translation.py [--weights FOLDER]` prints one JSON object: sentences a
second in batch, milliseconds for one warm sentence, cold load, resident memory. Each part runs in
a process of its own, so that none profits from another's warm caches. The transformers side has
random weights of the shipped shape and is made to write as many pieces as the shipped model does
on average: speed depends on the shape only.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from models.embedded import BEAMS, FOLDER, EmbeddedTranslator
from models.recipes.translation.presets import PRESETS

# Twenty-five characters each, as the marks ask; made up here, and none of a test set.
SENTENCES = [
    f"{who}{when}表示{what}的计划可能推迟到明年。"
    for who in ("公司发言人", "市政府官员", "这位研究员", "工会负责人")
    for when in ("昨天", "周一", "今早", "上周")
    for what in ("裁员和重组", "新地铁线路", "试验新疫苗", "关闭旧工厂", "合并两家店", "搬迁总公司")
]


def ours(weights: Path, beams: int) -> dict[str, float]:
    """Measure the shipped translator; this process has loaded nothing heavy before."""
    began = time.perf_counter()
    translator = EmbeddedTranslator(weights, beams=beams)
    translator.translate(["你好，世界。"])
    cold = time.perf_counter() - began
    single = []
    for sentence in SENTENCES[:16]:
        began = time.perf_counter()
        translator.translate([sentence.replace("明年", "后年")])
        single.append(time.perf_counter() - began)
    began = time.perf_counter()
    said = translator.translate(SENTENCES)
    rate = len(SENTENCES) / (time.perf_counter() - began)
    return {
        "cold load, s": round(cold, 3),
        "one warm, ms": round(1000 * sorted(single)[len(single) // 2], 1),
        "sentences/s": round(rate, 1),
        "resident, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "pieces": sum(map(len, (translator._native.target.encode(one) for one in said)))
        / len(said),
    }


def theirs(weights: Path, beams: int, pieces: int, preset: str) -> dict[str, float]:
    """Measure transformers on a network of the same shape, with the threads that torch was told."""
    began = time.perf_counter()
    import sentencepiece
    import torch
    from transformers import GenerationConfig

    from models.recipes.translation import network

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    source, target = (
        sentencepiece.SentencePieceProcessor(model_file=str(weights / f"{side}.spm"))
        for side in ("source", "target")
    )
    model = network.build(
        PRESETS[preset], source.get_piece_size() + 1, target.get_piece_size() + 1
    ).eval()
    pad = network.pads(model)[0]
    config = GenerationConfig(
        num_beams=beams,
        min_new_tokens=pieces,
        max_new_tokens=pieces,
        decoder_start_token_id=network.pads(model)[1],
        pad_token_id=network.pads(model)[1],
        eos_token_id=0,
    )

    def translate(texts: list[str]) -> None:
        rows = [[*source.encode(text), 0] for text in texts]
        width = max(map(len, rows))
        inputs = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
        with torch.inference_mode():
            model.generate(
                input_ids=inputs, attention_mask=(inputs != pad).long(), generation_config=config
            )

    translate(SENTENCES[:1])
    cold = time.perf_counter() - began
    began = time.perf_counter()
    translate(SENTENCES[1:2])
    single = time.perf_counter() - began
    began = time.perf_counter()
    for start in range(0, len(SENTENCES), 32):
        translate(SENTENCES[start : start + 32])
    rate = len(SENTENCES) / (time.perf_counter() - began)
    return {
        "cold load, s": round(cold, 3),
        "one warm, ms": round(1000 * single, 1),
        "sentences/s": round(rate, 1),
        "resident, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _apart(*arguments: str, threads: int) -> dict[str, float]:
    """Run one part in a process of its own."""
    command = [sys.executable, __file__, *arguments]
    told = os.environ | {"OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=told)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    """Measure both and print them beside each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=FOLDER)
    parser.add_argument("--preset", default="base")
    parser.add_argument("--beams", type=int, default=BEAMS)
    parser.add_argument("--part", choices=("ours", "theirs"))
    parser.add_argument("--pieces", type=int, default=20)
    options = parser.parse_args()
    if options.part == "ours":
        print(json.dumps(ours(options.weights, options.beams)))
    elif options.part == "theirs":
        print(json.dumps(theirs(options.weights, options.beams, options.pieces, options.preset)))
    else:
        shared = ["--weights", str(options.weights), "--beams", str(options.beams)]
        found = {"ours": _apart("--part", "ours", *shared, threads=1)}
        shared += ["--pieces", str(round(found["ours"]["pieces"])), "--preset", options.preset]
        # Threads that wait for each other suffer most where other jobs run; the better one counts.
        for threads in sorted({1, os.cpu_count() or 1}):
            name = f"transformers, {threads} thread(s)"
            found[name] = _apart("--part", "theirs", *shared, threads=threads)
        best = max(one["sentences/s"] for name, one in found.items() if name != "ours")
        faster = round(found["ours"]["sentences/s"] / best, 1)
        print(json.dumps(found | {"times faster": faster}, indent=1))


if __name__ == "__main__":
    main()
