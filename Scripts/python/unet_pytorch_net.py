"""The net of `unet_pytorch.py`: precision policy, one step, one prediction, and the processes of a node."""

import math
import os
import warnings

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks
from unet_command import UNSUPPORTED, UNetError
from unet_pytorch_model import UNet, loss_of

_HALF = {"fp16": torch.float16, "bf16": torch.bfloat16}
#: Compute capability from which a GPU has the arithmetic.
_CAPABILITY = {"fp32": (0, 0), "tf32": (8, 0), "fp16": (7, 0), "bf16": (8, 0)}


class _Sum(torch.autograd.Function):
    """The sum over all processes; its gradient is the sum of theirs."""

    @staticmethod
    def forward(_, values):
        total = values.clone()
        dist.all_reduce(total)
        return total

    backward = staticmethod(lambda _, gradients: _Sum.forward(None, gradients))


class SyncedNorm(nn.BatchNorm2d):
    """Batch normalisation over the batches of all processes on a CPU, where PyTorch's own has none."""

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        values, shape = x.float(), (1, -1, 1, 1)
        mean = _Sum.apply(values.mean((0, 2, 3))) / dist.get_world_size()
        centred = values - mean.view(shape)
        variance = _Sum.apply((centred * centred).mean((0, 2, 3))) / dist.get_world_size()
        with torch.no_grad():
            count = x.numel() / x.shape[1] * dist.get_world_size()
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * (count / max(count - 1, 1)), self.momentum)
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (centred * scale.view(shape) + self.bias.view(shape)).to(x.dtype)


class Net:
    """One process's share of a training or an inference."""

    def __init__(self, options):
        self.options = options
        self.rank, self.processes = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.device = self._device(int(os.environ.get("LOCAL_RANK", 0)))
        torch.set_num_threads(options.threads)
        _allow_tf32(options.precision == "tf32")
        if self.processes > 1:
            dist.init_process_group("nccl" if options.device == "cuda" else "gloo")
        self.layout = torch.channels_last if options.channels_last else torch.contiguous_format
        self.model = UNet(options.net).to(self.device, memory_format=self.layout)
        self.network = self.model
        #: Whether every batch needs one size: another is compiled anew.
        self.one_size = options.compile
        if options.device == "cuda":
            self.loading = torch.cuda.Stream(self.device)
        versions = {"torch": torch.__version__}
        if options.device == "cuda":
            versions |= {"cuda": torch.version.cuda, "gpu": torch.cuda.get_device_name(self.device)}
        self.facts = {"framework": "pytorch", "versions": versions, "allow_tf32": _tf32_in_force(options.device),
                      "channels_last": options.channels_last}

    def _device(self, index):
        options = self.options
        if options.device == "cpu":
            return torch.device("cpu")
        if not torch.cuda.is_available() or index >= torch.cuda.device_count():
            raise UNetError(
                UNSUPPORTED, f"--device cuda: PyTorch {torch.__version__} finds no CUDA device {index}.",
                "Use --device cpu, or install a CUDA build with Scripts/frameworks --cuda on a machine with a GPU.")
        device = torch.device("cuda", index)
        torch.cuda.set_device(device)
        if torch.cuda.get_device_capability(device) < _CAPABILITY[options.precision]:
            raise UNetError(UNSUPPORTED, f"{torch.cuda.get_device_name(device)} has no {options.precision} arithmetic.",
                            "Use --precision fp32.")
        return device

    def load(self, state):
        """Takes over tensors by their names."""
        own = self.model.state_dict()
        self.model.load_state_dict({
            name: torch.tensor(state[name]).reshape(value.shape) if name in state else value
            for name, value in own.items()})

    def state(self):
        """Every trained tensor and running statistic, by name."""
        return {name: value.float().contiguous().cpu().numpy() for name, value in self.model.state_dict().items()
                if not name.endswith("num_batches_tracked")}

    def parameter_count(self):
        return sum(parameter.numel() for parameter in self.model.parameters())

    def prepare_training(self):
        """Wraps the net for all processes, then compiles it, and makes the optimiser."""
        if self.processes > 1:
            if self.options.batch_norm == "synchronised":
                self._synchronise_norms()
            # Its successor would share the buffers once at the start.
            warnings.filterwarnings("ignore", ".*broadcast_buffers", FutureWarning)
            self.network = nn.parallel.DistributedDataParallel(
                self.model, device_ids=[self.device] if self.options.device == "cuda" else None,
                # Else rank 0's running statistics would take the place of all others: share_statistics takes the mean.
                broadcast_buffers=False)
            if self.options.allreduce == "bf16":
                self.network.register_comm_hook(None, default_hooks.bf16_compress_hook)
        if self.options.compile:
            self.network = torch.compile(self.network)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=self.options.learning_rate)
        self.scaler = torch.amp.GradScaler(self.options.device, enabled=self.options.precision == "fp16")

    def moments(self):
        """Adam's moments by name; zeros before the first step."""
        moments = {}
        for name, parameter in self.model.named_parameters():
            kept = self.optimizer.state.get(parameter, {})
            for moment, key in (("first_moment", "exp_avg"), ("second_moment", "exp_avg_sq")):
                values = kept.get(key, torch.zeros_like(parameter))
                moments[f"{moment}.{name}"] = values.detach().float().contiguous().cpu().numpy()
        return moments

    def resume(self, moments, updates, loss_scale):
        """Takes over Adam's moments after so many updates, and the factor of the loss with its good steps."""
        for name, parameter in self.model.named_parameters():
            first, second = (torch.empty_like(parameter).copy_(torch.tensor(moments[f"{moment}.{name}"]).reshape(
                parameter.shape)) for moment in ("first_moment", "second_moment"))
            self.optimizer.state[parameter] = {
                "step": torch.tensor(float(updates)), "exp_avg": first.detach(), "exp_avg_sq": second.detach()}
        if loss_scale:
            self.scaler.load_state_dict(self.scaler.state_dict() | dict(zip(("scale", "_growth_tracker"), loss_scale)))

    def updates(self):
        """Steps that Adam has made."""
        return max((int(kept["step"]) for kept in self.optimizer.state.values()), default=0)

    def loss_scale(self):
        """The factor of the loss in fp16, and good steps since it last changed; nothing in other precisions."""
        state = self.scaler.state_dict()
        return (state["scale"], state["_growth_tracker"]) if state else None

    def prepare_inference(self, _):
        self.model.eval()
        if self.options.compile:
            self.network = torch.compile(self.network)

    def _synchronise_norms(self):
        if self.options.device == "cuda":
            self.model = nn.SyncBatchNorm.convert_sync_batchnorm(self.model)
            return
        for module in self.model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.__class__ = SyncedNorm

    def share_statistics(self):
        """Makes the running statistics the mean of all processes', as the mean in every step would have made them."""
        for name, values in self.model.named_buffers():
            if not name.endswith("num_batches_tracked"):
                dist.all_reduce(values)
                values /= self.processes

    def share(self, batch):
        """The part of a batch that this process takes."""
        size = batch // self.processes
        return slice(self.rank * size, (self.rank + 1) * size)

    def total(self, sums):
        """The sum of an array over all processes."""
        if self.processes == 1:
            return sums
        tensor = torch.tensor(sums, device=self.device)
        dist.all_reduce(tensor)
        return tensor.cpu().numpy()

    def _autocast(self):
        half = _HALF.get(self.options.precision)
        return torch.autocast(self.options.device, half or torch.bfloat16, enabled=half is not None)

    def placed(self, values, scale=1, offset=0):
        """Bytes N x rows x columns as float32 where the net computes, times `scale` plus `offset`."""
        tensor = torch.from_numpy(values[:, None])
        if self.options.device == "cpu":
            return self._spread(tensor, scale, offset)
        # A GPU reads pinned memory at once, and takes a quarter of the time for bytes; behind a step it would wait.
        # A thread of its own would else begin on the first GPU of the node.
        with torch.cuda.device(self.device), torch.cuda.stream(self.loading):
            tensor = self._spread(tensor.pin_memory().to(self.device, non_blocking=True), scale, offset)
        self.loading.synchronize()
        # Its memory is free for the next one when the step is done with it.
        tensor.record_stream(torch.cuda.default_stream(self.device))
        return tensor

    def _spread(self, tensor, scale, offset):
        return (tensor.float() * scale + offset).contiguous(memory_format=self.layout)

    def wait(self):
        """Waits until what computes has nothing left to do."""
        if self.options.device == "cuda":
            torch.cuda.synchronize(self.device)

    def warm_up(self, images, masks):
        """Loads, chooses and compiles what runs forward and backward; the net learns nothing."""
        restore = self._statistics()
        self.scaler.scale(self._loss(images, masks)).backward()
        self.optimizer.zero_grad(set_to_none=True)
        restore()

    def peak_gpu_memory(self):
        """The most bytes that tensors have taken on the GPU at a time, since `forget_peak`."""
        return torch.cuda.max_memory_allocated(self.device)

    def forget_peak(self):
        torch.cuda.reset_peak_memory_stats(self.device)

    def _statistics(self):
        """Keeps the running statistics; what brings them back."""
        kept = [(values, values.clone()) for values in self.model.buffers()]

        def restore():
            for values, before in kept:
                values.copy_(before)

        return restore

    def _loss(self, images, masks):
        self.model.train()
        with self._autocast():
            logits = self.network(images)
        # The backward of a sum over processes adds up their gradients; DistributedDataParallel then takes the mean.
        over = {"summed": _Sum.apply} if self.processes > 1 else {}
        return loss_of(logits.float(), masks, self.options.loss, **over)

    def step(self, images, masks, rate):
        """One optimiser step; the loss of the whole batch before it. One that is no number leaves the net as it was."""
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        restore = self._statistics()
        loss = self._loss(images, masks)
        whole = loss.detach().clone()
        if self.processes > 1:
            dist.all_reduce(whole)
        told = whole.item() / self.processes
        if not math.isfinite(told):
            restore()
            return told
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.wait()
        return told

    def predict(self, images):
        """Probabilities of the foreground with the running statistics, N x rows x columns."""
        self.model.eval()
        network = self.model if self.processes > 1 else self.network
        with torch.inference_mode(), self._autocast():
            logits = network(images)
        return torch.sigmoid(logits.float())[:, 0].cpu().numpy()

    def close(self):
        if self.processes > 1:
            dist.destroy_process_group()


def _allow_tf32(allowed):
    """IEEE single precision unless TF32 is asked for: on recent GPUs PyTorch's convolutions default to TF32."""
    word = "tf32" if allowed else "ieee"
    # The compiler's advice to allow it.
    warnings.filterwarnings("ignore", "TensorFloat32 tensor cores")
    torch.backends.cuda.matmul.fp32_precision = word
    torch.backends.cudnn.conv.fp32_precision = word
    torch.backends.mkldnn.matmul.fp32_precision = "ieee"
    torch.backends.mkldnn.conv.fp32_precision = "ieee"


def _tf32_in_force(device):
    """What the settings say, read back."""
    return device == "cuda" and torch.backends.cudnn.conv.fp32_precision == "tf32"
