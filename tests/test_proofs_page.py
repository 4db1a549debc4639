"""The page on what is proved names tests that there are, and leaves no law of the desk out."""

import ast
import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "proofs.md"
OF_THE_DESK = {f"I{number}" for number in (*range(4, 18), 23, 24)}


def test_every_test_that_the_page_names_is_there_and_carries_its_law() -> None:
    """Each name in the table is a test function with the law's number in its name."""
    functions = {
        node.name
        for path in (REPOSITORY / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    rows = re.findall(r"^\| (I\d+) \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {law for law, _, _ in rows} >= OF_THE_DESK
    for law, _, tests in rows:
        names = re.findall(r"`(\w+)`", tests)
        assert names, law
        for name in names:
            assert name in functions, f"{law}: there is no {name}"
            assert f"_{law.lower()}_" in name, f"{name} does not carry {law}"
