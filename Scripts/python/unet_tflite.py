"""Inference of `unet_keras.py` in int8: the net quantised after training and run by TFLite, as on a small device."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import unet_keras_net
from unet_command import CANNOT_WRITE, UNetError, hushed


class Net:
    """A quantised net; weights, activations, input and output are int8."""

    rank, processes = 0, 1

    def __init__(self, options):
        self.options = options
        # A batch of a fixed size: what a device would be given.
        self.model = unet_keras_net.build(options.net, options.size, options.batch)
        self.facts = {
            "framework": "keras", "allow_tf32": False, "channels_last": True,
            "versions": {"tensorflow": tf.__version__, "keras": keras.__version__, "runtime": "tflite"}}

    def load(self, state):
        unet_keras_net.load(self.model, state)

    def prepare_inference(self, dataset):
        """Converts the net, its ranges taken from frames of `dataset` evenly apart: neighbours are much alike."""
        options = self.options
        count = min(options.calibration_images, len(dataset))
        chosen = [place * len(dataset) // count for place in range(count)]

        def frames():
            for start in range(0, len(chosen), options.batch):
                images, _, _ = dataset.batch(chosen[start:start + options.batch], options.batch, options.size)
                yield [self.placed(images, dataset.scale, dataset.black)]

        converter = tf.lite.TFLiteConverter.from_keras_model(self.model)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = frames
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
        with hushed():
            content = converter.convert()
            self.interpreter = tf.lite.Interpreter(model_content=content, num_threads=options.threads)
            self.interpreter.allocate_tensors()
        if options.tflite:
            try:
                with open(options.tflite, "wb") as file:
                    file.write(content)
            except OSError as error:
                raise UNetError(CANNOT_WRITE, f"{options.tflite} cannot be written: {error.strerror}.",
                                "Name another --tflite.")
        self.source = self.interpreter.get_input_details()[0]
        self.target = self.interpreter.get_output_details()[0]

    def placed(self, values, scale, offset):
        """Bytes N x rows x columns as float32 with a channel, times `scale` plus `offset`."""
        return (values.astype(np.float32) * np.float32(scale) + np.float32(offset))[..., None]

    def predict(self, images):
        """Probabilities of the foreground, N x rows x columns."""
        scale, zero = self.source["quantization"]
        values = np.clip(np.round(images / scale + zero), -128, 127).astype(np.int8)
        self.interpreter.set_tensor(self.source["index"], values)
        self.interpreter.invoke()
        scale, zero = self.target["quantization"]
        logits = (self.interpreter.get_tensor(self.target["index"]).astype(np.float32) - zero) * scale
        return 1 / (1 + np.exp(-logits[..., 0]))

    def wait(self):
        pass

    close = wait
