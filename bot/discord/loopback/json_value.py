"""The type of what came out of JSON and is yet to be checked."""

from typing import Any

JsonValue = Any
