"""Fitting a model to a history, and judging it by leads that it did not see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from math import fsum, log, sqrt
from typing import Any

import attrs

from salesmgmt.core.errors import InvalidInput, Problem, shorten
from salesmgmt.core.exact import CONTEXT, Number, exact
from salesmgmt.core.findings import Finding, Severity
from salesmgmt.engines.calibration import (
    Gauge,
    IsotonicMap,
    PlattMap,
    area_under_curve,
    brier_score,
    calibration_error_by_chance,
    expected_calibration_error,
    fit_isotonic,
    fit_platt,
    log_loss,
    reliability_table,
    stratified_folds,
)
from salesmgmt.engines.statistics import probability_of
from salesmgmt.pipeline.leads.scoring.card import Band
from salesmgmt.pipeline.leads.scoring.model import _bayes
from salesmgmt.pipeline.leads.scoring.model._encoding import Encoded, encode
from salesmgmt.pipeline.leads.scoring.model.definition import DECIMALS, FieldWeights, LeadModel
from salesmgmt.pipeline.leads.scoring.model.field import FieldKind, LeadField, path_problem
from salesmgmt.pipeline.leads.scoring.model.past_lead import PastLead
from salesmgmt.pipeline.leads.scoring.model.report import (
    Calibration,
    CalibrationTrial,
    FieldReport,
    FittedLeadModel,
    ModelReport,
    NoLeadModel,
    NoModelReason,
)

TELLTALE_AREA = 0.97
"""A field that parts won from lost as well as that by itself was hardly known before the outcome."""

_MILLION: int = 10**DECIMALS
_Curve = PlattMap | IsotonicMap | None


def fit_lead_model(
    history: Iterable[PastLead],
    *,
    fields: Iterable[str | LeadField],
    id: str = "leads",  # noqa: A002 - what the model calls it
    version: int = 1,
    seed: int = 0,
    folds: int = 5,
    minimum: int = 50,
    smoothing: Number = 1,
    trusted: Collection[str] = (),
    bands: Iterable[Band] = (),
) -> FittedLeadModel | NoLeadModel:
    """Learn from the host's own history how likely a lead is won.

    The weights are those of naive Bayes (Maron 1961; smoothed after Laplace): each value adds its log-odds. As fields do depend on
    each other, the sum claims too much; a curve over it is learnt from leads that the weights did not see, and the curve is chosen,
    among none, that of Platt (1999) and an isotonic one (Zadrozny & Elkan 2002), by its log loss on leads that neither saw: cross-fitted
    as in stacked generalisation (Wolpert 1992); `ModelReport` says what that leaves open. The order of the history changes nothing.

    Args:
        history: leads that have ended, as they were when a score was wanted.
        fields: what the model may look at: names, or `LeadField` for more to say about one.
        id: name of the model.
        version: raised by the host with each fit.
        seed: of the split into folds.
        folds: into how many parts the history is split to judge the model.
        minimum: won leads, and lost leads, that it takes.
        smoothing: what each count starts with.
        trusted: fields that may tell the outcome nearly by themselves; others that do are left out, with a finding.
        bands: of the probability in whole percent.

    Returns:
        The model and its report; or `NoLeadModel`, which says what is lacking.

    Raises:
        InvalidInput: a field is only known after the outcome, is no field, or stands twice; values of a field do not go together; a
            figure is out of range. All problems are listed.

    >>> from decimal import Decimal
    >>> from salesmgmt.pipeline.leads import PastLead, fit_lead_model
    >>> def leads(source, won, lost):
    ...     return [PastLead({"lead.source": source}, won=number < won) for number in range(won + lost)]
    >>> fitted = fit_lead_model(leads("fair", 60, 40) + leads("web", 40, 160), fields=["lead.source"], seed=1)
    >>> round(fitted.report.base_rate, 3), round(fitted.report.auc.value, 3), fitted.report.chosen.value
    (0.333, 0.7, 'none')
    >>> fitted.model.compile().score_values({"lead.source": "fair"}).points
    60
    """
    leads = list(history)
    wanted = _checked(leads, fields, folds=folds, minimum=minimum, seed=seed, smoothing=smoothing)
    n, won = len(leads), sum(lead.won for lead in leads)
    if min(won, n - won) < max(minimum, folds):
        return NoLeadModel(
            reason=NoModelReason.TOO_FEW,
            n=n,
            found=f"{won} won and {n - won} lost leads",
            wanted=f"at least {max(minimum, folds)} of each",
        )
    problems: list[Problem] = []
    encoded = [one for field in wanted if (one := encode(leads, field, problems))]
    if problems:
        raise InvalidInput("history", problems)
    sample = _Sample.of(
        [lead.won for lead in leads], encoded, seed=seed, folds=folds, smoothing=exact(smoothing)
    )
    used, reports, findings = _chosen_fields(
        sample, frozenset((trusted,) if isinstance(trusted, str) else trusted)
    )
    if not used:
        return NoLeadModel(
            reason=NoModelReason.NOTHING_TOLD,
            n=n,
            found=f"nothing that may be used in {len(wanted)} field{'' if len(wanted) == 1 else 's'}",
            wanted="a field with two values, each of several leads",
            findings=tuple(findings),
        )
    scores = sample.held_out(used)
    trials, judged = _tried(scores, sample)
    chosen = trials[0].calibration
    quality = _quality(scores, judged, sample)
    if quality["log_loss"].value >= quality["base_log_loss"]:
        findings.append(_finding("no_better_than_base_rate", "model", "it foresees no more than the base rate does",
                                 "look for fields that say more", Severity.WARNING))  # fmt: skip
    base, weights = sample.fitted(used)
    model = LeadModel(
        id=id,
        version=version,
        base=_decimal(base),
        fields=tuple(_weights(field, own) for field, own in zip(used, weights, strict=True)),
        calibration=_curve(chosen, scores, sample.won),
        bands=tuple(bands),
    )
    report = ModelReport(
        n=n,
        won=won,
        folds=folds,
        seed=seed,
        trials=trials,
        chosen=chosen,
        reason=_reason(trials),
        fields=tuple(reports),
        findings=tuple(findings),
        **quality,
    )
    return FittedLeadModel(model=model, report=report)


def _checked(
    leads: Sequence[PastLead],
    fields: Iterable[str | LeadField],
    *,
    folds: int,
    minimum: int,
    seed: int,
    smoothing: Number,
) -> list[LeadField]:
    given = [fields] if isinstance(fields, str) else list(fields)
    objects: Sequence[object] = leads
    problems = [
        Problem(f"history[{place}]", "wrong_type", shorten(lead), "a PastLead")
        for place, lead in enumerate(objects)
        if not isinstance(lead, PastLead)
    ][:50]
    wanted: list[LeadField] = []
    for place, one in enumerate(given):
        name = one.name if isinstance(one, LeadField) else one
        problem = path_problem(name, f"fields[{place}]")
        if problem is None and any(name == other.name for other in wanted):
            problem = Problem(f"fields[{place}]", "duplicate", name, "each field once")
        if problem is not None:
            problems.append(problem)
        else:
            wanted.append(one if isinstance(one, LeadField) else LeadField(one))
    if not given:
        problems.append(Problem("fields", "missing", None, "at least one field"))
    problems += [
        Problem(name, "range", shorten(found), wanted_range)
        for name, found, fits, wanted_range in (
            ("folds", folds, type(folds) is int and 2 <= folds <= 100, "a whole number from 2 to 100"),
            ("minimum", minimum, type(minimum) is int and minimum >= 1, "a whole number, at least 1"),
            ("seed", seed, type(seed) is int, "a whole number"),
            ("smoothing", smoothing, exact(smoothing) > 0, "above 0"),
        )
        if not fits
    ]
    if problems:
        raise InvalidInput("lead model", problems)
    return wanted


@attrs.frozen(kw_only=True)
class _Sample:
    """An encoded history, split into folds, with the counts of each."""

    won: list[bool]
    fields: list[Encoded]
    parts: tuple[int, ...]
    folds: int
    smoothing: Fraction
    tables: dict[str, list[_bayes.Counts]]
    outcomes: list[tuple[int, int]]
    """Of each fold, how many were lost and won."""

    @classmethod
    def of(
        cls, won: Sequence[bool], fields: Sequence[Encoded], *, seed: int, folds: int, smoothing: Decimal
    ) -> _Sample:
        # In an order of its own: leads that are alike are interchangeable, so the order of the history changes nothing.
        rows = list(zip(*(field.codes for field in fields), strict=True))
        order = sorted(range(len(won)), key=lambda place: (rows[place], won[place]))
        ordered = [won[place] for place in order]
        sorted_fields = [
            attrs.evolve(field, codes=[field.codes[place] for place in order]) for field in fields
        ]
        parts = stratified_folds(ordered, folds=folds, seed=seed)
        exact_smoothing = Fraction(smoothing)
        outcomes = [[0, 0] for _ in range(folds)]
        for outcome, part in zip(ordered, parts, strict=True):
            outcomes[part][outcome] += 1
        return cls(
            won=ordered,
            fields=sorted_fields,
            parts=parts,
            folds=folds,
            smoothing=exact_smoothing,
            tables={field.field.name: _bayes.count(field, ordered, parts, folds) for field in sorted_fields},
            outcomes=[(pair[0], pair[1]) for pair in outcomes],
        )

    @property
    def totals(self) -> tuple[int, int]:
        """How many leads were lost, and how many won."""
        return sum(pair[0] for pair in self.outcomes), sum(pair[1] for pair in self.outcomes)

    def counts(self, field: Encoded) -> _bayes.Counts:
        """The counts of a field over all leads."""
        return _bayes.added(self.tables[field.field.name])

    def fitted(self, fields: Sequence[Encoded]) -> tuple[int, list[list[int]]]:
        """The base and the weights of each field, learnt from all leads, in millionths."""
        lost, won = self.totals
        found = [_bayes.weights(field, self.counts(field), lost, won, self.smoothing) for field in fields]
        return _bayes.base(lost, won), found

    def held_out(self, fields: Sequence[Encoded]) -> list[float]:
        """The log-odds of each lead, by the weights that all other folds teach."""
        lost, won = self.totals
        bases = [_bayes.base(lost - own[0], won - own[1]) for own in self.outcomes]
        sums = [bases[part] for part in self.parts]
        for field in fields:
            whole = self.counts(field)
            taught = [
                _bayes.weights(
                    field, _bayes.without(whole, part), lost - own[0], won - own[1], self.smoothing
                )
                for part, own in zip(self.tables[field.field.name], self.outcomes, strict=True)
            ]
            for place, (part, codes) in enumerate(zip(self.parts, field.codes, strict=True)):
                for code in codes:
                    sums[place] += taught[part][code]
        return [one / _MILLION for one in sums]


def _chosen_fields(
    sample: _Sample, trusted: frozenset[str]
) -> tuple[list[Encoded], list[FieldReport], list[Finding]]:
    used, reports, findings = [], [], []
    for field in sample.fields:
        name = field.field.name
        area = _area(field, sample)
        finding = _looked_at(field, area, trusted)
        keep = finding is None or finding.code == "tells_outcome_trusted"
        if keep:
            used.append(field)
        if finding is not None:
            findings.append(finding)
        reports.append(FieldReport(name=name, values=field.size, absent=field.absent, auc=area, used=keep))
    return used, reports, findings


def _area(field: Encoded, sample: _Sample) -> float | None:
    beside = [0, 0]
    for codes, outcome in zip(field.codes, sample.won, strict=True):
        if not codes:
            beside[outcome] += 1
    return _bayes.area_of_counts(sample.counts(field), (beside[0], beside[1]))


def _looked_at(field: Encoded, area: float | None, trusted: frozenset[str]) -> Finding | None:
    """What is to be said about a field; anything but a trusted telltale keeps it out of the model."""
    name, where = field.field.name, f"fields.{field.field.name}"
    if (field.size if field.kind is FieldKind.TAGS else field.size - 1) < 1:
        return _finding("says_nothing", where, f"it has no two values that at least {field.field.min_count} leads had",
                        "leave it out, or group its values", Severity.INFO)  # fmt: skip
    if area is None or area < TELLTALE_AREA:
        return None
    message = f"by itself it parts won from lost leads almost without error (AUC {area:.3f})"
    if name in trusted:
        return _finding(
            "tells_outcome_trusted", where, message, "it is used, as it is trusted", Severity.INFO
        )
    hint = "it was probably filled in when the outcome was known and was left out; name it in trusted if it was not"
    return _finding("tells_outcome", where, message, hint, Severity.WARNING)


def _finding(code: str, where: str, message: str, hint: str, severity: Severity) -> Finding:
    return Finding(code=code, where=where, message=message, hint=hint, severity=severity)


def _curve(calibration: Calibration, scores: Sequence[float], won: Sequence[bool]) -> _Curve:
    if calibration is Calibration.NONE:
        return None
    return _rising(scores, won) if calibration is Calibration.PLATT else fit_isotonic(scores, won)


def _rising(scores: Sequence[float], won: Sequence[bool]) -> PlattMap:
    """Platt's curve, level where it would fall: scores that say nothing must not turn what speaks for a lead against it.

    The loss is convex, so that the best of all curves that do not fall is then the level one.
    """
    curve = fit_platt(scores, won)
    if curve.slope >= 0:
        return curve
    successes, failures = sum(won), len(won) - sum(won)
    # The mean of Platt's targets, for and against.
    above = successes * (successes + 1) / (successes + 2) + failures / (failures + 2)
    return PlattMap(slope=0.0, intercept=log(above) - log(len(won) - above))


def _tried(scores: Sequence[float], sample: _Sample) -> tuple[tuple[CalibrationTrial, ...], list[float]]:
    """What each way of calibrating costs on leads that its curve was not learnt from, cheapest first, and the chances that are judged.

    Judged is the whole procedure, its choice included: each fold is calibrated in the way that is cheapest on all other folds.
    """
    won = sample.won
    held = [
        [place for place, part in enumerate(sample.parts) if part == fold] for fold in range(sample.folds)
    ]
    chances = {calibration: [0.0] * len(scores) for calibration in Calibration}
    for own, places in enumerate(held):
        others = [place for place, part in enumerate(sample.parts) if part != own]
        taught = [scores[place] for place in others], [won[place] for place in others]
        for calibration, given in chances.items():
            curve = _curve(calibration, *taught)
            read = probability_of if curve is None else curve.probability
            for place in places:
                given[place] = read(scores[place])
    trials = [
        CalibrationTrial(calibration=calibration, log_loss=log_loss(given, won))
        for calibration, given in chances.items()
    ]
    costs = {
        calibration: [
            len(places) * log_loss([given[place] for place in places], [won[place] for place in places]).value
            for places in held
        ]
        for calibration, given in chances.items()
    }
    judged = [0.0] * len(scores)
    for own, places in enumerate(held):
        # Of two that cost the same the simpler one, which stands first; so it is with the trials.
        elsewhere = min(chances, key=lambda calibration: fsum(costs[calibration]) - costs[calibration][own])
        for place in places:
            judged[place] = chances[elsewhere][place]
    return tuple(sorted(trials, key=lambda trial: trial.log_loss.value)), judged


def _reason(trials: Sequence[CalibrationTrial]) -> str:
    told = ", ".join(f"{trial.calibration} {trial.log_loss.value:.4f}" for trial in trials)
    return f"lowest log loss on leads that were held out: {told}"


def _area_of_folds(scores: Sequence[float], sample: _Sample) -> Gauge:
    """The area within each fold, averaged by the pairs of a won and a lost lead in it.

    Across folds the same lead gets a little less where more leads like it were held out, which breaks ties to the model's harm
    (Forman & Scholz 2010, ACM SIGKDD Explorations 12).
    """
    pairs = sum(own[0] * own[1] for own in sample.outcomes)
    value, variance = 0.0, 0.0
    for fold, own in enumerate(sample.outcomes):
        held = [place for place, part in enumerate(sample.parts) if part == fold]
        area = area_under_curve([scores[place] for place in held], [sample.won[place] for place in held])
        if area is not None:
            share = own[0] * own[1] / pairs
            value += share * area.value
            variance += (share * area.error) ** 2
    return Gauge(value, sqrt(variance))


def _quality(scores: Sequence[float], chances: Sequence[float], sample: _Sample) -> dict[str, Any]:
    won = sample.won
    share = sum(won) / len(won)
    bins = reliability_table(chances, won)
    return {
        "auc": _area_of_folds(scores, sample),
        "brier": brier_score(chances, won),
        "log_loss": log_loss(chances, won),
        "base_brier": share * (1 - share),
        "base_log_loss": -share * log(share) - (1 - share) * log(1 - share),
        "calibration_error": expected_calibration_error(bins),
        "mass_calibration_error": expected_calibration_error(
            reliability_table(chances, won, binning="equal_mass")
        ),
        "chance_calibration_error": calibration_error_by_chance(bins),
        "bins": bins,
    }


def _weights(field: Encoded, own: Sequence[int]) -> FieldWeights:
    told = [_decimal(one) for one in own]
    missing = None if field.missing is None else told.pop()
    if field.kind is FieldKind.NUMBER:
        return FieldWeights(
            name=field.field.name, kind=field.kind, edges=field.edges, bins=tuple(told), missing=missing
        )
    weights = dict(zip(field.values, told, strict=True))
    return FieldWeights(name=field.field.name, kind=field.kind, weights=weights, missing=missing)


def _decimal(millionths: int) -> Decimal:
    return Decimal(millionths).scaleb(-DECIMALS, CONTEXT)
