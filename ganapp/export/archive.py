"""What one takes home: a zip with the script, its notebook, and the pictures."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from ganapp.config.settings import BUNDLED_DATA
from ganapp.config.training import TrainConfig
from ganapp.datasets import DATASETS
from ganapp.datasets.pictures import Pictures
from ganapp.export.notebook import notebook
from ganapp.export.script import check_exportable, script
from ganapp.training import subset

PICTURES = "pictures.npz"
BRING_THEM = """\
The pictures of this run are not in this archive: they are a visitor's own, or a large download.
Make pictures.npz of yours before you run gan.py. `pictures` is a list of Pillow images of one
size, `classes` the number of each one's class from 0 up, `names` the names of the classes:

    import numpy as np

    made = [np.asarray(each.convert("RGB").resize(({side}, {side}))) for each in pictures]
    images = np.stack(made).transpose(0, 3, 1, 2)
    np.savez("pictures.npz", images=images, labels=np.array(classes), names=np.array(names))
"""


def archive(config: TrainConfig, title: str) -> bytes:
    """The zip. `BadInput` for a model that the script has no place for. Data that do not ship are
    not in it, but how to bring them.
    """
    check_exportable(config)
    text, packed = script(config, title), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("gan.py", text)
        files.writestr("gan.ipynb", notebook(text))
        if config.dataset in BUNDLED_DATA:
            pictures = DATASETS[config.dataset](lambda share, what: None)
            # What is deflated already gets no smaller.
            files.writestr(PICTURES, pictures_file(pictures, config), zipfile.ZIP_STORED)
        else:
            files.writestr("PICTURES.txt", BRING_THEM.format(side=config.image_size))
    return packed.getvalue()


def pictures_file(pictures: Pictures, config: TrainConfig) -> bytes:
    """The pictures that a run with these settings learns from, at its size: `images` (N, C, S, S)
    uint8, `labels` (N,), and the `names` of the classes, as an npz file.
    """
    chosen = subset(pictures, config).resized(config.image_size)
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        images=chosen.images.numpy(),
        labels=chosen.labels.numpy(),
        names=np.array(chosen.class_names),
    )
    return packed.getvalue()
