"""perun: its decorator around the work, a `monitor` region inside for the short one; then `sampling_period` 0.1 s."""

import os
import sys

import measured

if __name__ == "__main__":  # It spawns a process of its own, which imports this file again.
    from perun import monitor, perun, register_callback

    settings = {"sampling_period": 0.1} if measured.FINE else {}

    def keep(node):
        for n in [node, *node.nodes.values()]:
            print(n.type, n.regions and {k: r.toDict() for k, r in n.regions.items()}, {str(k): m.value for k, m in n.metrics.items()})

    @monitor("region")
    def region():
        measured.work()

    @perun(data_out=os.path.dirname(measured.RESULT), **settings)
    def application():
        register_callback(keep)
        region() if measured.KIND == "region" else measured.work()

    application()
