"""Several things of which some are picked: values of one attribute, or accessories of the catalogue."""

from __future__ import annotations

import attrs

from salesmgmt.cpq.configure.attribute import NO, YES, canonical, canonical_number, preferred


@attrs.frozen(kw_only=True)
class MultiSelect:
    """Any of some values, as many as the picks allow; each is chosen by yes or no under `id.value`.

    Attributes:
        id: its name; `extras` with the value `rack` is chosen as `extras.rack`.
        values: what can be picked.
        min_picks: how many must be picked at least.
        max_picks: how many may be picked at most; `None` for all.
        defaults: what `Configuration.complete` tries to pick.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import MultiSelect, ProductModel
    >>> extras = MultiSelect(id="extras", values=("rack", "light", "bell"), max_picks=2, defaults=("light",))
    >>> bike = ProductModel(id="bike", attributes=(extras,)).compile().start()
    >>> bike.complete().selection
    {'extras.rack': 'no', 'extras.light': 'yes', 'extras.bell': 'no'}
    """

    id: str
    values: tuple[str, ...]
    min_picks: int = 0
    max_picks: int | None = None
    defaults: tuple[str, ...] = ()
    name: str = ""


@attrs.frozen(kw_only=True)
class Option:
    """Something of the catalogue that can be added to a product, one of it or several.

    Attributes:
        id: its name in the group; the product when empty.
        product: id of the product that a quote adds a line of.
        min_quantity: how many there are at least when it is picked.
        max_quantity: how many there are at most; with 1 it is picked by yes or no, else by quantity, 0 for none.
        default: the quantity that `Configuration.complete` tries first.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import Option
    >>> Option(product="SPOKE-01", min_quantity=2, max_quantity=4).values
    ('0', '2', '3', '4')
    >>> Option(product="LOCK-01", default=1).preferred
    ('yes', 'no')
    """

    product: str
    id: str = ""
    min_quantity: int = 1
    max_quantity: int = 1
    default: int = 0
    name: str = ""

    @property
    def key(self) -> str:
        """Its name in the group."""
        return self.id or self.product

    @property
    def is_yes_no(self) -> bool:
        """Whether it is picked by yes or no."""
        return self.max_quantity == 1

    @property
    def values(self) -> tuple[str, ...]:
        """`no` and `yes`, or the quantities."""
        if self.is_yes_no:
            return NO, YES
        return ("0", *map(str, range(self.min_quantity, self.max_quantity + 1)))

    @property
    def initial(self) -> str:
        """The default as a text."""
        if self.is_yes_no:
            return YES if self.default else NO
        return str(self.default)

    @property
    def preferred(self) -> tuple[str, ...]:
        """The values in the order in which they are tried: the default first."""
        return preferred(self.values, self.initial)

    def text_of(self, value: object) -> str | None:
        """The text of a value; `None` for what is none. Raises `FloatRefused`."""
        return canonical(value) if self.is_yes_no else canonical_number(value)

    def quantity(self, value: str) -> int:
        """How many of it a value stands for.

        >>> from salesmgmt.cpq.configure import Option
        >>> Option(product="LOCK-01").quantity("yes")
        1
        """
        return int(value == YES) if self.is_yes_no else int(value)


@attrs.frozen(kw_only=True)
class OptionGroup:
    """Options of which a customer picks some; each is chosen under `id.option`.

    Attributes:
        id: its name; `lights` with the option `dynamo` is chosen as `lights.dynamo`.
        options: what can be picked.
        min_picks: how many options must be picked at least, whatever their quantities.
        max_picks: how many may be picked at most; `None` for all.
        name: what people read; the id when empty.

    >>> from salesmgmt.cpq.configure import Option, OptionGroup, ProductModel
    >>> lights = OptionGroup(
    ...     id="lights", options=(Option(id="dynamo", product="L-1"), Option(id="battery", product="L-2")), max_picks=1
    ... )
    >>> bike = ProductModel(id="bike", attributes=(lights,)).compile().start().choose("lights.dynamo", "yes")
    >>> bike.domain("lights.battery")
    ('no',)
    """

    id: str
    options: tuple[Option, ...]
    min_picks: int = 0
    max_picks: int | None = None
    name: str = ""


@attrs.frozen
class Pick:
    """An option that a configuration has: what a quote adds a line of.

    Attributes:
        option: flat name of the option (`lights.dynamo`).
        product: id of the product.
        quantity: how many, for one unit of the configured product.
    """

    option: str
    product: str
    quantity: int
