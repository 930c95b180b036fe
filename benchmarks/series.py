"""Forecasts and fitting times of six methods against statsforecast, on monthly airline passengers of 1949 to 1960.

The series is that of Box & Jenkins (1976), series G. Each method of statsforecast is the same model with the same bounds; both
look for the least squares or the greatest likelihood in ways of their own, and statsforecast also estimates the season a
Holt-Winters model starts with. Forecasts of twelve months are compared: simple smoothing, Holt, damped Holt and Theta must agree
within 0.1 % of the level, additive Holt-Winters within 3 %. For the multiplicative one squared errors are compared, of which ours
may not be the larger ones.

Time is that of the process, after one run to compile what is compiled. statsforecast fits in compiled code.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from time import process_time
from typing import Any

from benchmarks._peers import versions
from salesmgmt.engines.series import ExponentialSmoothing, Forecaster, Seasonal, Theta, Trend

PASSENGERS = """
    112 118 132 129 121 135 148 148 136 119 104 118 115 126 141 135 125 149 170 170 158 133 114 140
    145 150 178 163 172 178 199 199 184 162 146 166 171 180 193 181 183 218 230 242 209 191 172 194
    196 196 236 235 229 243 264 272 237 211 180 201 204 188 235 227 234 264 302 293 259 229 203 229
    242 233 267 269 270 315 364 347 312 274 237 278 284 277 317 313 318 374 413 405 355 306 271 306
    315 301 356 348 355 422 465 467 404 347 305 336 340 318 362 348 363 435 491 505 404 359 310 337
    360 342 406 396 420 472 548 559 463 407 362 405 417 391 419 461 472 535 622 606 508 461 390 432
"""


def pairs() -> dict[str, tuple[Forecaster, Any, float | None]]:
    """Ours, theirs, and how far the forecasts may be apart."""
    models = import_module("statsforecast.models")

    def ets(model: str, *, damped: bool = False) -> Any:
        return models.AutoETS(season_length=1, model=model, damped=damped)

    return {
        "simple smoothing": (ExponentialSmoothing(), ets("ANN"), 0.001),
        "Holt": (ExponentialSmoothing(trend=Trend.ADDITIVE), ets("AAN"), 0.001),
        "damped Holt": (ExponentialSmoothing(trend=Trend.DAMPED), ets("AAN", damped=True), 0.001),
        "Theta": (Theta(), models.Theta(season_length=12), 0.001),
        "Holt-Winters additive": (
            ExponentialSmoothing(trend=Trend.ADDITIVE, seasonal=Seasonal.ADDITIVE),
            models.HoltWinters(season_length=12, error_type="A"),
            0.03,
        ),
        "Holt-Winters mult.": (
            ExponentialSmoothing(trend=Trend.ADDITIVE, seasonal=Seasonal.MULTIPLICATIVE),
            models.HoltWinters(season_length=12, error_type="M"),
            None,
        ),
    }


def timed(fit: Callable[[], Any], runs: int) -> tuple[Any, float]:
    fitted = fit()
    began = process_time()
    for _ in range(runs):
        fitted = fit()
    return fitted, (process_time() - began) / runs


def main() -> None:
    import numpy as np  # noqa: PLC0415 - only the peer needs it

    print(versions("statsforecast", "numpy"))
    values = [float(word) for word in PASSENGERS.split()]
    level = sum(values) / len(values)
    array = np.array(values)
    for name, (own, peer, tolerance) in pairs().items():
        mine, our_time = timed(lambda method=own: method.fit(values, season=12), 5)  # type: ignore[misc]  # bound now
        theirs, their_time = timed(lambda model=peer: model.fit(array), 5)  # type: ignore[misc]  # bound now
        forecasts = zip(mine.predict(12), theirs.predict(h=12)["mean"], strict=True)
        apart = max(abs(one - other) for one, other in forecasts) / level
        shown = f"{apart:>8.3%} apart"
        if tolerance is None:
            ours = sum(error**2 for error in mine.errors)
            other = float(((array - theirs.model_["fitted"]) ** 2).sum())
            assert ours <= other, name
            shown += f", squared errors {ours:,.0f} against {other:,.0f}"
        else:
            assert apart <= tolerance, (name, apart)
        ratio = our_time / their_time
        print(f"{name:<24}{our_time * 1e3:>8.1f} ms{their_time * 1e3:>8.1f} ms{ratio:>8.1f} times  {shown}")


if __name__ == "__main__":
    main()
