"""How the embedded translator's weights were made, and how to make them again."""
