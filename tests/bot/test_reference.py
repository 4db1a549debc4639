"""The pages that are made from the code are those that are committed."""

from pathlib import Path

import pytest

from bot.reference import DOCS, main, pages, stale
from options.events import EVENT_TYPES
from options.lifecycle import TRANSITIONS, OrderStatus, TradeStatus


def test_committed_pages_are_current() -> None:
    """docs/ledger.md and docs/lifecycle.md say what the code says; otherwise run python -m bot.reference."""
    assert stale(DOCS) == []


def test_ledger_page_has_every_event_and_field() -> None:
    """No event type and none of its fields is missing from the page, and no mark of a docstring is left in it."""
    page = pages()["ledger.md"]
    for kind in EVENT_TYPES:
        section = page.split(f"#### {kind.__name__}\n")[1].split("\n#")[0]
        for field in set(kind.__struct_fields__) - {"ts", "cause"}:
            assert f"| `{field}` |" in section
    assert ":class:" not in page
    assert "``" not in page.replace("```", "")


def test_links_within_the_ledger_page_lead_somewhere() -> None:
    """A field's type that is described further down links to a heading that is there."""
    page = pages()["ledger.md"]
    headings = {line.lstrip("# ").lower() for line in page.splitlines() if line.startswith("#")}
    targets = {part.split(")")[0] for part in page.split("](#")[1:]}
    assert targets
    assert targets <= headings


def test_lifecycle_page_has_every_row() -> None:
    """Every row of the table is on the page, and every status is in the picture."""
    page = pages()["lifecycle.md"]
    for (start, step), end in TRANSITIONS.items():
        assert f"| {start[0]} | {start[1]} | {step} | {end[0]} | {end[1]} |" in page
    statuses = {status for (start, _), end in TRANSITIONS.items() for status in (start, end)}
    assert all(f'state "{order} / {trade}" as s' in page for order, trade in statuses)
    assert {order for order, _ in statuses} == set(OrderStatus)
    assert {trade for _, trade in statuses} == set(TradeStatus)


def test_stale_page_is_found(tmp_path: Path) -> None:
    """A page that is missing, or that somebody changed by hand, is named."""
    assert stale(tmp_path) == ["ledger.md", "lifecycle.md"]
    for name, text in pages().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert stale(tmp_path) == []
    (tmp_path / "ledger.md").write_text("changed", encoding="utf-8")
    assert stale(tmp_path) == ["ledger.md"]


def test_wrong_argument_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """An argument that is not --check changes nothing and says what would be right."""
    assert main(["--chekc"]) == 2
    assert "--check" in capsys.readouterr().err
