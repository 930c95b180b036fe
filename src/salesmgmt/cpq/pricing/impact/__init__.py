"""Impact: what changes of a model would do to requests, before they are made.

Import a name from the module it lives in.
"""
