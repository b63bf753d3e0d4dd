"""Devices as processes of their own: the wire, the twins that listen on it, and the adapters that ask."""
