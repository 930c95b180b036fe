"""Discount authority: how much may be given away, by whom, on what."""
