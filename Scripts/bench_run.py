"""What `wattbook run` adds to a program: start-up, memory, slowdown. Usage: bench_run.py WATTBOOK

Every figure is a median of pairs that alternate in one run: with the meter, without it.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

WATTBOOK = os.path.abspath(sys.argv[1])
PAIRS = int(os.environ.get("PAIRS", "60"))
# The same work over and over; a line each time with what it took: CPU seconds, wall seconds.
SPIN = """
import sys, time
while True:
    cpu, wall = time.process_time(), time.perf_counter()
    x = 0
    for i in range(200_000): x = (x * 31 + i) & 0xFFFF
    print(time.process_time() - cpu, time.perf_counter() - wall, flush=True)
"""


def once(command, folder):
    """Wall seconds, CPU seconds and peak memory in MB of one command and all its children."""
    before = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, dict(os.environ, WATTBOOK_LEDGER=folder + "/l.sqlite"))
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - before
    assert status == 0, (command, status)
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def pairs(plain, metered, count, folder):
    """Alternates the two commands, each going first in turn; returns the pairs after two that warm up."""
    rows = []
    for index in range(count + 2):
        order = [plain, metered] if index % 2 else [metered, plain]
        results = {id(command): once(command, folder) for command in order}
        rows.append((results[id(plain)], results[id(metered)]))
    return rows[2:]


def slices(folder, count, seconds=1.0):
    """One program under a meter that is stopped and let go in turn: mean CPU and wall seconds of its work, in pairs.

    Two runs of a program differ by more than what is looked for; neighbouring seconds of one run do not.
    """
    environment = dict(os.environ, WATTBOOK_LEDGER=folder + "/l.sqlite")
    command = [WATTBOOK, "run", "--quiet", "--", sys.executable, "-c", SPIN]
    meter = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)

    def mean():
        meter.stdout.readline()  # begun before the change
        end, times = time.monotonic() + seconds, []
        while time.monotonic() < end:
            times.append(tuple(map(float, meter.stdout.readline().split())))
        return tuple(statistics.mean(column) for column in zip(*times))

    rows = []
    for index in range(2 * count + 2):
        on = index % 2 == (index // 2) % 2  # on off, off on, on off, ...
        meter.send_signal(signal.SIGCONT if on else signal.SIGSTOP)
        rows.append((on, mean()))
    meter.send_signal(signal.SIGCONT)
    meter.send_signal(signal.SIGTERM)
    meter.stdout.close()
    meter.wait()
    couples = [dict(rows[i:i + 2]) for i in range(2, len(rows), 2)]
    return [(couple[False], couple[True]) for couple in couples]


def say(name, value, unit, limit, noise=0.0):
    """A figure beside its limit; one that its own noise (95 %) could carry over the limit or back decides nothing."""
    verdict = "ok" if value <= limit else "OVER"
    if noise:
        decided = abs(value - limit) > noise
        verdict = (verdict if decided else "not decided") + f", ± {noise:.2f} from the spread of the pairs"
    print(f"{name:<58}{value:10.3f} {unit:<4} limit {limit:g} {unit:<4} {verdict}", flush=True)


def noise(values):
    """Half width of a 95 % interval of the median, from the quartiles (normal: a median's error is 1.25 of a mean's)."""
    low, _, high = statistics.quantiles(values, n=4)
    return 1.96 * 1.2533 * (high - low) / 1.349 / len(values) ** 0.5


def own_share(folder):
    """CPU time of the meter itself while a command sleeps, in percent of a core: twenty seconds less two."""
    short, long = (once([WATTBOOK, "run", "--quiet", "--", "sleep", str(seconds)], folder)[1] for seconds in (2, 22))
    return (long - short) / 20 * 100


with tempfile.TemporaryDirectory() as folder:
    rows = pairs(["true"], [WATTBOOK, "run", "--quiet", "--", "true"], PAIRS, folder)
    say("start-up over plain `true`, wall, median of pairs",
        statistics.median((m[0] - p[0]) * 1000 for p, m in rows), "ms", 20)
    say("start-up over plain `true`, CPU, median of pairs",
        statistics.median((m[1] - p[1]) * 1000 for p, m in rows), "ms", 20)
    say("peak memory over plain `true`, median of pairs", statistics.median(m[2] - p[2] for p, m in rows), "MB", 40)

    rows = slices(folder, PAIRS)
    for index, name in enumerate(["CPU", "wall"]):
        slower = [(m[index] / p[index] - 1) * 100 for p, m in rows]
        say(f"slowdown of a CPU-bound program at 10 Hz, {name}, median", statistics.median(slower), "%", 0.2,
            noise(slower))
    # What a program can lose at most, where the two share its core; to be compared with.
    print(f"{'all CPU of the meter at 10 Hz, of a core, for comparison':<58}{own_share(folder):10.3f} %")
