"""What a checkpoint says of itself: its model card and a sheet of its pictures."""

from __future__ import annotations

import json
from typing import Any, cast

import numpy as np
import torch
from huggingface_hub import ModelCardData

from ganapp import latents, pictures
from ganapp.checkpoints.layout import SAMPLES
from ganapp.checkpoints.model import TrainedModel
from ganapp.datasets.terms import TERMS
from ganapp.datasets.texts import EXAMPLES, tokens_of
from ganapp.models import cyclegan, pix2pix


def sample_sheet(model: TrainedModel, rows: int = 6, columns: int = 10) -> Any:
    """Seed 0's pictures as one PIL image: one z a row, and a class a column where the model is
    conditional, or an example of its texts; of a translating model its examples, translated and
    back, or damaged, repaired and whole.
    """
    size = model.config.latent_size
    if model.translates:
        with torch.inference_mode():
            rows_of = pix2pix.repairs if model.repairs else cyclegan.round_trips
            trips = torch.stack(rows_of(cast(Any, model.average))).cpu().numpy()
        table = pictures.to_uint8(trips.reshape(-1, *trips.shape[2:]))
        return pictures.enlarged(pictures.grid(pictures.table(table, trips.shape[1]), gap=1), 2)
    if model.reads_text:
        noise = np.repeat(latents.noise(0, size, rows), len(EXAMPLES), 0)
        drawn = model.draw(noise, np.tile(tokens_of(EXAMPLES), (rows, 1)))
        table = pictures.table(drawn, len(EXAMPLES))
        return pictures.enlarged(pictures.grid(table, gap=1), 2)
    if model.classes:
        columns = min(model.classes, 12)
        noise = np.repeat(latents.noise(0, size, rows), columns, 0)
    else:
        noise = latents.noise(0, size, rows * columns)
    drawn = model.draw(noise, np.arange(rows * columns) % max(1, min(columns, model.classes)))
    return pictures.enlarged(pictures.grid(pictures.table(drawn, columns), gap=1), 2)


def model_card(model: TrainedModel, figures: dict[str, str] | None = None) -> str:
    """The card: metadata for the Hub, what the model is, how to make it, and its measured figures,
    or `figures` instead.
    """
    config = model.config
    meta = ModelCardData(
        library_name="ganapp",
        **_licence(model),
        pipeline_tag=_task(model),
        tags=[
            *([] if model.encodes else ["gan"]),
            config.model,
            "pytorch_model_hub_mixin",
            "model_hub_mixin",
        ],
        datasets=[config.dataset],
    )
    condition = ", conditional on the class" if config.conditional else ""
    if model.reads_text:
        condition = ", from texts"
    lines = [
        "---",
        meta.to_yaml(),
        "---",
        "",
        f"# {config.model.upper()} on {config.dataset}{condition}",
        "",
        f"![Pictures that this model drew]({SAMPLES})",
        "",
        _kind(model),
        "",
        *_table(model, figures),
        *_command(model),
        "",
        "## Licence",
        "",
        _terms(model),
        "",
        "## Use",
        "",
        "```python",
        *_use(model, model.facts.get("name") or "FOLDER_OR_REPO"),
        "```",
        "",
        "## Settings",
        "",
        "```json",
        json.dumps(config.to_dict(), indent=1),
        "```",
        "",
    ]
    return "\n".join(lines)


def _task(model: TrainedModel) -> str:
    """What the Hub calls what the model does."""
    if model.translates:
        return "image-to-image"
    return "text-to-image" if model.reads_text else "unconditional-image-generation"


def _kind(model: TrainedModel) -> str:
    """What the file holds, in a sentence."""
    if model.encodes:
        return (
            "A variational autoencoder trained with ganapp: the decoder, from which samples are"
            " drawn, and the encoder, which says where in the latent space a picture lies."
        )
    return (
        "A generative adversarial network trained with ganapp: both networks and the running"
        " average of the generator, from which samples are drawn."
    )


def _table(model: TrainedModel, figures: dict[str, str] | None) -> list[str]:
    """What is known of the training, and the figures."""
    config, facts = model.config, model.facts
    size, classes = config.image_size, len(model.class_names)
    data = f"{facts.get('data', config.dataset)}, {size} x {size} pixels, {classes} classes"
    rows = {
        "Preset": facts.get("preset") or "own settings",
        "Data": data,
        "Loss": "evidence lower bound" if model.encodes else config.loss,
        "Steps": facts.get("step", 0),
    }
    if "epochs" in facts:
        rows["Epochs"] = f"{facts['epochs']:.1f}"
    if "seconds" in facts:
        machine = facts.get("machine", "one machine")
        rows["Training time"] = f"{facts['seconds']:.0f} s on {machine}"
    rows |= facts.get("figures", {}) if figures is None else figures
    return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())]


def _licence(model: TrainedModel) -> dict[str, Any]:
    """The licence as the Hub's metadata have it. The weights are under the MIT licence, unless the
    data forbid what it allows, or the file holds pictures of the data.
    """
    dataset = model.config.dataset
    if dataset == "own":
        return {}
    terms = TERMS[dataset]
    if terms.commercial and not model.translates:
        return {"license": "mit"}
    named = {"license_name": terms.name, "license_link": terms.link} if terms.name else {}
    return {"license": terms.licence, **named}


def _terms(model: TrainedModel) -> str:
    """Whose the data are, and what follows for the model."""
    terms = TERMS[model.config.dataset]
    if model.config.dataset == "own":
        return f"Trained on: {terms.credit[0].lower()}{terms.credit[1:]}"
    if not terms.commercial:
        follows = "The same holds for this model."
    elif model.translates:
        follows = (
            "The file holds some pictures of these data, which stay under their licences. The"
            " weights are under the MIT licence."
        )
    else:
        follows = "The weights are under the MIT licence."
    return f"Trained on: {terms.credit} ([terms]({terms.link})) {follows}"


def _command(model: TrainedModel) -> list[str]:
    command = model.facts.get("command")
    return ["", "Made by", "", "```", str(command), "```"] if command else []


def _use(model: TrainedModel, name: str) -> list[str]:
    """Lines of Python that open the model and make pictures with it."""
    opened = f'model = checkpoints.open_model("{name}")'
    if model.translates:
        return [
            "from ganapp import checkpoints",
            "",
            opened,
            (
                "a = model.examples[0].transpose(0, 3, 1, 2) / 127.5 - 1  # pictures of"
                f" {model.class_names[0]}, in [-1, 1]"
            ),
            f'b = model.translate(a.astype("float32"), to=1)  # as {model.class_names[1]}',
        ]
    if model.reads_text:
        return [
            "from ganapp import checkpoints, latents",
            "from ganapp.datasets.texts import tokens_of",
            "",
            opened,
            f'labels = tokens_of(["{EXAMPLES[0]}"] * 8)',
            f"noise = latents.noise(seed=0, size={model.config.latent_size}, count=8)",
            "images = model.draw(noise, labels=labels)  # uint8 (8, H, W, C)",
        ]
    size, count = model.config.latent_size, min(8, model.classes or 8)
    labels = f", labels=np.arange({count})" if model.classes else ""
    return [
        *(["import numpy as np", ""] if model.classes else []),
        "from ganapp import checkpoints, latents",
        "",
        opened,
        f"noise = latents.noise(seed=0, size={size}, count={count})",
        f"images = model.draw(noise{labels})  # uint8 ({count}, H, W, C)",
    ]
