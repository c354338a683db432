"""pyJoules: its context around the work, over all devices that it finds."""

import measured
from pyJoules.energy_meter import EnergyContext
from pyJoules.handler import EnergyHandler


class Keep(EnergyHandler):
    """Keeps the one trace."""

    def process(self, trace):
        self.sample = next(iter(trace))


handler = Keep()
with EnergyContext(handler=handler, start_tag="work"):
    measured.work()
joules = {}
for name, value in handler.sample.energy.items():
    if name.startswith("package"):
        joules["package"] = joules.get("package", 0) + value / 1e6
    elif name.startswith("dram"):
        joules["dram"] = joules.get("dram", 0) + value / 1e6
    elif name.startswith("nvidia"):
        joules["gpu"] = joules.get("gpu", 0) + value / 1e3
measured.result(**joules)
