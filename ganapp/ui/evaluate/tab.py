"""The Evaluate tab: measures one or several trained models against real pictures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from ganapp.config.presets import DEFAULT_PRESET
from ganapp.errors import BadInput
from ganapp.ui.evaluate import handlers
from ganapp.ui.evaluate.handlers import COUNTS, MOST_MODELS, Request, Result
from ganapp.ui.evaluate.queue import JobQueue
from ganapp.ui.parts import catalog
from ganapp.ui.parts.components import (
    announce_fetch,
    component,
    file,
    heading,
    on,
    seed,
    with_errors,
)
from ganapp.ui.parts.limits import visitor_address
from ganapp.ui.parts.page import ACT, LIVE, PRIVATE, QUIET, Page, reports_errors
from ganapp.ui.parts.rendering import Props
from ganapp.ui.parts.visitor import owner_key

FIRST = [f"bundled:{DEFAULT_PRESET}"]
SECONDS_BETWEEN_NEWS = 0.4
QUEUE = JobQueue()
"""The measurements of all visitors, one after the other."""


Results = tuple[Result, ...]


def choices(page: Page, current: Any, browser: Any) -> Any:
    """The list of models; those that are still there stay chosen. Models of the Hub stay in the
    list as long as they are chosen.
    """
    names = (
        list(dict.fromkeys(value for value in current[: 4 * MOST_MODELS] if isinstance(value, str)))
        if isinstance(current, list)
        else []
    )
    found = {
        value: label
        for label, value in catalog.choices(page.registry.runs_of(owner_key(browser))[:50])
    }
    for name in names:
        found |= {value: label for label, value in catalog.choices((), name) if value == name}
    return gr.update(
        choices=[(label, value) for value, label in found.items()],
        value=[name for name in names if name in found],
    )


def fetched(page: Page, text: Any, current: Any, browser: Any) -> tuple[Any, str]:
    """Opens a model of the Hub and adds it to the chosen ones."""
    value = catalog.hub_value(text)
    announce_fetch(value)
    if "draw" not in catalog.uses(catalog.load(value).config):
        raise BadInput(
            f"{value[4:]} makes pictures from pictures instead of drawing them from noise, so it"
            " cannot be measured here."
        )
    return choices(page, [*(current if isinstance(current, list) else []), value], browser), ""


async def measured(what: Request) -> AsyncIterator[Props | Result]:
    """Yields the progress of the measurement of one model, and then its result. Raises what the
    measurement raised. Whoever stops listening leaves the queue.
    """
    if (before := handlers.cached_result(what)) is not None:  # at once, however many wait
        yield before
        return
    job = QUEUE.join(what.key, lambda progress: handlers.measure(what, progress), visitor_address())
    try:
        while not job.ended.is_set():
            ahead = QUEUE.ahead(job)
            doing = f"{ahead} before this one in the queue" if ahead else job.what
            yield {"share": job.share, "doing": doing}
            await asyncio.sleep(SECONDS_BETWEEN_NEWS)
        yield job.result()
    finally:
        QUEUE.leave(job)


def shown(
    results: Results, note: str, problems: list[str], share: float | None = None, run: float = 0.0
) -> Props:
    """What the script of the table draws: the `share` that is done of a measurement, and `run`, the
    time when it began. The script ignores late news of one that was stopped.
    """
    percent = None if share is None else round(100 * share)
    return {
        **handlers.table(results),
        "note": note,
        "problems": problems,
        "percent": percent,
        "run": run,
        "number": time.monotonic(),
    }


def picker(results: Results, chosen: str | None) -> Any:
    """The list of measured models, whose plots can be shown."""
    return gr.update(
        choices=[(f"{one.name}, {one.count:,}, seed {one.seed}", one.key) for one in results],
        value=chosen,
    )


@with_errors
def plots(results: Results, key: Any) -> Props:
    """The plots of a measured model."""
    result = handlers.chosen(results, key)
    return {**result.plots, "key": result.key, "title": f"{result.name}: {result.title}"}


def card(results: Results, key: Any) -> Props:
    """The card of a measured model, as a download."""
    result = handlers.chosen(results, key)
    return file(f"{result.name.replace(' ', '-')}-README.md", "text/markdown", result.card.encode())


class Table:
    """What is measured, and the table of results."""

    def __init__(self) -> None:
        heading(
            "How good are its pictures?",
            "Choose models. Each draws pictures, which are measured against the real pictures it"
            " learned from. No single number says much: compare it with its interval, and with what"
            " real pictures score against other real pictures.",
        )
        with gr.Row(elem_classes="explore-models"):
            self.models = gr.Dropdown(
                catalog.choices(),
                value=[value for _, value in catalog.choices() if value in FIRST],
                multiselect=True,
                label="Models",
                elem_id="evaluate-models",
                min_width=260,
                scale=2,
                info="One or several. CycleGANs draw nothing from noise, so they are not listed.",
            )
            self.repo = gr.Textbox(
                label="Open from the Hugging Face Hub: owner/name",
                placeholder="owner/name",
                max_lines=1,
                elem_id="evaluate-hub",
                min_width=220,
                info="A published model; it joins the list.",
            )
            self.open = gr.Button(
                "Open", elem_id="evaluate-hub-open", min_width=80, scale=0, size="md"
            )
        with gr.Row(elem_classes="evaluate-settings"):
            self.count = gr.Radio(
                [(f"{number:,}", number) for number in COUNTS],
                value=1000,
                label="Pictures of each model",
                elem_id="evaluate-count",
                min_width=280,
                info="Every number in the table depends on it; published ones use 5,000.",
            )
            with gr.Column(min_width=220, scale=1):
                self.seed = seed("evaluate-seed", "Seed", 1, "Sets the noise.")
        with gr.Row(elem_classes="evaluate-buttons"):
            self.start = self._button("Evaluate", "start", 130, variant="primary")
            self.stop = self._button("Stop", "stop", 80)
            self.save = self._button("Download CSV", "csv", 150)
            self.clear = self._button("Clear", "clear", 80)
        self.saved = component("parts/download", "evaluate-download", "<span></span>")
        self.table = component(
            "evaluate/evaluate",
            "evaluate-table",
            value=handlers.finished()[0],
            scripts=("evaluate/svg",),
        )

    @staticmethod
    def _button(text: str, name: str, width: int, **look: Any) -> gr.Button:
        return gr.Button(
            text, elem_id=f"evaluate-{name}", size="md", min_width=width, scale=0, **look
        )


class Plots:
    """The plots of one of the measured models."""

    def __init__(self) -> None:
        heading(
            "The pictures behind the numbers",
            "Five views of one model. The sentence below each view says how to read it.",
        )
        with gr.Row(elem_classes="explore-models"):
            self.which = gr.Radio(
                [],
                label="Plots of",
                elem_id="evaluate-which",
                info="Any model that has been measured.",
                scale=2,
            )
            self.save = gr.Button(
                "Download its card", elem_id="evaluate-card-file", size="md", min_width=180, scale=0
            )
        self.saved = component("parts/download", "evaluate-card-download", "<span></span>")
        self.plots = component("evaluate/plots", "evaluate-plots", value=handlers.finished()[1])


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    with gr.Column(elem_classes="explore-card", elem_id="evaluate-card"):
        table = Table()
    with gr.Column(elem_classes="explore-card evaluate-plots-card", elem_id="evaluate-plots-card"):
        views = Plots()
    evaluation = EvaluateTab(page, table, views)
    evaluation.wire_measurements()
    evaluation.wire_plots()
    evaluation.wire_models(tab)


class EvaluateTab:
    """Connects the table and the plots. `results` keeps what this page has measured."""

    def __init__(self, page: Page, table: Table, views: Plots) -> None:
        self.page, self.table, self.views = page, table, views
        self.results: Any = gr.State(())
        self.outputs = [table.table, self.results, page.evaluated, views.which, views.plots]

    # --- measurements

    def wire_measurements(self) -> None:
        """Evaluate, Stop, Clear and the file."""
        table = self.table
        inputs = [table.models, table.count, table.seed, self.page.browser]
        self._allow_start(table.start.click, False)
        running = table.start.click(
            self.measure,
            [*inputs, self.results, self.views.which],
            self.outputs,
            concurrency_limit=None,  # these only listen: QUEUE measures, one at a time
            show_progress="hidden",
            **PRIVATE,
        )
        for ended in (running.then, running.failure):
            self._allow_start(ended, True)
        table.stop.click(
            lambda kept: shown(kept, "Stopped.", []),
            self.results,
            table.table,
            cancels=[running],
            **QUIET,
        )
        table.clear.click(_nothing, None, self.outputs, cancels=[running], **QUIET)
        table.save.click(reports_errors(_csv), self.results, table.saved, **ACT)

    def _allow_start(self, event: Any, allowed: bool) -> None:
        """From this event on, Evaluate can be pressed or not. While the last press has not ended or
        is being cancelled, Gradio would drop the next one without a word.
        """
        update = f"() => ({{__type__: 'update', interactive: {str(allowed).lower()}}})"
        event(None, None, self.table.start, js=update, **PRIVATE)

    async def measure(
        self, values: Any, number: Any, noise: Any, browser: Any, kept: Results, key: Any
    ) -> AsyncIterator[list[Any]]:
        """Measures the chosen models one after the other; each joins the table when it is done."""
        began = time.monotonic()
        problems: list[str] = []
        first: str | None = None
        try:
            runs = await asyncio.to_thread(self.page.registry.runs_of, owner_key(browser))
            names = handlers.valid_models(values, runs)
            handlers.check_settings(number, noise)
        except BadInput as error:
            yield _only_table(shown(kept, "", [str(error)], run=began))
            return
        for place, value in enumerate(names):
            name = value.partition(":")[2][:60]
            try:
                yield _only_table(
                    shown(kept, f"Looking for {name}", problems, place / len(names), began)
                )
                what = await asyncio.to_thread(handlers.request_for, value, number, noise)
                async for news in measured(what):
                    if isinstance(news, Result):
                        kept, first = handlers.merge(kept, news), first or news.key
                    else:
                        note = f"{name}: {news['doing'] or 'beginning'}"
                        share = (place + news["share"]) / len(names)
                        yield _only_table(shown(kept, note, problems, share, began))
            except BadInput as error:
                problems = [*problems, f"{name}: {error}"]
                continue
            done = shown(kept, "", problems, (place + 1) / len(names), began)
            yield _everything(done, kept, first or key)
        yield _only_table(shown(kept, "", problems, run=began))

    # --- plots

    def wire_plots(self) -> None:
        """The choice of a model, and its card."""
        views = self.views
        views.which.input(plots, [self.results, views.which], views.plots, **LIVE)
        views.save.click(reports_errors(card), [self.results, views.which], views.saved, **ACT)

    # --- models

    def wire_models(self, tab: gr.Tab) -> None:
        """The list of models, and what an earlier visit measured."""
        table, views, browser = self.table, self.views, self.page.browser
        listed = [table.models, browser]
        tab.select(self.list_models, listed, table.models, **QUIET)
        recalled = [table.table, self.results, views.which, views.plots]
        tab.select(self.recall, [self.page.evaluated, browser, self.results], recalled, **QUIET)
        on(
            [table.open.click, table.repo.submit],
            reports_errors(self.open_model),
            [table.repo, *listed],
            [table.models, table.repo],
            **ACT,
        )

    def list_models(self, current: Any, browser: Any) -> Any:
        """The list as of now."""
        return choices(self.page, current, browser)

    def open_model(self, text: Any, current: Any, browser: Any) -> tuple[Any, str]:
        """Opens a model of the Hub."""
        return fetched(self.page, text, current, browser)

    def recall(self, keys: Any, browser: Any, results: Results) -> list[Any]:
        """The table that a reload would have lost."""
        runs = self.page.registry.runs_of(owner_key(browser))
        kept = handlers.recall(keys, runs) if keys and not results else ()
        if not kept:
            return [gr.skip()] * 4
        last = kept[-1].key
        return [shown(kept, "", []), kept, picker(kept, last), plots(kept, last)]


def _only_table(props: Props) -> list[Any]:
    return [props, *[gr.skip()] * 4]


def _everything(props: Props, kept: Results, chosen: str | None) -> list[Any]:
    """The outputs of `EvaluateTab` with another result."""
    return [props, kept, [one.key for one in kept], picker(kept, chosen), plots(kept, chosen)]


def _nothing() -> list[Any]:
    return [shown((), "", []), (), [], picker((), None), {"problem": ""}]


def _csv(kept: Results) -> Props:
    return file("evaluation.csv", "text/csv", handlers.as_csv(kept))
