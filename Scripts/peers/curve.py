"""A power tree whose joules are known at every instant: the curve, and the process that drives the counters.

As a program, `curve.py TREE CURVE.json LATENESS` writes the counters each millisecond until SIGTERM, says `driving` when
it has begun, and leaves the longest time between two writes in seconds.
"""

import dataclasses
import json
import math
import os
import signal
import sys
import time

#: What each zone draws of the curve's watts.
SHARES = {"package": 1.0, "core": 0.6, "dram": 0.2}
_FOLDERS = {"package": "", "core": "intel-rapl:0:0", "dram": "intel-rapl:0:1"}
_NAMES = {"package": "package-0", "core": "core", "dram": "dram"}


@dataclasses.dataclass(frozen=True)
class Curve:
    """`high` watts for the first half of each period (s), then `low`; times are CLOCK_MONOTONIC seconds."""

    epoch: float
    high: float
    low: float
    period: float
    start_j: float
    range_j: float

    def energy(self, time):
        """Joules from the epoch to an instant, of a share of 1."""
        whole, rest = divmod(time - self.epoch, self.period)
        half = self.period / 2
        return whole * half * (self.high + self.low) + min(rest, half) * self.high + max(rest - half, 0) * self.low

    def between(self, begin, end):
        """Joules between two instants, of a share of 1."""
        return self.energy(end) - self.energy(begin)

    def wraps(self, begin, end):
        """How often the package's counter wraps between two instants."""
        laps = [math.floor((self.start_j + self.energy(time)) / self.range_j) for time in (begin, end)]
        return laps[1] - laps[0]

    def microjoules(self, time, share):
        """What a counter shows."""
        return int((self.start_j + share * self.energy(time)) * 1e6) % int(self.range_j * 1e6)


def make_tree(tree, curve):
    """Lays the zones out as the kernel shows them in /sys/class/powercap."""
    package = f"{tree}/intel-rapl/intel-rapl:0"
    for zone, folder in _FOLDERS.items():
        path = os.path.join(package, folder).rstrip("/")
        os.makedirs(path, exist_ok=True)
        files = {
            "name": _NAMES[zone],
            "energy_uj": "%020d" % curve.microjoules(curve.epoch, SHARES[zone]),
            "max_energy_range_uj": int(curve.range_j * 1e6),
            "enabled": 1,
            "constraint_0_name": "long_term",
        }
        for name, value in files.items():
            with open(f"{path}/{name}", "w") as file:
                file.write(f"{value}\n")
    with open(f"{tree}/intel-rapl/enabled", "w") as file:
        file.write("1\n")
    # As in the kernel's folders: the way back to all of the class.
    os.symlink("..", f"{tree}/intel-rapl/subsystem")
    os.symlink("intel-rapl/intel-rapl:0", f"{tree}/intel-rapl:0")
    for folder in ("intel-rapl:0:0", "intel-rapl:0:1"):
        os.symlink(f"intel-rapl/intel-rapl:0/{folder}", f"{tree}/{folder}")


def drive(tree, curve):
    """Moves the counters until SIGTERM or its parent's end; returns the longest time between two writes."""
    ending = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    try:  # Late writes would be errors of every tool.
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        pass
    zones = [
        (os.open(os.path.join(tree, "intel-rapl/intel-rapl:0", folder, "energy_uj"), os.O_WRONLY), SHARES[zone])
        for zone, folder in _FOLDERS.items()
    ]
    longest, last, first, parent = 0.0, time.monotonic(), True, os.getppid()
    while not ending and os.getppid() == parent:
        now = time.monotonic()
        longest, last = max(longest, now - last), now
        for file, share in zones:
            os.pwrite(file, b"%020d\n" % curve.microjoules(now, share), 0)
        if first:
            print("driving", flush=True)
            first = False
        time.sleep(0.001)
    return longest


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        described = Curve(**json.load(file))
    lateness = drive(sys.argv[1], described)
    with open(sys.argv[3], "w") as file:
        file.write(f"{lateness}\n")
