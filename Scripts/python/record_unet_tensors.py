"""Records what PyTorch computes for a step of small nets: the fixtures of the tests that compare with it.

    python3 Scripts/python/record_unet_tensors.py Tests/UNetTests/Fixtures/PyTorch

One file for each architecture, as a checkpoint that holds no net of its own: images, masks, the first weights
(weight.NAME), and for fp32 and bf16 (by autocast) the loss, the gradients (fp32.gradient.NAME) and the weights after one
step of Adam (fp32.next.NAME), with the running statistics among them. The same PyTorch gives the same files.
"""

import copy
import sys
from types import SimpleNamespace

import torch
from unet_checkpoint import write_checkpoint
from unet_net import NetConfiguration
from unet_pytorch_model import UNet, loss_of
from unet_size import ImageSize
from unet_weights import initial_state

BATCH, RATE, SEED = 4, 1e-3, 4
#: Net, images, black to white, and loss: those of the plain net and those published with BAGLS.
RECORDS = {
    "unet": SimpleNamespace(
        net=NetConfiguration(4, 2, "unet"), size=ImageSize(32, 32), input_range="unit", loss="dice-bce"),
    "bagls": SimpleNamespace(
        net=NetConfiguration(4, 2, "bagls"), size=ImageSize(32, 16), input_range="symmetric", loss="dice"),
}


def batch_of_blobs(size, input_range):
    """Smooth shading with a dark ellipse an image, whose place and size differ."""
    y, x = torch.meshgrid(*(torch.arange(side) / side for side in size), indexing="ij")
    images, masks = [], []
    for n in range(BATCH):
        centre = (0.3 + 0.1 * n, 0.7 - 0.12 * n)
        inside = ((y - centre[0]) / 0.2) ** 2 + ((x - centre[1]) / (0.1 + 0.03 * n)) ** 2 < 1
        shade = 0.5 + 0.25 * torch.sin(6 * x + n) + 0.2 * torch.cos(9 * y * (1 + 0.1 * n))
        noise = 0.15 * torch.randn(*size)
        images.append((shade + noise - 0.4 * inside).clamp(0, 1))
        masks.append(inside.float())
    images, masks = torch.stack(images)[:, None], torch.stack(masks)[:, None]
    return images * 2 - 1 if input_range == "symmetric" else images, masks


def step(model, images, masks, kind, precision):
    """Loss, gradients and state after one step of Adam from the model's weights."""
    model = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        logits = model(images)
    loss = loss_of(logits.float(), masks, kind)
    loss.backward()
    gradients = {name: value.grad.clone() for name, value in model.named_parameters()}
    optimizer.step()
    return loss.detach().reshape(1), gradients, state_of(model)


def state_of(model):
    return {name: value for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}


def recorded(record):
    torch.manual_seed(SEED)
    images, masks = batch_of_blobs(record.size, record.input_range)
    model = UNet(record.net)
    first = {name: torch.tensor(values) for name, values in initial_state(record.net, SEED).items()}
    model.load_state_dict(model.state_dict() | first)
    # Scales and shifts other than one and zero, so that each of them shows; and most values above the kink of their ReLU,
    # which rounding to bf16 would else take so many across that nothing could be compared.
    for name, value in model.named_parameters():
        if ".norm" in name:
            torch.nn.init.normal_(value, *((1.0, 0.1) if name.endswith("weight") else (1.5, 0.3)))
    tensors = {"images": images, "masks": masks}
    tensors |= {f"weight.{name}": value.clone() for name, value in state_of(model).items()}
    for precision in ["fp32", "bf16"]:
        loss, gradients, state = step(model, images, masks, record.loss, precision)
        tensors[f"{precision}.loss"] = loss
        tensors |= {f"{precision}.gradient.{name}": value for name, value in gradients.items()}
        tensors |= {f"{precision}.next.{name}": value for name, value in state.items()}
    return {name: tensor.detach().float().numpy() for name, tensor in tensors.items()}


if __name__ == "__main__":
    torch.set_num_threads(1)
    for architecture, record in RECORDS.items():
        write_checkpoint(f"{sys.argv[1]}/{architecture}.safetensors", recorded(record), record)
