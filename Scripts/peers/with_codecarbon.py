"""CodeCarbon: the tracker around the work, offline since no network is needed for joules; then `measure_power_secs=1`."""

import measured
from codecarbon import OfflineEmissionsTracker

settings = {"measure_power_secs": 1} if measured.FINE else {}
tracker = OfflineEmissionsTracker(country_iso_code="DEU", log_level="error", **settings)
tracker.start()
measured.work()
tracker.stop()
data = tracker.final_emissions_data
# Its memory is an estimate by slots here, not what the sensor says.
measured.result(package=data.cpu_energy * 3.6e6, gpu=data.gpu_energy * 3.6e6)
