"""Whose each data set is and on what terms, as model cards and pages say it."""

from __future__ import annotations

from typing import NamedTuple

from ganapp.config.settings import DatasetName


class Terms(NamedTuple):
    """The `credit` names the authors and the licence in a sentence. `licence` is its name in the
    Hugging Face Hub's list, "other" where that has none or where there are several, called `name`
    at `link`. Data that are not `commercial` bind what is trained on them too.
    """

    credit: str
    licence: str
    link: str
    name: str = ""
    commercial: bool = True


MNIST = Terms(
    "MNIST by Y. LeCun, C. Cortes and C. J. C. Burges, CC BY-SA 3.0.",
    "cc-by-sa-3.0",
    "https://creativecommons.org/licenses/by-sa/3.0/",
)
EMOJI = Terms(
    "Twemoji by X Corp. and other contributors, CC BY 4.0; Noto Emoji by Google, Apache License"
    " 2.0.",
    "other",
    "https://github.com/iamcal/emoji-data",
    "cc-by-4.0-and-apache-2.0",
)
FACES = Terms(
    "Faces drawn with DiceBear from the “Avatar Illustration System” by Micah Lanier, CC BY 4.0.",
    "cc-by-4.0",
    "https://creativecommons.org/licenses/by/4.0/",
)
LETTERS = Terms(
    "Letters of 132 open font families by their authors, who are all listed in"
    " ganapp/datasets/letters/fonts.json, SIL Open Font License 1.1.",
    "ofl-1.1",
    "https://openfontlicense.org",
)
TERMS: dict[DatasetName, Terms] = {
    "digits": MNIST,
    "digits-outline": MNIST,
    "digits-colour": MNIST,
    "digits-stacked": MNIST,
    "emoji": EMOJI,
    "emoji-styles": EMOJI,
    "letters": LETTERS,
    "faces": FACES,
    "faces-glasses": FACES,
    "mnist": MNIST,
    "fashion-mnist": Terms(
        "Fashion-MNIST by Zalando SE, MIT License.",
        "mit",
        "https://github.com/zalandoresearch/fashion-mnist",
    ),
    "kmnist": Terms(
        "KMNIST dataset created by CODH, adapted from the Kuzushiji dataset created by NIJL and"
        " others (doi:10.20676/00000341), CC BY-SA 4.0.",
        "cc-by-sa-4.0",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    "emnist-letters": Terms(
        "EMNIST by G. Cohen, S. Afshar, J. Tapson and A. van Schaik, made from NIST Special"
        " Database 19; no licence is stated.",
        "other",
        "https://www.nist.gov/itl/products-and-services/emnist-dataset",
        "not-stated",
    ),
    "svhn": Terms(
        "SVHN by Y. Netzer and others, Stanford University and Google, for non-commercial use"
        " only.",
        "other",
        "http://ufldl.stanford.edu/housenumbers/",
        "non-commercial",
        commercial=False,
    ),
    "cifar10": Terms(
        "CIFAR-10 by A. Krizhevsky, V. Nair and G. Hinton; no licence is stated.",
        "other",
        "https://www.cs.toronto.edu/~kriz/cifar.html",
        "not-stated",
    ),
    "celeba": Terms(
        "CelebA by Z. Liu, P. Luo, X. Wang and X. Tang, MMLAB, The Chinese University of Hong Kong,"
        " for non-commercial research only.",
        "other",
        "https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
        "non-commercial-research",
        commercial=False,
    ),
    "own": Terms(
        "Pictures that somebody brought; nothing is known of their terms.", "other", "", "not-known"
    ),
}
