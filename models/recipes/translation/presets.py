"""Sizes and training constants of the embedded translators, one record a preset."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """Everything that decides what is trained; paths and budgets are arguments instead."""

    name: str
    width: int
    heads: int
    feed_forward: int
    encoder_layers: int
    decoder_layers: int
    source_pieces: int
    target_pieces: int
    batch_tokens: int
    peak_rate: float
    warmup_steps: int
    dropout: float
    blend: float = 0.0
    lengths: tuple[int, ...] = ()
    longest: int = 96
    smoothing: float = 0.1
    clip: float = 1.0
    seed: int = 20261125


# Chinese and English have a vocabulary each: the output layer, the dearest of all at this size,
# then scores English pieces only, and no Chinese can leak into a translation.
TINY = Preset(
    name="tiny",
    width=256,
    heads=4,
    feed_forward=1024,
    encoder_layers=6,
    decoder_layers=2,
    source_pieces=12000,
    target_pieces=8000,
    batch_tokens=2048,
    peak_rate=2e-3,
    warmup_steps=300,
    # One pass over the data does not overfit, and random masks are slow on a CPU.
    dropout=0.0,
)

BASE = Preset(
    name="base",
    width=512,
    heads=8,
    feed_forward=2048,
    # With a deeper network or longer vocabularies the int8 weights would pass 50 MB.
    encoder_layers=7,
    decoder_layers=2,
    source_pieces=16000,
    target_pieces=12000,
    batch_tokens=73728,
    peak_rate=1.3e-3,
    warmup_steps=400,
    dropout=0.1,
    blend=0.35,
    lengths=(16, 24, 32, 48, 64, 96),
)

PRESETS = {preset.name: preset for preset in (TINY, BASE)}
