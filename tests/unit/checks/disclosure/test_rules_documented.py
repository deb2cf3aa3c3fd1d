"""Every rule of the checks is documented in docs/reference/rules.md, and every documented rule exists."""

import ast
import re
from pathlib import Path

REPO = Path(__file__).parents[4]
_RULE = re.compile(r"^[a-z](?:-?[a-z0-9])*$")
_CALLS = {"Finding", "Hit", "Unreadable", "refusal", "_Registered", "_say", "_plot", "_finding", "refused", "Refusal"}


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _texts(nodes: list[ast.expr]) -> set[str]:
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) and _RULE.match(n.value)}


def rules_in(source: str) -> set[str]:
    """Rule ids that a module names: as `rule=`, as an argument of what makes findings, or beside a severity."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            found |= _texts([k.value for k in node.keywords if k.arg in ("rule", "reason")])
            if _called(node) in _CALLS:
                found |= _texts(node.args)
        elif isinstance(node, ast.Tuple) and "Severity." in ast.unparse(node):
            found |= _texts(node.elts)
    return found


def in_code() -> set[str]:
    modules = (REPO / "extensions" / "ecluse" / "checks").rglob("*.py")
    return set().union(*(rules_in(module.read_text()) for module in modules))


def constants() -> set[str]:
    """Every text in the code, for rules that are named in tables."""
    modules = (REPO / "extensions" / "ecluse" / "checks").rglob("*.py")
    trees = (ast.parse(module.read_text()) for module in modules)
    return {
        n.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


def in_docs() -> set[str]:
    page = (REPO / "docs" / "reference" / "rules.md").read_text()
    return set(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE))


def test_every_rule_is_documented_and_every_documented_rule_exists() -> None:
    assert in_code() - in_docs() == set()
    assert in_docs() - constants() == set()


def test_rules_are_found_where_they_are_made() -> None:
    assert rules_in('Hit("nir", "a number", t, 0)\nx = (Severity.REFUSE, "tree-leaf")\nFinding(rule="a-b")') == {
        "nir",
        "tree-leaf",
        "a-b",
    }
