"""The network: a Marian transformer of transformers, with its loss and its learning rate."""

from typing import Any

import torch
from torch.nn import functional
from transformers import MarianConfig, MarianMTModel

from models.recipes.translation.batches import Batch
from models.recipes.translation.presets import Preset
from models.recipes.translation.vocabulary import END

_IGNORED = -100


def build(preset: Preset, source_size: int, target_size: int) -> MarianMTModel:
    """Make an untrained network; each size counts the pad, which is the last row and zero."""
    torch.manual_seed(preset.seed)
    config = MarianConfig(
        vocab_size=source_size,
        decoder_vocab_size=target_size,
        share_encoder_decoder_embeddings=False,
        tie_word_embeddings=True,
        d_model=preset.width,
        encoder_layers=preset.encoder_layers,
        decoder_layers=preset.decoder_layers,
        encoder_attention_heads=preset.heads,
        decoder_attention_heads=preset.heads,
        encoder_ffn_dim=preset.feed_forward,
        decoder_ffn_dim=preset.feed_forward,
        activation_function="relu",
        dropout=preset.dropout,
        attention_dropout=0.0,
        activation_dropout=0.0,
        scale_embedding=True,
        max_position_embeddings=512,
        eos_token_id=END,
        pad_token_id=target_size - 1,
        decoder_start_token_id=target_size - 1,
        forced_eos_token_id=None,
        init_std=preset.width**-0.5,
        # Measured on a CPU: eager attention is a quarter faster there than the fused kernel.
        attn_implementation="sdpa" if torch.cuda.is_available() else "eager",
    )
    model = MarianMTModel(config)
    # transformers knows one pad for both sides; the encoder's own is its own last row.
    model.model.encoder.embed_tokens.padding_idx = source_size - 1
    zero_pads(model)
    return model


def pads(model: MarianMTModel) -> tuple[int, int]:
    """Give the numbers of the two pads, source first."""
    return model.config.vocab_size - 1, model.config.decoder_vocab_size - 1


def zero_pads(model: MarianMTModel) -> None:
    """Make both pad rows zero; CTranslate2 starts decoding from zeros, so training must too."""
    with torch.no_grad():
        model.model.encoder.embed_tokens.weight[-1].zero_()
        model.model.decoder.embed_tokens.weight[-1].zero_()


def loss(model: MarianMTModel, batch: Batch, smoothing: float) -> torch.Tensor:
    """Give the smoothed cross-entropy a real target token."""
    pad = model.config.decoder_vocab_size - 1
    shifted = torch.full_like(batch.target, pad)
    shifted[:, 1:] = batch.target[:, :-1]
    hidden: Any = model.model(
        input_ids=batch.source,
        attention_mask=batch.mask,
        decoder_input_ids=shifted,
        use_cache=False,
    ).last_hidden_state
    weight = model.model.decoder.embed_tokens.weight[:-1]
    real = batch.target != pad
    if hidden.is_cuda:
        # A GPU is faster with one shape for all batches than with fewer rows.
        scores = functional.linear(hidden.flatten(0, 1), weight)
        wanted = batch.target.masked_fill(~real, _IGNORED).flatten()
        return functional.cross_entropy(
            scores.float(), wanted, label_smoothing=smoothing, ignore_index=_IGNORED
        )
    # The output layer is the dearest; it runs on real positions only, and never scores the pad.
    scores = functional.linear(hidden[real], weight)
    return functional.cross_entropy(scores, batch.target[real], label_smoothing=smoothing)


def rate(step: int, preset: Preset, decay: tuple[int, int] | None) -> float:
    """Give the learning rate: a warm-up, a plateau, and a decay to nothing once it is asked for.

    `decay` is the step at which the decay starts and how many steps it takes. The plateau has no
    end, so a training can be continued from its last checkpoint before the decay at any time.
    """
    warm = preset.peak_rate * min(1.0, (step + 1) / preset.warmup_steps)
    if decay is None or step < decay[0]:
        return warm
    return warm * max(0.0, 1.0 - (step - decay[0]) / decay[1])
