"""Makes `finished.json` again: what the Restore tab shows before anyone has searched.

    python -m ganapp.ui.restore.make_finished

For each model below, a search for its first example, as the tab does it; and the figures of a VAE
and of the GAN beside it, as `evaluate-vae` measures them.
"""

from __future__ import annotations

import json

from ganapp import checkpoints
from ganapp.experiments.variational import drawn
from ganapp.restoration import SearchName
from ganapp.ui.restore import handlers

EXAMPLES: dict[str, SearchName] = {
    "digits": "half",
    "mnist": "half",
    "dcgan-faces": "middle",
    "vae-digits": "none",
}
MEASURED = ("vae-digits", "gan-digits")
"""Models that stand side by side with their figures."""
COUNT, SEED = 5000, 1


def found(name: str, damage: SearchName) -> dict[str, object]:
    """The last match of the search, as it is kept."""
    model = checkpoints.open_model(name)
    sent = handlers.examples_of(model)["examples"][0]
    *_, match = handlers.begun(model, damage, sent, SEED).matches
    return {
        "damage": damage,
        "seed": SEED,
        "steps": match.steps,
        "label": match.label,
        "error": round(match.error, 5),
        "z": [round(float(value), 4) for value in match.z.tolist()],
    }


def figures(name: str) -> dict[str, float]:
    """What is said below the pictures that a model draws."""
    measured = drawn(checkpoints.open_model(name), COUNT, SEED)
    values = {
        "sharpness": measured.sharpness,
        "faithful": measured.faithful,
        "coverage": measured.scores.coverage,
    }
    return {key: round(estimate.value, 4) for key, estimate in values.items()}


def main() -> None:
    """Searches, measures and writes."""
    known: dict[str, object] = {
        f"bundled:{name}": found(name, damage) for name, damage in EXAMPLES.items()
    }
    known["figures"] = {name: figures(name) for name in MEASURED}
    handlers.FINISHED.write_text(json.dumps(known) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
