"""What the visitor's browser keeps between visits: the key of the owner, and the last run. Knows no
Gradio.
"""

from __future__ import annotations

import secrets
from typing import Any


def owner_key(browser: Any) -> str:
    """The key in the browser's state, or "" if there is none."""
    key = browser.get("key") if isinstance(browser, dict) else None
    return key if isinstance(key, str) else ""


def with_key(browser: Any) -> dict[str, Any]:
    """The browser's state with a key, made now if there was none."""
    known = browser if isinstance(browser, dict) else {}
    return {"id": known.get("id"), "key": owner_key(browser) or secrets.token_urlsafe(18)}
