"""The short region under `wattbook run`: marked by Wattbook's own client, which Scripts/python holds."""

import measured
import wattbook_marks

with wattbook_marks.region("region"):
    measured.work()
