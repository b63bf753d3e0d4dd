"""What an utterance says for sure, in any language: one reading of it, and a file for each thing to read in it."""
