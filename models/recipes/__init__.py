"""How each shipped weight was made, re-runnable."""
