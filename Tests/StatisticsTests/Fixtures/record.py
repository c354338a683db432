#!/usr/bin/env python3
"""Records what SciPy answers, for the tests to compare with: python3 record.py > scipy.json"""
import json
import math

import numpy as np
from scipy import special, stats

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
print(json.dumps({"tails": tails, "quantiles": quantiles, "betas": betas, "comparisons": comparisons,
                  "families": [{"p": p, "adjusted": holm(p)} for p in families]}, indent=1))
