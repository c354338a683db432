"""One measurement: a tree and GPUs of known joules, a tool that measures, what it said beside the truth."""

import contextlib
import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import curve

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 90  # s, after which a run is given up


@dataclasses.dataclass(frozen=True)
class Case:
    """What is measured and on which sensors. Watts are the package's; `gpu` is its high and low watts."""

    name: str
    kind: str = "command"
    rest: tuple = ("10",)
    high: float = 50
    low: float = 50
    period: float = 1.3
    range_j: float = 262143.328850
    first_wrap: float = 0  # s after the start of the sensors; 0: where the range alone puts it
    wraps: tuple = (0, 0)  # fewest and most that make the case
    gpu: tuple = ()
    steady: bool = False  # whether the CPU of the tool is told while the program of ten seconds runs
    kill: str = ""  # "program" or "tool": 3 s after the program began
    repeats: int = 3


@dataclasses.dataclass
class Outcome:
    """What came of one measurement. Errors in percent by domain; a tool that fell over says how."""

    tool: str
    case: str
    joules: dict = None
    truth: dict = None
    errors: dict = None
    resolution: float = 0  # percent: how well the truth itself is known
    wraps: int = 0
    late_s: float = 0
    cpu_s: float = 0
    wall_s: float = 0
    rss_mb: float = 0  # peak of all that is resident
    own_mb: float = 0  # peak of what of it is no page of a file: no other process shares it, and none can be dropped
    running_ms: float = None  # CPU of the tool per second, between the second and the ninth second of the program
    trouble: str = ""


def measure(tool, case, library):
    """Runs one case under one tool."""
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        sensors = _sensors(case, folder, library)
        outcome = Outcome(tool.name, case.name)
        with _driven(sensors, folder):
            killed = _run(tool, case, folder, outcome)
        with open(f"{folder}/late") as file:
            outcome.late_s = float(file.read())
        _judge(tool, case, sensors, killed, folder, outcome)
        return outcome


def _sensors(case, folder, library):
    """Lays out the tree, and a library and a description of GPUs where the case has one."""
    start = case.range_j - case.first_wrap * (case.high + case.low) / 2 if case.first_wrap else 10
    sensors = curve.Curve(time.monotonic(), case.high, case.low, case.period, start, case.range_j)
    curve.make_tree(f"{folder}/tree", sensors)
    for name in ("bin", "lib"):
        os.mkdir(f"{folder}/{name}")
    if case.gpu:
        os.symlink(library, f"{folder}/lib/libnvidia-ml.so.1")
        with open(f"{folder}/gpus.txt", "w") as file:
            shape = f"square {case.gpu[1]} {case.gpu[0]} {case.period} 0.5"
            file.write(f"epoch {int(sensors.epoch * 1e9)}\ngpu GPU-00000000-0000-0000-0000-000000000000\n{shape}\n")
        with open(f"{folder}/bin/nvidia-smi", "w") as file:  # CodeCarbon looks for a GPU only where this runs.
            file.write("#!/bin/sh\n")
        os.chmod(f"{folder}/bin/nvidia-smi", 0o755)
    return sensors


@contextlib.contextmanager
def _driven(sensors, folder):
    """Moves the counters meanwhile."""
    with open(f"{folder}/curve.json", "w") as file:
        json.dump(dataclasses.asdict(sensors), file)
    driver = subprocess.Popen(
        [sys.executable, f"{HERE}/curve.py", f"{folder}/tree", f"{folder}/curve.json", f"{folder}/late"],
        stdout=subprocess.PIPE,
    )
    try:
        driver.stdout.readline()  # Before that the counters stand still.
        yield
    finally:
        driver.terminate()
        driver.wait()
        driver.stdout.close()


def _run(tool, case, folder, outcome):
    """Starts the tool, kills what the case kills, waits; returns when it killed, or None."""
    environment = dict(
        os.environ,
        LC_ALL="C",
        HOME=folder,
        PATH=f"{folder}/bin:{os.environ['PATH']}",
        LD_LIBRARY_PATH=f"{folder}/lib",
        PYTHONPATH=os.path.join(HERE, "..", "python"),
        PYTHONDONTWRITEBYTECODE="1",
        PEERS_PROGRAM=tool.program,
        PEERS_FINE="1" if tool.fine else "0",
        WATTBOOK_STANDIN_NVML=f"{folder}/gpus.txt",
        WATTBOOK_ZONE="DE",
        WATTBOOK_LEDGER=f"{folder}/wattbook.sqlite",
    )
    command = [f"{HERE}/in-tree", f"{folder}/tree", *tool.command(case.kind, case.rest, folder)]
    begin = time.monotonic()
    with open(f"{folder}/out", "w") as out, open(f"{folder}/err", "w") as err:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True,
        )
    killed = None
    if case.kill:
        pid = _begun(folder, begin)
        if pid:
            time.sleep(3)
            killed = time.monotonic()
            os.kill(pid if case.kill == "program" else process.pid, signal.SIGKILL)
    if case.steady:
        pid = _begun(folder, begin)
        time.sleep(1)
        first = _session_cpu(process.pid, pid), time.monotonic()
        time.sleep(8)
        last = _session_cpu(process.pid, pid), time.monotonic()
        # Threads that ended in between take their time with them.
        outcome.running_ms = max(last[0] - first[0], 0) * 1000 / (last[1] - first[1])
    status, usage, outcome.rss_mb, outcome.own_mb = _wait(process.pid, begin)
    outcome.wall_s = time.monotonic() - begin
    outcome.cpu_s = usage.ru_utime + usage.ru_stime
    process.returncode = status
    with contextlib.suppress(ProcessLookupError):  # What a killed tool left running.
        os.killpg(process.pid, signal.SIGKILL)
    if status != 0 and not case.kill:
        lines = open(f"{folder}/err").read().strip().splitlines()
        outcome.trouble = f"crashed: {lines[-1] if lines else status}"
    return killed


def _begun(folder, begin):
    """Waits for the program to begin; its process id."""
    while time.monotonic() - begin < LIMIT:
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int(open(f"{folder}/stamps").read().split()[2])
        time.sleep(0.01)
    return None


def _session_cpu(session, program):
    """CPU seconds of all threads of a session but the measured program's, to the nanosecond."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if int(pid) != program and os.getsid(int(pid)) == session:
                for thread in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{thread}/schedstat") as file:
                        total += int(file.read().split()[0])
    return total * 1e-9


def _wait(pid, begin):
    """Waits for a process that may take no more than `LIMIT`: its status, usage with its children's, and its own peaks in
    MB of all memory and of its own pages alone."""
    peak = own = 0
    while True:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), usage, peak, own
        # Not ru_maxrss: that begins with what this very process holds when it starts the tool.
        with contextlib.suppress(OSError, KeyError), open(f"/proc/{pid}/status") as file:
            lines = dict(line.split(":", 1) for line in file)
            peak = int(lines["VmHWM"].split()[0]) / 1000
            own = max(own, int(lines["RssAnon"].split()[0]) / 1000)
        if time.monotonic() - begin > LIMIT:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.005)


def _judge(tool, case, sensors, killed, folder, outcome):
    """Puts what the tool said beside the truth between the program's own two instants."""
    if case.kind == "nothing" or outcome.trouble:
        return
    stamps = {}
    with contextlib.suppress(OSError), open(f"{folder}/stamps") as file:
        stamps = {line.split()[0]: float(line.split()[1]) for line in file}
    if "begin" not in stamps or (killed is None and "end" not in stamps):
        outcome.trouble = "the program did not come to its end"
        return
    begin, end = stamps["begin"], killed if killed else stamps["end"]
    package = sensors.between(begin, end)
    outcome.truth = {"package": package, "dram": package * curve.SHARES["dram"]}
    if case.gpu:
        gpu = dataclasses.replace(sensors, high=case.gpu[0], low=case.gpu[1])
        outcome.truth["gpu"] = gpu.between(begin, end)
    outcome.truth["total"] = sum(outcome.truth.values())
    # A write of the counters at either end, and a start and an end of a process; each of about a millisecond.
    outcome.resolution = 100 * (0.004 if case.kind == "command" else 0.002) * max(case.high, case.low) / package
    outcome.wraps = sensors.wraps(begin, end)
    if not case.wraps[0] <= outcome.wraps <= case.wraps[1]:
        outcome.trouble = f"not the case: {outcome.wraps} wraps"
        return
    outcome.joules = tool.remains(folder) if case.kill == "tool" else tool.joules(folder)
    if outcome.joules:
        outcome.errors = {
            domain: 100 * (value / outcome.truth[domain] - 1)
            for domain, value in outcome.joules.items()
            if value is not None and domain in outcome.truth
        }
    else:
        outcome.trouble = "nothing on the disk" if case.kill else "said nothing"
