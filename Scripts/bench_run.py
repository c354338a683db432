"""What `wattbook run` adds to a program: start-up, memory, slowdown. Usage: bench_run.py WATTBOOK

Every figure is a median of pairs that alternate in one run: with the meter, without it.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

WATTBOOK = os.path.abspath(sys.argv[1])
PAIRS = int(os.environ.get("PAIRS", "40"))
SPIN = "x = 0\nfor i in range(6_000_000): x += i * i\n"


def once(command, folder):
    """Wall seconds, CPU seconds and peak memory in MB of one command and all its children."""
    before = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, dict(os.environ, WATTBOOK_LEDGER=folder + "/l.sqlite"))
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - before
    assert status == 0, (command, status)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def pairs(plain, metered, count, folder):
    """Alternates the two commands, each going first in turn; returns the pairs."""
    rows = []
    for index in range(count + 2):
        order = [plain, metered] if index % 2 else [metered, plain]
        results = {id(command): once(command, folder) for command in order}
        rows.append((results[id(plain)], results[id(metered)]))
    return rows[2:]


def say(name, value, unit, limit):
    verdict = "ok" if value <= limit else "OVER"
    print(f"{name:<58}{value:10.3f} {unit:<4} limit {limit:g} {unit:<4} {verdict}")


with tempfile.TemporaryDirectory() as folder:
    rows = pairs(["true"], [WATTBOOK, "run", "--quiet", "--", "true"], PAIRS, folder)
    say("start-up over plain `true`, wall, median of pairs",
        statistics.median((m[0] - p[0]) * 1000 for p, m in rows), "ms", 20)
    say("start-up over plain `true`, CPU, median of pairs",
        statistics.median((m[1] - p[1]) * 1000 for p, m in rows), "ms", 20)
    say("peak memory over plain `true`, median of pairs", statistics.median(m[2] - p[2] for p, m in rows), "MB", 40)

    spin = [sys.executable, "-c", SPIN]
    rows = pairs(spin, [WATTBOOK, "run", "--quiet", "--"] + spin, max(10, PAIRS // 2), folder)
    # The start-up is the first row's business: it is taken off, so that this row holds what a long run pays.
    idle = statistics.median(m[1] - p[1] for p, m in pairs(["true"], [WATTBOOK, "run", "--quiet", "--", "true"], 10, folder))
    say("slowdown of a CPU-bound program at 10 Hz, CPU, median",
        statistics.median((m[1] - idle - p[1]) / p[1] * 100 for p, m in rows), "%", 0.2)
