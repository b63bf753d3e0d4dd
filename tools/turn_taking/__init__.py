"""Models of when a customer speaks and has finished: frames of sound come in, probabilities go out."""
