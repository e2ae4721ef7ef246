"""Model backends by name; a name costs nothing until it is asked for."""
