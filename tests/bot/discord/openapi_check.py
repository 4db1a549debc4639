"""Holds every request and every answer of a loopback Discord to Discord's published OpenAPI document."""

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from bot.discord.loopback.journal import Exchange
from tests.conftest import shared_data_folder

_HOME = "urn:discord:openapi"
_REQUESTS = "urn:discord:openapi:requests"
_BODYLESS = {"GET", "DELETE"}


class OpenApiCheck:
    """Collects what is wrong; ``listen`` is handed to the journal of a server."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.faults: list[str] = []
        self.heard = 0
        self.checked: Counter[str] = Counter()
        """Exchanges by method and template."""
        document = _with_named_faults(document)
        self._document = document
        self._registry: Registry[Any] = Registry().with_resources(
            (home, DRAFT202012.create_resource(contents))
            for home, contents in ((_HOME, document), (_REQUESTS, _with_numeric_ids(document)))
        )
        self._validators: dict[str, Draft202012Validator] = {}

    def listen(self, exchange: Exchange) -> None:
        """Check one exchange. A route that Discord does not document is a fault, unless it is answered with 404."""
        self.heard += 1
        operation = self._operation(exchange)
        if operation is None:
            if exchange.status != 404:
                self._note(exchange, "the document has no such operation")
            return
        self.checked[f"{exchange.method} {exchange.template}"] += 1
        # What was refused as malformed was no good request; its answer is still checked.
        if exchange.status != 400:
            self._check_request(exchange, operation[0], operation[1])
        if exchange.status is not None and exchange.status < 500:
            self._check_answer(exchange, operation[0], operation[1])

    def _operation(self, exchange: Exchange) -> tuple[str, dict[str, Any]] | None:
        operations = self._document["paths"].get(exchange.template, {})
        found = operations.get(exchange.method.lower())
        if found is None:
            return None
        escaped = exchange.template.replace("~", "~0").replace("/", "~1")
        escaped = escaped.replace("{", "%7B").replace("}", "%7D")
        return f"#/paths/{escaped}/{exchange.method.lower()}", found

    def _check_request(self, exchange: Exchange, pointer: str, operation: dict[str, Any]) -> None:
        body = operation.get("requestBody")
        if body is None:
            if exchange.form is not None and exchange.method in _BODYLESS:
                self._note(exchange, "a request body where there is none")
            return
        if exchange.form is None:
            return
        if exchange.content_type not in body["content"]:
            self._note(exchange, f"content type {exchange.content_type}")
            return
        kind = exchange.content_type.replace("/", "~1")
        self._validate(exchange, "request", f"{pointer}/requestBody/content/{kind}/schema", exchange.form)

    def _check_answer(self, exchange: Exchange, pointer: str, operation: dict[str, Any]) -> None:
        status = str(exchange.status)
        if exchange.fault is not None and exchange.answer is None:
            return
        key = status if status in operation["responses"] else f"{status[0]}XX"
        response = operation["responses"].get(key)
        if response is None:
            self._note(exchange, f"answered {status}, documented are {', '.join(operation['responses'])}")
            return
        if "$ref" in response:
            pointer = response["$ref"]
            response = self._document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        else:
            pointer = f"{pointer}/responses/{key}"
        content = response.get("content", {}).get("application/json")
        if content is None:
            if exchange.answer is not None:
                self._note(exchange, f"a body with {status}")
            return
        self._validate(exchange, "answer", f"{pointer}/content/application~1json/schema", exchange.answer)

    def _validate(self, exchange: Exchange, side: str, pointer: str, value: Any) -> None:
        reference = (_REQUESTS if side == "request" else _HOME) + pointer
        if reference not in self._validators:
            schema = {"$ref": reference}
            self._validators[reference] = Draft202012Validator(schema, registry=self._registry)
        for error in self._validators[reference].iter_errors(value):
            deepest = _deepest(error)
            place = "/".join(str(part) for part in deepest.absolute_path)
            self._note(exchange, f"{side} at {place or '(top)'}: {deepest.message[:300]}")

    def _note(self, exchange: Exchange, text: str) -> None:
        self.faults.append(f"{exchange.method} {exchange.template} [{exchange.status}]: {text}")

    def hold(self) -> None:
        """Assert that something was checked and nothing was wrong."""
        assert self.checked, "no exchange was checked"
        assert not self.faults, "\n".join(["", *self.faults[:20]])


def _with_named_faults(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the codes of a form's faults as words.

    It calls them integers; Discord's own guide to its errors has ``BASE_TYPE_MAX_LENGTH`` and the like.
    """
    components = document["components"]
    schemas = components["schemas"]
    fault = schemas["Error"] | {
        "properties": schemas["Error"]["properties"] | {"code": {"type": ["string", "integer"]}}
    }
    inner = schemas["InnerErrors"]
    inner = inner | {"properties": {"_errors": {"type": "array", "items": fault}}}
    return document | {"components": components | {"schemas": schemas | {"InnerErrors": inner}}}


def _with_numeric_ids(document: dict[str, Any]) -> dict[str, Any]:
    """The document as requests are read: an id may come as a number as well."""
    components = document["components"]
    schemas = components["schemas"]
    either = schemas["SnowflakeType"] | {"type": ["string", "integer"]}
    return document | {"components": components | {"schemas": schemas | {"SnowflakeType": either}}}


def _deepest(error: Any) -> Any:
    """Of a failed union, the branch that came closest."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return error


@lru_cache
def read_document(path: Path) -> dict[str, Any]:
    """Discord's OpenAPI document."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def document_here() -> dict[str, Any] | None:
    """Discord's OpenAPI document, where the real recorded data is at hand; else ``None``."""
    path = shared_data_folder() / "discord" / "openapi.json"
    return read_document(path) if path.is_file() else None
