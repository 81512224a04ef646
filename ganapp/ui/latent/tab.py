"""The Latent space tab: between two seeds, between four, along principal directions, and a walk at
random.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.ui.latent import handlers
from ganapp.ui.latent.handlers import DIRECTIONS, FARTHEST
from ganapp.ui.parts import components
from ganapp.ui.parts.components import (
    LIVE,
    NO_MODEL,
    ModelPicker,
    component,
    dimmed,
    file,
    following,
    heading,
    on,
    seed,
    truncation,
    with_errors,
)
from ganapp.ui.parts.inputs import seed_of
from ganapp.ui.parts.page import ACT, PRIVATE, QUIET, Page, reports_errors
from ganapp.ui.parts.rendering import Props, class_name

SKIP = gr.skip()
CORNERS = (
    ("A", "top left", 11),
    ("B", "top right", 12),
    ("C", "bottom left", 13),
    ("D", "bottom right", 14),
)
ONE, WALL = "One picture", "A wall"


def opened(value: Any) -> Any:
    """The chosen model, for what this tab does with it."""
    return components.opened(value, "draw", NO_MODEL)


def walk(value: Any, label: Any, a: Any, b: Any, mode: Any, percent: Any) -> Props:
    """The picture at the slider's place between two seeds."""
    return handlers.walk_picture(opened(value), label, a, b, percent, mode)


@dimmed
def walk_path(value: Any, label: Any, a: Any, b: Any) -> Props:
    """Both paths between two seeds."""
    return handlers.walk_path(opened(value), label, a, b)


def pad(value: Any, label: Any, mode: Any, *seeds_and_place: Any) -> Props:
    """The picture at the pad's place between four seeds."""
    *seeds, place = seeds_and_place
    return handlers.pad_picture(opened(value), label, seeds, place, mode)


@dimmed
def pad_map(value: Any, label: Any, mode: Any, *seeds: Any) -> Props:
    """The pad's pictures."""
    return handlers.pad_map(opened(value), label, seeds, mode)


def direction(value: Any, label: Any, base: Any, *amounts: Any) -> Props:
    """The picture of a seed moved along the directions."""
    return handlers.direction_picture(opened(value), label, base, amounts)


def strips(value: Any, label: Any, base: Any) -> list[Any]:
    """A strip for each direction, and its slider's label."""
    try:
        shown = handlers.direction_strips(opened(value), label, base)
    except BadInput:  # said where the picture is
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


def wall(value: Any, label: Any, start: Any, limit: Any) -> Props:
    """Pictures with truncated z."""
    return handlers.truncated_wall(opened(value), label, start, limit)


def codes(value: Any, label: Any, base: Any, first: Any, second: Any) -> Props:
    """The picture of InfoGAN's continuous codes."""
    return handlers.codes_picture(opened(value), label, base, first, second)


@dimmed
def codes_map(value: Any, label: Any, base: Any) -> Props:
    """All of InfoGAN's continuous codes."""
    return handlers.codes_map(opened(value), label, base)


def codes_card(value: Any) -> Any:
    """The card of the codes, in sight where the model has some."""
    try:
        return gr.update(visible=handlers.informed(opened(value)))
    except BadInput:
        return gr.update(visible=False)


@with_errors
def loop(value: Any, label: Any, start: Any, show: Any) -> Props:
    """The first frame of the walk at random."""
    return handlers.loop_poster(opened(value), label, start, show == WALL)


@with_errors
def play(value: Any, label: Any, start: Any, show: Any) -> Props:
    """The walk at random as an animation."""
    return handlers.loop_shown(opened(value), label, start, show == WALL)


def gif(value: Any, label: Any, start: Any, show: Any) -> Props:
    """The walk at random as a file."""
    return file(
        f"walk-{seed_of(start)}.gif",
        "image/gif",
        handlers.loop_gif(opened(value), label, start, show == WALL),
    )


def class_choice(value: Any, label: Any) -> tuple[Any, int | None]:
    """The class picker for a model, and the class that is chosen in it."""
    try:
        model = opened(value)
    except BadInput:
        return gr.update(choices=[], value=None, interactive=False), None
    if not model.classes:
        return (
            gr.update(
                choices=[("any", 0)],
                value=0,
                interactive=False,
                info="This model was trained without classes: z alone decides what it draws.",
            ),
            None,
        )
    kept = label if label in range(model.classes) else min(3, model.classes - 1)
    return (
        gr.update(
            choices=[(class_name(model, k), k) for k in range(model.classes)],
            value=kept,
            interactive=True,
            info="The same z drawn as another class: the style stays, the subject changes.",
        ),
        kept,
    )


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    models = ModelPicker(page, "latent", "draw")
    with gr.Row(elem_classes="explore-choices"):
        label = gr.Radio(
            [],
            label="Class",
            elem_id="latent-class",
            scale=3,
            min_width=300,
            interactive=False,
            info="Which class every picture below shows.",
        )
        mode = gr.Radio(
            [("slerp, the arc", "slerp"), ("lerp, straight", "lerp")],
            value="slerp",
            label="Path",
            elem_id="latent-mode",
            scale=2,
            min_width=280,
            info=(
                "How the big pictures go from seed to seed. Half way, lerp often turns faint or"
                " blurred."
            ),
        )

    with gr.Column(elem_classes="explore-card", elem_id="latent-walk"):
        heading(
            "Between two seeds",
            "Every seed is a vector z of random numbers, and the generator turns it into a picture."
            " In between, one picture should change into the other in small steps that are all"
            " believable.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                picture, draw_walk = following("latent-picture", walk, 5, ["latent-place"])
            with gr.Column(min_width=300, scale=1):
                with gr.Row(elem_classes="explore-seeds"):
                    a = seed("latent-seed-a", "Seed A", 1, "The picture at the left end.", "Roll A")
                    b = seed(
                        "latent-seed-b", "Seed B", 2, "The picture at the right end.", "Roll B"
                    )
                percent = gr.Slider(
                    0,
                    100,
                    40,
                    step=1,
                    label="Way from A to B (%)",
                    buttons=[],
                    elem_id="latent-place",
                    info=(
                        "Drag: the big picture turns from A's into B's, and the line below shows"
                        " where you are."
                    ),
                )
                path = component("parts/path", "latent-path")

    with gr.Column(elem_classes="explore-card", elem_id="latent-corners"):
        heading(
            "Between four seeds",
            "A whole square of the latent space: drag in it, or use the arrow keys. Where do the"
            " pictures change slowly, and where does one turn into another within a hair's"
            " breadth?",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                pad_picture, draw_pad = following("latent-pad-picture", pad, 7, ["latent-pad"])
            with gr.Column(min_width=300, scale=2, elem_classes="explore-field"):
                field_map = component("latent/map", "latent-map")
                field = component(
                    "latent/pad", "latent-pad", value="0.5,0.5", tiles=handlers.MAP_SIDE
                )
            with gr.Column(min_width=250, scale=1, elem_classes="explore-corner-seeds"):
                four = [
                    seed(
                        f"latent-corner-{name.lower()}",
                        f"Corner {name}",
                        value,
                        f"The seed {where} of the square.",
                    )
                    for name, where, value in CORNERS
                ]

    with gr.Column(elem_classes="explore-card", elem_id="latent-directions"):
        heading(
            "Along its strongest directions",
            "The six directions of z that move the generator's first hidden layer the most, in"
            " standard deviations of z. Try to name what each one changes: slant, weight,"
            " roundness?",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                direction_picture, draw_direction = following(
                    "latent-direction-picture",
                    direction,
                    3,
                    [f"latent-direction-{i}" for i in range(1, DIRECTIONS + 1)],
                )
                base = seed(
                    "latent-base", "Seed", 3, "The picture that all six sliders start from."
                )
                reset = gr.Button("Reset all to 0", elem_id="latent-reset", size="sm")
            with gr.Column(min_width=300, scale=1, elem_classes="explore-directions"):
                amounts, strip_parts = [], []
                for i in range(1, DIRECTIONS + 1):
                    with gr.Column(min_width=240, elem_classes="explore-direction"):
                        amounts.append(
                            gr.Slider(
                                -FARTHEST,
                                FARTHEST,
                                0,
                                step=0.1,
                                label=f"Direction {i}",
                                buttons=[],
                                elem_id=f"latent-direction-{i}",
                                info="Drag: the strip shows what this alone changes.",
                            )
                        )
                        strip_parts.append(component("latent/strip", f"latent-strip-{i}"))

    with gr.Column(elem_classes="explore-card", elem_id="latent-codes", visible=False) as card:
        heading(
            "The codes that InfoGAN found",
            "Nobody told this generator about classes. Its class picker is a code of ten values"
            " that it gave a meaning itself, and so are these two numbers. What do they change:"
            " slant, width, weight?",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                codes_picture, draw_codes = following(
                    "latent-codes-picture", codes, 3, ["latent-code-1", "latent-code-2"]
                )
                pair = [
                    gr.Slider(
                        -handlers.FARTHEST_CODE,
                        handlers.FARTHEST_CODE,
                        0,
                        step=0.1,
                        label=f"Continuous code {i}",
                        buttons=[],
                        elem_id=f"latent-code-{i}",
                        info="Drag: across the map." if i == 1 else "Drag: down the map.",
                    )
                    for i in (1, 2)
                ]
                coded = seed("latent-codes-seed", "Seed", 4, "The rest of z, which stays.")
            with gr.Column(min_width=300, scale=1, elem_classes="explore-field"):
                all_codes = component("latent/map", "latent-codes-map")

    with gr.Column(elem_classes="explore-card", elem_id="latent-truncation-card"):
        heading(
            "Fidelity or variety: truncation",
            "Cut every number of z off at plus or minus a limit (Brock et al. 2019): near 0 all"
            " pictures turn into the most usual one; uncut, they are as varied, and as odd, as"
            " training made them.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=0):
                wall_picture, draw_wall = following("latent-wall", wall, 3, ["latent-truncation"])
            with gr.Column(min_width=300, scale=1):
                limit = truncation("latent-truncation", 1.0)
                cut = seed(
                    "latent-truncation-seed", "Seed", 6, "Another seed shows other pictures."
                )

    with gr.Column(elem_classes="explore-card", elem_id="latent-loop-card"):
        heading(
            "A walk at random",
            "Along arcs through five random places and back. A good generator never jumps.",
        )
        with gr.Row(elem_classes="explore-split"):
            with gr.Column(min_width=300, scale=1):
                film = component("latent/loop", "latent-loop")
            with gr.Column(min_width=300, scale=1):
                start = seed(
                    "latent-loop-seed", "Seed", 5, "Another seed walks through five other places."
                )
                show = gr.Radio(
                    [WALL, ONE],
                    value=WALL,
                    label="Show",
                    elem_id="latent-loop-show",
                    info=(
                        "The wall shows all classes walking with the same z (or ten walks, if the"
                        " model knows no classes)."
                    ),
                )
                save = gr.Button("Download as GIF", elem_id="latent-gif", size="sm")
                saved = component("parts/download", "latent-download", "<span></span>")

    chosen = [models.list, label]
    walk_inputs, pad_inputs = [*chosen, a, b, mode, percent], [*chosen, mode, *four, field]
    direction_inputs, loop_inputs = [*chosen, base, *amounts], [*chosen, start, show]
    codes_inputs, wall_inputs = [*chosen, coded, *pair], [*chosen, cut, limit]
    settings = [
        mode,
        a,
        b,
        percent,
        *four,
        field,
        coded,
        *pair,
        cut,
        limit,
        base,
        *amounts,
        start,
        show,
    ]
    drawings = [
        picture,
        path,
        pad_picture,
        field_map,
        card,
        codes_picture,
        all_codes,
        wall_picture,
        direction_picture,
        *strip_parts,
        *amounts,
        film,
    ]

    def everything(
        value: Any, label: Any, mode: Any, a: Any, b: Any, percent: Any, *rest: Any
    ) -> list[Any]:
        """All pictures of the tab, with the class picker before them."""
        corners, place, coded, cut, base, moves, walking = (
            rest[:4],
            rest[4],
            rest[5:8],
            rest[8:10],
            rest[10],
            rest[11:-2],
            rest[-2:],
        )
        picker, label = class_choice(value, label)
        return [
            picker,
            draw_walk(value, label, a, b, mode, percent),
            walk_path(value, label, a, b),
            draw_pad(value, label, mode, *corners, place),
            pad_map(value, label, mode, *corners),
            codes_card(value),
            draw_codes(value, label, *coded),
            codes_map(value, label, coded[0]),
            draw_wall(value, label, *cut),
            draw_direction(value, label, base, *moves),
            *strips(value, label, base),
            loop(value, label, *walking),
        ]

    def walk_and_path(*given: Any) -> tuple[Props, Props]:
        return draw_walk(*given), walk_path(*given[:4])

    def pad_and_map(*given: Any) -> tuple[Props, Props]:
        return draw_pad(*given), pad_map(*given[:-1])

    def codes_and_map(*given: Any) -> tuple[Props, Props]:
        return draw_codes(*given), codes_map(*given[:3])

    def direction_and_strips(*given: Any) -> list[Any]:
        return [draw_direction(*given), *strips(*given[:3])]

    def jump(value: Any, label: Any, a: Any, b: Any, event: gr.EventData) -> tuple[Any, Any, Any]:
        """A click on a frame of the paths: go there."""
        asked = event._data if isinstance(event._data, dict) else {}
        percent, mode = asked.get("percent"), asked.get("mode")
        shown = draw_walk(value, label, a, b, mode, percent)
        return (SKIP, SKIP, shown) if "problem" in shown else (percent, mode, shown)

    def to_zero(value: Any, label: Any, base: Any) -> list[Any]:
        """All directions back at the seed."""
        return [*[0] * DIRECTIONS, draw_direction(value, label, base, *[0] * DIRECTIONS)]

    models.wire(tab, everything, [label, *settings], [label, *drawings])
    label.input(everything, [*chosen, *settings], [label, *drawings], **LIVE)

    on([a.change, b.change], walk_and_path, walk_inputs, [picture, path], **LIVE)
    path.select(jump, [*chosen, a, b], [percent, mode, picture], **QUIET)
    mode.input(draw_walk, walk_inputs, picture, **LIVE)
    on(
        [mode.change, *(corner.change for corner in four)],
        pad_and_map,
        pad_inputs,
        [pad_picture, field_map],
        **LIVE,
    )
    base.change(
        direction_and_strips, direction_inputs, [direction_picture, *strip_parts, *amounts], **LIVE
    )
    coded.change(codes_and_map, codes_inputs, [codes_picture, all_codes], **LIVE)
    cut.change(draw_wall, wall_inputs, wall_picture, **LIVE)
    reset.click(to_zero, [*chosen, base], [*amounts, direction_picture], **QUIET)
    on([start.change, show.input], loop, loop_inputs, film, **LIVE)
    film.play(play, loop_inputs, film, **PRIVATE, show_progress="hidden")
    save.click(reports_errors(gif), loop_inputs, saved, **ACT)
