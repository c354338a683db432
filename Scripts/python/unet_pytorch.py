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
    if options.command == "infer" and options.tflite:
        raise UNetError(UNSUPPORTED, "--tflite is not supported by this program.", "Use unet_keras.py.")
    if options.command == "infer" and int(os.environ.get("WORLD_SIZE", 1)) > 1:
        raise UNetError(USAGE, "An inference is of one process.", "Call it without torchrun.")
    if int(os.environ.get("RANK", 0)) > 0:
        # One process marks for all: the counts are of the whole batch.
        os.environ.pop("WATTBOOK_MARKS", None)
        options.json, options.quiet = False, True
    if options.device == "cpu":
        # Dynamo starts every GPU that it sees.
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    import unet_session

    getattr(unet_session, options.command)(options, _make)


def _make(options):
    # Here, after the data has been looked at: PyTorch takes seconds to load.
    from unet_pytorch_net import Net

    if options.compile:
        _check_compiler(*("CPU", "C++", "CXX", "g++") if options.device == "cpu" else ("GPU", "C", "CC", "gcc", "clang"))
    if (options.compile and options.device == "cuda" and options.command == "train" and options.batch_norm == "synchronised"
            and int(os.environ.get("WORLD_SIZE", 1)) > 1):
        raise UNetError(UNSUPPORTED, "--compile compiles next to nothing around the synchronised batch normalisation of "
                        "several GPUs.", "Use --batch-norm local, or leave --compile out.")
    processes = int(os.environ.get("WORLD_SIZE", 1))
    share = options.batch // (processes if options.command == "train" and options.batch_norm == "local" else 1)
    if options.command == "train" and share * options.size.halved(options.net.depth).pixels < 2:
        raise UNetError(UNSUPPORTED, "In the lowest level a batch has one value a channel: PyTorch normalises none.",
                        "Choose a larger --batch or --size, or a smaller --depth.")
    if options.command == "train" and options.allreduce == "bf16" and options.device == "cpu" and processes > 1:
        raise UNetError(UNSUPPORTED, "--allreduce bf16 is not supported on CPUs: PyTorch's gloo adds up no bf16.",
                        "Use --allreduce fp32, or --device cuda.")
    return Net(options)


def _check_compiler(device, language, variable, *programs):
    """Refuses --compile where what it writes cannot be compiled: loops on a CPU, what starts Triton's kernels on a GPU."""
    if not any(map(shutil.which, [os.environ[variable]] if variable in os.environ else programs)):
        raise UNetError(
            UNSUPPORTED, f"--compile on a {device} needs a {language} compiler, and there is no {' or '.join(programs)}.",
            f"Install one, name it in {variable}, or leave --compile out.")


if __name__ == "__main__":
    unet_command.run(PROGRAM, main)
