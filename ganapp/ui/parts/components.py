"""Parts that the exploring tabs are laid out with: pictures, seeds with their dice, the list of
models, downloads.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Iterable
from typing import Any

import gradio as gr

from ganapp.errors import BadInput
from ganapp.ui.parts import catalog
from ganapp.ui.parts.inputs import Expired
from ganapp.ui.parts.page import ACT, LIVE, PRIVATE, QUIET, Page, asset, plain, reports_errors
from ganapp.ui.parts.rendering import NO_TRUNCATION, Props, stamp
from ganapp.ui.parts.visitor import owner_key

DICE = "() => Math.floor(Math.random() * 10000)"
NO_MODEL = (
    "There is no trained model here yet: train one on the Train tab, or open one from the Hugging"
    " Face Hub."
)
NO_CONDITIONAL = (
    "There is no conditional model here yet: train one on the Train tab with “Conditional” ticked."
)


def component(
    name: str,
    elem_id: str,
    markup: str | None = None,
    value: Any = None,
    scripts: Iterable[str] = (),
    **rest: Any,
) -> gr.HTML:
    """A part of the page that the script `name`.js draws from its value, with others before it; its
    markup may hold a editor to draw on.
    """
    markup = asset(f"{name}.html") if markup is None else markup
    markup = markup.replace("<!-- editor -->", asset("parts/editor.html"))
    editor = ["parts/editor"] if 'class="editor"' in markup else []
    return gr.HTML(
        value,
        html_template=markup,
        js_on_load="\n".join(
            asset(f"{script}.js") for script in ("parts/common", *editor, *scripts, name)
        ),
        elem_id=elem_id,
        apply_default_css=False,
        **rest,
    )


def load_model(value: Any, use: catalog.Use, none: str) -> Any:
    """The chosen model; `BadInput` says `none` if there is none, or that it cannot be used so."""
    if not value:
        raise BadInput(none)
    model = catalog.load(value)
    if use not in catalog.uses(model.config):
        raise BadInput(f"This model cannot {use}: choose another one.")
    return model


def answer_script(handler: Callable[[], Props], asked: Any) -> Props:
    """What the handler answers to a script that asked with a dictionary; or the `problem`, and
    whether what it asked about is `over`.
    """
    try:
        if not isinstance(asked, dict):
            raise BadInput("The page and the app do not match any more: load the page again.")
        return handler()
    except BadInput as error:
        return {"problem": str(error), "over": isinstance(error, Expired)}


def heading(title: str, lesson: str) -> None:
    """The title of a section and one sentence on what to look for in it."""
    gr.HTML(
        f"<h2>{title}</h2><p>{lesson}</p>", elem_classes="explore-heading", apply_default_css=False
    )


def seed(prefix: str, label: str, value: int, info: str, dice: str = "Roll") -> gr.Number:
    """A seed with a button that rolls another one in the browser. What else may be typed the
    handlers refuse, in their own words.
    """
    with gr.Row(elem_classes="explore-seed", equal_height=False):
        number = gr.Number(value, label=label, info=info, elem_id=prefix, min_width=90, scale=1)
        roll = gr.Button(f"⚄ {dice}", elem_id=f"{prefix}-roll", size="sm", min_width=64, scale=0)
    roll.click(None, None, number, js=DICE, **PRIVATE)
    return number


def truncation(elem_id: str, value: float) -> gr.Slider:
    """The slider that cuts z off."""
    return gr.Slider(
        0,
        NO_TRUNCATION,
        value,
        step=0.05,
        label="Truncation of z",
        buttons=[],
        elem_id=elem_id,
        info=(
            "Limits every number of z to plus or minus this value. At the right end there is no"
            " limit. The caption shows the diversity."
        ),
    )


class ModelPicker:
    """The list of models with the box that opens one of the Hub's."""

    def __init__(self, page: Page, prefix: str, use: catalog.Use) -> None:
        self.page, self.use = page, use
        with gr.Row(elem_classes="explore-models"):
            self.list = gr.Dropdown(
                [],
                label="Model",
                filterable=False,
                elem_id=f"{prefix}-model",
                min_width=260,
                scale=2,
                info="The model that draws everything below.",
            )
            self.repo = gr.Textbox(
                label="Open from the Hugging Face Hub: owner/name",
                placeholder="owner/name",
                max_lines=1,
                elem_id=f"{prefix}-hub",
                min_width=220,
                info="A published model; it joins the list.",
            )
            self.opener = gr.Button(
                "Open", elem_id=f"{prefix}-hub-open", min_width=80, scale=0, size="md"
            )

    def choose(self, current: Any, browser: Any) -> tuple[Any, str | None]:
        """The refreshed list and the model that is chosen in it."""
        keep = current if isinstance(current, str) else None
        found = catalog.choices(self.page.registry.runs_of(owner_key(browser))[:50], keep, self.use)
        values = [value for _, value in found]
        chosen = keep if keep in values else values[0] if values else None
        return gr.update(choices=found, value=chosen, interactive=bool(found)), chosen

    def wire(
        self, tab: gr.Tab, draw: Callable[..., list[Any]], settings: list[Any], outputs: list[Any]
    ) -> None:
        """Fills `outputs` with `draw(model, *settings)` when the tab is turned to first, a model is
        chosen or fetched, and on coming back to the tab if another model is chosen by then, or a
        run may have gone on. A page that opens costs nothing for the tabs nobody looks at.
        """

        def turned_to(browser: Any, value: Any, request: gr.Request, *rest: Any) -> list[Any]:
            asked_for = catalog.asked_value(request.query_params.get("model", ""))
            refreshed, now = self.choose(value or asked_for, browser)
            if now == value and now and not now.startswith("run:"):
                return [refreshed, *[gr.skip()] * len(outputs)]
            return [refreshed, *draw(now, *rest)]

        def drawn(*arguments: Any) -> Any:
            values = draw(*arguments)
            # Gradio would take a list for the one output's value.
            return values if len(values) > 1 else values[0]

        chosen, everything = [self.list, *settings], [self.page.browser, self.list, *settings]
        tab.select(turned_to, everything, [self.list, *outputs], **QUIET)
        self.list.input(None, self.list, None, js=asset("parts/model_link.js"), **PRIVATE)
        self.list.input(drawn, chosen, outputs, **LIVE)
        typed = [self.opener.click, self.repo.submit]
        fetched = on(
            typed,
            reports_errors(self.fetch),
            [self.repo, self.page.browser],
            [self.list, self.repo],
            **ACT,
        )
        fetched.success(drawn, chosen, outputs, **QUIET)

    def fetch(self, text: Any, browser: Any) -> tuple[Any, str]:
        """Opens what was typed, and chooses it in the list."""
        value = catalog.hub_value(text)
        announce_fetch(value)
        model = catalog.load(value)
        if self.use not in (known := catalog.uses(model.config)):
            where = "Translate" if "translate" in known else "Latent space"
            raise BadInput(f"{value[4:]} cannot {self.use}: it opens on the {where} tab.")
        return self.choose(value, browser)[0], ""


def announce_fetch(value: str) -> None:
    """Says that a model of the Hub is being fetched, which can take a while."""
    gr.Info(
        f"Fetching {plain(value[4:])} from the Hugging Face Hub.", title="One moment", duration=4
    )


def with_errors(function: Callable[..., Props]) -> Callable[..., Props]:
    """`function` with a refusal shown in the place of its picture. Every answer is a new one, so
    that the page draws it even if it has followed a slider elsewhere meanwhile, and is numbered
    when it was asked for, so that the page drops what a later question has overtaken.
    """

    @functools.wraps(function)
    def shown(*arguments: Any) -> Props:
        number = stamp()
        try:
            return function(*arguments) | {"number": number}
        except BadInput as error:
            return {"problem": str(error), "number": number}

    return shown


def following(
    elem_id: str,
    function: Callable[..., Props],
    settings: int,
    follows: list[str],
    name: str = "parts/picture",
    **rest: Any,
) -> tuple[gr.HTML, Callable[..., Props]]:
    """A large picture, or another component called `name`, that follows the sliders or the pad with
    the ids `follows` while they are dragged, and the handler that draws it.

    `function` takes `settings` arguments that the picture also depends on, and then a value of each
    of `follows`.
    """
    drawn = with_errors(function)

    def handler(*arguments: Any) -> Props:
        return drawn(*arguments) | {"ask": list(arguments[:settings])}

    def follow(asked: Any) -> Props:
        """What the picture's script asks for: the settings of the handler's last picture, and where
        the sliders are now.
        """
        ask, moves = (
            (asked.get("ask"), asked.get("moves")) if isinstance(asked, dict) else (None, None)
        )
        if not (
            isinstance(ask, list)
            and isinstance(moves, list)
            and len(ask) == settings
            and len(moves) == len(follows)
        ):
            return {"problem": "The page and the app do not match any more: load the page again."}
        return drawn(*ask, *moves)

    return component(name, elem_id, follows=follows, server_functions=[follow], **rest), handler


def hides_errors(function: Callable[..., Props]) -> Callable[..., Props]:
    """`function` with a refusal that dims its part; the sentence is said by the picture that
    belongs to it.
    """

    @functools.wraps(function)
    def shown(*arguments: Any) -> Props:
        try:
            return function(*arguments)
        except BadInput:
            return {"problem": ""}

    return shown


def file(name: str, kind: str, content: bytes) -> Props:
    """A download for the `download` component; the number makes the same file a new one."""
    return {
        "name": name,
        "type": kind,
        "data": base64.b64encode(content).decode(),
        "number": stamp(),
    }


def on(
    events: Iterable[Any], function: Callable[..., Any], inputs: Any, outputs: Any, **how: Any
) -> Any:
    """`gr.on` for events of this page."""
    return gr.on(list(events), function, inputs, outputs, **how)
