"""Networks: the layers of the course and of the papers, shapes, gradients, and what labels do."""

from __future__ import annotations

import math
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from ganapp.config.capabilities import CAPABILITIES
from ganapp.config.training import TrainConfig
from ganapp.models import MODELS, Players, acgan, biggan, infogan
from ganapp.models.layers import LabelEmbedding, MinibatchStd, class_weights
from ganapp.randomness import rng_for
from tests.tiny import tiny_config

CLASSES = 3
UNLABELLED = ("infogan", "gan-cls")
"""Those that no classes are given to: InfoGAN has codes of its own, GAN-CLS texts."""


def players(
    model: str, side: int, channels: int = 1, conditional: bool = True, **changes: Any
) -> tuple[TrainConfig, Players]:
    if model == "acgan" and not conditional:
        pytest.skip("this model is always asked for classes")
    config = tiny_config(
        model, image_size=side, conditional=conditional and model not in UNLABELLED, **changes
    )
    return config, MODELS[config.model](
        config, channels, CLASSES if conditional else 0, rng_for(config.seed, "weights")
    )


def noise_and_labels(config: TrainConfig, count: int = 9) -> tuple[Tensor, Tensor]:
    labels = torch.arange(count) % CLASSES
    if config.capabilities.reads_text:
        labels = torch.randint(1, 60, (count, 6), generator=rng_for(0, "texts"))
    return torch.randn(count, config.latent_size, generator=rng_for(0, "noise")), labels


KINDS = [
    (model, side, channels, conditional)
    for model, side in [
        ("mlp", 28),
        ("mlp", 32),
        ("mlp", 64),
        ("dcgan", 32),
        ("dcgan", 64),
        ("biggan", 32),
        ("biggan", 64),
    ]
    for channels in (1, 3)
    for conditional in (False, True)
] + [
    (model, side, channels, False)
    for model in ("infogan", "gan-cls")
    for side in (32, 64)
    for channels in (1, 3)
]
FROM_NOISE = [
    model for model in MODELS if not (CAPABILITIES[model].translates or CAPABILITIES[model].encodes)
]
LABELLED = [model for model in FROM_NOISE if model not in UNLABELLED]
EACH_KIND = pytest.mark.parametrize(("model", "side", "channels", "conditional"), KINDS)
VARIANTS: list[dict[str, Any]] = [
    {},
    {"discriminator_norm": "batch"},
    {"minibatch_std": True},
    {"discriminator_norm": "batch", "minibatch_std": True},
]


# --- the layers -----------------------------------------------------------------------------------


def test_the_mlps_layers_are_those_of_the_course() -> None:
    _, (generator, discriminator) = players(
        "mlp", 28, conditional=False, latent_size=64, width=128, leaky_slope=0.2
    )
    sizes = [64, 128, 256, 512, 1024]
    wanted: list[Any] = []
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        wanted += [("Linear", inputs, outputs), ("BatchNorm1d", outputs), ("ReLU",)]
    assert described(generator) == [*wanted, ("Linear", 1024, 784), ("Sigmoid",)]
    wanted = []
    for inputs, outputs in [(784, 512), (512, 256), (256, 128)]:
        wanted += [("Linear", inputs, outputs), ("LeakyReLU", 0.2)]
    assert described(discriminator) == [*wanted, ("Linear", 128, 1)]


def described(network: nn.Module) -> list[Any]:
    """The layers of a network in a word and their sizes."""
    layers: list[Any] = []
    for layer in network.modules():
        name = type(layer).__name__
        if isinstance(layer, nn.Linear):
            layers.append((name, layer.in_features, layer.out_features))
        elif isinstance(layer, nn.BatchNorm1d):
            layers.append((name, layer.num_features))
        elif isinstance(layer, nn.LeakyReLU):
            layers.append((name, layer.negative_slope))
        elif not list(layer.children()):
            layers.append((name,))
    return layers


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("side", [32, 64])
def test_dcgan_keeps_the_papers_five_rules(side: int, conditional: bool) -> None:
    config, (generator, discriminator) = players(
        "dcgan", side, conditional=conditional, discriminator_norm="batch"
    )
    ours, theirs = leaves(generator), leaves(discriminator)

    up = [layer for layer in ours if isinstance(layer, nn.ConvTranspose2d)]
    down = [layer for layer in theirs if isinstance(layer, nn.Conv2d)]
    doublings = {32: 3, 64: 4}[side]
    assert len(up) == len(down) == doublings + 1
    # 1: strided convolutions, no pooling.
    assert all(layer.stride == (2, 2) for layer in [*up[1:], *down[:-1]])
    assert not any(
        "Pool" in type(layer).__name__ or isinstance(layer, nn.Upsample)
        for layer in [*ours, *theirs]
    )

    # 2: BatchNorm, but not at G's output.
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in ours) == len(up) - 1
    assert isinstance(ours[-2], nn.ConvTranspose2d) and isinstance(ours[-1], nn.Tanh)
    # Nor at D's input, nor its logit.
    assert sum(isinstance(layer, nn.BatchNorm2d) for layer in theirs) == len(down) - 2
    plain = [layer for layer in theirs if not isinstance(layer, nn.Linear)]
    assert isinstance(plain[plain.index(down[0]) + 1], nn.LeakyReLU)

    # 3: none but the classes' vectors.
    linear = [layer for layer in [*ours, *theirs] if isinstance(layer, nn.Linear)]
    assert all(layer.in_features == CLASSES for layer in linear) and bool(linear) == conditional

    # 4: ReLU, tanh at the end.
    assert sum(isinstance(layer, nn.ReLU) for layer in ours) == len(up) - 1
    assert not any(isinstance(layer, nn.LeakyReLU | nn.Sigmoid) for layer in ours)
    # 5: LeakyReLU in D.
    slopes = [layer.negative_slope for layer in theirs if isinstance(layer, nn.LeakyReLU)]
    assert slopes == [config.leaky_slope] * (len(down) - 1)
    assert not any(isinstance(layer, nn.ReLU | nn.Sigmoid | nn.Tanh) for layer in theirs)


def leaves(network: nn.Module) -> list[nn.Module]:
    return [layer for layer in network.modules() if not list(layer.children())]


def test_dcgan_doubles_its_channels_as_it_halves_the_side() -> None:
    _, (generator, discriminator) = players("dcgan", 64, conditional=False, width=8)
    assert [
        layer.out_channels for layer in leaves(generator) if isinstance(layer, nn.ConvTranspose2d)
    ] == [64, 32, 16, 8, 1]
    assert [
        layer.out_channels for layer in leaves(discriminator) if isinstance(layer, nn.Conv2d)
    ] == [8, 16, 32, 64, 1]


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("model", ["mlp", "dcgan"])
def test_the_discriminators_normalisation_is_the_one_asked_for(model: str, norm: str) -> None:
    _, (_, discriminator) = players(model, 32, discriminator_norm=norm)
    found = any(
        isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) for layer in discriminator.modules()
    )
    assert found == (norm == "batch" and model == "dcgan")


def test_dcgans_first_weights_are_drawn_as_in_the_paper() -> None:
    _, both = players("dcgan", 64, width=32, latent_size=64, discriminator_norm="batch")
    for network in both:
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d) and layer.weight.numel() > 5_000:
                assert layer.weight.mean().item() == pytest.approx(0, abs=0.001)
                assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)


def through_ones(upsampling: str) -> Tensor:
    """What a generator's last doubling makes of a map of ones with kernels of ones: how many terms
    each pixel is the sum of.
    """
    _, (generator, _) = players("dcgan", 32, conditional=False, upsampling=upsampling)
    *doubling, last = leaves(generator)[-3 if upsampling == "resize" else -2 : -1]
    assert isinstance(last, nn.Conv2d | nn.ConvTranspose2d)
    with torch.no_grad():
        last.weight.fill_(1)
        drawn = nn.Sequential(*doubling, last)(torch.ones(1, last.in_channels, 16, 16))
    assert drawn.shape == (1, 1, 32, 32)
    return drawn[0, 0, 2:-2, 2:-2] / last.in_channels  # away from the border


def test_a_kernel_of_3_at_a_stride_of_2_overlaps_unevenly_and_the_others_evenly() -> None:
    assert through_ones("transposed-4").unique().tolist() == [4]
    assert through_ones("resize").unique().tolist() == [9]
    uneven = through_ones("transposed-3")
    assert sorted(uneven[:2, :2].flatten().tolist()) == [1, 2, 2, 4]
    assert torch.equal(uneven[2:, 2:], uneven[:-2, :-2])


@pytest.mark.parametrize("upsampling", ["transposed-3", "resize"])
@pytest.mark.parametrize("model", ["dcgan", "infogan"])
@pytest.mark.parametrize("side", [32, 64])
def test_every_upsampling_draws_pictures_of_the_side_asked_for(
    model: str, upsampling: str, side: int
) -> None:
    for norm in ("batch", "none"):
        config, (generator, _) = players(
            model, side, conditional=False, upsampling=upsampling, generator_norm=norm
        )
        transposed = sum(isinstance(layer, nn.ConvTranspose2d) for layer in leaves(generator))
        # The first makes 4 x 4 pixels of one.
        assert transposed == (1 if upsampling == "resize" else {32: 4, 64: 5}[side])
        images = generator(*noise_and_labels(config))
        assert images.shape == (9, 1, side, side) and 0.01 < images.std() < 1


def test_signals_keep_their_size_through_a_discriminator_without_batchnorm() -> None:
    _, (_, discriminator) = players("dcgan", 64, width=16)
    sizes: list[float] = []
    for layer in leaves(discriminator):
        if isinstance(layer, nn.LeakyReLU):
            layer.register_forward_hook(
                lambda module, inputs, output: sizes.append(output.square().mean().item())
            )
    with torch.no_grad():
        discriminator(
            torch.randn(8, 1, 64, 64, generator=rng_for(0, "pictures")), torch.arange(8) % CLASSES
        )
    assert len(sizes) == 4 and max(sizes) < 5 * min(sizes)


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("model", FROM_NOISE)
def test_the_first_hidden_weights_tell_how_the_first_layer_moves_with_z(
    model: str, conditional: bool
) -> None:
    config, (generator, _) = players(model, 32, conditional=conditional, latent_size=12)
    generator(*noise_and_labels(config))  # gives BatchNorm something to have seen
    hidden: list[Tensor] = []
    norm = next(layer for layer in leaves(generator) if "BatchNorm" in type(layer).__name__)
    first = cast(nn.Module, generator.start) if model == "biggan" else norm
    first.register_forward_hook(lambda module, inputs, output: hidden.append(output.flatten(1)))
    noise, _ = noise_and_labels(config)
    with torch.no_grad():
        labels = torch.zeros(9, dtype=torch.int64)
        if model == "acgan":  # without attributes it would take them from z
            labels = acgan.condition(labels, torch.zeros(9, acgan.NUMBERS), CLASSES)
        generator.eval()(noise, labels)
        weights = generator.first_hidden_weights()
    assert weights.shape == (hidden[0].shape[1], 12)
    assert torch.allclose(hidden[0] - hidden[0][:1], (noise - noise[:1]) @ weights.T, atol=1e-4)


# --- shapes, gradients, randomness ----------------------------------------------------------------


@EACH_KIND
def test_shapes_and_ranges(model: str, side: int, channels: int, conditional: bool) -> None:
    config, (generator, discriminator) = players(model, side, channels, conditional)
    images = generator(*noise_and_labels(config))
    assert images.shape == (9, channels, side, side) and images.dtype == torch.float32
    assert images.min() >= -1 and images.max() <= 1
    logits = discriminator(images, noise_and_labels(config)[1])
    assert logits.shape == (9,) and logits.dtype == torch.float32


@pytest.mark.parametrize("model", FROM_NOISE)
def test_pictures_and_logits_stay_float32_under_autocast(model: str) -> None:
    config, (generator, discriminator) = players(model, 32)
    noise, labels = noise_and_labels(config)
    with torch.autocast("cpu", torch.bfloat16):
        images = generator(noise, labels)
        assert images.dtype == discriminator(images, labels).dtype == torch.float32


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
@EACH_KIND
def test_gradients_reach_every_parameter_of_both(
    model: str, side: int, channels: int, conditional: bool, changes: dict[str, Any]
) -> None:
    config, both = players(model, side, channels, conditional, **changes)
    noise, labels = noise_and_labels(config)
    for network in both:
        for layer in network.modules():
            if isinstance(layer, biggan.Attention):
                layer.scale.data.fill_(0.5)  # as it is at first, nothing behind it matters
    logits = both.discriminator(
        both.generator(noise, labels), labels, **({"read": True} if model == "infogan" else {})
    )
    if model == "infogan":
        logits = torch.cat([logits[0], *(part.flatten() for part in logits[1])])
    logits.square().sum().backward()
    for network in both:
        for name, weight in network.named_parameters():
            assert weight.grad is not None and weight.grad.isfinite().all(), name
            if weight.ndim > 1:  # a bias before BatchNorm has no effect
                assert weight.grad.abs().sum() > 0, name


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("model", FROM_NOISE)
def test_first_weights_come_from_the_seed_alone(model: str, conditional: bool) -> None:
    states = []
    for ambient, seed in ((1, 5), (2, 5), (1, 6)):
        torch.manual_seed(ambient)
        states.append(
            [
                value
                for network in players(model, 32, conditional=conditional, seed=seed)[1]
                for value in network.parameters()
            ]
        )
    assert all(torch.equal(a, b) for a, b in zip(states[0], states[1], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(states[0], states[2], strict=True))


# --- labels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("model", LABELLED)
def test_labels_matter_to_conditional_networks_only(
    model: str, conditional: bool, changes: dict[str, Any]
) -> None:
    config, both = players(model, 32, conditional=conditional, **changes)
    generator, discriminator = (player.eval() for player in both)
    noise, labels = noise_and_labels(config)
    images = generator(noise, labels)
    assert torch.equal(images, generator(noise, (labels + 1) % CLASSES)) != conditional
    assert (
        torch.equal(discriminator(images, labels), discriminator(images, (labels + 1) % CLASSES))
        != conditional
    )


@pytest.mark.parametrize("changes", VARIANTS, ids=str)
@pytest.mark.parametrize("model", LABELLED)
def test_a_one_hot_mixture_is_its_class(model: str, changes: dict[str, Any]) -> None:
    config, both = players(model, 32, **changes)
    generator, discriminator = (player.eval() for player in both)
    noise, labels = noise_and_labels(config)
    one_hot = nn.functional.one_hot(labels, CLASSES).float()
    images = generator(noise, labels)
    assert torch.allclose(images, generator(noise, one_hot), atol=1e-6)
    assert torch.allclose(discriminator(images, labels), discriminator(images, one_hot), atol=1e-5)


def test_a_mixture_of_classes_gets_the_mixture_of_their_vectors() -> None:
    embedding = LabelEmbedding(CLASSES, 5)
    pure = embedding(torch.arange(CLASSES))
    mixed = embedding(torch.tensor([[0.25, 0.75, 0.0]]))
    assert torch.allclose(mixed[0], 0.25 * pure[0] + 0.75 * pure[1])
    assert torch.equal(
        class_weights(torch.tensor([2, 0]), CLASSES), torch.tensor([[0.0, 0, 1], [1, 0, 0]])
    )


# --- minibatch standard deviation -----------------------------------------------------------------


def test_equal_pictures_of_a_class_are_caught() -> None:
    of_class = torch.randn(CLASSES, 2, 4, 4, generator=rng_for(0, "features"))
    labels = torch.arange(12) % CLASSES
    added = MinibatchStd(CLASSES)(of_class[labels], labels)[:, -1]
    assert added.abs().max() < 1e-3  # although the batch as a whole varies
    assert MinibatchStd(0)(of_class[labels], labels)[:, -1].min() > 0.1


def test_the_added_channel_is_the_mean_standard_deviation_in_closed_form() -> None:
    features = torch.randn(12, 2, 4, 4, generator=rng_for(0, "features"))
    labels = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2])
    with_classes, without = (
        MinibatchStd(CLASSES)(features, labels),
        MinibatchStd(0)(features, labels),
    )
    assert torch.equal(with_classes[:, :-1], features) and torch.equal(without[:, :-1], features)
    for label in range(CLASSES):
        own = features[labels == label]
        assert torch.allclose(
            with_classes[labels == label, -1], own.std(0, correction=0).mean(), atol=1e-4
        )
    assert torch.allclose(without[:, -1], features.std(0, correction=0).mean(), atol=1e-4)


def test_the_order_of_the_batch_does_not_matter_to_it() -> None:
    features, labels = (
        torch.randn(9, 2, 4, 4, generator=rng_for(0, "features")),
        torch.arange(9) % CLASSES,
    )
    order = torch.randperm(9, generator=rng_for(0, "order"))
    block = MinibatchStd(CLASSES)
    assert torch.allclose(
        block(features, labels)[order], block(features[order], labels[order]), atol=1e-6
    )


def test_one_picture_alone_of_its_class_gives_a_finite_gradient() -> None:
    features = torch.randn(3, 2, 4, 4).requires_grad_(True)
    MinibatchStd(CLASSES)(features, torch.arange(3)).sum().backward()
    assert features.grad is not None and features.grad.isfinite().all()


# --- what makes BigGAN and InfoGAN special --------------------------------------------------------


def test_biggans_weights_have_a_spectral_norm_of_one() -> None:
    _, both = players("biggan", 32, width=16)
    checked = 0
    for network in both:
        for layer in network.modules():
            if nn.utils.parametrize.is_parametrized(layer):
                layer.parametrizations.weight.original.data.mul_(7)
                layer.train()
                for _ in range(30):
                    weight = layer.weight  # each look is a step of the power iteration
                assert torch.linalg.matrix_norm(weight.flatten(1), 2).item() == pytest.approx(
                    1, abs=0.02
                )
                checked += 1
    assert checked > 20


def test_biggan_starts_orthogonal() -> None:
    _, (generator, _) = players("biggan", 32, width=16)
    weight = generator.blocks[0].second.parametrizations.weight.original.flatten(1)
    assert torch.allclose(weight @ weight.T, torch.eye(len(weight)), atol=1e-5)


def test_biggan_gives_each_block_its_own_chunk_of_z() -> None:
    config, (generator, _) = players("biggan", 32, width=16, latent_size=16)
    seen: list[Tensor] = []
    for block in generator.blocks:
        block.register_forward_hook(lambda layer, inputs, output: seen.append(inputs[1]))
    noise, labels = noise_and_labels(config)
    generator(noise, labels)
    assert [condition.shape[1] for condition in seen] == [4 + biggan.CLASS_SIZE] * 3
    assert torch.equal(torch.cat([condition[:, :4] for condition in seen], 1), noise[:, 4:])


def test_biggans_projection_is_linear_in_the_class() -> None:
    _, (_, discriminator) = players("biggan", 32)
    discriminator.eval()
    image = torch.rand(1, 1, 32, 32, generator=rng_for(0, "image"))
    pure = discriminator(image.repeat(CLASSES, 1, 1, 1), torch.eye(CLASSES))
    mixed = discriminator(image, torch.tensor([[0.5, 0.25, 0.25]]))
    assert mixed.item() == pytest.approx(
        (pure * torch.tensor([0.5, 0.25, 0.25])).sum().item(), abs=1e-5
    )


def test_biggans_discriminator_compares_pictures_of_a_class_only_with_minibatch_std() -> None:
    images, labels = torch.rand(8, 1, 32, 32, generator=rng_for(0, "image")), torch.arange(8) % 2
    # The first picture's class shows nothing else.
    alike = torch.cat([images[:2], images[:1].expand(6, -1, -1, -1)])
    for minibatch_std in (False, True):
        _, (_, discriminator) = players("biggan", 32, minibatch_std=minibatch_std)
        discriminator.eval()
        apart = (discriminator(images, labels)[0] - discriminator(alike, labels)[0]).abs().item()
        assert (apart > 1e-3) == minibatch_std


def test_attention_changes_nothing_at_first_and_then_looks_everywhere() -> None:
    block = biggan.Attention(16)
    features = torch.randn(2, 16, 8, 8, generator=rng_for(0, "features"))
    assert torch.equal(block(features), features)
    block.scale.data.fill_(1.0)
    features.requires_grad_(True)
    (slope,) = torch.autograd.grad(block(features)[0, :, 0, 0].sum(), features)
    assert (slope[0].abs().sum(0) > 0).float().mean() > 0.2 and slope[1].abs().sum() == 0


def test_the_information_loss_worked_out_by_hand() -> None:
    read = infogan.CodePrediction(torch.zeros(4, infogan.CODES), torch.tensor([[1.0, 0.0]] * 4))
    value = infogan.information_loss(read, torch.arange(4), torch.tensor([[0.0, 2.0]] * 4))
    assert value.item() == pytest.approx(math.log(10) + 0.5 * (1 + 4), abs=1e-6)


def test_infogans_discriminator_sees_no_code_and_its_generator_does() -> None:
    config, both = players("infogan", 32)
    generator, discriminator = (player.eval() for player in both)
    noise, codes = noise_and_labels(config)
    images = generator(noise, codes)
    assert not torch.equal(images, generator(noise, (codes + 1) % 10))
    assert torch.equal(discriminator(images, codes), discriminator(images, codes + 1))
