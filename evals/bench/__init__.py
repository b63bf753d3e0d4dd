"""Benchmarks of speed and accuracy, printed as medians and p95."""
