"""Prints, as JSON, what unet_common.py makes of a folder of frames and a list of pictures: folder, picture..."""

import json
import sys

import numpy as np
import unet_common as common
import unet_pictures

dataset = common.Dataset(sys.argv[1])
split = common.Split(dataset, 0.3, 7)
state = common.initial_state(4, 2, 9)
score = common.Score()
images, masks, _ = dataset.batch(list(range(4)), 6, 16)
score.add((images * 1.9) % 1, masks)
print(json.dumps({
    "names": dataset.names,
    "training": split.training,
    "validation": split.validation,
    "by": split.by,
    "orders": [split.order(epoch) for epoch in range(3)],
    "layout": [name for name, _, _ in common.layout(4, 2)],
    "parameters": common.parameter_count(16, 4),
    "weights": {name: values.ravel().tolist() for name, values in state.items()},
    "images": images.ravel().tolist(),
    "masks": masks.ravel().tolist(),
    "scores": [score.images, score.dice, score.iou, score.loss],
    "pictures": [unet_pictures.read_gray(path).ravel().tolist() for path in sys.argv[2:]],
    "draws": [common.Xoshiro256(3, 5).below(bound) for bound in (1, 7, (1 << 63) + 1)],
}))
