"""Foreign exports into entities: what is not understood is reported and kept, never lost."""

from salesmgmt.imports.deals import read_deals, read_keys
from salesmgmt.imports.mapping import DealMapping
from salesmgmt.imports.records import Record, Reject, read_records
from salesmgmt.imports.report import DealImport, Unresolved, write_rejects

__all__ = [
    "DealImport",
    "DealMapping",
    "Record",
    "Reject",
    "Unresolved",
    "read_deals",
    "read_keys",
    "read_records",
    "write_rejects",
]
