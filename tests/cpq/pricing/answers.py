"""What the laws ask of an answer: its amounts, and what other circumstances make of it."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_UP, localcontext
from fractions import Fraction

from hypothesis import settings

from salesmgmt.core.codec import Codec
from salesmgmt.cpq.pricing import Pricer, PricingRequest, require_invariants

CODEC = Codec()
few = settings(max_examples=max(settings().max_examples // 4, 1))
"""Models take long to draw; most laws do with fewer of them."""


def nets(pricer: Pricer, request: PricingRequest) -> dict[int, Fraction]:
    """The net amounts by position, of an answer that adds up."""
    priced = pricer.price(request)
    require_invariants(priced)
    return {line.position: Fraction(line.net_amount.amount) for line in priced.lines}


def told_elsewhere(pricer: Pricer, request: PricingRequest) -> set[str]:
    """The answer as JSON: in a hostile decimal context, in threads, and by a pricer that was stored."""
    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_UP
        context.traps = dict.fromkeys(context.traps, True)
        told = {CODEC.to_json(pricer.price(request))}
    with ThreadPoolExecutor(4) as pool:
        told |= {CODEC.to_json(one) for one in pool.map(pricer.price, [request] * 4)}
    return told | {CODEC.to_json(pickle.loads(pickle.dumps(pricer)).price(request))}
