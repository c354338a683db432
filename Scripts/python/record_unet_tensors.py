"""Records what PyTorch computes for a small default U-Net: the fixture of the tests that compare with it.

    python3 Scripts/python/record_unet_tensors.py Tests/UNetTests/Fixtures/PyTorch/step.safetensors

One file in the safetensors format, written without its library: images, masks, the first weights (weight.NAME), and
for fp32 and bf16 (by autocast) the loss, the gradients (fp32.gradient.NAME) and the weights after one step of Adam
(fp32.next.NAME), with the running statistics among them. The same PyTorch gives the same file.
"""

import copy
import json
import struct
import sys

import torch

from reference_unet import UNet, loss_of

FILTERS, DEPTH, SIZE, BATCH, RATE = 4, 2, 32, 4, 1e-3


def batch_of_blobs():
    """Smooth shading with a dark ellipse an image, whose place and size differ."""
    y, x = torch.meshgrid(torch.arange(SIZE) / SIZE, torch.arange(SIZE) / SIZE, indexing="ij")
    images, masks = [], []
    for n in range(BATCH):
        centre = (0.3 + 0.1 * n, 0.7 - 0.12 * n)
        inside = ((y - centre[0]) / 0.2) ** 2 + ((x - centre[1]) / (0.1 + 0.03 * n)) ** 2 < 1
        shade = 0.5 + 0.25 * torch.sin(6 * x + n) + 0.2 * torch.cos(9 * y * (1 + 0.1 * n))
        noise = 0.15 * torch.randn(SIZE, SIZE)
        images.append((shade + noise - 0.4 * inside).clamp(0, 1))
        masks.append(inside.float())
    return torch.stack(images)[:, None], torch.stack(masks)[:, None]


def step(model, images, masks, precision):
    """Loss, gradients and state after one step of Adam from the model's weights."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        logits = model(images)
    loss = loss_of(logits.float(), masks)
    loss.backward()
    gradients = {name: value.grad.clone() for name, value in model.named_parameters()}
    optimizer.step()
    return loss.detach().reshape(1), gradients, state_of(model)


def state_of(model):
    return {name: value for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}


def write(path, tensors):
    header = {"__metadata__": {"filters": str(FILTERS), "depth": str(DEPTH), "size": str(SIZE)}}
    data = b""
    for name, tensor in tensors.items():
        values = tensor.detach().float().contiguous().flatten().tolist()
        start = len(data)
        data += struct.pack(f"<{len(values)}f", *values)
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    torch.manual_seed(int(sys.argv[2]) if len(sys.argv) > 2 else 3)
    torch.set_num_threads(1)
    images, masks = batch_of_blobs()
    model = UNet(FILTERS, DEPTH)
    # Scales and shifts other than one and zero, so that each of them shows.
    for name, value in model.named_parameters():
        if ".norm" in name:
            torch.nn.init.normal_(value, 1.0 if name.endswith("weight") else 0.0, 0.1)
    recorded = {"images": images, "masks": masks}
    recorded |= {f"weight.{name}": value.clone() for name, value in state_of(model).items()}
    for precision in ["fp32", "bf16"]:
        loss, gradients, state = step(model, images, masks, precision)
        recorded[f"{precision}.loss"] = loss
        recorded |= {f"{precision}.gradient.{name}": value for name, value in gradients.items()}
        recorded |= {f"{precision}.next.{name}": value for name, value in state.items()}
    write(sys.argv[1], recorded)
