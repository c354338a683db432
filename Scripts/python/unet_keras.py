#!/usr/bin/env python3
"""The U-Net of `wattbook-unet` in Keras on TensorFlow: the same net, first weights, data, loss, options and output.

    unet_keras.py train --data data --precision bf16 --steps 40 --json
    unet_keras.py infer --checkpoint net.safetensors --data data
    unet_keras.py infer --checkpoint net.safetensors --data data --precision int8 --tflite net.tflite
"""

import os
import sys

import unet_command
from unet_command import UNSUPPORTED, USAGE, UNetError

PROGRAM = "unet_keras.py"


def main(arguments):
    options = unet_command.parse(PROGRAM, "Keras", arguments)
    unet_command.reach("tensorflow", "keras", "WATTBOOK_KERAS")
    if int(os.environ.get("WORLD_SIZE", 1)) > 1:
        raise UNetError(USAGE, "This program trains with one process.", "Use unet_pytorch.py with torchrun.")
    if options.precision == "int8" and options.device != "cpu":
        raise UNetError(UNSUPPORTED, "TFLite computes int8 on a CPU.", "Use --device cpu.")
    if options.command == "infer" and options.tflite and options.precision != "int8":
        raise UNetError(USAGE, "--tflite is written with --precision int8 alone.", "Add --precision int8.")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if options.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    import unet_session

    getattr(unet_session, options.command)(options, _make)


def _make(options):
    # Here, after the data has been looked at: TensorFlow takes seconds to load.
    with unet_command.hushed():
        if options.precision == "int8":
            from unet_tflite import Net
        else:
            from unet_keras_net import Net
        return Net(options)


if __name__ == "__main__":
    unet_command.run(PROGRAM, main)
