#!/usr/bin/env python3
"""Records what SciPy fits to times of parallel programs: python3 record_scaling.py > scaling.json"""
import json

import numpy as np
from scipy import optimize, stats

rng = np.random.default_rng(20261126)


def amdahl(n, t, s):
    return t + np.log(s + (1 - s) / n)


def gustafson(n, t, s):
    return t - np.log(1 - s * (n - 1) / n)


def universal(n, t, s, k):
    return t + np.log((1 + s * (n - 1) + k * n * (n - 1)) / n)


def universal_growing(n, t, s, k):
    return t + np.log(1 + s * (n - 1) + k * n * (n - 1))


def recorded(law, function, growing, start, units, logs, at):
    fitted = optimize.curve_fit(function, units, logs, p0=start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    values = fitted[0]
    residual = float(np.sum((logs - function(units, *values)) ** 2))
    p, n = len(values), len(units)
    # Central differences: those that SciPy takes by itself are too coarse about zero.
    steps = np.diag(1e-6 * np.maximum(np.abs(values), 1e-3))
    jacobian = np.array([(function(units, *(values + h)) - function(units, *(values - h))) / (2 * h.sum())
                         for h in steps]).T
    covariance = residual / (n - p) * np.linalg.inv(jacobian.T @ jacobian)
    groups = [logs[units == u] for u in np.unique(units)]
    pure = float(sum(np.sum((g - g.mean()) ** 2) for g in groups))
    off_df, repeat_df = len(groups) - p, n - len(groups)
    errors = np.sqrt(np.diag(covariance))
    df, fit_p = n - p, None
    if repeat_df > 0:
        off = (residual - pure) / off_df
        fit_p = float(stats.f.sf(off / (pure / repeat_df), off_df, repeat_df))
        if fit_p < 0.05:
            errors, df = errors * np.sqrt(off / (residual / (n - p))), off_df
    k = p + 1
    aicc = n * np.log(residual / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1) if n - k - 1 > 0 else None
    slopes = np.array([(function(at, *(values + h)) - function(at, *(values - h))) / (2 * h.sum()) for h in steps])
    scale = (errors[0] / np.sqrt(np.diag(covariance))[0]) ** 2
    return {"law": law, "growing": growing, "units": units.tolist(), "times": np.exp(logs).tolist(),
            "values": values.tolist(), "errors": errors.tolist(), "df": df, "fitP": fit_p, "aicc": aicc, "at": at,
            "logTime": float(function(at, *values)), "logTimeError": float(np.sqrt(scale * slopes @ covariance @ slopes))}


cases = []
for points, repeats, noise in [([1, 2, 4, 8], 1, 0.01), ([1, 2, 4, 8, 16], 5, 0.003), ([2, 3, 6, 12, 24, 48], 3, 0.02),
                               ([1, 2, 4, 8, 16, 32, 64, 128, 256, 512], 3, 0.01)]:
    units = np.repeat(np.array(points, float), repeats)
    for s in [0.0, 0.03, 0.4, 0.95]:
        logs = amdahl(units, np.log(600), s) + rng.normal(0, noise, len(units))
        cases.append(recorded("amdahl", amdahl, False, [6, s + 0.01], units, logs, 100.0))
        logs = gustafson(units, np.log(600), s * 0.9) + rng.normal(0, noise, len(units))
        cases.append(recorded("gustafson", gustafson, True, [6, s * 0.9], units, logs, 100.0))
    for s, k in [(0.02, 1e-4), (0.1, 2e-3), (0.3, 1e-6)]:
        logs = universal(units, np.log(600), s, k) + rng.normal(0, noise, len(units))
        cases.append(recorded("universal", universal, False, [6, s, k], units, logs, 100.0))
        # The simpler law beside it, which the points lie off.
        cases.append(recorded("amdahl", amdahl, False, [6, s], units, logs, 100.0))
        logs = universal_growing(units, np.log(600), s, k) + rng.normal(0, noise, len(units))
        cases.append(recorded("universal", universal_growing, True, [6, s, k], units, logs, 100.0))

print(json.dumps(cases))
