"""Processes join the rooms through ids and events; they own no rules of their own."""
