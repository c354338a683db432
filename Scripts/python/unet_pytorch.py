#!/usr/bin/env python3
"""The U-Net of `wattbook-unet` in PyTorch: the same net, first weights, data, loss, optimiser, options and output.

    unet_pytorch.py train --data data --precision bf16 --steps 40 --json
    unet_pytorch.py infer --checkpoint net.safetensors --data data
    torchrun --nproc-per-node 4 unet_pytorch.py train --data data --device cuda --batch 64

Under torchrun `--batch` is the batch of all processes together; batch normalisation and the Dice part of the loss see
the whole of it, so that the net learns what one process would teach it. PyTorch's own SyncBatchNorm needs a GPU: on CPUs
(gloo) this program's takes its place. `--batch-norm local` leaves each process its own statistics.
"""

import os
import shutil
import sys

import unet_command
from unet_command import UNSUPPORTED, USAGE, UNetError

PROGRAM = "unet_pytorch.py"


def main(arguments):
    options = unet_command.parse(PROGRAM, "PyTorch", arguments)
    unet_command.reach("torch", "pytorch", "WATTBOOK_PYTORCH")
    if options.precision == "int8":
        raise UNetError(UNSUPPORTED, "--precision int8 is not supported by this program.",
                        "Use unet_keras.py, which quantises through TFLite.")
    if options.command == "infer" and int(os.environ.get("WORLD_SIZE", 1)) > 1:
        raise UNetError(USAGE, "An inference is of one process.", "Call it without torchrun.")
    if int(os.environ.get("RANK", 0)) > 0:
        # One process marks for all: the counts are of the whole batch.
        os.environ.pop("WATTBOOK_MARKS", None)
        options.json, options.quiet = False, True
    import unet_session

    getattr(unet_session, options.command)(options, _make)


def _make(options):
    # Here, after the data has been looked at: PyTorch takes seconds to load.
    from unet_pytorch_net import Net

    if options.compile and options.device == "cpu" and not shutil.which(os.environ.get("CXX", "g++")):
        raise UNetError(UNSUPPORTED, "--compile on a CPU needs a C++ compiler, and there is no g++.",
                        "Install one, name it in CXX, or leave --compile out.")
    if options.command == "train" and options.allreduce == "bf16" and options.device == "cpu":
        raise UNetError(UNSUPPORTED, "--allreduce bf16 is not supported on CPUs: PyTorch's gloo adds up no bf16.",
                        "Use --allreduce fp32, or --device cuda.")
    return Net(options)


if __name__ == "__main__":
    unet_command.run(PROGRAM, main)
