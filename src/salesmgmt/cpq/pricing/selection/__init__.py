"""Which of many rules or records wins: found by key, chosen by a published order.

Import a name from the module it lives in.
"""
