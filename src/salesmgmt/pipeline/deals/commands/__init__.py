"""The commands on a deal, one concept a module; all are pure and return the deal and its events."""
