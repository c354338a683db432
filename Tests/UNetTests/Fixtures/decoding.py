"""Frames that processes of their own decode: `decoding.py FOLDER DAMAGED`, and `leave` for one that does not wait."""

import json
import multiprocessing
import os
import subprocess
import sys
import time

import numpy as np
from unet_command import UNetError
from unet_dataset import Dataset
from unet_size import ImageSize

SIZE = ImageSize.of("16")


def state(process):
    """The letter of a process in /proc; None of one that is gone."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return None


def main(folder, damaged):
    dataset, plain = Dataset(folder), Dataset(folder)
    dataset.keep(dataset.decoding(SIZE, 3))
    kept = [dataset._kept[index, SIZE] for index in range(len(dataset))]
    alike = all(
        np.array_equal(image, other) and np.array_equal(mask, mask_of_other) and extent == extent_of_other
        for (image, mask, extent), (other, mask_of_other, extent_of_other)
        in zip(kept, (plain.sample(index, SIZE) for index in range(len(plain)))))
    broken, problem, status = Dataset(damaged), None, None
    try:
        broken.keep(broken.decoding(SIZE, 3))
    except UNetError as error:
        problem, status = error.problem, error.status
    left = subprocess.run([sys.executable, __file__, folder, "leave"], capture_output=True, text=True, check=True).stdout
    until = time.monotonic() + 20
    while time.monotonic() < until and any(state(process) not in (None, "Z") for process in left.split()):
        time.sleep(0.05)
    print(json.dumps({"alike": alike, "problem": problem, "status": status, "started": len(left.split()),
                      "left": sum(state(process) not in (None, "Z") for process in left.split())}))


if sys.argv[2] == "leave":
    Dataset(sys.argv[1]).decoding(SIZE, 3)
    print(*(process.pid for process in multiprocessing.active_children()), flush=True)
    os._exit(0)
main(*sys.argv[1:])
