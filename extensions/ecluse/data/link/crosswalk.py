"""Links as a project sees them: two columns of its own pseudonyms and a probability, nothing that identifies."""

from pathlib import Path

import pandas as pd

from ecluse.data.pseudonyms import ProjectKeys, pseudonym

COLUMNS = ("left_pseudonym", "right_pseudonym", "probability")


def crosswalk(links: pd.DataFrame, keys: ProjectKeys, left_kind: str, right_kind: str) -> pd.DataFrame:
    """Replace the ids of `links` (`left_id`, `right_id`, `probability`) by the project's pseudonyms.

    Args:
        links: of `link`. Any further column is left behind.
        keys: the project's own.
        left_kind: kind of id on the left, as in the catalogue (`implant`, `person`, …): each has its own key.
        right_kind: the same for the right.

    Returns:
        `left_pseudonym`, `right_pseudonym`, `probability`, sorted by pseudonym: the order of the sources would tell
        whose line is whose.
    """
    made = {"left": keys.key(left_kind), "right": keys.key(right_kind)}
    frame = pd.DataFrame(
        {
            COLUMNS[0]: [pseudonym(made["left"], str(value)) for value in links["left_id"]],
            COLUMNS[1]: [pseudonym(made["right"], str(value)) for value in links["right_id"]],
            COLUMNS[2]: links["probability"].to_numpy(dtype=float).round(4),
        }
    )
    return frame.sort_values(list(COLUMNS[:2]), ignore_index=True)


def write_crosswalk(links: pd.DataFrame, keys: ProjectKeys, kinds: tuple[str, str], out: Path) -> int:
    """Write the crosswalk as Parquet, whole or not at all; returns its rows."""
    frame = crosswalk(links, keys, *kinds)
    out.parent.mkdir(parents=True, exist_ok=True)
    new = out.with_name(out.name + ".new")
    frame.to_parquet(new, index=False)
    new.replace(out)
    return len(frame)
