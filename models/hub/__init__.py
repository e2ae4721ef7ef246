"""Models from the hub, by choice: pulled once, pinned and checked, offline afterwards.

Nothing here is imported by the default install; torch, transformers and huggingface_hub come with
the extra `hub` and are loaded when a model is first asked something.
"""
