"""What large ledgers cost to read. Usage: bench_ledger.py WATTBOOK BENCH-LEDGER

Each figure is that of one command: CPU seconds, which a busy machine hardly moves, and its largest memory.
"""

import os
import shutil
import subprocess
import sys
import tempfile

WATTBOOK, WRITER = map(os.path.abspath, sys.argv[1:3])
# Both limits hold for each command.
SECONDS, PDF_SECONDS, MEGABYTES = 2, 15, 300


def cost(command, folder):
    """CPU seconds and peak memory in MB of one command."""
    nowhere = [(os.POSIX_SPAWN_OPEN, stream, "/dev/null", os.O_WRONLY, 0) for stream in (1, 2)]
    pid = os.posix_spawnp(command[0], command, dict(os.environ, TMPDIR=folder), file_actions=nowhere)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, (command, status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def say(name, value, unit, limit):
    verdict = "ok" if value <= limit else "OVER"
    print(f"{name:<58}{value:10.3f} {unit:<4} limit {limit:g} {unit:<4} {verdict}", flush=True)


def rows(runs, samples, commands):
    """Writes a ledger of two arms, then runs commands on it, each twice: the second time with its pages in memory."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = folder + "/l.sqlite"
        subprocess.run([WRITER, ledger, str(runs), str(samples)], check=True)
        for name, limit, arguments in commands:
            command = [WATTBOOK, *(word.replace("DIR", folder) for word in arguments), "--ledger", ledger]
            cost(command, folder)
            seconds, megabytes = cost(command, folder)
            say(f"{name}, CPU", seconds, "s", limit)
            say(f"{name}, peak memory", megabytes, "MB", MEGABYTES)


rows(
    10_000,
    60,
    [("compare 2 arms of 10,000 runs", SECONDS, ["compare", "bench:precision=fp32", "bench:precision=bf16"])],
)
# Every form by itself, and all of text together; a PDF is WeasyPrint's time.
FORMS = "html md csv json tex methods bibtex model-card codecarbon boamps".split()
report = ["report", "bench", "-o", "DIR/report", "--format"]
account = ["report", "--since", "2023", "-o", "DIR/account", "--format"]
commands = [("report on 1,000 runs, 10 million samples", SECONDS, report[:-1])]
commands += [(f"report as {form}", SECONDS, [*report, form]) for form in FORMS]
commands += [("account of 1,000 runs in all forms of text", SECONDS, [*account, ",".join(FORMS)])]
if shutil.which("weasyprint") or os.environ.get("WATTBOOK_WEASYPRINT"):
    commands += [("report as pdf", PDF_SECONDS, [*report, "pdf"]), ("account as pdf", PDF_SECONDS, [*account, "pdf"])]
rows(500, 10_000, commands)
