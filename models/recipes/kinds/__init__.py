"""Makes `drift/lexicons/kinds.toml`: things and places that exclude each other, by their kind.

`python -m models.recipes.kinds --data ../shared/data` writes it from CC-CEDICT (CC BY-SA 3.0) and
the English lists of `classes.toml`. Places need no list: the dictionary says what each is.
"""
