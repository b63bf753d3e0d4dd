"""Recipes: for each known intent, which tools to call and what to say with their evidence.

A recipe is a generator. It yields lists of tool calls, is sent their results, and returns a `Conclusion`. It has no
effects of its own, so `decide` can run it anew from its recorded results at every step.
"""
