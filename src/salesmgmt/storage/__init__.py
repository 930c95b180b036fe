"""Embedded stores behind the storage port (`salesmgmt.core.ports`): in memory, and in a SQLite file."""

from salesmgmt.storage.memory import MemoryDatabase, MemoryStore
from salesmgmt.storage.sqlite import NewerStore, NotStorable, SqliteStore, StoreUnusable

__all__ = ["MemoryDatabase", "MemoryStore", "NewerStore", "NotStorable", "SqliteStore", "StoreUnusable"]
