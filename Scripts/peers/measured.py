"""What every tool measures, and how a harness hands back what the tool said.

A harness is `with_TOOL.py RESULT STAMPS command SECONDS | region SECONDS | nothing`. `command` runs `$PEERS_PROGRAM`
(program.c), `region` waits in the harness itself, `nothing` ends at once. `$PEERS_FINE` asks for the finest setting.
"""

import json
import os
import subprocess
import sys
import time

RESULT, STAMPS, KIND, *REST = sys.argv[1:]
FINE = os.environ.get("PEERS_FINE") == "1"


def work():
    """The measured work."""
    if KIND == "command":
        subprocess.run([os.environ["PEERS_PROGRAM"], STAMPS, REST[0]])
    elif KIND == "region":
        begin = time.monotonic()
        time.sleep(float(REST[0]))
        end = time.monotonic()
        with open(STAMPS, "w") as file:
            file.write(f"begin {begin:.9f} 0\nend {end:.9f} 0\n")


def result(**joules):
    """Writes what the tool said, in joules by domain; what it does not tell is left out."""
    with open(RESULT, "w") as file:
        json.dump(joules, file)
