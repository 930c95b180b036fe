"""Terms: what a price is for a time that is shorter, longer, stepped, renewed or changed.

Import a name from the module it lives in.
"""
