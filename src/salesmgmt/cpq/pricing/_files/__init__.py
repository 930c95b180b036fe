"""The files of a pricing folder: what each holds, and every fault of all of them at once."""

from salesmgmt.cpq.pricing._files.folder import Contents, read_folder

__all__ = ["Contents", "read_folder"]
