"""Duplicates among 1,000, 10,000 and 100,000 generated leads: what is found, how much of it is right, and what a lead costs.

The leads of a year are made from a seed. Companies grow with the leads (one for every four), as they do in life; their names
are made of a place or family name and a trade, so that different companies share words, and some share the whole name. One
person in twelve comes twice or three times, and the copies are dirty: a letter left out, doubled, turned or replaced,
first and family name swapped, a name shortened to an initial, another legal form or none, a phone number without its country or
in another notation, capitals, a missing address, phone number or country, a generic mailbox in place of the company's. Nobody looked at
the seeds below while the model was written; the seeds 1 to 3 were for that.

Recall is the share of the pairs of one person that come out as certain matches, precision the share of certain matches that
are of one person; `with possible` counts the pairs for a person to look at too. Groups that hang together by pairs count with
all their pairs. Time is that of the process. Memory is what the search holds at most on top of the leads, taken by tracemalloc
in a run of its own.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from random import Random
from time import process_time

from benchmarks._peers import versions
from salesmgmt.engines.matching import MatchDecision, Matches
from salesmgmt.pipeline.leads import lead_match_model

_SIZES = (1_000, 10_000, 100_000)
_SEEDS = (20261123, 20261124, 20261125)

_FIRST = """
Ana Maria Sofia Laura Julia Emma Lena Marta Elena Clara Ines Paula Eva Nina Carla Irene Lucia Sara Anna Petra Jan
Piotr Pavel Marco Luca Paolo Andrea Matteo Giulio Peter Thomas Michael Stefan Andreas Martin Daniel Jonas Felix Lukas
Max Pierre Jean Louis Hugo Paul Antoine Nicolas Carlos Juan Pedro Miguel Diego Javier Sergio Erik Lars Sven Olav
Henrik Mikael Janne Wei Li Min Jun Hiroshi Kenji Yuki Mehmet Ayse Fatma Omar Yusuf Amir Leila Priya Rahul Anil Sunita
David John James Robert William Mary Linda
"""
_SYLLABLES = """
ber lin mann hof stein wald bach feld mer ker ros sen gar ran dan vel tor mo ni ta li ka ro sa pe ri du bel cor fon to
va no wick ham ton ley ford lund gren ström kow ski czyk ova ari ello ini etti ez an do mar ques pin ho cas tel lo
"""
_TRADES = """
Motors Fleet Metal Works Logistics Transport Systems Trading Foods Energy Bau Technik Labs Software Pharma Textil
Design Marine Optics Plastics Paper Tools Print Media Services Consulting Packaging Robotics Farm Glass
"""
_FORMS = [
    "GmbH",
    "AG",
    "S.r.l.",
    "Ltd",
    "Sp. z o.o.",
    "S.L.",
    "SAS",
    "B.V.",
    "Inc.",
    "Oy",
    "GmbH & Co. KG",
    "",
]
_COUNTRIES = [
    ("DE", "49"),
    ("FR", "33"),
    ("IT", "39"),
    ("ES", "34"),
    ("PL", "48"),
    ("GB", "44"),
    ("NL", "31"),
]

Texts = dict[str, str]


class _World:
    """What the leads of a year are drawn from."""

    def __init__(self, random: Random, leads: int) -> None:
        self.random = random
        self.first, self.syllables, self.trades = _FIRST.split(), _SYLLABLES.split(), _TRADES.split()
        self.families = [self._word(2, 3) for _ in range(max(300, leads // 20))]
        self.companies = [self._company() for _ in range(max(50, leads // 4))]

    def _word(self, low: int, high: int) -> str:
        return "".join(
            self.random.choice(self.syllables) for _ in range(self.random.randint(low, high))
        ).capitalize()

    def _company(self) -> Texts:
        name = f"{self._word(2, 4)} {self.random.choice(self.trades)}"
        country, prefix = self.random.choice(_COUNTRIES)
        return {
            "name": name,
            "form": self.random.choice(_FORMS),
            "domain": f"{name.lower().replace(' ', '-')}.test",
            "country": country,
            "prefix": prefix,
            "switchboard": str(self.random.randint(20_000_000, 99_999_999)),
        }

    def person(self) -> Texts:
        """One person, written as carefully as people write."""
        random, company = self.random, self.random.choice(self.companies)
        first, family = random.choice(self.first), random.choice(self.families)
        private = random.random() < 0.15
        domain = random.choice(["gmail.com", "gmx.de", "outlook.com"]) if private else company["domain"]
        local = random.choice(
            [f"{first}.{family}", f"{first[0]}.{family}", f"{first}{random.randint(1, 99)}"]
        )
        extension = (
            company["switchboard"] if random.random() < 0.3 else str(random.randint(20_000_000, 99_999_999))
        )
        return {
            "name": f"{first} {family}",
            "company": f"{company['name']} {company['form']}".strip(),
            "email": f"{local}@{domain}".lower() if random.random() < 0.8 else "",
            "phone": f"+{company['prefix']} {extension[:2]} {extension[2:]}" if random.random() < 0.7 else "",
            "country": company["country"],
        }

    def copy(self, person: Texts) -> Texts:
        """The same person once more, less carefully."""
        random, copy = self.random, {**person, "name": self._rewritten(person["name"])}
        if random.random() < 0.6:
            words = [word for word in copy["company"].split() if word not in " ".join(_FORMS)]
            copy["company"] = " ".join([*words, random.choice(_FORMS)]).strip()
        if random.random() < 0.15:
            copy["company"] = self._mistyped(copy["company"])
        if random.random() < 0.2:
            copy["email"] = f"{'.'.join(person['name'].lower().split())}@gmail.com"
        elif random.random() < 0.1 and copy["email"]:
            copy["email"] = self._mistyped(copy["email"])
        if copy["phone"] and random.random() < 0.5:
            digits = copy["phone"].split(" ", 1)[1]
            copy["phone"] = random.choice(
                [f"0{digits}", f"(0){digits.replace(' ', '/')}", f"0 {digits} ext. 12"]
            )
        for field, share in (("email", 0.25), ("phone", 0.3), ("country", 0.2), ("company", 0.05)):
            if random.random() < share:
                copy[field] = ""
        return copy

    def _rewritten(self, name: str) -> str:
        random = self.random
        if random.random() < 0.5:
            name = self._mistyped(name)
        elif random.random() < 0.15:
            name = " ".join(reversed(name.split()))
        elif random.random() < 0.15:
            name = f"{name[0]}. {name.split()[-1]}"
        return name.upper() if random.random() < 0.3 else name

    def _mistyped(self, text: str) -> str:
        at = self.random.randrange(max(1, len(text) - 1))
        head, sign, rest = text[:at], text[at], text[at + 1 :]
        return self.random.choice(
            [head + rest, head + sign + sign + rest, head + rest[:1] + sign + rest[1:], head + "e" + rest]
        )


def leads(seed: int, count: int) -> tuple[dict[str, Texts], set[tuple[str, str]]]:
    """That many leads of a year, and the pairs of them that are one person."""
    random = Random(seed)
    world = _World(random, count)
    made: list[tuple[Texts, int]] = []
    people = 0
    while len(made) < count:
        person = world.person()
        made.append((person, people))
        if random.random() < 1 / 12:
            made.extend((world.copy(person), people) for _ in range(random.choice([1, 1, 1, 2])))
        people += 1
    made = made[:count]
    random.shuffle(made)
    records = {f"l{place:06d}": texts for place, (texts, _) in enumerate(made)}
    copies: dict[int, list[str]] = {}
    for key, (_, who) in zip(records, made, strict=True):
        copies.setdefault(who, []).append(key)
    return records, {pair for keys in copies.values() for pair in combinations(keys, 2)}


def _shares(found: Iterable[tuple[str, str]], true: set[tuple[str, str]]) -> tuple[float, float]:
    """Recall and precision."""
    pairs = set(found)
    right = len(pairs & true)
    return right / len(true), right / len(pairs) if pairs else 1.0


def quality(matches: Matches, true: set[tuple[str, str]]) -> str:
    """Recall and precision in words."""
    certain = ((one.left, one.right) for one in matches if one.decision is MatchDecision.MATCH)
    grouped = (pair for group in matches.clusters() for pair in combinations(group, 2))
    every = ((one.left, one.right) for one in matches)
    parts = []
    for name, pairs in (("certain", certain), ("groups", grouped), ("with possible", every)):
        recall, precision = _shares(pairs, true)
        parts.append(f"{name} {recall:.3f} / {precision:.3f}")
    return ", ".join(parts)


def _ours(size: int, seed: int) -> float:
    """One search, printed; seconds a lead."""
    records, true = leads(seed, size)
    matcher = lead_match_model().compile()
    gc.collect()
    began = process_time()
    matches = matcher.matches(records)
    seconds = process_time() - began
    print(
        f"{size:>8,} seed {seed}: {seconds:6.2f} s, {seconds / size * 1e6:6.1f} us a lead, {matches.compared:,} pairs compared, "
        f"{len(matches.oversize)} blocks too large to compare in full; recall / precision: {quality(matches, true)}"
    )
    return seconds / size


def _memory(size: int) -> float:
    records, _ = leads(_SEEDS[0], size)
    matcher = lead_match_model().compile()
    tracemalloc.start()
    matcher.matches(records)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def _recordlinkage(size: int) -> None:
    """The same blocks, comparisons and weights of a peer that learns its own by the same method."""
    pd, recordlinkage = (
        import_module("pandas"),
        import_module("recordlinkage"),
    )  # only where they are installed
    records, true = leads(_SEEDS[0], size)
    frame = pd.DataFrame.from_dict(records, orient="index").replace("", None)
    frame["phone_end"] = frame["phone"].str.replace(r"\D", "", regex=True).str[-7:]
    frame["initial"] = frame["name"].str[:1].str.lower()
    frame["word"] = frame["company"].str.split().str[0].str.lower()
    frame["mail"] = frame["email"].str.lower()
    for name in ("name", "company"):
        frame[name] = frame[name].str.lower()
    began = process_time()
    index = recordlinkage.Index()
    index.block("mail")
    index.block("phone_end")
    index.block(["word", "initial"])
    compare = recordlinkage.Compare()
    compare.string("name", "name", method="jarowinkler", threshold=0.9)
    compare.string("company", "company", method="jarowinkler", threshold=0.9)
    compare.exact("mail", "mail")
    compare.exact("phone_end", "phone_end")
    compare.exact("country", "country")
    vectors = compare.compute(index.index(frame), frame)
    matched = recordlinkage.ECMClassifier(binarize=0.5).fit_predict(vectors)
    seconds = process_time() - began
    recall, precision = _shares({(min(pair), max(pair)) for pair in matched}, true)
    print(
        f"{size:>8,} {versions('recordlinkage', 'pandas')}: {seconds:.2f} s, {seconds / size * 1e6:.1f} us a lead, "
        f"{len(vectors):,} pairs compared; recall / precision {recall:.3f} / {precision:.3f}"
    )


def main() -> None:
    print(versions())
    costs = {}
    for size in _SIZES:
        costs[size] = min(_ours(size, seed) for seed in _SEEDS)
    print(f"a lead among 100,000 costs {costs[100_000] / costs[10_000]:.2f} times as much as among 10,000")
    print(f"memory: {', '.join(f'{_memory(size):.0f} MB at {size:,}' for size in _SIZES[1:])}")
    if find_spec("recordlinkage") is not None:
        for size in _SIZES[:2]:
            _recordlinkage(size)


if __name__ == "__main__":
    main()
