"""Zeus: a window of its monitor around the work."""

import measured

if __name__ == "__main__":  # It spawns processes of its own, which import this file again.
    from zeus.monitor import ZeusMonitor

    # No framework with a GPU queue is there to wait for.
    monitor = ZeusMonitor()
    monitor.begin_window("work", sync_execution=False)
    measured.work()
    found = monitor.end_window("work", sync_execution=False)
    joules = {"package": sum((found.cpu_energy or {}).values()), "dram": sum((found.dram_energy or {}).values())}
    if found.gpu_energy:
        joules["gpu"] = sum(found.gpu_energy.values())
    measured.result(**joules)
