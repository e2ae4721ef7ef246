"""How the cross-encoder's weights were made; each step is a command, WORK a folder for its files.

The lexical table's recipe comes first: its work folder ALIGNED holds the word alignments. The data
folder is found as `DRIFT_DATA`, or as `../shared/data` beside the checkout.

1. `python -m models.recipes.cross_encoder.vocabulary --aligned ALIGNED --work WORK/lexicon`
   words, cue classes, links, first vectors: 2 minutes.
2. `python -m models.recipes.cross_encoder.prepare --work WORK` synthetic twins and natural data as
   shards of arrays, until stopped; about 40 seconds of one core a shard.
3. `python -m models.recipes.cross_encoder.train pretrain --work WORK --until SECONDS` trains until
   the clock shows so many seconds since the epoch; started again it goes on from its checkpoint.
4. `python -m models.recipes.cross_encoder.train folds --work WORK` fine-tunes once a fold of
   driftbench-train's posts and scores the cases of the fold left out: WORK/oof-N.jsonl.
5. `python -m models.recipes.cross_encoder.train final --work WORK` fine-tunes on all of them.
6. `python -m models.recipes.cross_encoder.export --work WORK` writes models/weights/cross.
7. `python -m models.recipes.cross_encoder.evaluate --work WORK --weights models/weights/cross`
"""
