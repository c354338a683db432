"""Prints, as JSON, what the Python workloads make of a folder of frames and a list of pictures: folder, picture..."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import unet_augmentation
import unet_pictures
from unet_dataset import Dataset, Split
from unet_net import NetConfiguration, layout, parameter_count
from unet_preset import CHANCES
from unet_random import Xoshiro256
from unet_score import Score
from unet_size import ImageSize
from unet_weights import initial_state


def net(architecture):
    small = NetConfiguration(4, 2, architecture)
    return {
        "layout": [tensor.name for tensor in layout(small)],
        "parameters": parameter_count(NetConfiguration(16, 4, architecture)),
        "weights": {name: values.ravel().tolist() for name, values in initial_state(small, 9).items()},
    }


def batch(images, masks):
    return {"images": np.asarray(images).ravel().tolist(), "masks": np.asarray(masks).ravel().tolist()}


dataset = Dataset(sys.argv[1])
split = Split(dataset, 0.3, 7)
score = Score()


def seen(dataset, *arguments):
    """A batch as the nets see it."""
    images, masks, _ = dataset.batch(*arguments)
    return images.astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.black), masks


images, masks = seen(dataset, list(range(4)), 6, ImageSize(16, 16))
score.add((images * 1.9) % 1, masks)
rectangles = Dataset(sys.argv[1], input_range="symmetric")
change = unet_augmentation.changes(
    SimpleNamespace(augment=list(CHANCES), seed=7, rotation=30.0, brightness=0.2, contrast=0.2, gamma=0.2, blur=3,
                    noise=0.03), 3)
random = Xoshiro256(3, 5)
print(json.dumps({
    "names": dataset.names,
    "training": split.training,
    "validation": split.validation,
    "by": split.by,
    "orders": [split.order(epoch) for epoch in range(3)],
    "nets": {architecture: net(architecture) for architecture in ("unet", "bagls")},
    "squares": batch(images, masks),
    "changed": batch(*seen(rectangles, list(range(len(dataset))), len(dataset), ImageSize(40, 24), change)),
    "scores": [score.images, score.dice, score.iou, score.loss],
    "pictures": [unet_pictures.read_gray(path).ravel().tolist() for path in sys.argv[2:]],
    "draws": [Xoshiro256(3, 5).below(bound) for bound in (1, 7, (1 << 63) + 1)],
    "many": [*random.many(700).tolist(), random.next()],
}))
