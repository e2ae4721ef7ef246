"""Tiny checkpoints of each architecture, as the hub lays them out: random weights, real tokenizers.

Every tokenizer is trained here on a few sentences of both languages; nothing is downloaded.
"""

import json
import shutil
from pathlib import Path

import sentencepiece
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

ENGLISH = (
    "The company has not commented on the reports.",
    "About 4,000 people take the drug, and half of them are old.",
    "If the second test fails, the company will withdraw the drug.",
    "The minister reportedly asked for more time before the vote.",
    "Officials said that the bridge was closed because of the storm.",
    "They rejected the plan, but some officials may still approve it.",
)
CHINESE = (
    "公司没有就这些报道作出评论。",
    "大约四千人在服用这种药，其中一半是老人。",
    "如果第二次测试失败，公司将撤回这种药。",
    "据报道，部长在投票前要求更多时间。",
    "官员说，因为风暴，大桥已经关闭。",
    "他们拒绝了这个计划，但一些官员可能仍会批准。",
)
_WIDTH = 32


def _text(folder: Path, lines: tuple[str, ...]) -> Path:
    path = folder / "corpus.txt"
    path.write_text("\n".join(lines * 4) + "\n", "utf-8")
    return path


def _pieces(folder: Path, name: str, lines: tuple[str, ...], size: int = 160) -> list[str]:
    """Train a sentencepiece model and give its pieces."""
    corpus = _text(folder, lines)
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / name), vocab_size=size, model_type="unigram",
        character_coverage=1.0, hard_vocab_limit=False, minloglevel=2, num_threads=1,
        pad_id=-1, bos_id=-1, eos_id=1, unk_id=0, unk_piece="<unk>", eos_piece="</s>",
    )  # fmt: skip
    corpus.unlink()
    (folder / f"{name}.vocab").unlink()
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{name}.model"))
    return [model.id_to_piece(i) for i in range(model.get_piece_size())]


def marian(folder: Path) -> Path:
    """Lay out a Marian translator."""
    folder.mkdir(parents=True)
    vocabulary: dict[str, int] = {}
    for side, lines in (("source", CHINESE), ("target", ENGLISH)):
        for piece in _pieces(folder, side, lines):
            vocabulary.setdefault(piece, len(vocabulary))
        (folder / f"{side}.model").rename(folder / f"{side}.spm")
    ordered = ["</s>", "<unk>", *(p for p in vocabulary if p not in {"</s>", "<unk>"}), "<pad>"]
    vocabulary = {piece: number for number, piece in enumerate(ordered)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"source_lang": "zh", "target_lang": "en", "tokenizer_class": "MarianTokenizer"})
    )
    pad = vocabulary["<pad>"]
    torch.manual_seed(1)
    config = transformers.MarianConfig(
        vocab_size=len(vocabulary), d_model=_WIDTH, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64,
        decoder_ffn_dim=64, max_position_embeddings=256, pad_token_id=pad, eos_token_id=0,
        decoder_start_token_id=pad, bos_token_id=0, forced_eos_token_id=0,
        activation_function="swish", scale_embedding=True, static_position_embeddings=True,
    )  # fmt: skip
    model = transformers.MarianMTModel(config)
    with torch.no_grad():
        model.model.shared.weight[pad].zero_()
    model.save_pretrained(folder)
    return folder


def m2m(folder: Path, signs: tuple[str, str] = ("zho_Hans", "eng_Latn")) -> Path:
    """Lay out a many-language translator in the manner of NLLB or M2M-100."""
    folder.mkdir(parents=True)
    pieces = _pieces(folder, "sentencepiece.bpe", CHINESE + ENGLISH, 260)
    inner = [piece for piece in pieces if piece not in {"<unk>", "</s>"}]
    vocabulary = {p: i for i, p in enumerate(["<s>", "<pad>", "</s>", "<unk>", *inner])}
    names = [sign.strip("_") for sign in signs]
    if signs[0].startswith("__"):
        (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
        tokenizer = transformers.M2M100Tokenizer(
            vocab_file=str(folder / "vocab.json"), spm_file=str(folder / "sentencepiece.bpe.model"),
            src_lang="zh", tgt_lang="en",
        )  # fmt: skip
    else:
        tokenizer = transformers.NllbTokenizer(
            vocab=vocabulary, merges=[], src_lang=names[0], tgt_lang=names[1],
            additional_special_tokens=list(signs), extra_special_tokens=list(signs),
        )  # fmt: skip
    kept = folder / "sentencepiece.bpe.model"
    held = kept.read_bytes()
    tokenizer.save_pretrained(folder)
    kept.write_bytes(held)
    # M2M-100 counts its languages and some rows that it never uses beside its pieces.
    beside = len(getattr(tokenizer, "lang_code_to_id", ()))
    torch.manual_seed(2)
    config = transformers.M2M100Config(
        vocab_size=len(tokenizer) + beside, d_model=_WIDTH, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64,
        decoder_ffn_dim=64, max_position_embeddings=256, pad_token_id=1, bos_token_id=0,
        eos_token_id=2, decoder_start_token_id=2, scale_embedding=True,
    )  # fmt: skip
    transformers.M2M100ForConditionalGeneration(config).save_pretrained(folder)
    return folder


def _fast(
    folder: Path, specials: tuple[str, str, str, str]
) -> transformers.PreTrainedTokenizerFast:
    """Train a tokenizer of its own for an encoder: start, end, padding, unknown."""
    start, end, pad, unknown = specials
    tokenizer = Tokenizer(models.BPE(unk_token=unknown))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=[pad, unknown, start, end], show_progress=False
    )
    tokenizer.train_from_iterator(CHINESE + ENGLISH, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} $B:1 {end}:1",
        special_tokens=[(sign, tokenizer.token_to_id(sign)) for sign in (start, end)],
    )
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, cls_token=start, sep_token=end, pad_token=pad,
        unk_token=unknown, model_max_length=512,
    )  # fmt: skip
    fast.save_pretrained(folder)
    return fast


def deberta(
    folder: Path, labels: tuple[str, ...] = ("entailment", "neutral", "contradiction")
) -> Path:
    """Lay out an entailment classifier in the manner of mDeBERTa."""
    folder.mkdir(parents=True)
    fast = _fast(folder, ("[CLS]", "[SEP]", "[PAD]", "[UNK]"))
    torch.manual_seed(3)
    config = transformers.DebertaV2Config(
        vocab_size=len(fast), hidden_size=_WIDTH, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=512, relative_attention=True,
        position_buckets=32, pos_att_type=["p2c", "c2p"], norm_rel_ebd="layer_norm",
        share_att_key=True, position_biased_input=False, type_vocab_size=0,
        pooler_hidden_size=_WIDTH,
        id2label=dict(enumerate(labels)), label2id={name: i for i, name in enumerate(labels)},
    )  # fmt: skip
    transformers.DebertaV2ForSequenceClassification(config).save_pretrained(folder)
    return folder


def roberta(folder: Path) -> Path:
    """Lay out a classifier in the manner of XLM-R: other labels, few places, half width, shards."""
    folder.mkdir(parents=True)
    fast = _fast(folder, ("<s>", "</s>", "<pad>", "<unk>"))
    torch.manual_seed(6)
    config = transformers.XLMRobertaConfig(
        vocab_size=len(fast), hidden_size=_WIDTH, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=66, pad_token_id=0,
        id2label={0: "contradiction", 1: "neutral", 2: "entailment"},
    )  # fmt: skip
    model = transformers.XLMRobertaForSequenceClassification(config).half()
    model.save_pretrained(folder, max_shard_size="50KB")
    return folder


def pieces_alone(folder: Path) -> Path:
    """Lay out an entailment classifier whose tokenizer is a sentencepiece file and no more."""
    deberta(folder)
    (folder / "tokenizer.json").unlink()
    corpus = _text(folder, CHINESE + ENGLISH)
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus), model_prefix=str(folder / "spm"), vocab_size=260, model_type="unigram",
        character_coverage=1.0, hard_vocab_limit=False, minloglevel=2, num_threads=1,
        pad_id=0, bos_id=1, eos_id=2, unk_id=3, pad_piece="[PAD]", bos_piece="[CLS]",
        eos_piece="[SEP]", unk_piece="[UNK]",
    )  # fmt: skip
    corpus.unlink()
    (folder / "spm.vocab").unlink()
    about = {"tokenizer_class": "DebertaV2Tokenizer", "do_lower_case": False, "vocab_type": "spm"}
    (folder / "tokenizer_config.json").write_text(json.dumps(about))
    return folder


def encoder(folder: Path, *, dense: bool) -> Path:
    """Lay out a sentence encoder: with a last layer like LaBSE, or with a mean like E5."""
    folder.mkdir(parents=True)
    fast = _fast(folder, ("[CLS]", "[SEP]", "[PAD]", "[UNK]"))
    torch.manual_seed(4)
    config = transformers.BertConfig(
        vocab_size=len(fast), hidden_size=_WIDTH, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=512,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(folder)
    (folder / "1_Pooling").mkdir()
    pooling = {
        "word_embedding_dimension": _WIDTH,
        "pooling_mode_cls_token": dense,
        "pooling_mode_mean_tokens": not dense,
        "pooling_mode_max_tokens": False,
    }
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    if dense:
        from safetensors.torch import save_file

        (folder / "2_Dense").mkdir()
        about = {"in_features": _WIDTH, "out_features": _WIDTH, "bias": True,
                 "activation_function": "torch.nn.modules.activation.Tanh"}  # fmt: skip
        (folder / "2_Dense" / "config.json").write_text(json.dumps(about))
        layer = {"linear.weight": torch.randn(_WIDTH, _WIDTH), "linear.bias": torch.zeros(_WIDTH)}
        save_file(layer, folder / "2_Dense" / "model.safetensors")
    return folder


def cached(snapshot: Path, root: Path, identifier: str, commit: str) -> Path:
    """Lay a snapshot out as the hub's own client keeps it: links into a folder of blobs."""
    home = root / ("models--" + identifier.replace("/", "--"))
    place = home / "snapshots" / commit
    (home / "blobs").mkdir(parents=True)
    for number, path in enumerate(sorted(p for p in snapshot.rglob("*") if p.is_file())):
        blob = home / "blobs" / f"{number:040x}"
        shutil.copyfile(path, blob)
        link = place / path.relative_to(snapshot)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(commit)
    return place
