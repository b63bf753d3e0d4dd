"""Typed tools: everything the kiosk knows and does, each behind a typed call."""
