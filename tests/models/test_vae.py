"""The variational autoencoder: its networks, the two terms of its bound, and what they bound."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from ganapp.models import MODELS, Players, dcgan
from ganapp.models.vae import Autoencoder, Code, Encoder, reconstruction_error
from ganapp.randomness import rng_for
from tests.tiny import tiny_config

CLASSES = 3


def players(model: str = "vae", channels: int = 1, **changes: object) -> Players:
    config = tiny_config(model, **{"conditional": False, **changes})
    classes = CLASSES if config.conditional else 0
    return MODELS[config.model](config, channels, classes, rng_for(0, "weights"))


def draws(*shape: int, stream: str = "noise") -> Tensor:
    return torch.randn(*shape, generator=rng_for(0, stream))


@pytest.mark.parametrize("conditional", [False, True])
def test_the_decoder_is_dcgans_generator_to_the_last_weight(conditional: bool) -> None:
    ours = players(conditional=conditional).generator
    theirs = players("dcgan", conditional=conditional).generator
    assert type(ours) is type(theirs) is dcgan.Generator
    pairs = zip(ours.state_dict().items(), theirs.state_dict().items(), strict=True)
    assert all(name == other and torch.equal(a, b) for (name, a), (other, b) in pairs)


def test_the_encoder_is_dcgans_discriminator_but_for_its_last_layer() -> None:
    ours = players(latent_size=6).discriminator
    assert isinstance(ours, Encoder)
    mine = dict(ours.body.named_parameters())
    theirs = dict(players("dcgan", latent_size=6).discriminator.named_parameters())
    assert mine.keys() == theirs.keys()
    differ = [name for name in mine if mine[name].shape != theirs[name].shape]
    assert differ == ["last.weight", "last.bias"] and mine["last.bias"].shape == (12,)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("norm", ["batch", "none"])
def test_gradients_reach_every_parameter_of_both(norm: str, channels: int) -> None:
    decoder, encoder = players(channels=channels, conditional=True, discriminator_norm=norm)
    images, labels = draws(9, channels, 32, 32).tanh(), torch.arange(9) % CLASSES
    errors, divergences = Autoencoder(encoder, decoder)(images, labels, draws(9, 4))
    assert errors.shape == divergences.shape == (9,)
    (errors + divergences).sum().backward()
    for network in (decoder, encoder):
        for name, weight in network.named_parameters():
            assert weight.grad is not None and weight.grad.isfinite().all(), name
            if weight.ndim > 1:  # a bias before BatchNorm has no effect
                assert weight.grad.abs().sum() > 0, name


def test_codes_and_terms_stay_float32_under_autocast() -> None:
    decoder, encoder = players()
    images, labels = draws(4, 1, 32, 32).tanh(), torch.zeros(4, dtype=torch.int64)
    with torch.autocast("cpu", torch.bfloat16):
        code = encoder(images, labels)
        terms = Autoencoder(encoder, decoder)(images, labels, draws(4, 4))
    assert {value.dtype for value in (*code, *terms)} == {torch.float32}


def test_the_divergence_of_the_standard_normal_from_itself_is_zero() -> None:
    assert torch.equal(Code(torch.zeros(2, 5), torch.zeros(2, 5)).divergence(), torch.zeros(2))


def test_the_divergence_is_that_of_torchs_normal_distributions() -> None:
    code = Code(draws(7, 5), draws(7, 5, stream="other"))
    theirs = kl_divergence(Normal(code.mean, (code.log_variance / 2).exp()), Normal(0.0, 1.0))
    assert torch.allclose(code.divergence(), theirs.sum(1), atol=1e-5)
    # By hand: mean 1 and variance e^2 give (1 + e^2 - 1 - 2) / 2 for each number.
    by_hand = Code(torch.ones(1, 2), torch.full((1, 2), 2.0)).divergence()
    assert by_hand.item() == pytest.approx(math.e**2 - 2, rel=1e-6)


def test_a_sample_has_the_codes_mean_and_variance() -> None:
    code = Code(torch.tensor([[1.0, -2.0]]), torch.tensor([[0.0, math.log(4)]]))
    z = Code(*(part.expand(20_000, 2) for part in code)).sample(draws(20_000, 2))
    assert torch.allclose(z.mean(0), code.mean[0], atol=0.05)
    assert torch.allclose(z.std(0), torch.tensor([1.0, 2.0]), rtol=0.05)


def test_the_logits_are_those_of_the_pictures() -> None:
    decoder = players().generator.eval()
    noise, labels = draws(3, 4), torch.zeros(3, dtype=torch.int64)
    shares = (decoder(noise, labels) + 1) / 2
    assert torch.allclose(decoder.logits(noise, labels).sigmoid(), shares, atol=1e-6)


def test_the_reconstruction_error_is_the_mean_over_black_and_white_pictures() -> None:
    logits = torch.tensor([0.3, -1.2, 2.0, 0.0]).view(1, 1, 2, 2)
    shares = torch.tensor([0.25, 0.9, 1.0, 0.5]).view(1, 1, 2, 2)
    white, total = logits.sigmoid(), 0.0
    for pixels in itertools.product((0.0, 1.0), repeat=4):
        b = torch.tensor(pixels).view(1, 1, 2, 2)
        chance = torch.where(b == 1, shares, 1 - shares).prod()
        total -= float(chance * torch.where(b == 1, white, 1 - white).log().sum())
    assert reconstruction_error(logits, 2 * shares - 1).item() == pytest.approx(total, rel=1e-5)


def test_the_bound_is_below_the_probability_that_it_bounds() -> None:
    """With one number in z, p(x) is an integral over a line, which can be computed."""
    decoder, encoder = (player.eval() for player in players(latent_size=1))
    picture = draws(1, 1, 32, 32).sign()  # black and white
    label = torch.zeros(1, dtype=torch.int64)
    line = torch.linspace(-8, 8, 2001)[:, None]
    with torch.no_grad():
        logits = decoder.logits(line, label.expand(2001))
        errors = reconstruction_error(logits, picture.expand(2001, -1, -1, -1))
        joint = Normal(0.0, 1.0).log_prob(line[:, 0]) - errors
        log_p = torch.logsumexp(joint, 0) + math.log(16 / 2000)
        many = picture.expand(4000, -1, -1, -1), label.expand(4000)
        best = errors.min()
        errors, divergences = Autoencoder(encoder, decoder)(*many, draws(4000, 1))
        bound = -(errors + divergences)
        # The best z alone is no bound: it forgets that z has to be said, too.
        assert bound.mean() < log_p < -best
