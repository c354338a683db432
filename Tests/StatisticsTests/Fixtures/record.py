#!/usr/bin/env python3
"""Records what SciPy answers, for the tests to compare with: python3 record.py > scipy.json"""
import json
import math

import numpy as np
from scipy import integrate, optimize, special, stats

rng = np.random.default_rng(20261123)


def welch_degrees(x, y):
    a, b = np.var(x, ddof=1) / len(x), np.var(y, ddof=1) / len(y)
    return (a + b) ** 2 / (a**2 / (len(x) - 1) + b**2 / (len(y) - 1))


def sample(n, center, spread):
    return [float(v) for v in np.exp(rng.normal(math.log(center), spread, n))]


degrees = [0.5, 1, 1.5, 2, 3, 4, 7.3, 9, 29, 120.7, 1000, 1e5, 1e7]
tails = [{"df": df, "t": t, "tail": float(stats.t.sf(t, df))}
         for df in degrees for t in [0.0, 0.1, 0.3, 1.0, 2.776445, 12.7, 40.0, 1e4]]
# Close to the centre SciPy itself is right to eight digits only; closed forms are tested there instead.
# Beyond what SciPy keeps in relative accuracy there is nothing to compare with.
tails = [c for c in tails if c["tail"] > 1e-280]
quantiles = [{"df": df, "q": q, "t": float(stats.t.isf(q, df))}
             for df in degrees for q in [0.45, 0.25, 0.05, 0.025, 0.005, 1e-6, 1e-12]]
betas = [{"x": x, "a": a, "b": b, "value": float(special.betainc(a, b, x))}
         for a, b in [(0.5, 0.5), (1, 1), (2, 5), (30, 0.5), (0.01, 3), (200, 400), (12, 11)]
         for x in [1e-6, 0.1, 0.33, 0.5, 0.9, 0.999999]]

comparisons = []
for n, m, center, ratio, spread in [(2, 2, 100, 0.6, 0.02), (3, 3, 617, 0.61, 0.01), (5, 5, 617, 0.61, 0.003),
                                    (5, 7, 1e-6, 1.1, 0.2), (30, 30, 1e9, 0.999, 0.05), (10, 2, 3, 2, 0.5),
                                    (8, 8, 42, 1, 1e-7), (4, 4, 42, 1, 2.5)]:
    y, x = sample(m, center, spread), sample(n, center * ratio, spread)
    lx, ly = np.log(x), np.log(y)
    result = stats.ttest_ind(x, y, equal_var=False)
    logs = stats.ttest_ind(lx, ly, equal_var=False)
    low, high = np.exp(logs.confidence_interval(0.95))
    case = {"x": x, "y": y, "welchP": float(result.pvalue), "welchDF": float(welch_degrees(x, y)),
            "welchInterval": [float(v) for v in result.confidence_interval(0.95)],
            "ratioP": float(logs.pvalue), "ratioInterval": [float(low), float(high)]}
    if n == m:
        pairs = stats.ttest_rel(lx, ly)
        case["pairedP"] = float(pairs.pvalue)
        case["pairedInterval"] = [float(v) for v in np.exp(pairs.confidence_interval(0.95))]
    comparisons.append(case)


def holm(p):
    order, adjusted, largest = np.argsort(p, kind="stable"), [0.0] * len(p), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[index]))
        adjusted[index] = largest
    return adjusted


families = [[0.01, 0.04, 0.03, 0.005], [0.9, 0.8], [0.02], [1e-12, 1e-3, 0.5, 0.049, 0.0125], [0.03, 0.03, 0.03]]

# A generator of their own for what follows, so that a new case above does not change the ones below.
rng = np.random.default_rng(20261125)
fTails = [{"f": f, "d1": d1, "d2": d2, "tail": float(stats.f.sf(f, d1, d2))}
          for d1, d2 in [(1, 1), (1, 0.5), (2, 3), (3, 30), (7, 1e6), (40, 5), (0.5, 12)]
          for f in [1e-300, 1e-3, 0.7, 1.0, 3.9, 60.0, 1e6]]
fTails = [c for c in fTails if c["tail"] > 1e-280]
def noncentral_tail(t, df, delta):
    """By quadrature over chi: stats.nct keeps too few digits for a large noncentrality and few degrees of freedom."""
    top = stats.chi.isf(1e-18, df) / math.sqrt(df)
    middle = delta / t if t else 0
    edges = {0.0, 1e-4, 1e-2, 0.5, 1.0, top, *(min(top, max(0.0, middle + e / abs(t))) for e in (-8, 0, 8) if t)}
    edges |= {min(top, max(0.0, 1 + e / math.sqrt(2 * df))) for e in (-8, -3, 3, 8)}
    edges = sorted(edges)
    return sum(integrate.quad(lambda s: stats.chi.pdf(s * math.sqrt(df), df) * math.sqrt(df)
                              * special.ndtr(delta - t * s), a, b, epsabs=1e-14, epsrel=1e-12, limit=200)[0]
               for a, b in zip(edges, edges[1:]))


noncentral = [{"df": df, "delta": d, "t": t, "tail": noncentral_tail(t, df, d)}
              for df in [0.5, 1, 4, 9, 58, 1000] for d in [-3.0, 0.0, 2.5, 12.0, 70.0]
              for t in [-1.0, 0.0, 2.3, 11.0, 75.0]]


def noncentrality(t, df, tail):
    return optimize.brentq(lambda d: noncentral_tail(t, df, d) - tail, t - 10 - abs(t), t + 10 + abs(t),
                           xtol=1e-12, rtol=1e-12)


effects = []
for n, m, shift, scale in [(2, 2, 1, 1), (2, 5, 0, 1), (3, 3, 3, 1), (5, 5, 0.5, 1e-3), (5, 5, -8, 1),
                           (10, 4, 1, 1e300), (30, 30, 0.8, 1e-300), (12, 12, 0, 1), (100, 80, 0.2, 1e6),
                           (6, 6, 40, 1)]:
    x, y = rng.normal(shift, 1, n) * scale, rng.normal(0, 1, m) * scale
    # Scaled to 1 here, so that no square overflows; the effect has no unit.
    u, v = x / scale, y / scale
    nu = n + m - 2
    pooled = math.sqrt(((n - 1) * np.var(u, ddof=1) + (m - 1) * np.var(v, ddof=1)) / nu)
    d, factor = (np.mean(u) - np.mean(v)) / pooled, math.sqrt(n * m / (n + m))
    bounds = [noncentrality(d * factor, nu, q) / factor for q in (0.025, 0.975)]
    case = {"x": x.tolist(), "y": y.tolist(), "bounds": bounds,
            "g": float(d * math.exp(special.gammaln(nu / 2) - special.gammaln((nu - 1) / 2)) / math.sqrt(nu / 2))}
    if n == m and n > 2:
        w = u - v
        dz, factor = np.mean(w) / np.std(w, ddof=1), math.sqrt(n)
        nu = n - 1
        case["dz"] = float(dz * math.exp(special.gammaln(nu / 2) - special.gammaln((nu - 1) / 2)) / math.sqrt(nu / 2))
        case["dzBounds"] = [noncentrality(dz * factor, nu, q) / factor for q in (0.025, 0.975)]
    effects.append(case)


def ni_power(s, n, margin, alpha):
    return float(stats.nct.sf(stats.t.isf(alpha, n - 1), n - 1, margin * math.sqrt(n) / s))


def test_power(s, n, difference, alpha):
    limit, delta = stats.t.isf(alpha / 2, n - 1), difference * math.sqrt(n) / s
    return float(stats.nct.sf(limit, n - 1, delta) + stats.nct.cdf(-limit, n - 1, delta))


powers = [{"s": s, "n": n, "margin": margin, "alpha": alpha, "oneSided": ni_power(s, n, margin, alpha),
           "twoSided": test_power(s, n, margin, alpha)}
          for s, n, margin in [(1, 2, 1), (0.004, 5, 0.01), (0.01, 5, 0.01), (0.02, 30, 0.01), (1e-9, 4, 3e-9),
                              (3, 200, 0.1)]
          for alpha in [0.05, 0.025, 0.005]]


def smallest(holds):
    return next(n for n in range(2, 10**6) if holds(n))


counts = []
for s, width, alpha in [(0.01, 0.01, 0.05), (0.05, 0.01, 0.05), (1, 100, 0.05), (2, 0.1, 0.01), (1e-200, 3e-201, 0.05),
                        (0.02, 0.019, 0.0125)]:
    def welch_half(n):
        a, b = 1.0, 0.25
        df = (n - 1) * (a + b) ** 2 / (a * a + b * b)
        return stats.t.isf(alpha / 2, df) * s * math.sqrt((a + b) / n)
    r = s / width
    counts.append({"s": s, "width": width, "alpha": alpha,
                   "pairs": smallest(lambda n: stats.t.isf(alpha / 2, n - 1) * s / math.sqrt(n) <= width),
                   "repeats": smallest(lambda n: welch_half(n) <= width),
                   "nonInferior80": smallest(lambda n: ni_power(r, n, 1, alpha / 2) >= 0.8),
                   "shown90": smallest(lambda n: test_power(r, n, 1, alpha) >= 0.9)})

outliers = []
for values in [[10, 10.1, 9.9, 10.05, 9.95, 30], [1e-300, 1.1e-300, 1.05e-300, 0.9e-300, 7e-300], [5, 5, 5, 5, 9],
               [1, 2, 3, 4], [1e300, 1.01e300, 1.02e300, 0.99e300, 1e299, 1.03e300, 0.98e300],
               sample(30, 617, 0.01) + [700.0], sample(9, 3, 0.4)]:
    logs = np.log(values)
    deviations = stats.median_abs_deviation(logs)
    known = len(values) >= 5 and deviations > 1e-12
    scores = (0.6745 * (logs - np.median(logs)) / deviations).tolist() if known else None
    outliers.append({"values": [float(v) for v in values], "scores": scores,
                     "indices": [i for i, z in enumerate(scores or []) if abs(z) > 3.5]})

trends = []
for n, rise, noise, unit in [(3, 2, 0.1, 1), (4, -0.5, 1, 1), (12, 0, 1, 1e150), (50, 1e-3, 1e-3, 1e-150),
                             (5, 3, 1e-6, 1), (8, 0.1, 5, 1e6)]:
    x = np.sort(rng.uniform(1, 9, n))
    y = (1 + rise * x + rng.normal(0, noise, n))
    line = stats.linregress(x, y)
    t = stats.t.isf(0.025, n - 2)
    at, rest = 4.5, y - line.intercept - line.slope * x
    # From the residuals: linregress takes 1 - r², which keeps no digits on a line without noise.
    slope_error = math.sqrt(np.sum(rest**2) / (n - 2) / np.sum((x - x.mean()) ** 2))
    error = math.sqrt(np.sum(rest**2) / (n - 2) * (1 / n + (at - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)))
    trends.append({"x": x.tolist(), "y": (y * unit).tolist(), "at": at,
                   "slope": [float(v * unit) for v in (line.slope, slope_error, line.slope - t * slope_error,
                                                       line.slope + t * slope_error)],
                   "p": float(2 * stats.t.sf(abs(line.slope) / slope_error, n - 2)),
                   "intercept": [float(line.intercept * unit), float(slope_error * unit * math.sqrt(np.mean(x**2)))],
                   "fitted": [(line.intercept + line.slope * at) * unit, error * unit], "r2": float(line.rvalue**2)})

weighted = []
for n, scatter in [(2, 1), (3, 1), (5, 0.3), (6, 5)]:
    x, errors = np.arange(1.0, n + 1), rng.uniform(0.01, 0.05, n)
    y = 0.2 + 0.1 * x + rng.normal(0, 1, n) * errors * scatter
    dfs = rng.integers(4, 12, n).astype(float)
    fit, _ = optimize.curve_fit(lambda v, a, b: a + b * v, x, y, p0=[0.2, 0.1], sigma=errors, absolute_sigma=True)
    chi2 = float(np.sum(((y - fit[0] - fit[1] * x) / errors) ** 2))
    birge = math.sqrt(chi2 / (n - 2)) if n > 2 else None
    design = np.column_stack([np.ones(n), x])
    solution = np.linalg.solve(design.T @ np.diag(errors**-2.0) @ design, design.T @ np.diag(errors**-2.0))
    # Meier's correction for estimated weights, with the leverages of the line.
    widened = errors * np.sqrt(1 + 4 * (1 - np.diag(design @ solution)) / dfs) * max(1, birge or 1)
    parts = (solution[1] * widened) ** 2
    weighted.append({"x": x.tolist(), "y": y.tolist(), "errors": errors.tolist(), "df": dfs.tolist(),
                     "slope": float(fit[1]), "error": float(math.sqrt(parts.sum())),
                     "slopeDF": float(parts.sum() ** 2 / np.sum(parts**2 / dfs)), "birge": birge,
                     "intercept": float(fit[0]),
                     "interceptError": float(np.linalg.norm(solution[0] * widened))})


def indicators(labels):
    return np.array([[1.0 if v == level else 0.0 for level in sorted(set(labels))] for v in labels])


def fitted(design, y):
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return float(rest @ rest), int(np.linalg.matrix_rank(design))


orders = []
for arms_count, blocks, unit in [(2, 5, 1), (2, 10, 1e-150), (3, 6, 1e150), (4, 8, 1), (2, 3, 1)]:
    arms = [int(a) for _ in range(blocks) for a in rng.permutation(arms_count)]
    block = [b for b in range(blocks) for _ in range(arms_count)]
    n = len(arms)
    y = rng.normal(0, 1, n) + 5 * np.array(arms) + 0.05 * np.arange(n)
    design = np.column_stack([indicators(arms), np.arange(n)])
    rss, rank = fitted(design, y)
    slope = np.linalg.lstsq(design, y, rcond=None)[0][-1]
    error = math.sqrt(rss / (n - rank) * np.linalg.inv(design.T @ design)[-1, -1])
    case = {"y": (y * unit).tolist(), "arms": arms, "blocks": block, "slope": float(slope * unit),
            "error": float(error * unit), "p": float(2 * stats.t.sf(abs(slope / error), n - rank)), "carry": []}
    for base in (indicators(arms[1:]), np.hstack([indicators(arms[1:]), indicators(block[1:])])):
        small, r0 = fitted(base, y[1:])
        large, r1 = fitted(np.hstack([base, indicators(arms[:-1])]), y[1:])
        d1, d2 = r1 - r0, n - 1 - r1
        f = (small - large) / d1 / (large / d2) if d1 > 0 and d2 > 0 else None
        case["carry"].append(None if f is None else {"f": f, "d1": d1, "d2": d2, "p": float(stats.f.sf(f, d1, d2))})
    orders.append(case)


class Replicates:
    def __init__(self, values):
        self.bootstrap_distribution = np.array(values)


def split_mix(seed):
    mask = 2**64 - 1
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & mask
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        yield z ^ (z >> 31)


bootstraps = []
for n, m, spread, pairs in [(2, 2, 0.1, True), (5, 5, 0.02, True), (8, 8, 0.5, True), (30, 30, 1, True),
                            (5, 5, 0.02, False), (3, 9, 0.3, False), (20, 12, 1.5, False)]:
    x = [0.7 * v for v in sample(n, 1e-300 if n == 8 else 617, spread)]
    y = sample(m, 1e-300 if n == 8 else 617, spread)
    draws = split_mix(7)
    logs = [np.log(x) - np.log(y)] if pairs else [np.log(x), -np.log(y)]
    replicates = [sum(float(np.mean([side[(next(draws) * len(side)) >> 64] for _ in side])) for side in logs)
                  for _ in range(5000)]
    # The same values in another order are a tie, whatever the rounding.
    center = float(np.mean(logs[0])) if pairs else float(np.mean(logs[0]) - np.mean(-logs[1]))
    replicates = [center if abs(v - center) < 1e-12 else v for v in replicates]
    case = {"x": x, "y": y, "paired": pairs}
    for name, method in (("percentile", "percentile"), ("accelerated", "BCa")):
        data = logs if pairs else [logs[0], -logs[1]]
        statistic = (lambda a, axis=-1: np.mean(a, axis=axis)) if pairs else (
            lambda a, b, axis=-1: np.mean(a, axis=axis) - np.mean(b, axis=axis))
        with np.errstate(all="ignore"):
            answer = stats.bootstrap(data, statistic, n_resamples=0, bootstrap_result=Replicates(replicates),
                                     method=method, vectorized=True)
        low, high = answer.confidence_interval
        case[name] = [math.exp(low), math.exp(high)]
    bootstraps.append(case)

samples = []
for n, m, center, ratio, spread in [(2, 2, 1e-300, 0.9, 0.1), (2, 9, 1e300, 0.9, 0.1), (100, 3, 617, 1.3, 0.01),
                                    (3, 3, 5, 1, 0.7), (6, 6, 1e-12, 0.5, 1e-6), (12, 12, 1, 1.02, 0.02),
                                    (7, 4, 1e6, 3, 0.3), (5, 5, 2, 1, 0.05), (40, 40, 9, 0.97, 0.1),
                                    (4, 4, 1e-3, 1e3, 0.2), (60, 5, 3, 1, 0.02), (9, 9, 8, 1, 3)]:
    y, x = sample(m, center, spread), sample(n, center * ratio, spread)
    if center == 5:  # ties
        x[1], y[2] = x[0], y[0]
    lx, ly = np.log(x), np.log(y)
    logs = stats.ttest_ind(lx, ly, equal_var=False)
    case = {"x": x, "y": y, "alpha": 0.01, "p": float(logs.pvalue),
            "interval": [float(v) for v in np.exp(logs.confidence_interval(0.99))], "fieller": None}
    if 1e-100 < center < 1e100:
        # Fieller's bounds are where the t test of x - r y, with Welch's variance, just rejects.
        mx, my, a, b = np.mean(x), np.mean(y), np.var(x, ddof=1) / n, np.var(y, ddof=1) / m
        scaled = (mx / my) ** 2 * b
        t = stats.t.isf(0.025, (a + scaled) ** 2 / (a**2 / (n - 1) + scaled**2 / (m - 1)))
        if t * t * b < my * my:
            unit = mx / my
            roots = np.roots([1 - t * t * b / my**2, -2, 1 - t * t * a / mx**2]).real
            case["fieller"] = sorted(float(v * unit) for v in roots)
    if n == m:
        d = lx - ly
        pairs = stats.ttest_rel(lx, ly)
        case["pairedP"] = float(pairs.pvalue)
        case["pairedInterval"] = [float(v) for v in np.exp(pairs.confidence_interval(0.99))]
        margin = abs(float(np.mean(d))) + float(np.std(d, ddof=1))
        case["margin"] = margin
        case["nonInferiorityP"] = float(stats.ttest_1samp(d, -margin, alternative="greater").pvalue)
        s, t = np.std(d, ddof=1), stats.t.isf(0.025, n - 1)
        case["halfWidth"] = float(s / 3)
        case["stein"] = max(n, math.ceil((t * s / case["halfWidth"]) ** 2))
        more = [float(v) for v in np.exp(rng.normal(0, 1e-3, 4))]
        case["more"] = more
        two = np.append(d, np.log(more))
        case["twoStage"] = [float(math.exp(np.mean(two) + k * t * s / math.sqrt(n + 4))) for k in (-1, 1)]
    samples.append(case)

fronts = []
for count, directions in [(1, "ss"), (12, "ss"), (30, "ssl"), (30, "sl"), (20, "l")]:
    points = np.round(rng.normal(0, 2, (count, len(directions))))  # rounded: with ties
    signed = points * [1 if d == "s" else -1 for d in directions]
    front = [i for i, p in enumerate(signed)
             if not np.any(np.all(signed <= p, axis=1) & np.any(signed < p, axis=1))]
    fronts.append({"points": points.tolist(), "directions": directions, "front": front})

print(json.dumps({"tails": tails, "quantiles": quantiles, "betas": betas, "comparisons": comparisons,
                  "families": [{"p": p, "adjusted": holm(p)} for p in families], "fTails": fTails,
                  "noncentral": noncentral, "effects": effects, "powers": powers, "counts": counts,
                  "outliers": outliers, "trends": trends, "weighted": weighted, "orders": orders,
                  "bootstraps": bootstraps, "samples": samples, "fronts": fronts}, indent=1))
