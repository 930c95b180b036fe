"""Reactions: when this event happens and this condition holds, then that command; pure, events in and commands out."""

from __future__ import annotations

from salesmgmt.engines.reactions.command import Cause, Command, CommandKind, Failed, Reactions, Withdrawal
from salesmgmt.engines.reactions.reaction import Delay, Reaction
from salesmgmt.engines.reactions.reaction_set import ReactionSet
from salesmgmt.engines.reactions.reactor import CalendarMissing, Reactor, UnknownReaction

__all__ = [
    "CalendarMissing",
    "Cause",
    "Command",
    "CommandKind",
    "Delay",
    "Failed",
    "Reaction",
    "ReactionSet",
    "Reactions",
    "Reactor",
    "UnknownReaction",
    "Withdrawal",
]
