"""Makes the lexical translation table from parallel text.

Run it as ``python -m models.recipes.lexical --data DIR --work DIR --output DIR``. The road is
corpus (read, clean, choose) -> tokens (cut both languages into words) -> align (eflomal, both
directions) -> counts (which word stands for which) -> table (the shipped files and their
manifest).
"""
