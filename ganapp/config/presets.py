"""Presets: named settings that train well, and some that fail on purpose, each with its cure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ganapp.config.training import TrainConfig
from ganapp.errors import BadInput


class Cure(NamedTuple):
    """What repairs a preset that fails on purpose: the settings to change, and why."""

    settings: Mapping[str, Any]
    why: str


class Preset(NamedTuple):
    """A named `TrainConfig`: a `title` for menus, a `note` on where the settings come from and how
    long they take, and a `cure` if it shows a failure.
    """

    title: str
    note: str
    config: TrainConfig
    cure: Cure | None = None


VARIED = TrainConfig(
    latent_size=32,
    width=16,
    discriminator_norm="none",
    minibatch_std=True,
    r1_weight=0.05,
    penalty_every=8,
    batch_size=32,
    discriminator_lr=2e-3,
    generator_lr=2e-3,
    beta1=0.0,
    beta2=0.99,
)

QUICK = TrainConfig(
    model="mlp",
    conditional=False,
    image_size=28,
    width=64,
    latent_size=64,
    discriminator_norm="none",
    r1_weight=0.1,
    penalty_every=4,
    batch_size=64,
    discriminator_lr=1e-3,
    generator_lr=1e-3,
    beta1=0.0,
    beta2=0.99,
    epochs=60,
)

PLAIN = TrainConfig(
    conditional=False,
    latent_size=100,
    batch_size=64,
    discriminator_lr=5e-4,
    generator_lr=1e-3,
    epochs=40,
)

WHOLE_PLAIN = replace(PLAIN, dataset="mnist", width=16, batch_size=128, epochs=20)
"""DCGAN on 60,000 digits for as long as the course shows it, with and without classes."""

LETTERS = replace(
    VARIED,
    dataset="letters",
    model="acgan",
    latent_size=16,
    width=24,
    minibatch_std=False,
    lr_half_life=1000.0,
    epochs=12,
)

CYCLE = TrainConfig(
    dataset="digits-colour",
    conditional=False,
    model="cyclegan",
    width=8,
    discriminator_norm="none",
    loss="least-squares",
    cycle_weight=5.0,
    identity_weight=0.5,
    batch_size=8,
    discriminator_lr=1e-3,
    generator_lr=1e-3,
    epochs=6,
    ema_half_life=50.0,
)

PAIRS = TrainConfig(
    dataset="mnist",
    model="pix2pix",
    image_size=32,
    conditional=False,
    width=16,
    discriminator_norm="none",
    damage="coarse",
    l1_weight=30.0,
    batch_size=64,
    discriminator_lr=5e-4,
    generator_lr=1e-3,
    beta1=0.5,
    epochs=4,
    ema_half_life=200.0,
)

WHOLE = replace(
    VARIED,
    dataset="mnist",
    width=32,
    r1_weight=0.3,
    discriminator_lr=1e-3,
    generator_lr=1e-3,
    lr_half_life=8000.0,
    ema_half_life=1000.0,
    epochs=9,
)
"""The conditional DCGAN for 60,000 pictures."""

UNGUIDED = replace(WHOLE, conditional=False, lr_half_life=4000.0, ema_half_life=500.0, epochs=3)
"""The same without classes: the GAN beside the autoencoder."""

FACES = replace(
    WHOLE,
    dataset="faces",
    image_size=64,
    width=24,
    latent_size=64,
    upsampling="resize",
    r1_weight=0.2,
    epochs=40,
)

MLP = TrainConfig(
    model="mlp",
    conditional=False,
    image_size=28,
    width=128,
    latent_size=64,
    discriminator_norm="none",
    batch_size=128,
    discriminator_lr=1e-5,
    generator_lr=1e-5,
    beta1=0.9,
    epochs=250,
    ema_half_life=0.0,
)

PRESETS: dict[str, Preset] = {
    "digits": Preset(
        "Conditional DCGAN on digits",
        "A conditional DCGAN that stays varied: instead of BatchNorm, its discriminator has an R1"
        " penalty (Mescheder et al. 2018) and sees how much the pictures of each class differ"
        " (Karras et al. 2018). Readable digits within half a minute; all 40 epochs take about 3"
        " minutes on two CPU cores.",
        VARIED,
    ),
    "dcgan-digits": Preset(
        "DCGAN on digits",
        "Radford, Metz and Chintala 2015, with the paper's five rules, BatchNorm in both networks"
        " and no classes. The generator learns twice as fast as the discriminator, which would"
        " otherwise win. About 3 and a half minutes on two CPU cores.",
        PLAIN,
    ),
    "mlp-digits": Preset(
        "MLP GAN on digits",
        "The first GAN of the course, unchanged: 250 epochs, a z of 64 numbers, batches of 128,"
        " learning rate 1e-5. These 5,000 digits are a twelfth of MNIST, so epoch 250 here is about"
        " epoch 20 there. About 5 minutes on two CPU cores.",
        MLP,
    ),
    "mlp-mnist": Preset(
        "MLP GAN on all of MNIST",
        "The first GAN of the course as it was run: 60,000 digits, 250 epochs of 469 steps. Its"
        " recording opens at once under “Your runs”; compare epochs 1, 20 and 250. About three"
        " quarters of an hour on two CPU cores, 75 seconds on an H100.",
        replace(MLP, dataset="mnist"),
    ),
    "mnist": Preset(
        "Conditional DCGAN on all of MNIST",
        "The conditional DCGAN at twice the width on 60,000 digits, with a stronger R1 penalty and"
        " a longer running average. After a minute 97 % are read as the digit that was asked for;"
        " it goes on getting more varied, and all 40 epochs take an hour and a quarter on"
        " one CPU core.",
        replace(WHOLE, lr_half_life=16000.0, epochs=40),
    ),
    "dcgan-mnist": Preset(
        "DCGAN on all of MNIST, 20 epochs",
        "The course's picture of a DCGAN: the paper's five rules on 60,000 digits of 32 x 32"
        " pixels, 20 epochs. Its twin with classes differs in nothing else. About half an hour on"
        " one CPU core.",
        WHOLE_PLAIN,
    ),
    "cdcgan-mnist": Preset(
        "Conditional DCGAN on all of MNIST, 20 epochs",
        "The course's conditional DCGAN: the same networks, rates and digits as its twin without"
        " classes, but both players are told which digit it is (Mirza and Osindero 2014). Is it"
        " better? Evaluate both. About half an hour on one CPU core.",
        replace(WHOLE_PLAIN, conditional=True),
    ),
    "fashion-mnist": Preset(
        "Conditional DCGAN on Fashion-MNIST",
        "The same conditional DCGAN on 60,000 pictures of clothes (Xiao et al. 2017), generated by"
        " kind. About 10 minutes on one CPU core.",
        replace(WHOLE, dataset="fashion-mnist"),
    ),
    "faces": Preset(
        "Conditional DCGAN on drawn faces",
        "10,000 drawn faces in colour, 64 x 64 pixels, generated by their hair. The generator"
        " enlarges by nearest neighbours, so that no grid shows in the plain colours. About"
        " 20 minutes on one CPU core.",
        FACES,
    ),
    "dcgan-faces": Preset(
        "DCGAN on drawn faces",
        "The same networks without classes: hair, glasses, beard and smile are all in z, so that"
        " one can calculate with them and look for their directions (Radford et al. 2015). About"
        " 20 minutes on one CPU core.",
        replace(FACES, conditional=False),
    ),
    "text-faces": Preset(
        "GAN-CLS, text to drawn faces",
        "Reed et al. 2016: the generator draws a face from z and a text, and the discriminator sees"
        " both. The texts are written by code, anew in each step, and some are false. Skin and hair"
        " follow the text first, then glasses; beard, mouth and earrings take longer. About"
        " 20 minutes of one CPU core.",
        replace(
            FACES,
            model="gan-cls",
            conditional=False,
            image_size=32,
            batch_size=24,
            r1_weight=0.5,
            ema_half_life=500.0,
            epochs=20,
        ),
    ),
    "mlp-digits-quick": Preset(
        "MLP GAN on digits, quick",
        "The same kind of networks at half the width, with a hundred times the learning rate and an"
        " R1 penalty that keeps training stable: readable, varied digits. About a minute on two CPU"
        " cores.",
        QUICK,
    ),
    "wgan-digits": Preset(
        "WGAN on digits",
        "Arjovsky et al. 2017: a critic that estimates the Wasserstein distance. Its weights are"
        " clipped to bound its slope; it uses RMSprop and takes five steps in each round. As the"
        " pictures improve, its scores for real and generated pictures come closer. The pictures"
        " stay rough. About 5 minutes on two CPU cores.",
        TrainConfig(
            conditional=False,
            latent_size=64,
            width=16,
            loss="wasserstein",
            clip=0.01,
            discriminator_steps=5,
            optimizer="rmsprop",
            beta2=0.99,
            discriminator_lr=2e-4,
            generator_lr=2e-4,
            epochs=100,
        ),
    ),
    "wgan-gp-digits": Preset(
        "WGAN-GP on digits",
        "Gulrajani et al. 2017: instead of clipping, a penalty keeps the norm of the critic's"
        " gradient near 1 between real and generated pictures. No BatchNorm in the critic. About 8"
        " minutes on two CPU cores.",
        TrainConfig(
            latent_size=64,
            width=16,
            discriminator_norm="none",
            loss="wasserstein",
            gradient_penalty=10.0,
            discriminator_steps=3,
            discriminator_lr=5e-4,
            generator_lr=1e-3,
            beta1=0.0,
            beta2=0.9,
            epochs=60,
        ),
    ),
    "stable-digits": Preset(
        "Relativistic GAN with R1 and R2 on digits",
        "After Huang et al. 2024 (R3GAN): the discriminator compares real and generated pictures in"
        " pairs, its gradients at both are penalised, and neither network is normalised. About 7"
        " minutes on two CPU cores.",
        TrainConfig(
            latent_size=32,
            width=16,
            discriminator_norm="none",
            generator_norm="none",
            loss="relativistic",
            r1_weight=0.5,
            r2_weight=0.5,
            batch_size=32,
            discriminator_lr=1e-3,
            generator_lr=1e-3,
            beta1=0.0,
            beta2=0.99,
            epochs=40,
        ),
    ),
    "biggan-digits": Preset(
        "BigGAN on digits",
        "A small version of Brock, Donahue and Simonyan 2019: residual blocks, class-conditional"
        " BatchNorm in the generator, self-attention, and spectral normalisation instead of"
        " penalties. Beyond the paper, the discriminator sees how much the pictures of a class"
        " differ. Digits are right after 5 minutes on one CPU core and go on getting more varied;"
        " all 50 epochs take half an hour there, 50 seconds on an H100.",
        TrainConfig(
            model="biggan",
            latent_size=40,
            width=16,
            minibatch_std=True,
            loss="hinge",
            batch_size=32,
            discriminator_lr=1e-3,
            generator_lr=4e-4,
            beta1=0.0,
            beta2=0.99,
            epochs=50,
            ema_half_life=300.0,
        ),
    ),
    "emoji": Preset(
        "Conditional DCGAN on emoji",
        "Colour pictures, generated by category. The generator enlarges by nearest neighbours, so"
        " that no grid shows. All pictures that the discriminator sees are shifted at random (Zhao"
        " et al. 2020), because 3,812 pictures are few. Faces and things with outlines appear after"
        " some minutes; the whole run takes about 25 minutes on one CPU core.",
        replace(
            VARIED,
            dataset="emoji",
            width=24,
            latent_size=64,
            upsampling="resize",
            augment="translation",
            r1_weight=0.1,
            lr_half_life=8000.0,
            epochs=150,
        ),
    ),
    "biggan-emoji": Preset(
        "BigGAN on emoji",
        "The small BigGAN on colour pictures, by category. All pictures that the discriminator sees"
        " are shifted at random (Zhao et al. 2020), because there are few. About 25 minutes on one"
        " CPU core.",
        TrainConfig(
            dataset="emoji",
            model="biggan",
            latent_size=80,
            width=16,
            minibatch_std=True,
            augment="translation",
            loss="hinge",
            batch_size=32,
            discriminator_lr=1e-3,
            generator_lr=4e-4,
            beta1=0.0,
            beta2=0.99,
            epochs=60,
            ema_half_life=300.0,
        ),
    ),
    "infogan-digits": Preset(
        "InfoGAN on digits",
        "Chen et al. 2016: a code with ten values learns to mean the digit, without any labels,"
        " because both networks are rewarded when the code can be read from the picture. Codes turn"
        " into digits from the second minute on; about 7 minutes on two CPU cores.",
        TrainConfig(
            model="infogan",
            conditional=False,
            latent_size=16,
            width=16,
            discriminator_lr=5e-4,
            generator_lr=1e-3,
            epochs=120,
        ),
    ),
    "cyclegan-colour": Preset(
        "CycleGAN, chalk to ink",
        "Zhu et al. 2017: two generators and two discriminators learn to turn white digits on black"
        " into purple ink with a shadow on paper, and back. They learn from two sets of pictures"
        " without pairs. Good after a minute, done in about 4 on two CPU cores.",
        CYCLE,
    ),
    "cyclegan-outline": Preset(
        "CycleGAN, digits to outlines",
        "The harder task: a stroke becomes a thin outline, and an outline is filled in again."
        " Outlines appear after 2 minutes; most are complete after 6.",
        replace(CYCLE, dataset="digits-outline", width=12, identity_weight=0.2),
    ),
    "cyclegan-emoji": Preset(
        "CycleGAN, Twemoji to Noto",
        "Flat emoji become shaded ones and back, learned without pairs. This is the slow one: about"
        " 40 minutes on two CPU cores. The bundled model was trained for that long.",
        replace(
            CYCLE,
            dataset="emoji-styles",
            width=16,
            cycle_weight=10.0,
            identity_weight=2.0,
            discriminator_lr=3e-4,
            generator_lr=3e-4,
            epochs=50,
            ema_half_life=500.0,
        ),
    ),
    "cyclegan-faces": Preset(
        "CycleGAN, glasses on and off",
        "Drawn faces of 64 x 64 pixels get glasses, or lose them, and should keep everything else;"
        " no face was ever seen both ways. About half an hour on one CPU core.",
        replace(
            CYCLE,
            dataset="faces-glasses",
            image_size=64,
            width=12,
            epochs=12,
            ema_half_life=200.0,
        ),
    ),
    "repair-coarse": Preset(
        "Super-resolution of digits",
        "pix2pix (Isola et al. 2017): a U-Net gets 8 x 8 coarse blocks and gives a sharp digit of"
        " 32 x 32 pixels. It learns from pairs: to stay near the whole picture, and to convince a"
        " discriminator that sees both. About 6 minutes on two CPU cores.",
        PAIRS,
    ),
    "repair-middle": Preset(
        "Completion of digits",
        "The middle of each digit is hidden, and a pix2pix network fills it in. Where several"
        " digits are possible, the L1 loss alone gives a blur of them; the discriminator asks for"
        " one. About 6 minutes on two CPU cores.",
        replace(PAIRS, damage="middle"),
    ),
    "repair-faces": Preset(
        "Completion of drawn faces",
        "The middle of a drawn face is hidden, and a pix2pix network makes up eyes, nose and mouth,"
        " and glasses where their ends can be seen: face completion (Li et al. 2017). About 20"
        " minutes on one CPU core.",
        replace(PAIRS, dataset="faces", damage="middle", image_size=64, batch_size=32, epochs=9),
    ),
    "repair-rain": Preset(
        "De-raining of digits",
        "Digits behind slanted streaks of light, and a pix2pix network that takes the streaks away"
        " (the task of Zhang, Sindagi and Patel 2019). About 6 minutes on two CPU cores.",
        replace(PAIRS, damage="rain"),
    ),
    "repair-outline": Preset(
        "Outlines to emoji",
        "Only the outlines of an emoji are left, and a pix2pix network colours it in: the edges to"
        " photos of the paper. About 40 minutes on two CPU cores.",
        replace(
            PAIRS,
            dataset="emoji",
            damage="outline",
            image_size=64,
            batch_size=16,
            l1_weight=30.0,
            epochs=30,
        ),
    ),
    "vae-digits": Preset(
        "VAE on digits",
        "Kingma and Welling 2014: no game. An encoder says where in the latent space each of the"
        " 60,000 digits of MNIST lies, and DCGAN's generator, here the decoder, draws it from"
        " there; both raise a lower bound of the digits' probability. Watch its two terms. About 10"
        " minutes on one CPU core.",
        replace(
            UNGUIDED,
            model="vae",
            minibatch_std=False,
            r1_weight=0.0,
            penalty_every=1,
            batch_size=64,
            beta1=0.9,
            beta2=0.999,
            ema_half_life=0.0,
            epochs=6,
        ),
    ),
    "gan-digits": Preset(
        "GAN beside the VAE on digits",
        "The rival of the VAE: the same decoder as its generator, z of the same size, the same"
        " digits and as many steps, which take as long. Without classes, with an R1 penalty. About"
        " 10 minutes on one CPU core.",
        UNGUIDED,
    ),
    "letters": Preset(
        "Letters: fonts from four numbers",
        "The capitals of 560 open fonts, and a generator that is asked for the letter and for"
        " four numbers: weight, slant, width and serif. The discriminator also reads these"
        " numbers and corrects the generator, an AC-GAN (Odena et al. 2017) with numbers in"
        " place of classes; the task is that of Attribute2Font (Wang et al. 2020). Words are"
        " readable after two minutes; all 12 epochs take about 20 minutes on one CPU core.",
        LETTERS,
    ),
    "failure-collapse": Preset(
        "What goes wrong: mode collapse",
        "The generator learns ten times as fast as the discriminator, and nothing stabilises the"
        " game. Within half a minute the pictures are blurred and all alike, while both losses look"
        " healthy.",
        replace(QUICK, r1_weight=0.0, beta1=0.5, generator_lr=3e-3, discriminator_lr=3e-4),
        Cure(
            {"r1_weight": 0.1, "beta1": 0.0, "generator_lr": 1e-3, "discriminator_lr": 1e-3},
            "Equal learning rates, no momentum, and an R1 penalty that keeps the discriminator's"
            " gradients small. It then has time to notice what is missing.",
        ),
    ),
    "failure-vanishing": Preset(
        "What goes wrong: vanishing gradients",
        "The minimax loss, and a discriminator that takes five steps in each round at ten times the"
        " learning rate. It is soon sure of everything: D(G(z)) is 0, where the generator's loss is"
        " flat, so the generator learns nothing.",
        replace(
            QUICK,
            loss="minimax",
            discriminator_steps=5,
            r1_weight=0.0,
            generator_lr=2e-4,
            discriminator_lr=2e-3,
        ),
        Cure(
            {
                "loss": "non-saturating",
                "discriminator_steps": 1,
                "r1_weight": 0.1,
                "generator_lr": 1e-3,
                "discriminator_lr": 1e-3,
            },
            "The non-saturating loss is steepest where the generator is worst (Goodfellow et al."
            " 2014, section 3), and the penalty keeps the discriminator from getting too far"
            " ahead.",
        ),
    ),
    "failure-memorising": Preset(
        "What goes wrong: 50 memorised pictures",
        "Only 50 real digits: the discriminator memorises them, so the generator learns to copy"
        " them. Look down the columns: the same few digits again and again.",
        replace(VARIED, most_pictures=50, epochs=1500),
        Cure(
            {"most_pictures": 0, "epochs": 15},
            "More pictures: all 5,000, for the same number of steps. If you have no more pictures,"
            " augment what the discriminator sees (Zhao et al. 2020).",
        ),
    ),
    "failure-oscillation": Preset(
        "What goes wrong: oscillation",
        "Two fast players with momentum 0.9 and no penalty chase each other instead of converging."
        " Epoch after epoch, all pictures move together from one shape to the next. No running"
        " average hides it here: you see the generator itself.",
        replace(
            VARIED,
            conditional=False,
            minibatch_std=False,
            r1_weight=0.0,
            batch_size=64,
            beta1=0.9,
            epochs=10,
            ema_half_life=0.0,
        ),
        Cure(
            {"beta1": 0.0, "r1_weight": 0.05},
            "An R1 penalty turns the circles into spirals that end at the equilibrium (Mescheder et"
            " al. 2018), and without momentum neither player overshoots it.",
        ),
    ),
    "failure-dying": Preset(
        "What goes wrong: dying ReLUs",
        "A discriminator with plain ReLUs and a learning rate that is a hundred times too high. Its"
        " first steps push a whole layer below 0, where a ReLU is flat. It then gives every"
        " generated picture the same score, its gradient there is exactly 0, and the generator"
        " stops learning.",
        replace(QUICK, leaky_slope=0.0, discriminator_lr=0.1, epochs=10),
        Cure(
            {"leaky_slope": 0.2, "discriminator_lr": 1e-3},
            "LeakyReLU has a slope below 0 too, so a silent unit can recover (Maas et al. 2013)."
            " With a learning rate of 0.001, no single step is large enough to silence all units at"
            " once.",
        ),
    ),
    "failure-checkerboard": Preset(
        "What goes wrong: checkerboard",
        "Transposed convolutions with kernel 3 and stride 2: a pixel is the sum of 1, 2 or 4"
        " weights in turn, so a grid of dots covers the pictures until the network has learned to"
        " hide it. At the paper's learning rate of 0.0002, these epochs are too few for that.",
        replace(
            PLAIN,
            width=16,
            upsampling="transposed-3",
            discriminator_lr=2e-4,
            generator_lr=2e-4,
            epochs=8,
        ),
        Cure(
            {"upsampling": "resize"},
            "Enlarge by nearest neighbours, then convolve with stride 1: every pixel is the sum of"
            " the same number of weights (Odena et al. 2016).",
        ),
    ),
}
DEFAULT_PRESET = "digits"


def preset_config(name: Any, overrides: Mapping[str, Any]) -> tuple[TrainConfig, str]:
    """The settings of a preset with some changed, and what to call them: the preset's name, or
    "NAME, changed".
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise BadInput(
            f"There is no preset called {str(name)[:60]!r}; there are {', '.join(PRESETS)}."
        )
    config = TrainConfig.from_dict(overrides, PRESETS[name].config)
    return config, name if config == PRESETS[name].config else f"{name}, changed"


def cured_name(preset: str, config: TrainConfig) -> str:
    """The name of a run with these settings that was started from `preset`: "NAME, cured" where
    they are those of its cure, else the preset's.
    """
    entry = PRESETS.get(preset)
    if entry is None or entry.cure is None:
        return preset
    # What precision a machine chose is no change.
    known = config.to_dict() | {"precision": entry.config.precision}
    cured = known == entry.config.to_dict() | dict(entry.cure.settings)
    return f"{preset}, cured" if cured else preset


def title_of(preset: str) -> str:
    """The title of what a run was started from, "digits" or "digits, changed" for example; "" if
    there is no such preset.
    """
    name, comma, rest = preset.partition(",")
    return PRESETS[name].title + comma + rest if name in PRESETS else ""
