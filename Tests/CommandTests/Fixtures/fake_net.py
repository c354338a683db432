"""Trains or infers with a net that computes nothing, and prints, as JSON, what it was asked for: folder of the programs,
rank, processes, whether batches need one size, options..."""

import json
import sys

sys.path.insert(0, sys.argv[1])

import numpy as np
import unet_command
import unet_session
from unet_dataset import Dataset
from unet_net import layout, parameter_count

calls, decoded = [], []


class Net:
    facts = {"framework": "none", "versions": {}, "allow_tf32": False, "channels_last": False}

    def __init__(self, options):
        self.options, self.one_size = options, sys.argv[4] == "yes"
        self.rank, self.processes = int(sys.argv[2]), int(sys.argv[3])

    def load(self, state):
        self.state = lambda: state

    def prepare_training(self):
        pass

    def prepare_inference(self, dataset):
        pass

    def parameter_count(self):
        return parameter_count(self.options.net)

    def moments(self):
        return {f"{moment}.{tensor.name}": np.zeros(tensor.shape)
                for tensor in layout(self.options.net) for moment in ("first_moment", "second_moment")}

    def loss_scale(self):
        return None

    def share(self, batch):
        size = batch // self.processes
        return slice(self.rank * size, (self.rank + 1) * size)

    def share_statistics(self):
        pass

    def total(self, sums):
        return sums

    def placed(self, values, scale=1, offset=0):
        return values

    def warm_up(self, images, masks):
        calls.append(["warm_up", len(images)])

    def step(self, images, masks, rate):
        calls.append(["step", *images.sum((1, 2)).tolist(), *masks.sum((1, 2)).tolist()])
        return 1.0

    def predict(self, images):
        calls.append(["predict", len(images)])
        return np.zeros(images.shape, np.float32)

    def wait(self):
        calls.append(["wait"])

    def forget_peak(self):
        calls.append(["forget_peak"])

    def peak_gpu_memory(self):
        return 0

    def close(self):
        calls.append(["close"])


sample = Dataset.sample


def noted(dataset, index, size):
    decoded.append(index)
    return sample(dataset, index, size)


Dataset.sample = noted
options = unet_command.parse("none", "PyTorch", sys.argv[5:])
getattr(unet_session, options.command)(options, Net)
print(json.dumps({"calls": calls, "decoded": len(decoded)}))
