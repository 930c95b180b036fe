"""Presets: the conventions and steps of other systems, as data; each is a TOML file of this folder."""

from salesmgmt.cpq.pricing._preset_files import preset_names
from salesmgmt.cpq.pricing.presets.definition import Preset, preset

__all__ = ["Preset", "preset", "preset_names"]
