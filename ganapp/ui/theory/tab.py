"""The Theory tab: six rooms in which theory can be computed and seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.lab.theory.dirac import PENALTIES, PenaltyName
from ganapp.lab.theory.optimal import LAYERS, SizeName
from ganapp.losses import LOSSES
from ganapp.ui.parts.components import component, following, heading, on, with_errors
from ganapp.ui.parts.page import LIVE, PRIVATE, Page
from ganapp.ui.parts.rendering import Props, stamp
from ganapp.ui.theory import handlers
from ganapp.ui.theory.handlers import DEVIATIONS, FARTHEST

AT_ONCE = 2
"""Discriminators that learn at once; others wait in Gradio's queue."""
SIZES: dict[SizeName, str] = {
    "line": "No hidden layer",
    "small": "4 hidden units",
    "large": "Two layers of 32 units",
}
PENALTY_TITLES: dict[PenaltyName, str] = {
    "none": "None",
    "r1": "R1",
    "r2": "R2",
    "gradient-penalty": "Gradient penalty (WGAN-GP)",
    "clip": "Clipping (WGAN)",
}
FIRST_INPUT = [[1, 2], [3, 4]]
FIRST_KERNEL = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]


def build(page: Page) -> None:
    """Lays the rooms out, a tab each, and wires them."""
    with gr.Tabs(elem_id="theory-rooms"):
        for title, room in ROOMS.items():
            name = room.__name__.strip("_")
            with gr.Tab(title, id=name), gr.Column(elem_classes="explore-card"):
                room()


def _optimal() -> None:
    heading(
        "The optimal discriminator",
        "For a fixed generator, the optimal discriminator is D* = p / (p + q). Watch where D"
        " approaches it first: where there are points. Without a hidden layer D cannot bend, so it"
        " does not reach D* unless both distributions are equally wide.",
    )
    with gr.Row(elem_classes="explore-split"):
        with gr.Column(min_width=260, scale=1, elem_classes="theory-controls"):
            sliders = _gaussians()
            size = gr.Radio(
                [(SIZES[name], name) for name in LAYERS],
                value="small",
                label="Discriminator",
                elem_id="theory-size",
            )
            button = gr.Button("Train the discriminator", variant="primary", elem_id="theory-train")
        with gr.Column(min_width=300, scale=3):
            part, handler = _charts("theory-optimal", handlers.optimum, ["small"], sliders)
    _wire(handler, [size], sliders, part)
    button.click(
        optimise,
        [size, *sliders],
        part,
        concurrency_limit=AT_ONCE,
        concurrency_id="theory",
        show_progress="hidden",
        **PRIVATE,
    )


def _gaussians() -> list[gr.Slider]:
    """Mean and standard deviation of the real and of the generated points."""
    return [
        slider
        for name, title, mean, deviation in (
            ("p", "Real", -1.0, 1.0),
            ("q", "Generated", 1.0, 0.5),
        )
        for slider in (
            _slider(
                f"theory-{name}-mean",
                f"{title} mean",
                -FARTHEST,
                FARTHEST,
                mean,
                0.1,
                f"The centre of the {title.lower()} points.",
            ),
            _slider(
                f"theory-{name}-deviation",
                f"{title} deviation",
                *DEVIATIONS,
                deviation,
                0.05,
                "How far they spread.",
            ),
        )
    ]


def optimise(*arguments: Any) -> Iterator[Props]:
    """A discriminator that learns, picture by picture; a refusal in its place."""
    try:
        for shown in handlers.optimise(*arguments):
            yield shown | {"number": stamp(), "moves": list(arguments[1:])}
    except BadInput as error:
        yield {"problem": str(error), "number": stamp()}


def _along() -> None:
    heading(
        "C(G) along a path of generators",
        "Against D*, the value of the game is C(G) = -log 4 + 2 JS. Move q towards p: the curve"
        " falls, to -log 4 exactly where q is p. Far away it levels off at 0, where a generator"
        " learns little.",
    )
    with gr.Row(elem_classes="explore-split"):
        with gr.Column(min_width=260, scale=1, elem_classes="theory-controls"):
            sliders = [
                _slider(
                    "theory-mean", "Mean of q", -FARTHEST, FARTHEST, 2.0, 0.05, "p has the mean 0."
                ),
                _slider(
                    "theory-deviation",
                    "Deviation of q",
                    *DEVIATIONS,
                    1.0,
                    0.05,
                    "p has the deviation 1.",
                ),
            ]
        with gr.Column(min_width=300, scale=3):
            _charts("theory-along", handlers.along, [], sliders)


def _dirac() -> None:
    heading(
        "Dirac-GAN: which losses converge",
        "The smallest GAN: real data are the point 0, generated ones the point θ, and the"
        " discriminator is a line of slope ψ. Does the path end in the middle, circle for ever, or"
        " leave (Mescheder et al. 2018)?",
    )
    with gr.Row(elem_classes="explore-split"):
        with gr.Column(min_width=260, scale=1, elem_classes="theory-controls"):
            loss = gr.Radio(
                list(LOSSES),
                value="minimax",
                label="Loss",
                elem_id="theory-loss",
                info="The loss of both players.",
            )
            penalty = gr.Radio(
                [(PENALTY_TITLES[name], name) for name in PENALTIES],
                value="none",
                label="Penalty",
                elem_id="theory-penalty",
                info="What bounds the discriminator.",
            )
            sliders = [
                gr.Slider(
                    0, 2, 0.3, step=0.05, elem_id="theory-weight", buttons=[], **_weight_of("none")
                ),
                _slider(
                    "theory-step",
                    "Step size h",
                    0.01,
                    0.5,
                    0.1,
                    0.01,
                    "The step size of both players.",
                ),
            ]
        with gr.Column(min_width=300, scale=3):
            part, handler = _charts(
                "theory-dirac", handlers.dirac_gan, ["minimax", "none"], sliders
            )
    _wire(handler, [loss, penalty], sliders, part)
    penalty.input(lambda chosen: gr.update(**_weight_of(chosen)), penalty, sliders[0], **LIVE)


def _weight_of(chosen: object) -> dict[str, Any]:
    """What the slider of a penalty's weight is called and says, and whether it can be moved."""
    titles = {str(name): title for name, title in PENALTY_TITLES.items()}
    penalty = chosen if isinstance(chosen, str) and chosen in titles else "none"
    label, info = f"Weight of {titles[penalty]}", "How strongly it acts on the slope ψ."
    if penalty == "clip":
        label, info = "Bound of the slope", "ψ stays between minus this and plus this."
    elif penalty == "none":
        label, info = "Weight of the penalty", "Choose a penalty first."
    return {"label": label, "info": info, "interactive": penalty != "none"}


def _saddle() -> None:
    heading(
        "f = x y: two gradient steps that never converge",
        "x minimises x y, and y maximises it. Simultaneous steps lead further and further out;"
        " alternating steps go round and round. Neither approaches the equilibrium: this is why"
        " GANs need more than plain gradient steps.",
    )
    with gr.Row(elem_classes="explore-split"):
        with gr.Column(min_width=260, scale=1, elem_classes="theory-controls"):
            sliders = [
                _slider(
                    "theory-saddle-step",
                    "Step size h",
                    0.02,
                    1,
                    0.1,
                    0.02,
                    "The size of both gradient steps.",
                )
            ]
        with gr.Column(min_width=300, scale=3):
            _charts("theory-saddle", handlers.saddle, [], sliders)


def _distances() -> None:
    heading(
        "Wasserstein against Jensen-Shannon",
        "Two segments without a common point. Move one: JS stays at log 2 and shows no direction,"
        " while W is the remaining distance. Add noise to both, and JS gets a slope near the other"
        " segment (Arjovsky et al. 2017).",
    )
    with gr.Row(elem_classes="explore-split"):
        with gr.Column(min_width=260, scale=1, elem_classes="theory-controls"):
            sliders = [
                _slider(
                    "theory-theta", "Distance θ", -2, 2, 1.0, 0.05, "The real segment is at 0."
                ),
                _slider(
                    "theory-noise", "Noise on both", 0, 1, 0.0, 0.05, "Its standard deviation."
                ),
            ]
        with gr.Column(min_width=300, scale=3):
            _charts("theory-distances", handlers.distances, [], sliders)


def _transposed() -> None:
    heading(
        "Fractionally strided convolution",
        "How a generator enlarges a picture: zeros are inserted between the numbers, and a kernel"
        " moves over all of them. Change any number. Look at the overlaps: if the kernel size is"
        " not divisible by the stride, they are uneven, which gives a checkerboard (Odena et al."
        " 2016).",
    )
    with gr.Row(elem_classes="explore-split"):
        with gr.Column(min_width=260, scale=1, elem_classes="theory-controls"):
            sliders = [
                _slider("theory-conv-size", "Input size", 2, 4, 2, 1, "Numbers on a side."),
                _slider("theory-conv-kernel", "Kernel size", 1, 5, 3, 1, "Numbers on a side."),
                _slider(
                    "theory-conv-stride",
                    "Stride",
                    1,
                    3,
                    2,
                    1,
                    "Inserts one zero less than this between numbers.",
                ),
                _slider(
                    "theory-conv-padding", "Padding", 0, 4, 0, 1, "Removes a border of this width."
                ),
                _slider(
                    "theory-conv-output",
                    "Output padding",
                    0,
                    2,
                    0,
                    1,
                    "Adds cells below and on the right.",
                ),
            ]
        with gr.Column(min_width=300, scale=3):
            ids = [each.elem_id for each in sliders]
            component(
                "theory/convolution",
                "theory-conv",
                follows=ids,
                server_functions=[deconvolve],
                numbers=FIRST_INPUT,
                kernel=FIRST_KERNEL,
            )


def deconvolve(asked: Any) -> Props:
    """What the last room's script asks for: {"numbers", "kernel", "stride", "padding",
    "output_padding"}.
    """
    asked = asked if isinstance(asked, dict) else {}
    return with_errors(handlers.deconvolve)(
        *(asked.get(name) for name in ("numbers", "kernel", "stride", "padding", "output_padding"))
    )


ROOMS: dict[str, Callable[[], None]] = {
    "Optimal discriminator": _optimal,
    "C(G)": _along,
    "Dirac-GAN": _dirac,
    "f = x y": _saddle,
    "Distances": _distances,
    "Transposed convolution": _transposed,
}


def _slider(
    elem_id: str, label: str, low: float, high: float, value: float, step: float, info: str
) -> gr.Slider:
    return gr.Slider(
        low,
        high,
        value,
        step=step,
        label=label,
        info=info,
        elem_id=elem_id,
        buttons=[],
        interactive=True,
    )


def _charts(
    elem_id: str, function: Callable[..., Props], first: list[Any], sliders: list[gr.Slider]
) -> tuple[gr.HTML, Callable[..., Props]]:
    """Charts that follow the sliders; `first` are the other settings of the first picture."""
    follows = [str(each.elem_id) for each in sliders]
    beginning = {"ask": first, "moves": [each.value for each in sliders]}
    return following(elem_id, function, len(first), follows, "theory/theory", first=beginning)


def _wire(
    handler: Callable[..., Props], choices: list[Any], sliders: list[gr.Slider], part: gr.HTML
) -> None:
    """Draws again when something is chosen; the charts follow the sliders by themselves."""
    on([each.input for each in choices], handler, [*choices, *sliders], part, **LIVE)
