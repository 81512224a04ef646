"""A trained model as a folder that rebuilds itself, laid out as a Hugging Face Hub model repository:

    model.safetensors   weights of generator, discriminator and the generator's running average
    config.json         format version, settings of the training, names of the classes, what is known of the run
    README.md           the model card
    samples.png         what it draws

A run that goes on keeps its optimizers and step count beside them in state.safetensors. Files with pickles in them are never opened.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import torch
from huggingface_hub import ModelCard, ModelCardData, PyTorchModelHubMixin, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, HTTPError
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ganapp import latents, pictures
from ganapp.config import TrainConfig
from ganapp.errors import BadInput
from ganapp.losses import LOSSES
from ganapp.models import MODELS, cyclegan

FORMAT_VERSION = 1
MOST_CLASSES = 1000
WEIGHTS, CONFIG, CARD, SAMPLES, STATE = "model.safetensors", "config.json", "README.md", "samples.png", "state.safetensors"
BUNDLED = Path(__file__).resolve().parent.parent / "checkpoints"


@dataclass(frozen=True)
class TrainingState:
    """All that a resume needs, as copies on the CPU: tensors by name ("generator/layers.0.weight") and plain facts."""

    config: TrainConfig
    step: int
    tensors: dict[str, Tensor]
    class_names: tuple[str, ...]
    channels: int


class TrainedModel(nn.Module, PyTorchModelHubMixin, library_name="ganapp", license="mit", tags=["gan", "image-generation"]):
    """Both players and the running average of the generator, with what is needed to build them again.

    `settings` are those of `TrainConfig`; `class_names` those of the data set, also where the model ignores them; `channels` 1 or 3;
    `facts` whatever is known of the training for the card (preset, command, data, step, epochs, seconds, figures).
    """

    def __init__(
        self,
        settings: dict[str, Any],
        class_names: list[str],
        channels: int,
        facts: dict[str, Any] | None = None,
        format_version: int = FORMAT_VERSION,
    ) -> None:
        super().__init__()
        if format_version != FORMAT_VERSION:
            raise BadInput(
                f"The checkpoint has format version {str(format_version)[:20]!r}, but this app reads version {FORMAT_VERSION}: "
                "use the app's release that made it."
            )
        if (
            channels not in (1, 3)
            or not isinstance(class_names, list | tuple)
            or len(class_names) > MOST_CLASSES
            or not all(isinstance(name, str) for name in class_names)
        ):
            raise BadInput(
                "The checkpoint needs 1 or 3 channels and the names of its classes, but says otherwise: was it made by another program?"
            )
        self.config = TrainConfig.from_dict(settings)
        self.class_names, self.channels, self.facts = tuple(class_names), channels, dict(facts or {})
        if self.translates and len(class_names) != 2:
            raise BadInput(f"A model that translates needs the names of two domains, but this one has {len(class_names)}.")
        players = MODELS[self.config.model](self.config, channels, self.classes, torch.Generator())
        self.generator, self.discriminator = players
        self.ema = copy.deepcopy(players.generator) if self.config.ema_half_life else None
        self.eval().requires_grad_(False)

    @classmethod
    def from_state(cls, state: TrainingState, facts: dict[str, Any] | None = None) -> TrainedModel:
        """The model of a training state."""
        model = cls(state.config.to_dict(), list(state.class_names), state.channels, {"step": state.step, **(facts or {})})
        for name, player in (("generator", model.generator), ("discriminator", model.discriminator), ("average", model.average)):
            own = {key.removeprefix(f"{name}/"): value for key, value in state.tensors.items() if key.startswith(f"{name}/")}
            player.load_state_dict(own)
        return model

    @property
    def average(self) -> nn.Module:
        """The network that pictures are drawn from: the generator's running average, or itself where none is kept."""
        return self.generator if self.ema is None else self.ema

    @property
    def translates(self) -> bool:
        """Whether it makes pictures from pictures instead of from noise."""
        return self.config.model == "cyclegan"

    @property
    def examples(self) -> np.ndarray:
        """A few of the real pictures of each domain that a translating model learned from: uint8 (2, N, H, W, C)."""
        return cast(cyclegan.Generator, self.average).examples.unflatten(0, (2, -1)).cpu().numpy().transpose(0, 1, 3, 4, 2)

    @property
    def classes(self) -> int:
        """Number of classes one can ask for; 0 if the model is unconditional."""
        return len(self.class_names) if self.config.by_class else 0

    def class_number(self, wanted: str) -> int:
        """The number of a class, or of a domain where the model translates, that somebody names by its name or number."""
        if not (self.classes or self.translates):
            raise BadInput(
                "This model is unconditional, so it draws whatever class comes: leave the label out, or choose a conditional model."
            )
        name, names = wanted.strip(), list(self.class_names)
        if name in names:
            return names.index(name)
        folded = [known.casefold() for known in names]
        if name.casefold() in folded:
            return folded.index(name.casefold())
        if re.fullmatch(r"[0-9]{1,9}", wanted) and int(wanted) < len(names):
            return int(wanted)
        known = (name if name == str(number) else f"{number} ({name})" for number, name in enumerate(names))
        raise BadInput(f"There is no {'domain' if self.translates else 'class'} {wanted[:60]!r}; this model's are {', '.join(known)}.")

    @torch.inference_mode()
    def images(self, noise: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """Draws: noise (B, latent_size) and labels (B,) int or (B, classes) float mixtures -> float32 (B, C, H, W) in [-1, 1]."""
        if self.translates:
            raise BadInput("This model translates pictures and draws none from noise: use it on the Translate tab or with `translate`.")
        return self.average(self._tensor(noise), self._labels(len(noise), labels)).float().cpu().numpy()

    @torch.inference_mode()
    def translate(self, images: np.ndarray, to: int) -> np.ndarray:
        """Pictures (B, C, S, S) in [-1, 1] to domain `to`, 0 or 1 -> float32 of the same shape."""
        if not self.translates:
            raise BadInput("This model draws from noise and cannot translate pictures: choose one that the cyclegan model made.")
        labels = np.full(len(images), to, np.int64)
        return self.average(self._tensor(images), self._tensor(labels)).cpu().numpy()

    @torch.inference_mode()
    def scores(self, images: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """The discriminator's probability that each of the pictures (B, C, H, W) in [-1, 1] is real, or its score of it if the
        model's loss makes it a critic, (B,).

        Pictures of one call are judged together where the discriminator compares them within a batch.
        """
        logits = self.discriminator(self._tensor(images), self._labels(len(images), labels))
        return LOSSES[self.config.loss].verdict(logits).float().cpu().numpy()

    def draw(self, noise: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
        """Like `images`, but uint8 (B, H, W, C)."""
        return to_uint8(self.images(noise, labels))

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(next(self.parameters()).device)

    def _labels(self, count: int, labels: np.ndarray | None) -> Tensor:
        return self._tensor(np.zeros(count, np.int64) if labels is None else labels)

    def generate_model_card(self, *args: Any, **kwargs: Any) -> ModelCard:
        """The card that `publish` and `save` write."""
        return ModelCard(model_card(self))

    def _save_pretrained(self, save_directory: Path) -> None:
        super()._save_pretrained(save_directory)
        pictures.save(sample_sheet(self), save_directory / SAMPLES)

    @classmethod
    def _load_as_pickle(cls, *args: Any, **kwargs: Any) -> NoReturn:
        raise BadInput(f"This repository has no {WEIGHTS}, and files with pickles in them stay closed.")


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Pictures (B, C, H, W) in [-1, 1] as uint8 (B, H, W, C)."""
    return np.clip(np.rint((images + 1) * 127.5), 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def sample_sheet(model: TrainedModel, rows: int = 6, columns: int = 10) -> Any:
    """Seed 0's pictures as one PIL image: a class a column and one z a row where the model is conditional; of a translating model
    its examples, translated and back."""
    size = model.config.latent_size
    if model.translates:
        with torch.inference_mode():
            trips = torch.stack(cyclegan.round_trips(cast(cyclegan.Generator, model.average))).cpu().numpy()
        table = to_uint8(trips.reshape(-1, *trips.shape[2:]))
        return pictures.enlarged(pictures.grid(pictures.table(table, trips.shape[1]), gap=1), 2)
    if model.classes:
        columns = min(model.classes, 12)
        noise = np.repeat(latents.noise(0, size, rows), columns, 0)
    else:
        noise = latents.noise(0, size, rows * columns)
    drawn = model.draw(noise, np.arange(rows * columns) % max(1, min(columns, model.classes)))
    return pictures.enlarged(pictures.grid(pictures.table(drawn, columns), gap=1), 2)


def model_card(model: TrainedModel) -> str:
    """The card: Hub metadata, what the model is, the command that makes it, the figures that are known of it."""
    facts = {"preset": "", "command": "", "data": model.config.dataset, "figures": {}, **model.facts}
    meta = ModelCardData(
        library_name="ganapp",
        license=None if model.config.dataset == "own" else "mit",
        pipeline_tag="image-to-image" if model.translates else "unconditional-image-generation",
        tags=["gan", model.config.model, "pytorch_model_hub_mixin", "model_hub_mixin"],
        datasets=[model.config.dataset],
    )
    kind = model.config.model.upper()
    lines = [
        "---",
        meta.to_yaml(),
        "---",
        "",
        f"# {kind} on {model.config.dataset}{', conditional on the class' if model.config.conditional else ''}",
        "",
        f"![Pictures that this model drew]({SAMPLES})",
        "",
        "A generative adversarial network trained with ganapp: both players and the running average of the generator, "
        "from which samples are drawn.",
        "",
        "| | |",
        "|---|---|",
        f"| Preset | {facts['preset'] or 'own settings'} |",
        f"| Data | {facts['data']}, {model.config.image_size} x {model.config.image_size} pixels, {len(model.class_names)} classes |",
        f"| Loss | {model.config.loss} |",
        f"| Steps | {facts.get('step', 0)} |",
    ]
    if "epochs" in facts:
        lines.append(f"| Epochs | {facts['epochs']:.1f} |")
    if "seconds" in facts:
        lines.append(f"| Training time | {facts['seconds']:.0f} s on {facts.get('machine', 'one machine')} |")
    lines += [f"| {name} | {figure} |" for name, figure in facts["figures"].items()]
    if facts["command"]:
        lines += ["", "Made by", "", "```", str(facts["command"]), "```"]
    lines += [
        "",
        "## Use",
        "",
        "```python",
        *_use(model, facts.get("name") or "FOLDER_OR_REPO"),
        "```",
        "",
        "## Settings",
        "",
        "```json",
        json.dumps(model.config.to_dict(), indent=1),
        "```",
        "",
    ]
    return "\n".join(lines)


def _use(model: TrainedModel, name: str) -> list[str]:
    """Lines of Python that open the model and make pictures with it."""
    opened = f'model = checkpoints.open_model("{name}")'
    if model.translates:
        return [
            "from ganapp import checkpoints",
            "",
            opened,
            f"a = model.examples[0].transpose(0, 3, 1, 2) / 127.5 - 1  # pictures of {model.class_names[0]}, in [-1, 1]",
            f'b = model.translate(a.astype("float32"), to=1)  # as {model.class_names[1]}',
        ]
    size, labels = model.config.latent_size, ", labels=np.arange(8)" if model.classes else ""
    return [
        *(["import numpy as np", ""] if model.classes else []),
        "from ganapp import checkpoints, latents",
        "",
        opened,
        f"images = model.draw(latents.noise(seed=0, size={size}, count=8){labels})  # uint8 (8, H, W, C)",
    ]


def save(model: TrainedModel, folder: Path) -> None:
    """Writes the model into `folder` (made if need be). Each file is replaced whole, so a reader never meets half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    save_atomically(folder / WEIGHTS, lambda path: save_file({key: value.contiguous() for key, value in model.state_dict().items()}, path))
    described = {
        "format_version": FORMAT_VERSION,
        "settings": model.config.to_dict(),
        "class_names": list(model.class_names),
        "channels": model.channels,
        "facts": model.facts,
    }
    save_atomically(folder / CONFIG, lambda path: path.write_text(json.dumps(described, indent=1), encoding="utf-8"))
    save_atomically(folder / CARD, lambda path: path.write_text(model_card(model), encoding="utf-8"))
    save_atomically(folder / SAMPLES, lambda path: sample_sheet(model).save(path, "PNG"))


def save_atomically(target: Path, write: Callable[[Path], object]) -> None:
    """Calls `write` with a path beside `target` and then puts that file in its place."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        write(draft)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def load(folder: Path, device: torch.device | str = "cpu") -> TrainedModel:
    """The model in `folder`, on `device`. Raises `BadInput` saying what is wrong with a folder that is not such a model."""
    if not folder.is_dir():
        raise BadInput(f"There is no checkpoint folder {folder.name!r}; the bundled ones are {', '.join(bundled()) or 'missing too'}.")
    if not (folder / WEIGHTS).is_file() or not (folder / CONFIG).is_file():
        pickles = [path.name for path in folder.iterdir() if path.suffix in {".pt", ".pth", ".bin", ".pkl", ".ckpt"}]
        if pickles:
            raise BadInput(
                f"{pickles[0]} may hold a pickle, which can run any program when opened, so it stays closed: "
                f"a checkpoint needs {WEIGHTS} and {CONFIG}."
            )
        raise BadInput(f"The folder {folder.name!r} is no checkpoint: it needs {WEIGHTS} and {CONFIG}.")
    try:
        described = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        model = TrainedModel(**{key: described[key] for key in ("settings", "class_names", "channels", "facts", "format_version")})
    except BadInput as error:
        raise BadInput(f"The checkpoint {folder.name!r} cannot be used: {error}") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInput(
            f"{CONFIG} of {folder.name!r} does not describe a ganapp model ({type(error).__name__}): was it made by another program?"
        ) from error
    try:
        model.load_state_dict(load_file(folder / WEIGHTS))
    except (SafetensorError, RuntimeError, OSError) as error:
        raise BadInput(
            f"{WEIGHTS} of {folder.name!r} is damaged or of another model than {CONFIG} describes: fetch or train it again."
        ) from error
    return model.to(device)


def bundled() -> dict[str, Path]:
    """The checkpoints that ship with the app, by name."""
    if not BUNDLED.is_dir():
        return {}
    return {path.name: path for path in sorted(BUNDLED.iterdir()) if (path / WEIGHTS).is_file()}


def find(name: str) -> Path:
    """The folder of a checkpoint given by the name of a bundled one or by its path."""
    try:
        return bundled().get(name) or Path(name).expanduser()
    except RuntimeError:
        raise BadInput(f"{name[:80]!r} starts with the name of a user that this machine does not have: write the folder out.") from None


def open_model(name: str, device: torch.device | str = "cpu") -> TrainedModel:
    """A model by its bundled name, folder, or Hub repository ("owner/name", fetched if no such folder exists)."""
    folder = find(name)
    if not folder.exists() and name.count("/") == 1 and not name.startswith((".", "/", "~")):
        folder = fetch(name)
    return load(folder, device)


def fetch(repo: str, token: str | None = None) -> Path:
    """Downloads the model repository `repo` from the Hugging Face Hub into its cache; the folder that holds it."""
    name = CONFIG
    try:
        reachable = _hub_answers(repo, token)
        for name in (CONFIG, WEIGHTS):
            file = Path(hf_hub_download(repo, name, token=token or False, etag_timeout=15, local_files_only=not reachable))
    except HFValidationError as error:
        raise BadInput(f"{repo[:80]!r} is not a repository name of the Hugging Face Hub; those look like owner/name.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        reason = "it does not exist or is private" if status in (401, 403, 404) else f"the Hub answered {status}"
        raise BadInput(f"The model {repo!r} could not be had from the Hugging Face Hub: {reason}, or it has no {name}.") from error
    except (OSError, HTTPError) as error:
        raise BadInput(
            f"The Hugging Face Hub could not be reached for {repo!r}: check the connection; the bundled models need no network."
        ) from error
    return file.parent


def _hub_answers(repo: str, token: str | None) -> bool:
    """Whether the Hub can be reached, asked once: a download would go on asking for half a minute. Its errors are raised."""
    try:
        get_hf_file_metadata(hf_hub_url(repo, CONFIG), token=token or False, timeout=15)
    except HfHubHTTPError:
        raise
    except (OSError, HTTPError):
        return False
    return True


def publish(model: TrainedModel, repo: str, token: str) -> str:
    """Uploads the model as the Hub repository `repo`; the commit's address. The visitor's own token is used for this call alone."""
    if not token.strip():
        raise BadInput("Publishing needs your own Hugging Face token with write access; it is used once and kept nowhere.")
    if not re.fullmatch(r"[!-~]+", token.strip()):
        raise BadInput(
            "What was given as the token holds spaces or letters that no token has: copy it again from your Hugging Face settings."
        )
    try:
        return model.push_to_hub(repo, token=token.strip(), commit_message="Add a model trained with ganapp")
    except HFValidationError as error:
        raise BadInput(f"{repo[:80]!r} is not a repository name of the Hugging Face Hub; those look like owner/name.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        reason = "the token does not allow it" if status in (401, 403) else f"the Hub answered {status}"
        # Without the cause: its text may hold the request's headers.
        raise BadInput(f"The model was not published as {repo!r}: {reason}.") from None
    except (OSError, HTTPError):
        raise BadInput(
            f"The Hugging Face Hub could not be reached, so {repo!r} was not published: check the connection and try again."
        ) from None


def save_state(state: TrainingState, folder: Path) -> None:
    """Writes the training state beside the model, replacing the last one whole."""
    facts = {
        "settings": json.dumps(state.config.to_dict()),
        "step": str(state.step),
        "class_names": json.dumps(state.class_names),
        "channels": str(state.channels),
        "format_version": str(FORMAT_VERSION),
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_atomically(folder / STATE, lambda path: save_file(state.tensors, path, metadata=facts))


def load_state(folder: Path) -> TrainingState:
    """The training state in `folder`; `BadInput` if there is none or it cannot be read."""
    path = folder / STATE
    if not path.is_file():
        raise BadInput(f"There is nothing to resume in {folder.name!r}: it has no {STATE}.")
    try:
        with safe_open(path, framework="pt") as file:
            facts = file.metadata() or {}
            if facts["format_version"] != str(FORMAT_VERSION):
                raise BadInput(
                    f"its state has format version {facts['format_version'][:20]!r}, but this app reads version {FORMAT_VERSION}."
                )
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        return TrainingState(
            TrainConfig.from_dict(json.loads(facts["settings"])),
            int(facts["step"]),
            tensors,
            tuple(json.loads(facts["class_names"])),
            int(facts["channels"]),
        )
    except BadInput as error:
        raise BadInput(f"The run in {folder.name!r} cannot be resumed: {error}") from error
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise BadInput(f"{STATE} in {folder.name!r} cannot be read, so this run cannot be resumed: start a new one.") from error
