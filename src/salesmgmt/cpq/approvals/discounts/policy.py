"""Discount authority as data: how much may be given away, looked up like a price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs

from salesmgmt.core.currency import currency
from salesmgmt.core.definition import load_definition
from salesmgmt.core.digest import digest_of
from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.findings import Finding, refuse_errors
from salesmgmt.core.money import Money
from salesmgmt.core.percent import Percent
from salesmgmt.cpq.approvals.discounts._files import read_records
from salesmgmt.cpq.approvals.discounts._index import Index
from salesmgmt.cpq.approvals.discounts._limits import LIMITS, found_in, gravity_of, limit_of, tightness_of
from salesmgmt.cpq.approvals.discounts.check import DiscountCheck, LimitKind
from salesmgmt.cpq.approvals.discounts.lint import lint
from salesmgmt.cpq.approvals.discounts.question import Deal, Offered
from salesmgmt.cpq.approvals.discounts.record import Consequence, DiscountRecord, WrittenRecord
from salesmgmt.cpq.products import Catalogue


class Combine(StrEnum):
    """Which of several records that are for a line count.

    >>> from salesmgmt.cpq.approvals import Combine
    >>> Combine("tightest").name
    'TIGHTEST'
    """

    TIGHTEST = "tightest"
    """All of them, so that the tightest limit wins; but none that a more specific one overrides."""
    MOST_SPECIFIC = "most_specific"
    """The most specific ones that state a limit of the kind."""


def _code(value: str) -> str:
    return currency(value).code


def _records(given: Iterable[DiscountRecord]) -> tuple[DiscountRecord, ...]:
    return tuple(given)


def _checked(written: Iterable[WrittenRecord], what: str) -> Iterator[DiscountRecord]:
    """The records of a file; raises `InvalidInput` with the faults of all of them."""
    problems: list[Problem] = []
    for position, record in enumerate(written):
        try:
            yield DiscountRecord(**attrs.asdict(record, recurse=False))
        except InvalidInput as fault:
            problems.extend(
                attrs.evolve(problem, path=f"records[{position}].{problem.path}")
                for problem in fault.problems
            )
    if problems:
        raise InvalidInput(what, problems)


@attrs.frozen(kw_only=True)
class _Written:
    """A policy as it stands in a file, not yet linted."""

    id: str
    version: int = 1
    currency: str = attrs.field(converter=_code)
    combine: Combine = attrs.field(default=Combine.TIGHTEST, converter=Combine)
    without_limit: Consequence = attrs.field(default=Consequence.OK, converter=Consequence)
    roles: tuple[str, ...] = ()
    records: tuple[WrittenRecord, ...] = ()


@attrs.frozen(kw_only=True)
class DiscountPolicy(_Written):
    """How much may be given away: records found by role, goods, segment and size of the deal.

    Every record that is for a line counts, so that the tightest limit wins and the gravest consequence follows; one with
    `overrides` puts aside those that are less specific. Somebody with several roles may do what the most generous of
    them may: a role that a record for these goods names grants, it does not take away. What is not known passes no limit.

    Attributes:
        id: its name.
        version: raised by its author with each change.
        currency: of the sizes of deals and of floor prices; ISO 4217.
        combine: which of several records count.
        without_limit: what follows a discount for which no record sets a highest percentage.
        roles: who may approve that, where `without_limit` is `approval`.
        records: the records.

    Raises:
        InvalidDefinition: it cannot work; all findings are listed.

    >>> from salesmgmt.core.percent import Percent
    >>> from salesmgmt.cpq.approvals import Deal, DiscountPolicy, DiscountRecord, Offered
    >>> policy = DiscountPolicy(id="limits", currency="EUR", records=[
    ...     DiscountRecord(id="reps", role="rep", max_percent=Percent(10), over="approval", roles=("manager",)),
    ...     DiscountRecord(id="laptops", family="laptops", max_percent=Percent(25)),
    ... ])
    >>> line = Offered(line="1", product="laptop-14", family="laptops", discount=Percent(15))
    >>> print(*policy.check(line, Deal(roles={"rep"})))
    line 1: wanted a discount of at most 10% by reps (records.reps), found 15%: manager may approve
    >>> print(*policy.check(line, Deal(roles={"manager"})))
    line 1: wanted a discount of at most 25% by laptops (records.laptops), found 15%: ok
    """

    records: tuple[DiscountRecord, ...] = attrs.field(default=(), converter=_records)
    _index: Index = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_index", Index(self.records))
        refuse_errors(f"discount policy {shorten(self.id)}", self.findings())

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the definition; the index is made anew."""
        return _restore, (attrs.asdict(self, recurse=False, filter=lambda field, _: field.init),)

    @classmethod
    def load(cls, path: Path | str, *, records: Path | str | None = None) -> DiscountPolicy:
        """Read a policy from a TOML file, with records there, in a CSV file, or in both, and lint it.

        Args:
            path: the TOML file.
            records: a CSV file with any of the columns `id`, `role`, `product`, `family`, `category`, `segment`,
                `deal_from`, `deal_below`, `max_percent`, `min_margin_percent`, `floor_price`, `reasons` and `roles` (parted by
                semicolons), `over`, `level` and `overrides`; amounts are in the currency of the policy.

        Raises:
            InvalidInput: a file cannot be read, or has faults; all are listed with their places.
            InvalidDefinition: the policy cannot work; all findings are listed.

        >>> from salesmgmt.cpq.approvals import DiscountPolicy
        >>> DiscountPolicy.load("nowhere.toml")
        Traceback (most recent call last):
        salesmgmt.core.errors.InvalidInput: nowhere.toml has 1 problem: ...
        """
        written = load_definition(path, _Written)
        every = list(_checked(written.records, Path(path).name))
        if records is not None:
            every += read_records(Path(records), written.currency)
        return cls(**{**attrs.asdict(written, recurse=False), "records": every})

    def findings(
        self,
        *,
        catalogue: Catalogue | None = None,
        roles: Iterable[str] | None = None,
        segments: Iterable[str] | None = None,
        prices: Mapping[str, Money] | None = None,
    ) -> tuple[Finding, ...]:
        """Everything that the lint says; what is given is checked as well.

        Errors: `duplicate_id`, `duplicate`, `crowded`, `currency`, `roles`, `unknown_product`, `unknown_family`, `unknown_category`,
        `unknown_role`, `unknown_segment`, `floor_above_list`. Warnings: `unreachable` (a wider record is at least as
        tight), `open_role` (there are records for roles, and none for everybody).

        Args:
            catalogue: all products, with families and categories.
            roles: all roles of the house.
            segments: all segments of customers.
            prices: the list price of a unit by product.
        """
        return tuple(
            lint(
                self,
                self._index,
                catalogue=catalogue,
                known_roles=roles,
                segments=segments,
                prices=prices,
            )
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the policy: equal policies have equal digests, whatever their files look like."""
        head = _Written(
            id=self.id,
            version=self.version,
            currency=self.currency,
            combine=self.combine,
            without_limit=self.without_limit,
            roles=self.roles,
        )
        return digest_of(head, *self.records)

    def check(self, offered: Offered, deal: Deal) -> tuple[DiscountCheck, ...]:
        """Hold every limit that is for a line, or for the whole deal, against it.

        Answers come for each kind of limit that a record sets, those within the limit as well, by `LimitKind`.

        Args:
            offered: the line, or the whole deal.
            deal: who offers, to whom, and how large the deal is.
        """
        found = list(self._index.find(offered, deal))
        checks = [check for kind in LIMITS if (check := self._judge(kind, offered, found)) is not None]
        undated = [one for one in offered.adjustments if one.at is None]
        if undated:
            checks.append(
                DiscountCheck(
                    line=offered.line,
                    together_with=offered.together_with,
                    product=offered.product,
                    terms=offered.terms,
                    kind=LimitKind.ADJUSTMENT,
                    found=None,
                    limit=None,
                    record=None,
                    consequence=Consequence.REFUSED,
                )
            )
        return tuple(checks)

    def _judge(
        self, kind: LimitKind, offered: Offered, found: list[tuple[tuple[int, int, int, int], DiscountRecord]]
    ) -> DiscountCheck | None:
        if (kind is LimitKind.REASON and not offered.adjustments) or (
            kind is LimitKind.FLOOR_PRICE and not offered.product
        ):
            return None  # nothing was set by hand; a deal has no unit
        stated = [(rank, record) for rank, record in found if limit_of(kind, record) is not None]
        if not stated:
            return self._without(offered) if kind is LimitKind.MAX_PERCENT else None
        counting = self._counting(stated)
        judged = _generous(counting, lambda record: gravity_of(kind, record, offered))
        worst = max(gravity_of(kind, record, offered) for record in judged)
        decisive = min(
            (record for record in judged if gravity_of(kind, record, offered) == worst),
            key=lambda record: (-record.level if worst else 0, tightness_of(kind, record), record.id),
        )
        consequence = decisive.over if worst else Consequence.OK
        ids = {record.id for record in judged}
        return DiscountCheck(
            line=offered.line,
            together_with=offered.together_with,
            product=offered.product,
            terms=offered.terms,
            kind=kind,
            found=found_in(kind, decisive, offered),
            limit=limit_of(kind, decisive),
            record=decisive,
            consequence=consequence,
            roles=decisive.roles if consequence is Consequence.APPROVAL else (),
            level=decisive.level,
            put_aside=tuple(sorted({record.id for _, record in stated} - ids)),
        )

    def _counting(
        self, stated: list[tuple[tuple[int, int, int, int], DiscountRecord]]
    ) -> list[DiscountRecord]:
        """The records that are not put aside by more specific ones."""
        is_alone = self.combine is Combine.MOST_SPECIFIC
        least = max((rank for rank, record in stated if is_alone or record.overrides), default=None)
        return [record for rank, record in stated if least is None or rank >= least]

    def _without(self, offered: Offered) -> DiscountCheck | None:
        """The answer where no record sets a highest percentage."""
        is_fine = offered.discount is not None and offered.discount <= Percent(0)
        if is_fine or self.without_limit is Consequence.OK:
            return None
        return DiscountCheck(
            line=offered.line,
            together_with=offered.together_with,
            product=offered.product,
            terms=offered.terms,
            kind=LimitKind.MAX_PERCENT,
            found=offered.discount,
            limit=None,
            record=None,
            consequence=self.without_limit,
            roles=self.roles if self.without_limit is Consequence.APPROVAL else (),
        )


def _restore(fields: dict[str, Any]) -> DiscountPolicy:
    return DiscountPolicy(**fields)


def _generous(
    records: list[DiscountRecord], gravity: Callable[[DiscountRecord], int]
) -> list[DiscountRecord]:
    """The records for everybody, and those of the role that is granted most."""
    by_role: dict[str, list[DiscountRecord]] = {}
    for record in records:
        by_role.setdefault(record.role, []).append(record)
    everybody = by_role.pop("", [])
    if not by_role:
        return everybody
    best = min(by_role, key=lambda role: (max(map(gravity, by_role[role])), role))
    return [*everybody, *by_role[best]]
