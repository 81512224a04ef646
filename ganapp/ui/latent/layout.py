"""The sections of the Latent space tab, each a class: what it shows, and how it is wired."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.ui.latent import handlers
from ganapp.ui.latent.handlers import DIRECTIONS, FARTHEST
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    NO_MODEL,
    component,
    file,
    following,
    heading,
    hides_errors,
    on,
    seed,
    truncation,
    with_errors,
)
from ganapp.ui.parts.inputs import seed_of
from ganapp.ui.parts.page import ACT, LIVE, PRIVATE, QUIET, reports_errors
from ganapp.ui.parts.rendering import Props

SKIP = gr.skip()
CORNERS = (
    ("A", "top left", 11),
    ("B", "top right", 12),
    ("C", "bottom left", 13),
    ("D", "bottom right", 14),
)
ONE, GRID = "One picture", "A grid"


def load_model(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.load_model(value, "draw", NO_MODEL)


def walk(value: Any, label: Any, a: Any, b: Any, mode: Any, percent: Any) -> Props:
    """The picture at the position of the slider between two seeds."""
    return handlers.walk_picture(load_model(value), label, a, b, percent, mode)


@hides_errors
def walk_path(value: Any, label: Any, a: Any, b: Any) -> Props:
    """Both paths between two seeds."""
    return handlers.walk_path(load_model(value), label, a, b)


def pad(value: Any, label: Any, mode: Any, *seeds_and_place: Any) -> Props:
    """The picture at the position of the pad between four seeds."""
    *seeds, place = seeds_and_place
    return handlers.pad_picture(load_model(value), label, seeds, place, mode)


@hides_errors
def pad_map(value: Any, label: Any, mode: Any, *seeds: Any) -> Props:
    """The pictures in the background of the pad."""
    return handlers.pad_map(load_model(value), label, seeds, mode)


def direction(value: Any, label: Any, base: Any, *amounts: Any) -> Props:
    """The picture of a seed moved along the directions."""
    return handlers.direction_picture(load_model(value), label, base, amounts)


def strips(value: Any, label: Any, base: Any) -> list[Any]:
    """A strip for each direction, and its slider's label."""
    try:
        shown = handlers.direction_strips(load_model(value), label, base)
    except BadInput:  # the picture shows the error
        return [SKIP] * (2 * DIRECTIONS)
    shown = shown + [{}] * (DIRECTIONS - len(shown))
    labels = [
        f"Direction {i} ({100 * strip['share']:.0f} % of the variance)" if strip else ""
        for i, strip in enumerate(shown, 1)
    ]
    return [
        *shown,
        *(
            gr.update(label=label, visible=True) if label else gr.update(visible=False)
            for label in labels
        ),
    ]


def truncated(value: Any, label: Any, start: Any, limit: Any) -> Props:
    """Pictures with truncated z."""
    return handlers.truncated_grid(load_model(value), label, start, limit)


def codes(value: Any, label: Any, base: Any, first: Any, second: Any) -> Props:
    """The picture of InfoGAN's continuous codes."""
    return handlers.codes_picture(load_model(value), label, base, first, second)


@hides_errors
def codes_map(value: Any, label: Any, base: Any) -> Props:
    """All of InfoGAN's continuous codes."""
    return handlers.codes_map(load_model(value), label, base)


def codes_card(value: Any) -> Any:
    """The card of the codes, which only models with codes show."""
    try:
        return gr.update(visible=handlers.has_codes(load_model(value)))
    except BadInput:
        return gr.update(visible=False)


@with_errors
def loop(value: Any, label: Any, start: Any, show: Any) -> Props:
    """The first frame of the random walk."""
    return handlers.loop_poster(load_model(value), label, start, show == GRID)


@with_errors
def play(value: Any, label: Any, start: Any, show: Any) -> Props:
    """The random walk as an animation."""
    return handlers.loop_shown(load_model(value), label, start, show == GRID)


def gif(value: Any, label: Any, start: Any, show: Any) -> Props:
    """The random walk as a file."""
    return file(
        f"walk-{seed_of(start)}.gif",
        "image/gif",
        handlers.loop_gif(load_model(value), label, start, show == GRID),
    )


class Walk:
    """The big picture between two seeds, and both paths."""

    def __init__(self, mode: gr.Radio) -> None:
        heading(
            "Between two seeds",
            "Each seed stands for a vector z of random numbers, and the generator turns it into a"
            " picture. In between, one picture should change into the other in small steps, and"
            " every step should be believable.",
        )
        self.mode = mode
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                self.picture, self.follow = following("latent-picture", walk, 5, ["latent-place"])
            with gr.Column(min_width=300, scale=1):
                with gr.Row(elem_classes="explore-seeds"):
                    self.a = seed(
                        "latent-seed-a", "Seed A", 1, "The picture on the left.", "Roll A"
                    )
                    self.b = seed(
                        "latent-seed-b", "Seed B", 2, "The picture on the right.", "Roll B"
                    )
                self.percent = gr.Slider(
                    0,
                    100,
                    40,
                    step=1,
                    label="From A to B (%)",
                    buttons=[],
                    elem_id="latent-place",
                    info=(
                        "Drag: the big picture changes from A to B, and the line below shows where"
                        " you are."
                    ),
                )
                self.path = component("parts/path", "latent-path")
        self.inputs = [self.a, self.b, mode, self.percent]
        self.outputs = [self.picture, self.path]

    def draw(self, value: Any, label: Any, a: Any, b: Any, *rest: Any) -> list[Any]:
        """The picture and the paths."""
        return [self.follow(value, label, a, b, *rest), walk_path(value, label, a, b)]

    def jump(self, value: Any, label: Any, a: Any, b: Any, event: gr.EventData) -> tuple[Any, ...]:
        """Goes to the frame of the paths that was clicked."""
        clicked = event._data if isinstance(event._data, dict) else {}
        percent, mode = clicked.get("percent"), clicked.get("mode")
        shown = self.follow(value, label, a, b, mode, percent)
        return (SKIP, SKIP, shown) if "problem" in shown else (percent, mode, shown)

    def wire(self, chosen: list[Any]) -> None:
        """New seeds, another path, a click on a frame."""
        on([self.a.change, self.b.change], self.draw, [*chosen, *self.inputs], self.outputs, **LIVE)
        self.mode.input(self.follow, [*chosen, *self.inputs], self.picture, **LIVE)
        moved = [self.percent, self.mode, self.picture]
        self.path.select(self.jump, [*chosen, self.a, self.b], moved, **LIVE)


class Corners:
    """A square of the latent space between four seeds."""

    def __init__(self, mode: gr.Radio) -> None:
        heading(
            "Between four seeds",
            "A whole square of the latent space: drag in it, or use the arrow keys. Where do the"
            " pictures change slowly, and where does one suddenly turn into another?",
        )
        self.mode = mode
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                picture, self.follow = following("latent-pad-picture", pad, 7, ["latent-pad"])
            with gr.Column(min_width=300, scale=2, elem_classes="explore-field"):
                background = component("latent/map", "latent-map")
                self.pad = component(
                    "latent/pad", "latent-pad", value="0.5,0.5", tiles=handlers.MAP_SIDE
                )
            with gr.Column(min_width=250, scale=1, elem_classes="explore-corner-seeds"):
                self.seeds = [
                    seed(
                        f"latent-corner-{name.lower()}",
                        f"Corner {name}",
                        value,
                        f"The seed in the {where} corner.",
                    )
                    for name, where, value in CORNERS
                ]
        self.inputs = [mode, *self.seeds, self.pad]
        self.outputs = [picture, background]

    def draw(self, value: Any, label: Any, *rest: Any) -> list[Any]:
        """The picture and the background of the pad."""
        return [self.follow(value, label, *rest), pad_map(value, label, *rest[:-1])]

    def wire(self, chosen: list[Any]) -> None:
        """New seeds, another path."""
        events = [self.mode.change, *(corner.change for corner in self.seeds)]
        on(events, self.draw, [*chosen, *self.inputs], self.outputs, **LIVE)


class Directions:
    """Sliders along the principal directions, each with a strip of pictures."""

    def __init__(self) -> None:
        heading(
            "Along the strongest directions",
            "These six directions of z change the first hidden layer of the generator the most. The"
            " sliders count in standard deviations of z. Try to name what each one changes: slant,"
            " weight, roundness?",
        )
        numbers = range(1, DIRECTIONS + 1)
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                self.picture, self.follow = following(
                    "latent-direction-picture",
                    direction,
                    3,
                    [f"latent-direction-{number}" for number in numbers],
                )
                self.base = seed(
                    "latent-base", "Seed", 3, "The picture that all six sliders start from."
                )
                self.reset = gr.Button("Reset all to 0", elem_id="latent-reset", size="sm")
            with gr.Column(min_width=300, scale=1, elem_classes="explore-directions"):
                pairs = [self._slider(number) for number in numbers]
        self.amounts = [slider for slider, _ in pairs]
        self.strips = [strip for _, strip in pairs]
        self.inputs = [self.base, *self.amounts]
        self.outputs = [self.picture, *self.strips, *self.amounts]

    @staticmethod
    def _slider(number: int) -> tuple[gr.Slider, gr.HTML]:
        with gr.Column(min_width=240, elem_classes="explore-direction"):
            slider = gr.Slider(
                -FARTHEST,
                FARTHEST,
                0,
                step=0.1,
                label=f"Direction {number}",
                buttons=[],
                elem_id=f"latent-direction-{number}",
                info="Drag: the strip shows what this direction alone changes.",
            )
            return slider, component("latent/strip", f"latent-strip-{number}")

    def draw(self, value: Any, label: Any, base: Any, *amounts: Any) -> list[Any]:
        """The picture, the strips, and the labels of the sliders."""
        return [self.follow(value, label, base, *amounts), *strips(value, label, base)]

    def to_zero(self, value: Any, label: Any, base: Any) -> list[Any]:
        """Moves all sliders back to 0."""
        zeros = [0] * DIRECTIONS
        return [*zeros, self.follow(value, label, base, *zeros)]

    def wire(self, chosen: list[Any]) -> None:
        """A new seed, and the button."""
        self.base.change(self.draw, [*chosen, *self.inputs], self.outputs, **LIVE)
        zeroed = [*self.amounts, self.picture]
        self.reset.click(self.to_zero, [*chosen, self.base], zeroed, **QUIET)


class Codes:
    """InfoGAN's continuous codes; in sight only for models that have some."""

    def __init__(self, card: gr.Column) -> None:
        heading(
            "The codes that InfoGAN found",
            "This generator was trained without labels. Its class picker is a code with ten values"
            " whose meaning it learned by itself, and so are these two numbers. What do they"
            " change: slant, width, weight?",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                picture, self.follow = following(
                    "latent-codes-picture", codes, 3, ["latent-code-1", "latent-code-2"]
                )
                pair = [self._slider(number) for number in (1, 2)]
                self.seed = seed(
                    "latent-codes-seed", "Seed", 4, "The rest of z, which stays fixed."
                )
            with gr.Column(min_width=300, scale=1, elem_classes="explore-field"):
                everything = component("latent/map", "latent-codes-map")
        self.inputs = [self.seed, *pair]
        self.outputs = [card, picture, everything]

    @staticmethod
    def _slider(number: int) -> gr.Slider:
        return gr.Slider(
            -handlers.FARTHEST_CODE,
            handlers.FARTHEST_CODE,
            0,
            step=0.1,
            label=f"Continuous code {number}",
            buttons=[],
            elem_id=f"latent-code-{number}",
            info="Drag: across the map." if number == 1 else "Drag: down the map.",
        )

    def draw(self, value: Any, label: Any, base: Any, *pair: Any) -> list[Any]:
        """The card, the picture and the map."""
        shown = self.follow(value, label, base, *pair)
        return [codes_card(value), shown, codes_map(value, label, base)]

    def wire(self, chosen: list[Any]) -> None:
        """A new seed."""
        self.seed.change(self.draw, [*chosen, *self.inputs], self.outputs, **LIVE)


class Truncation:
    """A grid of pictures with truncated z."""

    def __init__(self) -> None:
        heading(
            "Fidelity or variety: truncation",
            "Limit every number of z to plus or minus a value (Brock et al. 2019). Near 0, all"
            " pictures turn into the most typical one. Without a limit, they are as varied, and as"
            " odd, as training made them.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                picture, self.follow = following("latent-wall", truncated, 3, ["latent-truncation"])
            with gr.Column(min_width=300, scale=1):
                limit = truncation("latent-truncation", 1.0)
                self.seed = seed(
                    "latent-truncation-seed", "Seed", 6, "Another seed shows other pictures."
                )
        self.inputs, self.outputs = [self.seed, limit], [picture]

    def draw(self, value: Any, label: Any, start: Any, limit: Any) -> list[Any]:
        """The grid."""
        return [self.follow(value, label, start, limit)]

    def wire(self, chosen: list[Any]) -> None:
        """A new seed."""
        self.seed.change(self.follow, [*chosen, *self.inputs], self.outputs[0], **LIVE)


class RandomWalk:
    """A film along arcs through random places."""

    def __init__(self) -> None:
        heading(
            "A random walk",
            "Along arcs through five random places and back. A good generator never jumps.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=1):
                self.film = component("latent/loop", "latent-loop")
            with gr.Column(min_width=300, scale=1):
                self.start = seed(
                    "latent-loop-seed", "Seed", 5, "Another seed walks through five other places."
                )
                self.show = gr.Radio(
                    [GRID, ONE],
                    value=GRID,
                    label="Show",
                    elem_id="latent-loop-show",
                    info=(
                        "The grid shows all classes with the same z (or ten different walks, if"
                        " the model has no classes)."
                    ),
                )
                self.save = gr.Button("Download as GIF", elem_id="latent-gif", size="sm")
                self.saved = component("parts/download", "latent-download", "<span></span>")
        self.inputs, self.outputs = [self.start, self.show], [self.film]

    def draw(self, value: Any, label: Any, start: Any, show: Any) -> list[Any]:
        """The first frame."""
        return [loop(value, label, start, show)]

    def wire(self, chosen: list[Any]) -> None:
        """A new seed, the film, and its file."""
        inputs = [*chosen, *self.inputs]
        on([self.start.change, self.show.input], loop, inputs, self.film, **LIVE)
        self.film.play(play, inputs, self.film, **PRIVATE, show_progress="hidden")
        self.save.click(reports_errors(gif), inputs, self.saved, **ACT)
