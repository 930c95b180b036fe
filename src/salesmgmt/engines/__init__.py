"""Mechanisms that know nothing of sales, each used by several rooms."""
