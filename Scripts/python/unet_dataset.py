"""The frames that a net learns from, which of them are held back, and the order in which the others are shown.

Each function gives what its namesake in Sources/UNet gives, bit for bit where that is whole numbers, so that the three
programs train on the same images in the same order. Needs numpy.
"""

import contextlib
import math
import multiprocessing
import os
import re
import signal

import numpy as np
from unet_command import BAD_DATA, INTERNAL, MISSING_INPUT, NO_PERMISSION, UNetError
from unet_pictures import read_gray, resized_bilinear, resized_nearest
from unet_random import Xoshiro256

#: Bytes that decoded frames may take.
KEPT = 512 << 20
#: Processes that decode, each with three descriptors of its parent.
MOST_PROCESSES = 64


class Dataset:
    """A folder of images with masks in the layout of BAGLS: `N.png`, `N_seg.png` and, where known, `N.meta`."""

    def __init__(self, path, part="training", needs_masks=True, input_range="unit"):
        #: A byte times `scale` plus `black` is what the net sees.
        self.black = -1.0 if input_range == "symmetric" else 0.0
        self.scale = float(np.float32((1 - self.black) / 255))
        choices = [f"{path}/test", f"{path}/training"] if part == "test" else [f"{path}/training"]
        self.folder = folder = next((choice for choice in choices if os.path.isdir(choice)), path)
        if os.path.isdir(folder) and not os.access(folder, os.R_OK | os.X_OK):
            raise UNetError(NO_PERMISSION, f"The folder {folder} cannot be listed: permission denied.",
                            "Ask its owner for the right to read and enter it, or name a copy that is yours.")
        if not os.path.isdir(folder):
            raise UNetError(MISSING_INPUT, f"There is no folder {path} that can be listed.",
                            "Check --data, or make a set with: wattbook-unet synthesize --out DIR --count 200 --size 128.")
        stems = [name[:-4] for name in os.listdir(folder) if name.endswith(".png")]
        masks = {stem[:-4] for stem in stems if stem.endswith("_seg")}
        images = [stem for stem in stems if not stem.endswith("_seg")]
        self.has_masks = needs_masks or bool(masks)
        for name in sorted(set(images) - masks)[:1] if self.has_masks else []:
            raise UNetError(BAD_DATA, f"The image {folder}/{name}.png has no mask {name}_seg.png.",
                            "Add the mask (all black if there is no glottis) or remove the image.")
        for name in sorted(masks - set(images))[:1]:
            raise UNetError(BAD_DATA, f"The mask {folder}/{name}_seg.png has no image {name}.png.",
                            "Add the image or remove the mask.")
        if not images:
            raise UNetError(MISSING_INPUT, f"The folder {folder} holds no image N.png.",
                            "Name the folder that holds N.png and N_seg.png, or the one above its training/.")
        numbers = {name: int(name) if re.fullmatch("[+-]?[0-9]{1,18}", name) else 1 << 63 for name in images}
        self.names = sorted(images, key=lambda name: (numbers[name], name))
        self._kept = {}

    def __len__(self):
        return len(self.names)

    def video(self, index):
        """The video that a frame is from, or None."""
        try:
            with open(f"{self.folder}/{self.names[index]}.meta", "rb") as file:
                # BAGLS' descriptions have some 150 bytes; what lies farther on is not looked at.
                text = file.read(4096).decode(errors="replace")
        except OSError:
            return None
        found = re.search(r'"Video Id"[ \t\n\r]*:[ \t\n\r]*(?:"([^"]+)"|([^",} \t\n\r]+))', text)
        return found and (found[1] or found[2])

    def sample(self, index, size):
        """(image 0 to 255, mask 0 or 1, (columns, rows) on disk); the image bilinear, the mask nearest."""
        key = (index, size)
        if key not in self._kept:
            path = f"{self.folder}/{self.names[index]}"
            image = read_gray(f"{path}.png")
            mask = read_gray(f"{path}_seg.png") if self.has_masks else np.zeros_like(image)
            if image.shape != mask.shape:
                raise UNetError(
                    BAD_DATA, f"{path}_seg.png is {mask.shape[1]} x {mask.shape[0]} pixels, "
                    f"but its image is {image.shape[1]} x {image.shape[0]}.",
                    "Copy both files again from their source, or remove the frame from the folder.")
            small = (resized_nearest(mask, size.width, size.height) >= 128).astype(np.uint8)
            sample = resized_bilinear(image, size.width, size.height), small, image.shape[::-1]
            if frame_bytes(len(self), size) > KEPT:
                return sample
            self._kept[key] = sample
        return self._kept[key]

    def decoding(self, size, processes):
        """Processes that decode every frame from now on, where all may be kept, while this one loads its framework:
        threads would wait for Python's lock."""
        shares, context = [], multiprocessing.get_context("fork")
        processes = min(processes, MOST_PROCESSES, len(self)) if frame_bytes(len(self), size) <= KEPT else 0
        for first in range(processes):
            reader, writer = context.Pipe(duplex=False)
            words = (range(first, len(self), processes), size, os.getpid(), reader, writer)
            context.Process(target=self._decode, args=words, daemon=True).start()
            writer.close()
            shares.append(reader)
        return shares

    def _decode(self, indices, size, parent, reader, writer):
        """Decodes a share, then sends it frame by frame; ends where its parent has."""
        # The parent alone says that it was interrupted.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        reader.close()
        frames = []
        with contextlib.suppress(BrokenPipeError):
            try:
                for index in indices:
                    if os.getppid() != parent:
                        return
                    frames.append(((index, size), self.sample(index, size)))
            except UNetError as error:
                return writer.send(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it.
                return writer.send(UNetError(INTERNAL, f"A frame was not decoded: {str(error) or type(error).__name__}.",
                                             "See whether memory ran short."))
            for frame in frames:
                writer.send(frame)
            writer.send(None)

    def keep(self, shares):
        """Waits for what `decoding` started, and keeps it."""
        for reader in shares:
            try:
                while found := reader.recv():
                    if isinstance(found, UNetError):
                        raise found
                    self._kept.update([found])
            except (EOFError, OSError):
                raise UNetError(INTERNAL, "A process that decoded frames was ended.", "See whether memory ran short.")

    def batch(self, indices, count, size, change=None):
        """Images 0 to 255 and masks 0 or 1 as bytes, N x rows x columns, filled up to `count` with repeats; and the extents
        on disk."""
        images, masks, extents = [], [], []
        for index in (indices[position % len(indices)] for position in range(count)):
            image, mask, extent = self.sample(index, size)
            image, mask = change(image, mask, index) if change else (image, mask)
            images.append(image)
            masks.append(mask)
            extents.append(extent)
        return np.stack(images), np.stack(masks), extents[:len(indices)]


def frame_bytes(count, size):
    """Bytes of so many decoded frames: image and mask, a byte a pixel."""
    return count * size.pixels * 2


def groups(order, batch, drops_last):
    """`order` cut into batches; a short last one is dropped where asked for and it is not the only one."""
    cut = [order[start:start + batch] for start in range(0, len(order), batch)]
    return cut[:-1] if drops_last and len(cut) > 1 and len(cut[-1]) < batch else cut


class Split:
    """Frames to train on and frames held back: whole videos where N.meta files name two or more."""

    def __init__(self, dataset, fraction, seed):
        count = len(dataset)
        self.training, self.validation, self.by, self._seed = list(range(count)), [], "frame", seed
        if fraction <= 0 or count < 2:
            return
        videos = {}
        for index in range(count):
            video = dataset.video(index)
            videos.setdefault(("frame", index) if video is None else ("video", video), []).append(index)
        if len(videos) < 2:
            videos = {index: [index] for index in range(count)}
        wanted = max(1, math.floor(count * fraction + 0.5))
        shuffled = Xoshiro256(seed, 0x5311).shuffled(sorted(videos.values()))
        held = []
        for group in shuffled[:-1]:
            if len(held) < wanted and (not held or len(held) + len(group) <= wanted + wanted // 2):
                held += group
        self.validation = sorted(held)
        self.training = sorted(set(self.training) - set(held))
        self.by = "video" if len(videos) < count else "frame"

    def order(self, epoch):
        """The training frames as epoch `epoch` (from 0) shows them."""
        return Xoshiro256(self._seed, 0x0E90_0000 + epoch).shuffled(self.training)
