"""Makes `finished.json` again: what the Restore tab shows before anyone has searched.

    python -m ganapp.ui.restore.make_finished

For each model below, a search for its first example, as the tab does it.
"""

from __future__ import annotations

import json

from ganapp import checkpoints
from ganapp.restoration import SearchName
from ganapp.ui.restore import handlers

EXAMPLES: dict[str, SearchName] = {"digits": "half", "mnist": "half", "dcgan-faces": "middle"}
SEED = 1


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


def main() -> None:
    """Searches and writes."""
    known = {f"bundled:{name}": found(name, damage) for name, damage in EXAMPLES.items()}
    handlers.FINISHED.write_text(json.dumps(known) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
