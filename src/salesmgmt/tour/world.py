"""A generated year of an invented seller of workshop equipment: the same seed gives the same year.

Only what people do lies here (who asks, who calls, who pays late). What follows from it - duplicates, scores, owners,
prices, balances, pay - is computed by the library.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import attrs

FIRST_DAY = date(2025, 10, 1)
LAST_DAY = date(2026, 9, 30)
TEAMS = {"north": ("ada.brandt", "bo.lindqvist", "carla.moreau", "dmitri.hahn"),
         "south": ("elif.kaya", "fabio.conti", "greta.novak", "hugo.ferrand"),
         "east": ("ines.duarte", "jonas.weber", "kira.petrov", "li.wei")}  # fmt: skip
MANAGERS = {"north": "m.north", "south": "m.south", "east": "m.east"}
SOURCES = {"web": 46, "fair": 22, "referral": 14, "partner": 10, "cold call": 8}
COUNTRIES = ("DE", "FR", "IT", "SE", "PL", "ES")
PRODUCTS = {
    "bench-basic": 34,
    "bench-pro": 26,
    "lift-2t": 14,
    "lift-4t": 8,
    "compressor": 12,
    "service-year": 6,
}
LOSS_REASONS = ("price", "timing", "competitor", "no decision")

_FIRST_NAMES = ("Alba", "Bruno", "Celine", "Dario", "Elena", "Felix", "Gina", "Henrik", "Irma", "Janek", "Karin",
                "Lars", "Mira", "Nils", "Olga", "Pavel", "Rosa", "Sven", "Tilda", "Viktor")  # fmt: skip
_LAST_NAMES = ("Abel", "Berg", "Costa", "Dahl", "Engel", "Fontana", "Garcia", "Hoffmann", "Ivarsson", "Jansen",
               "Keller", "Lemaire", "Marino", "Nowak", "Olsen", "Perez", "Rossi", "Schulz", "Toth", "Vogel")  # fmt: skip
_SYLLABLES = ("ar", "bel", "cor", "dan", "el", "fin", "gor", "hal", "in", "kor", "lum", "mar", "nor", "or", "pal",
              "ral", "sol", "tor", "ul", "ver")  # fmt: skip
_TRADES = ("Motors", "Garage", "Tooling", "Metal", "Service", "Fleet", "Logistics", "Works")
_LEGAL = {"DE": "GmbH", "FR": "SARL", "IT": "S.r.l.", "SE": "AB", "PL": "Sp. z o.o.", "ES": "S.L."}


@attrs.frozen(kw_only=True)
class Enquiry:
    """Somebody asks: what becomes a lead."""

    id: str
    on: date
    name: str
    company: str
    email: str
    phone: str
    country: str
    source: str
    employees: int
    product: str
    is_serious: bool
    answered_after: timedelta
    """How long the rep takes to call back."""
    repeats: str | None
    """The enquiry that the same person made before under a slightly different name; for checking only."""


@attrs.frozen(kw_only=True)
class Chance:
    """How a deal would go: which stages it passes on which day, and how it ends."""

    id: str
    opened_on: date
    customer: int
    """Which of the old customers it is with, by rank; not used when a lead brings it."""
    product: str
    quantity: int
    concession: int
    """Percent off that the rep gives to win it."""
    steps: tuple[tuple[str, date], ...]
    loss_reason: str | None
    payer: str
    """How the customer pays: `prompt`, `late`, `partial`, `over` or `never`."""


@attrs.frozen(kw_only=True)
class Customer:
    """A company that bought before the year began."""

    id: str
    name: str
    country: str
    contact: str
    email: str


@attrs.frozen(kw_only=True)
class Call:
    """One customer call of a rep."""

    id: str
    rep: str
    on: date
    has_result: bool


@attrs.frozen(kw_only=True)
class World:
    """Everything that people do in the year."""

    customers: tuple[Customer, ...]
    enquiries: tuple[Enquiry, ...]
    chances: tuple[Chance, ...]
    calls: tuple[Call, ...]


def reps() -> tuple[str, ...]:
    """Return the reps of all teams, in order."""
    return tuple(rep for team in TEAMS.values() for rep in team)


def generate(seed: int = 7, *, enquiries: int = 2_200, chances: int = 3_200, customers: int = 400) -> World:
    """Generate a year.

    Args:
        seed: of the random numbers; the same seed gives the same year on every machine.
        enquiries: how many people ask.
        chances: how many deals could be made, with new and with old customers.
        customers: how many companies bought before.

    >>> from salesmgmt.tour.world import generate
    >>> generate(1, enquiries=3, chances=2, customers=2) == generate(1, enquiries=3, chances=2, customers=2)
    True
    """
    dice = random.Random(seed)  # noqa: S311 - invented data, no secret
    return World(
        customers=tuple(_customer(dice, number) for number in range(customers)),
        enquiries=_enquiries(dice, enquiries, random.Random(seed + 1)),  # noqa: S311 - likewise
        chances=tuple(sorted((_chance(dice, number, customers) for number in range(chances)), key=_by_day)),
        calls=_calls(dice),
    )


def _day(dice: random.Random, last: date = LAST_DAY) -> date:
    return FIRST_DAY + timedelta(days=dice.randrange((last - FIRST_DAY).days + 1))


def _pick(dice: random.Random, weights: dict[str, int]) -> str:
    return dice.choices(list(weights), list(weights.values()))[0]


def _company(dice: random.Random, country: str) -> tuple[str, str]:
    stem = "".join(dice.sample(_SYLLABLES, 3)).capitalize()
    trade = dice.choice(_TRADES)
    return f"{stem} {trade} {_LEGAL[country]}", f"{stem}-{trade}.example".lower()


def _person(dice: random.Random) -> str:
    return f"{dice.choice(_FIRST_NAMES)} {dice.choice(_LAST_NAMES)}"


def _customer(dice: random.Random, number: int) -> Customer:
    country = dice.choice(COUNTRIES)
    company, domain = _company(dice, country)
    contact = _person(dice)
    return Customer(
        id=f"c{number:04}",
        name=company,
        country=country,
        contact=contact,
        email=f"{contact.split()[-1].lower()}@{domain}",
    )


def _enquiries(dice: random.Random, count: int, waits: random.Random) -> tuple[Enquiry, ...]:
    made: list[Enquiry] = []
    for number in range(count):
        if made and dice.random() < 0.06:
            made.append(_asked_again(dice, dice.choice(made), number))
            continue
        country = dice.choice(COUNTRIES)
        company, domain = _company(dice, country)
        name = _person(dice)
        source = _pick(dice, SOURCES)
        made.append(
            Enquiry(
                id=f"l{number:05}",
                on=_day(dice),
                name=name,
                company=company,
                email=f"{name.replace(' ', '.').lower()}@{domain}",
                phone=f"+49 30 {dice.randrange(1_000_000, 9_999_999)}",
                country=country,
                source=source,
                employees=int(dice.lognormvariate(3.2, 1.1)) + 1,
                product=_pick(dice, PRODUCTS),
                is_serious=dice.random() < (0.62 if source in {"referral", "partner"} else 0.4),
                answered_after=timedelta(hours=int(waits.expovariate(1 / 9))),
                repeats=None,
            )
        )
    return tuple(sorted(made, key=lambda enquiry: (enquiry.on, enquiry.id)))


def _asked_again(dice: random.Random, first: Enquiry, number: int) -> Enquiry:
    """The same person again, typed as people type: a dropped letter, capitals, no legal form, spaces in the phone."""
    cut = dice.randrange(1, len(first.name) - 1)
    name = first.name[:cut] + first.name[cut + 1 :] if dice.random() < 0.5 else first.name.upper()
    return attrs.evolve(
        first,
        id=f"l{number:05}",
        on=min(LAST_DAY, first.on + timedelta(days=dice.randrange(1, 90))),
        name=name,
        company=first.company.rsplit(" ", 1)[0] if dice.random() < 0.6 else first.company.lower(),
        email=first.email.upper() if dice.random() < 0.7 else "",
        phone=first.phone.replace(" ", "") if dice.random() < 0.7 else "",
        is_serious=False,
        repeats=first.id,
    )


def _by_day(chance: Chance) -> tuple[date, str]:
    return chance.opened_on, chance.id


def _chance(dice: random.Random, number: int, customers: int) -> Chance:
    product = _pick(dice, PRODUCTS)
    opened = _day(dice)
    quantity = max(1, int(dice.lognormvariate(1.2, 0.9)))
    day, steps = opened, []
    for stage, keep in (("proposal", 0.78), ("negotiation", 0.76), ("won", 0.72)):
        day += timedelta(days=1 + int(dice.gammavariate(2.0, 9.0)))
        if dice.random() > keep:
            if dice.random() < 0.75:
                steps.append(("lost", day))
            break
        steps.append((stage, day))
    payer = dice.choices(("prompt", "late", "partial", "over", "never"), (58, 24, 9, 3, 6))[0]
    seen = tuple(step for step in steps if step[1] <= LAST_DAY)
    lost = bool(seen) and seen[-1][0] == "lost"
    return Chance(
        id=f"d{number:05}",
        opened_on=opened,
        customer=int(customers * dice.random() ** 1.5),
        product=product,
        quantity=quantity,
        concession=dice.choices((0, 3, 5, 8, 12, 18), (40, 20, 18, 12, 7, 3))[0],
        steps=seen,
        loss_reason=dice.choice(LOSS_REASONS) if lost else None,
        payer=payer,
    )


def _calls(dice: random.Random) -> tuple[Call, ...]:
    """Calls a working day and rep; in the south fewer from March on, until coaching starts in April."""
    made: list[Call] = []
    for offset in range((LAST_DAY - FIRST_DAY).days + 1):
        day = FIRST_DAY + timedelta(days=offset)
        if day.weekday() >= 5:
            continue
        for team, members in TEAMS.items():
            slump = team == "south" and date(2026, 3, 2) <= day < date(2026, 4, 8)
            for rep in members:
                count = max(0, round(dice.gauss(2.2 if slump else 4.2, 1.0)))
                for _ in range(count):
                    made.append(Call(id=f"a{len(made):06}", rep=rep, on=day, has_result=dice.random() < 0.35))
    return tuple(made)
