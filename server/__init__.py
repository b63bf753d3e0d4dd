"""The ways in: command line and text console."""
