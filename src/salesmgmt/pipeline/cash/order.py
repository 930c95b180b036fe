"""Orders: what a customer bought, at prices that no longer change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import attrs

from salesmgmt.core.actor import Actor
from salesmgmt.core.entity import AccountId, DealId, Entity, OrderId, ProductId, QuoteId, Ref
from salesmgmt.core.exact import exact
from salesmgmt.core.money import Money
from salesmgmt.pipeline.cash.events import OrderLine, OrderPlaced
from salesmgmt.pipeline.cash.refusals import InvalidDocument
