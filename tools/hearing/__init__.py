"""Speech recognition: the sound of an utterance comes in, a transcript goes out."""
