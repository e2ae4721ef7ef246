"""One adapter a network: how its links look, and how its posts are read."""
