"""Makes `finished.json` again: the measurement that the Evaluate tab opens on.

    python -m ganapp.ui.evaluate.make_finished

Takes about two minutes on two CPU cores.
"""

from __future__ import annotations

import json

from ganapp.ui.evaluate import handlers

MODELS = ("mnist", "wgan-digits")
COUNT, SEED = 2000, 1


def main() -> None:
    """Measures each model as the tab does, and writes the table and the first one's plots."""
    results = [
        handlers.measure(handlers.request_for(f"bundled:{name}", COUNT, SEED), lambda *_: None)
        for name in MODELS
    ]
    first = results[0]
    names = " and ".join(MODELS)
    known = {
        "table": {
            **handlers.table(results),
            "note": (
                f"A finished measurement of {names}, {COUNT:,} pictures each; the plots are of"
                f" {first.name}. Choose models and press Evaluate for your own."
            ),
            "problems": [],
            "percent": None,
            "run": 0,
            "number": 0,
        },
        "plots": {**first.plots, "key": first.key, "title": f"{first.name}: {first.title}"},
    }
    handlers.FINISHED.write_text(json.dumps(known) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
