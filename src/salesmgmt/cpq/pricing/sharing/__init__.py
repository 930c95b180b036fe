"""Sharing: amounts on several lines, how they reach each line, and how a line takes its share with it.

Import a name from the module it lives in.
"""
