"""Marks for Wattbook: names the regions, counts and metrics of a Python program.

Under ``wattbook run`` every call appends a line to the file that ``$WATTBOOK_MARKS`` names; without it nothing happens.
Only the standard library is needed, threads and forked workers may mark, and no call ever raises into the program.

    import wattbook_marks as marks

    with marks.region("epoch", number=3):
        marks.count(images=32)
    marks.metric(iou=0.79)
    marks.info(framework="pytorch", device="cpu")

``region`` also decorates a function of any kind. Where PyTorch has a CUDA device in use, a region waits for it at both
ends, so that its work counts in the region that started it (``marks.synchronizes = False`` turns that off); while the
thread captures a CUDA graph, which a wait would break, it does not. Within what ``torch.compile`` compiles nothing is
marked: mark around it.

``KerasCallback``, ``LightningCallback`` and ``TrainerCallback`` (Hugging Face) mark training loops; each is made when
it is first asked for, and only then its framework is imported.
"""

import functools
import json
import math
import os
import sys
import threading
import time

try:
    import fcntl
except ImportError:  # No Unix, no marks.
    fcntl = None

__all__ = ["region", "count", "metric", "info"]

#: Whether a region waits for the GPU at its ends.
synchronizes = True

#: Bytes of a line without its time and its writer; with them it holds at most 4096.
_LONGEST_TEXT = 4040
_file = -1
_words = {}


class _Thread(threading.local):
    """What each thread has of its own: its name in the file, and the regions that callbacks opened, innermost last."""

    def __init__(self):
        self.writer = b"%d.%d" % (os.getpid(), threading.get_native_id())
        self.regions = []


_local = _Thread()
if hasattr(os, "register_at_fork"):  # A forked worker writes under its own numbers; the descriptor stays good.
    os.register_at_fork(after_in_child=_local.__init__)


def _open():
    """Opens the marks file, or leaves it closed for good.

    A program that becomes a daemon closes descriptors, and their numbers come back as files of its own, the lowest
    first: the marks file has one of the highest. To look at each mark whose it is would cost a tenth of it.
    """
    global _file
    path = os.environ.get("WATTBOOK_MARKS")
    if not path or not fcntl:
        return
    try:
        # Not made anew: one that is gone was read already, and one of another machine never will be.
        _file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return
    for least in (960, 660, 360, 60):  # As high as the limit of open files lets it.
        try:
            low, _file = _file, fcntl.fcntl(_file, fcntl.F_DUPFD_CLOEXEC, least)
        except (OSError, ValueError):
            continue
        os.close(low)
        return


_open()


def _write(text):
    """Appends one line with one write."""
    try:
        os.write(_file, b"%d %s %s\n" % (time.monotonic_ns(), _local.writer, text))
    except (OSError, ValueError):  # A full disk or a closed file must not end a training.
        pass


def _word(name):
    """A name as the marks file takes it: no spaces, slashes, quotes, equals signs or control characters."""
    try:
        word = _words.get(name)
        if word is None:
            text = "".join("_" if c in ' /="\\' or not c.isprintable() else c for c in str(name)[:200])
            word = (text or "_").encode()
            if len(_words) < 10_000:
                _words[name] = word
        return word
    except Exception:  # A value may raise anything, and no mark passes it on.
        return b"_"


def _value(value):
    """A value as the marks file takes it: quoted where it holds anything but plain characters."""
    text = str(value)
    if text and text.isprintable() and not any(c in ' "\\=' for c in text):
        return text.encode()
    # Half a surrogate pair, as in the name of a file that is no UTF-8, is no text.
    return json.dumps(text.encode("utf-8", "replace").decode()).encode()


def _whole(value):
    number = int(value)
    if not -(1 << 63) <= number < 1 << 63:
        raise ValueError(number)
    return b"%d" % number


def _finite(value):
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(number)
    return b"%r" % number


def _pairs(text, values, convert):
    """Adds to a text those of the values that can be converted, as many as fit."""
    for name, value in values.items():
        try:
            pair = b" %s=%s" % (_words.get(name) or _word(name), convert(value))
        except Exception:  # A value may raise anything, and no mark passes it on.
            continue
        if len(text) + len(pair) <= _LONGEST_TEXT:
            text += pair
    return text


def _is_traced():
    """Whether torch.compile reads the call instead of making it: in a graph there is no time, and nothing is written."""
    torch = sys.modules.get("torch")
    try:
        return torch is not None and torch.compiler.is_compiling()
    except AttributeError:  # Half imported, or from before it could be asked.
        return False


def _wait_for_device():
    """Waits for CUDA work where PyTorch has started any; never imports it, never starts a device."""
    torch = sys.modules.get("torch")
    if torch is None or not synchronizes:
        return
    try:
        if torch.cuda.is_initialized() and not torch.cuda.is_current_stream_capturing():
            torch.cuda.synchronize()
    except (AttributeError, RuntimeError):  # Half imported, or a device that has failed.
        pass


class region:
    """A region of the program, as a ``with`` block or a decorator; it ends however it is left.

    The name holds no spaces and no slashes (others become ``_``); keyword arguments are kept with the mark.

    A decorated ``async def`` or generator is open from its first step to its last, and so over what runs while it
    waits. Regions nest by thread: tasks that take turns on one are taken for nested, and get one another's joules.
    """

    __slots__ = ("_name", "_attributes")

    def __init__(self, name=None, /, **attributes):
        self._name = attributes.pop("name", None) if name is None else name
        self._attributes = attributes

    def begin(self):
        """Opens the region; for loops that no ``with`` block fits."""
        if _file >= 0 and not _is_traced():
            _wait_for_device()
            text = b"begin " + _word(self._name)
            _write(_pairs(text, self._attributes, _value) if self._attributes else text)
        return self

    def end(self):
        """Closes the region."""
        if _file >= 0 and not _is_traced():
            try:
                _wait_for_device()
            finally:
                _write(b"end " + _word(self._name))

    def __enter__(self):
        return self.begin()

    def __exit__(self, *_):
        self.end()

    def __call__(self, function):
        import inspect

        if inspect.iscoroutinefunction(function):

            async def marked(*arguments, **keywords):
                with self:
                    return await function(*arguments, **keywords)

        elif inspect.isasyncgenfunction(function):

            async def marked(*arguments, **keywords):
                with self:
                    inner = function(*arguments, **keywords)
                    step = inner.__anext__()
                    while True:
                        try:
                            value = await step
                        except StopAsyncIteration:
                            return
                        try:
                            step = inner.asend((yield value))
                        except GeneratorExit:
                            await inner.aclose()
                            raise
                        except BaseException as error:
                            step = inner.athrow(error)

        elif inspect.isgeneratorfunction(function):

            def marked(*arguments, **keywords):
                with self:
                    return (yield from function(*arguments, **keywords))

        else:

            # Not `with self`, which torch.compile takes for a context that it does not know.
            def marked(*arguments, **keywords):
                self.begin()
                try:
                    return function(*arguments, **keywords)
                finally:
                    self.end()

        return functools.wraps(function)(marked)


def _say(verb, values, convert):
    if _file >= 0 and not _is_traced():
        text = _pairs(verb, values, convert)
        if text is not verb:
            _write(text)


def count(**counts):
    """Adds whole numbers to counts of the run and of the open regions: ``count(images=32)``."""
    _say(b"count", counts, _whole)


def metric(**metrics):
    """Sets metrics of the run, the last value of each stands: ``metric(iou=0.79)``. What is not finite is left out."""
    _say(b"metric", metrics, _finite)


def info(**facts):
    """Says something about the program: ``info(framework="pytorch", precision="bf16")``."""
    _say(b"info", facts, _value)


def _begin(name, **attributes):
    """Opens a region of a callback."""
    _local.regions.append(region(name, **attributes).begin())


def _end():
    """Closes the innermost region that a callback opened on this thread."""
    if _local.regions:
        _local.regions.pop().end()


def _end_all():
    """Closes them all: the next training on a thread does it for one that raised, and also for one around it."""
    while _local.regions:
        _end()


def _keras_callback():
    import keras

    class KerasCallback(keras.callbacks.Callback):
        """Marks ``train`` with its epochs, and ``validate``; the logs of an epoch become metrics.

        What its model's optimiser did is counted as steps at the end of each epoch.
        """

        _seen = None

        def _steps(self):
            # Asked for once an epoch: with a hook for every batch Keras on PyTorch or JAX would wait for each of them.
            try:
                return int(self.model.optimizer.iterations)
            except Exception:  # A training without an optimiser of the model's own.
                return 0

        def on_train_begin(self, logs=None):
            _end_all()
            self._seen = self._steps()
            info(framework="keras", keras=keras.__version__, backend=keras.backend.backend())
            _begin("train")

        def on_train_end(self, logs=None):
            _end_all()

        def on_epoch_begin(self, epoch, logs=None):
            if self._seen is None:  # A loop of one's own that tells of no start.
                self._seen = self._steps()
            _begin("epoch", number=epoch)

        def on_epoch_end(self, epoch, logs=None):
            _say(b"metric", logs or {}, _finite)
            steps = self._steps()
            if self._seen is not None and steps > self._seen:
                count(steps=steps - self._seen)
            self._seen = steps
            _end()

        def on_test_begin(self, logs=None):
            _begin("validate")

        def on_test_end(self, logs=None):
            _end()

    return KerasCallback


def _lightning_callback():
    try:
        from lightning.pytorch import Callback, __version__
    except ImportError:
        from pytorch_lightning import Callback, __version__

    class LightningCallback(Callback):
        """Marks ``train`` with its epochs, and ``validate``; logged numbers become metrics."""

        def on_train_start(self, trainer, pl_module):
            info(framework="pytorch-lightning", lightning=__version__)
            _begin("train")

        def on_train_end(self, trainer, pl_module):
            _end_all()

        def on_exception(self, trainer, pl_module, exception):
            _end_all()

        def on_train_epoch_start(self, trainer, pl_module):
            _begin("epoch", number=trainer.current_epoch)

        def on_train_epoch_end(self, trainer, pl_module):
            _say(b"metric", trainer.callback_metrics, _finite)
            _end()

        def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
            count(steps=1)

        def on_validation_start(self, trainer, pl_module):
            _begin("validate")

        def on_validation_end(self, trainer, pl_module):
            _end()

    return LightningCallback


def _trainer_callback():
    import transformers

    class TrainerCallback(transformers.TrainerCallback):
        """Marks ``train`` with its epochs, and counts steps; logged numbers become metrics."""

        def on_train_begin(self, args, state, control, **kwargs):
            _end_all()
            info(framework="transformers", transformers=transformers.__version__)
            _begin("train")

        def on_train_end(self, args, state, control, **kwargs):
            _end_all()

        def on_epoch_begin(self, args, state, control, **kwargs):
            _begin("epoch", number=int(state.epoch or 0))

        def on_epoch_end(self, args, state, control, **kwargs):
            _end()

        def on_step_end(self, args, state, control, **kwargs):
            count(steps=1)

        def on_log(self, args, state, control, logs=None, **kwargs):
            _say(b"metric", logs or {}, _finite)

    return TrainerCallback


_CALLBACKS = {
    "KerasCallback": _keras_callback,
    "LightningCallback": _lightning_callback,
    "TrainerCallback": _trainer_callback,
}


def __getattr__(name):
    make = _CALLBACKS.get(name)
    if make is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = make()
    # Found under its name, so that it can be pickled: frameworks send callbacks to the processes that they start.
    made.__module__, made.__qualname__ = __name__, name
    globals()[name] = made
    return made
