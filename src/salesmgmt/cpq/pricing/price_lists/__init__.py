"""Price lists: rules in one currency, lists based on other lists, and the book that prices by them.

Import a name from the module it lives in.
"""
