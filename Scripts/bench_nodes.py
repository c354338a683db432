"""What it costs to make one run of the ledgers of many nodes. Usage: bench_nodes.py WATTBOOK BENCH-LEDGER [NODES]

The ledgers are generated: a minute of one job on each node, two counters read ten times a second. CPU seconds, the time
that passes, and the largest memory of `wattbook merge FOLDER`; then that of merging the same once more.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

WATTBOOK, WRITER = map(os.path.abspath, sys.argv[1:3])
NODES = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
SAMPLES = 600
# For 10,000 nodes; fewer get their share of the time, and all of the memory.
SECONDS, MEGABYTES = 120, 1000


def cost(command):
    """CPU seconds, seconds and peak memory in MB of one command."""
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, "/dev/null", os.O_WRONLY, 0) for stream in (1, 2)]
    begin = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=nowhere)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, (command, os.waitstatus_to_exitcode(status))
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1000


def say(name, value, unit, limit=None):
    verdict = "" if limit is None else f"limit {limit:g} {unit:<4} {'ok' if value <= limit else 'OVER'}"
    print(f"{name:<48}{value:10.3f} {unit:<4} {verdict}", flush=True)


with tempfile.TemporaryDirectory() as folder:
    nodes = f"{folder}/job"
    os.mkdir(nodes)
    subprocess.run([WRITER, "nodes", nodes, str(NODES), str(SAMPLES)], check=True)
    say(f"{NODES} ledgers on disk", sum(entry.stat().st_size for entry in os.scandir(nodes)) / 1e6, "MB")
    command = [WATTBOOK, "merge", nodes, "--ledger", f"{folder}/all.sqlite"]
    processor, wall, memory = cost(command)
    shown = subprocess.run(
        [WATTBOOK, "show", "last", "--json", "--ledger", f"{folder}/all.sqlite"], capture_output=True, check=True
    )
    assert len(json.loads(shown.stdout)["job_parts"]["nodes"]) == NODES, "the ledgers did not become one run"
    say("merge, CPU", processor, "s", SECONDS * NODES / 10_000)
    say("merge, time passed", wall, "s", SECONDS * NODES / 10_000)
    say("merge, peak memory", memory, "MB", MEGABYTES)
    say("merge, CPU for each ledger", 1000 * processor / NODES, "ms")
    say("the merged ledger", os.path.getsize(f"{folder}/all.sqlite") / 1e6, "MB")
    say("merging it once more, CPU", cost(command)[0], "s")
