"""The commands of `python -m ganapp`, one a file: its arguments and what it does.

What needs torch is imported inside the functions, so that --help and `presets` answer at once, and
mistakes in the arguments too.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

from ganapp.commands import (
    augmentation,
    code,
    deploy,
    evaluate,
    evaluate_2d,
    evaluate_cas,
    evaluate_letters,
    evaluate_repairs,
    evaluate_stacked,
    evaluate_text,
    evaluate_vae,
    inspect,
    interpolate,
    presets,
    sample,
    train,
    train_classifier,
    translate,
)


class Command(NamedTuple):
    """A sentence about a command, the function that adds its arguments, and the one that runs it
    and returns the exit code.
    """

    about: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


COMMANDS = {
    "presets": Command(
        "List the presets that `train` can start from.", presets.add_arguments, presets.run
    ),
    "train": Command(
        "Train a preset into a folder that every other command and the app can open.",
        train.add_arguments,
        train.run,
    ),
    "code": Command(
        "Write a preset as one PyTorch script and a notebook, to take home.",
        code.add_arguments,
        code.run,
    ),
    "sample": Command("Draw pictures from a checkpoint.", sample.add_arguments, sample.run),
    "interpolate": Command(
        "Walk from one picture of a checkpoint to another.",
        interpolate.add_arguments,
        interpolate.run,
    ),
    "translate": Command(
        "Translate a picture to a model's other domain, and back.",
        translate.add_arguments,
        translate.run,
    ),
    "inspect": Command(
        "List the layers of a checkpoint's networks, and draw the maps of one.",
        inspect.add_arguments,
        inspect.run,
    ),
    "evaluate": Command(
        "Measure how good a checkpoint's pictures are, beside real ones.",
        evaluate.add_arguments,
        evaluate.run,
    ),
    "evaluate-stacked": Command(
        "Count how many of the 1,000 kinds of stacked digits a checkpoint draws.",
        evaluate_stacked.add_arguments,
        evaluate_stacked.run,
    ),
    "evaluate-cas": Command(
        "Train a classifier on a checkpoint's pictures and test it on real ones.",
        evaluate_cas.add_arguments,
        evaluate_cas.run,
    ),
    "evaluate-repairs": Command(
        "Measure how near a checkpoint's repaired pictures are to the whole ones.",
        evaluate_repairs.add_arguments,
        evaluate_repairs.run,
    ),
    "evaluate-letters": Command(
        "Measure how well a checkpoint obeys the numbers of a font, and read its letters.",
        evaluate_letters.add_arguments,
        evaluate_letters.run,
    ),
    "evaluate-text": Command(
        "Measure in how many of a checkpoint's pictures everything is as the text says.",
        evaluate_text.add_arguments,
        evaluate_text.run,
    ),
    "evaluate-vae": Command(
        "Measure a VAE beside a GAN: pictures drawn, pictures found again, and the bound.",
        evaluate_vae.add_arguments,
        evaluate_vae.run,
    ),
    "evaluate-2d": Command(
        "Measure GANs in the plane by PacGAN's protocol, beside the figures of its paper.",
        evaluate_2d.add_arguments,
        evaluate_2d.run,
    ),
    "augmentation": Command(
        "Compare what classic augmentation and a GAN do for a classifier with few pictures.",
        augmentation.add_arguments,
        augmentation.run,
    ),
    "train-classifier": Command(
        "Train the classifier of digits or of faces that the measurements read with.",
        train_classifier.add_arguments,
        train_classifier.run,
    ),
    "deploy": Command(
        "Make this app a Space of the Hugging Face Hub.", deploy.add_arguments, deploy.run
    ),
}
