"""The net of `unet_keras.py`: precision policy, one step, one prediction.

One detail is Keras's own: its Adam adds epsilon before it corrects the second moment, which shows only where gradients
are near epsilon.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from unet_command import UNSUPPORTED, UNetError

_POLICY = {"fp32": "float32", "tf32": "float32", "fp16": "mixed_float16", "bf16": "mixed_bfloat16"}
#: Compute capability from which a GPU has the arithmetic.
_CAPABILITY = {"fp32": (0, 0), "tf32": (8, 0), "fp16": (7, 0), "bf16": (8, 0)}


class Normalization(layers.BatchNormalization):
    """Batch normalisation whose running variance is the unbiased one, as PyTorch keeps it; Keras's is of the batch."""

    def call(self, inputs, training=None, mask=None):
        if not training:
            return super().call(inputs, training=training, mask=mask)
        kept = self.momentum * tf.convert_to_tensor(self.moving_variance)
        outputs = super().call(inputs, training=training, mask=mask)
        count = tf.cast(tf.size(inputs) // inputs.shape[-1], tf.float32)
        self.moving_variance.assign(kept + (self.moving_variance - kept) * count / tf.maximum(count - 1, 1))
        return outputs


def build(net, size, batch=None):
    """The net with layers named as its tensors are, images N x rows x columns x 1 to logits."""
    images, outputs = keras.Input((*size, 1), batch_size=batch), []
    for operation in net.operations():
        name, channels = operation.name, operation.channels
        inputs = [outputs[place] for place in operation.inputs] or [images]
        x = layers.Concatenate(name=f"{name}.inputs")(inputs) if len(inputs) > 1 else inputs[0]
        if operation.kind == "convolution":
            x = layers.Conv2D(channels, 3, padding="same", use_bias=False, name=name)(x)
            x = Normalization(momentum=0.9, epsilon=1e-5, name=operation.normalization)(x)
            x = layers.ReLU(name=f"{name}.relu")(x)
        elif operation.kind == "pooling":
            x = layers.MaxPooling2D(name=name)(x)
        elif operation.kind == "up":
            x = layers.Conv2DTranspose(channels, 2, strides=2, name=name)(x)
        elif operation.kind == "repetition":
            x = layers.UpSampling2D(name=name)(x)
        else:
            x = layers.Conv2D(channels, 1, use_bias=operation.has_bias, name=name)(x)
        outputs.append(x)
    return keras.Model(images, outputs[-1])


def tensors(model):
    """(name in a checkpoint, variable, axes from PyTorch's layout to Keras's or None) of every variable of the net."""
    words = {"kernel": "weight", "gamma": "weight", "beta": "bias", "bias": "bias",
             "moving_mean": "running_mean", "moving_variance": "running_var"}
    for layer in model.layers:
        for variable in layer.weights:
            # Both kernels are (rows, columns, ...) here; a transposed convolution holds its outputs first in Keras.
            yield f"{layer.name}.{words[variable.name]}", variable, (2, 3, 1, 0) if variable.name == "kernel" else None


def load(model, state):
    """Takes over tensors in PyTorch's layout."""
    for name, variable, axes in tensors(model):
        variable.assign(np.transpose(state[name], axes) if axes else state[name])


class Net:
    """A training or an inference in one process."""

    rank, processes = 0, 1
    #: Every batch needs one size: another is traced anew.
    one_size = True

    def __init__(self, options):
        self.options = options
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        # TF32 is TensorFlow's default on recent GPUs.
        tf.config.experimental.enable_tensor_float_32_execution(options.precision == "tf32")
        versions = {"tensorflow": tf.__version__, "keras": keras.__version__} | self._gpu()
        keras.config.set_dtype_policy(_POLICY[options.precision])
        self.model = build(options.net, options.size)
        self.facts = {
            "framework": "keras", "versions": versions,
            # On a GPU TensorFlow itself chooses how values of fp32 lie, and does not tell: without XLA channels first.
            "channels_last": None if options.device == "cuda" and options.precision in ("fp32", "tf32") else True,
            "allow_tf32": options.device == "cuda" and tf.config.experimental.tensor_float_32_execution_enabled()}
        self._predict = tf.function(
            lambda images: tf.sigmoid(tf.cast(self.model(images, training=False), tf.float32)),
            jit_compile=options.compile)

    def _gpu(self):
        if self.options.device == "cpu":
            return {}
        devices = tf.config.list_physical_devices("GPU")
        if not devices:
            raise UNetError(
                UNSUPPORTED, f"--device cuda: TensorFlow {tf.__version__} finds no GPU.",
                "Use --device cpu, or install a CUDA build with Scripts/frameworks --cuda on a machine with a GPU.")
        tf.config.set_visible_devices(devices[:1], "GPU")
        facts, precision = tf.config.experimental.get_device_details(devices[0]), self.options.precision
        name = facts.get("device_name", devices[0].name)
        if facts.get("compute_capability", (9, 9)) < _CAPABILITY[precision]:
            raise UNetError(UNSUPPORTED, f"{name} has no {precision} arithmetic.", "Use --precision fp32.")
        return {"cuda": tf.sysconfig.get_build_info().get("cuda_version", "unknown"), "gpu": name}

    def load(self, state):
        load(self.model, state)

    def state(self):
        """Every trained tensor and running statistic by name, in PyTorch's layout."""
        # (2, 3, 1, 0) undoes itself up to where it puts rows and columns: (3, 2, 0, 1).
        return {name: np.transpose(variable.numpy(), (3, 2, 0, 1)) if axes else variable.numpy()
                for name, variable, axes in tensors(self.model)}

    def parameter_count(self):
        return sum(int(np.prod(variable.shape)) for variable in self.model.trainable_variables)

    def prepare_training(self):
        self.scaler = None
        self.adam = optimizer = keras.optimizers.Adam(self.options.learning_rate, epsilon=1e-8)
        if self.options.precision == "fp16":
            self.scaler = optimizer = keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=2.0**16)
        optimizer.build(self.model.trainable_variables)

        statistics = self.model.non_trainable_variables

        def step(images, masks):
            kept = [tf.identity(variable) for variable in statistics]
            with tf.GradientTape() as tape:
                logits = tf.cast(self.model(images, training=True), tf.float32)
                loss = _loss(logits, masks, self.options.loss)
                scaled = optimizer.scale_loss(loss)
            variables = self.model.trainable_variables
            gradients = tape.gradient(scaled, variables)

            def learn():
                optimizer.apply_gradients(zip(gradients, variables))
                return True

            def stay():
                for variable, before in zip(statistics, kept):
                    variable.assign(before)
                return False

            # A loss that is no number leaves the net as it was.
            tf.cond(tf.math.is_finite(loss), learn, stay)
            return loss

        self._step = tf.function(step, jit_compile=self.options.compile)

    def _adam(self):
        """(name, first moment, second moment, axes) of every trained tensor."""
        places = {variable.path: place for place, variable in enumerate(self.model.trainable_variables)}
        for name, variable, axes in tensors(self.model):
            if variable.path in places:
                place = places[variable.path]
                yield name, self.adam._momentums[place], self.adam._velocities[place], axes

    def moments(self):
        """Adam's moments by name, in PyTorch's layout."""
        return {f"{moment}.{name}": np.transpose(variable.numpy(), (3, 2, 0, 1)) if axes else variable.numpy()
                for name, first, second, axes in self._adam()
                for moment, variable in (("first_moment", first), ("second_moment", second))}

    def resume(self, moments, updates, loss_scale):
        """Takes over Adam's moments after so many updates, and the factor of the loss with its good steps."""
        for name, first, second, axes in self._adam():
            for moment, variable in (("first_moment", first), ("second_moment", second)):
                values = moments[f"{moment}.{name}"]
                variable.assign(np.transpose(values, axes) if axes else values)
        self.adam.iterations.assign(updates)
        if self.scaler and loss_scale:
            self.scaler.dynamic_scale.assign(loss_scale[0])
            self.scaler.step_counter.assign(loss_scale[1])

    def updates(self):
        """Steps that Adam has made."""
        return int(self.adam.iterations.numpy())

    def loss_scale(self):
        """The factor of the loss in fp16, and good steps since it last changed; nothing in other precisions."""
        scaler = self.scaler
        return (float(scaler.dynamic_scale.numpy()), int(scaler.step_counter.numpy())) if scaler else None

    def prepare_inference(self, _):
        pass

    def share(self, batch):
        return slice(0, batch)

    def total(self, sums):
        return sums

    def placed(self, values, scale=1, offset=0):
        """Bytes N x rows x columns as float32 with a channel where the net computes, times `scale` plus `offset`."""
        return tf.constant((values.astype(np.float32) * np.float32(scale) + np.float32(offset))[..., None])

    def warm_up(self, images, masks):
        """Traces, compiles and runs a step once; the net learns nothing."""
        # The scaler's variables are Adam's and its own.
        variables = [*self.model.variables, *(self.scaler or self.adam).variables]
        kept = [variable.numpy() for variable in variables]
        self._step(images, masks)
        for variable, before in zip(variables, kept):
            variable.assign(before)

    def peak_gpu_memory(self):
        """The most bytes that tensors have taken on the GPU at a time, since `forget_peak`."""
        return tf.config.experimental.get_memory_info("GPU:0")["peak"]

    def forget_peak(self):
        tf.config.experimental.reset_memory_stats("GPU:0")

    def wait(self):
        """Waits until what computes has nothing left to do."""
        if self.options.device == "cuda":
            tf.test.experimental.sync_devices()

    def step(self, images, masks, rate):
        """One optimiser step of the size `rate`; the loss before it."""
        self.adam.learning_rate = rate
        loss = float(self._step(images, masks))
        # The loss is there before the update is done.
        self.wait()
        return loss

    def predict(self, images):
        """Probabilities of the foreground with the running statistics, N x rows x columns."""
        return self._predict(images).numpy()[..., 0]

    def close(self):
        pass


def _loss(logits, masks, kind):
    """Soft Dice with a smoothing of one, plus cross-entropy unless Dice alone is asked for, over the whole batch."""
    probabilities = tf.sigmoid(logits)
    overlap = tf.reduce_sum(probabilities * masks)
    dice = (2 * overlap + 1) / (tf.reduce_sum(probabilities) + tf.reduce_sum(masks) + 1)
    entropy = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=masks, logits=logits))
    return 1 - dice if kind == "dice" else entropy + 1 - dice
