"""The tables of requests as Markdown: the diagram of states, and who may do what, for docs/explanation/review.md.

Worked example: the transition `draft → submitted` by `submit` of the author becomes the line
`draft --> submitted: submit` and the state is coloured as the author's. `docs/generate.py` writes both into the page,
between its markers.
"""

import re

from ecluse.rules.request import FINAL, OWNERS, PERMISSIONS, TRANSITIONS, Owner, State

_COLOURS = {Owner.AUTHOR: "#dbeafe", Owner.SYSTEM: "#e5e7eb", Owner.REVIEWERS: "#fef3c7"}
_SECTION = re.compile(r"(<!-- (?P<name>states|permissions): [^\n]*-->\n).*?(<!-- (?P=name) end -->)", re.DOTALL)


def states() -> str:
    """The states and transitions as a Mermaid diagram, and the owners as a table."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> draft: create"]
    lines += [f"    {_name(t.source)} --> {_name(t.target)}: {t.action}" for t in TRANSITIONS]
    lines += [f"    {_name(state)} --> [*]" for state in State if state in FINAL]
    lines += [f"    classDef {owner} fill:{colour},color:#111827" for owner, colour in _COLOURS.items()]
    lines += [f"    class {_name(state)} {owner}" for state, owner in OWNERS.items()]
    rows = [f"| `{s}` | {OWNERS[s]} | {_ways(s)} |" for s in State]
    return "\n".join([*lines, "```", "", "| state | owner | ways out |", "|---|---|---|", *rows])


def permissions() -> str:
    """Who may do what, in which states, as a table."""
    rows = []
    for action, (who, allowed) in PERMISSIONS.items():
        where = "all" if allowed == frozenset(State) else ", ".join(f"`{s}`" for s in State if s in allowed)
        rows.append(f"| {action} | {who} | {where or '–'} |")
    return "\n".join(["| action | by whom | in which states |", "|---|---|---|", *rows])


def updated(page: str) -> str:
    """The page with what stands between its markers made anew."""
    made = {"states": states(), "permissions": permissions()}
    return _SECTION.sub(lambda m: f"{m[1]}{made[m['name']]}\n{m[3]}", page)


def _name(state: State) -> str:
    """Mermaid takes a hyphen in a name for an arrow."""
    return state.replace("-", "_")


def _ways(state: State) -> str:
    return ", ".join(f"{t.action} → `{t.target}`" for t in TRANSITIONS if t.source is state) or "none"
