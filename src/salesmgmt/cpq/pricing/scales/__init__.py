"""Scales: what a quantity costs by its tiers, and what is wrong with them.

Import a name from the module it lives in.
"""
