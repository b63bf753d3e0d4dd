"""From what customers said to what the shop should know of it, short of the words that a model finds for it."""
