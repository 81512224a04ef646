"""A trained model as a folder that rebuilds itself, laid out as a Hugging Face Hub model
repository. Files with pickles in them are never opened.
"""

from ganapp.checkpoints.card import model_card, sample_sheet
from ganapp.checkpoints.folder import bundled, find, load, load_state, save, save_state
from ganapp.checkpoints.hub import fetch, open_model, publish
from ganapp.checkpoints.layout import CARD, CONFIG, SAMPLES, STATE, WEIGHTS
from ganapp.checkpoints.model import TrainedModel, TrainingState

__all__ = [
    "CARD",
    "CONFIG",
    "SAMPLES",
    "STATE",
    "WEIGHTS",
    "TrainedModel",
    "TrainingState",
    "bundled",
    "fetch",
    "find",
    "load",
    "load_state",
    "model_card",
    "open_model",
    "publish",
    "sample_sheet",
    "save",
    "save_state",
]
