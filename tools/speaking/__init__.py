"""Speech generation: a sentence comes in, its sound goes out."""
