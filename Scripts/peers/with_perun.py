"""perun: its decorator around the work, a `monitor` region inside for the short one; then `sampling_period` 0.1 s."""

import os

import measured

if __name__ == "__main__":  # It spawns a process of its own, which imports this file again.
    from perun import monitor, perun, register_callback

    settings = {"sampling_period": 0.1} if measured.FINE else {}

    def keep(node):
        """Takes the figures of the whole, or of the region: mean power and duration over all devices, no more."""
        figures = {str(name): float(metric.value) for name, metric in node.metrics.items()}
        if measured.KIND == "region":
            (run,) = node.nodes.values()
            region = {str(name): float(metric.mean) for name, metric in run.regions["region"].metrics.items()}
            measured.result(total=region["power"] * region["runtime"])
        else:
            names = {"package": "cpu_energy", "dram": "dram_energy", "gpu": "gpu_energy"}
            measured.result(**{domain: figures[name] for domain, name in names.items() if name in figures})

    @monitor("region")
    def region():
        measured.work()

    @perun(data_out=os.path.dirname(measured.RESULT), **settings)
    def application():
        register_callback(keep)
        region() if measured.KIND == "region" else measured.work()

    application()
