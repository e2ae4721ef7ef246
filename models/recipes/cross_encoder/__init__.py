"""How the cross-encoder's weights were made: word list, synthetic drift, training, export."""
