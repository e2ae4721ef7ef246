"""A base of the cross-encoder in miniature: the packed 4-bit file, and networks made of it."""

import struct

import numpy as np

WIDTH, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 4, 64, 320
MARKS = ("<s>", "<pad>", "</s>", "<unk>")
WORDS = ("▁", "▁the", "▁minister", "▁may", "▁police", "▁said", "▁refused", "部长", "可能", "拒绝")
CHARACTERS = "部长可能拒绝警方说也许如果总统没有万abcdefghilmnoprstuy0123,.!?"
PIECES = (*MARKS, *WORDS, *CHARACTERS)
SCORES = tuple(-3.0 if piece in WORDS else -8.0 for piece in PIECES)


def packed(values):
    """Pack weights into 4-bit blocks: a scale of half precision, then low and high halves."""
    blocks = np.asarray(values, np.float32).reshape(-1, 32)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 7).astype(np.float16)
    halves = np.round(blocks / np.maximum(scales.astype(np.float32), 1e-8)).astype(int) + 8
    halves = halves.astype(np.uint8)
    return np.hstack([scales.view(np.uint8), halves[:, :16] | halves[:, 16:] << 4]).tobytes()


def arrays():
    """Give the arrays of a random network: matrices, which are packed, and vectors."""
    chance = np.random.default_rng(4)
    found = {
        "emb.word": chance.normal(0, 1, (len(PIECES), WIDTH)),
        "emb.pos": chance.normal(0, 0.1, (POSITIONS, WIDTH)),
        "emb.type": chance.normal(0, 0.1, (2, WIDTH)),
        "emb.ln.w": np.ones(WIDTH),
        "emb.ln.b": np.zeros(WIDTH),
    }
    sizes = {"q": (WIDTH, WIDTH), "k": (WIDTH, WIDTH), "v": (WIDTH, WIDTH), "ao": (WIDTH, WIDTH),
             "fi": (INNER, WIDTH), "fo": (WIDTH, INNER)}  # fmt: skip
    for layer in range(LAYERS):
        for name, size in sizes.items():
            found[f"l{layer}.{name}.w"] = chance.normal(0, 0.3, size)
            found[f"l{layer}.{name}.b"] = chance.normal(0, 0.1, size[0])
        for name in ("aln", "oln"):
            found[f"l{layer}.{name}.w"] = np.ones(WIDTH)
            found[f"l{layer}.{name}.b"] = np.zeros(WIDTH)
    return found


def write(path, contents=None):
    """Write the packed file; returns the arrays that went into it."""
    contents = arrays() if contents is None else contents
    encoded = [piece.encode() for piece in PIECES]
    starts = np.cumsum([0, *map(len, encoded)]).astype(np.uint32)
    head = b"E5S1" + struct.pack("<i7i", 1, WIDTH, LAYERS, HEADS, INNER, 0, POSITIONS, 2)
    head += struct.pack("<fi5iQ", 1e-12, 0, len(PIECES), 3, 0, 1, 2, int(starts[-1]))
    head += starts.tobytes() + np.array(SCORES, np.float32).tobytes() + b"".join(encoded)
    head += struct.pack("<iI", 0, 3) + b"map"
    stored = {
        name: packed(array) if array.ndim == 2 else array.astype(np.float32).tobytes()
        for name, array in contents.items()
    }
    size = sum(2 + len(name) + struct.calcsize("<BIQQ") for name in stored)
    at = len(head) + 4 + size
    directory = struct.pack("<i", len(stored))
    for name, raw in stored.items():
        entry = struct.pack("<BI", contents[name].ndim == 2, contents[name].size)
        directory += struct.pack("<H", len(name)) + name.encode() + entry
        directory += struct.pack("<QQ", at, len(raw))
        at += len(raw)
    path.write_bytes(head + directory + b"".join(stored.values()))
    return contents


def base(folder):
    """Write and read the base."""
    from models.recipes.cross_encoder.base import read_base

    write(folder / "base.bin")
    return read_base(folder / "base.bin")


def cutter(folder):
    """Make the sentencepiece model of all pieces of the base and save it as the recipe does."""
    from sentencepiece import SentencePieceProcessor

    from models.recipes.cross_encoder.vocabulary import pieces_model

    path = folder / "pieces.spm"
    path.write_bytes(pieces_model(base(folder), range(len(PIECES))))
    return SentencePieceProcessor(model_file=str(path))


def network(folder):
    """Start a network from the base, its fresh heads made large enough to tell pairs apart."""
    import torch

    from models.recipes.cross_encoder.network import start

    torch.set_num_threads(1)
    torch.manual_seed(3)
    made = start(base(folder), list(range(len(PIECES)))).eval()
    for parameter in made.parameters():
        parameter.data.add_(0.1 * torch.randn_like(parameter))
    return made
