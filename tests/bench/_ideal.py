"""How much any linker could find: one that knows how the implants were made, with every share of every error.

Bayes' chance of each pair from the generator's own parameters (`ecluse.data.link.hydro`), with one-to-one competition.
Candidates are all stays within five days and, for a date written wrongly, those of the same year and legal entity. Its
threshold is chosen with the truth in hand.
"""

import numpy as np
import pandas as pd

from ecluse.data.link.assign import best_assignment
from ecluse.data.link.hydro import DAYS, ENTITIES, NOISE, _legal
from ecluse.data.link.matching import matching_chances

BEFORE, AFTER = 5, 2
"""Days that a stay can begin before the day written, and after."""
REACH = 15
FAINT = 1e-4


class Ideal:
    """Both sides as numbers, and the weight P(implant | stay) of any pair."""

    def __init__(self, left: pd.DataFrame, right: pd.DataFrame, noise: str) -> None:
        self.noise = NOISE[noise]
        right = right.sort_values("admitted", kind="stable", ignore_index=True)
        self.stays, self.implants = right["stay"].to_numpy(), left["device"].to_numpy()
        self.right_day, self.left_day = _days(right["admitted"]), _days(left["implanted"])
        self.right_year, self.left_year = right["admitted"].dt.year.to_numpy(), left["implanted"].dt.year.to_numpy()
        self.passed = (right["admitted"].dt.dayofyear.to_numpy() - 0.5) / 365.25
        self.right_birth, self.left_birth = right["birth_year"].to_numpy(), left["birth_year"].to_numpy()
        self.right_sex, self.left_sex = right["sex"].to_numpy(), left["sex"].to_numpy()
        numbers = {_legal(e): e for e in range(ENTITIES)}
        self.right_entity = right["site"].str[:3].astype(int).to_numpy()
        self.left_entity = left["entity"].map(numbers).fillna(-1).astype(int).to_numpy()
        homes, self.right_home = np.unique(right["department"].to_numpy().astype(str), return_inverse=True)
        self.left_home = left["department"].map({h: i for i, h in enumerate(homes)}).fillna(-1).astype(int).to_numpy()
        self.entity_share = np.bincount(self.right_entity, minlength=ENTITIES) / len(right)
        self.home_share = np.bincount(self.right_home, minlength=len(homes)) / len(right)
        wrong = np.zeros(2 * REACH + 1)
        wrong[REACH] = 1 - self.noise.birth
        for years in (-10, -5, -2, -1, 1, 2, 5, 10):
            wrong[REACH + years] += self.noise.birth / 8
        self.birth_passed, self.birth_to_come = wrong, np.roll(wrong, -1)
        self.shift = np.zeros(BEFORE + AFTER + 1)
        self.shift[AFTER] = 1 - self.noise.later - self.noise.earlier
        self.shift[:AFTER] = self.noise.earlier / AFTER
        self.shift[AFTER + 1 :] = self.noise.later * np.array([0.55 * 0.45**k for k in range(4)] + [0.45**4])
        self.total = np.zeros(len(left))
        self.pairs: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def add(self, who: np.ndarray, stays: np.ndarray, date: np.ndarray) -> None:
        """Weigh implants × stays; `date` is what the day says, for each of them."""
        level = self.noise
        years = np.clip(self.left_birth[who][:, None] - self.right_birth[stays] + REACH, 0, 2 * REACH)
        passed = self.passed[stays]
        weight = date * (self.birth_passed[years] * passed + self.birth_to_come[years] * (1 - passed))
        same = self.left_sex[who][:, None] == self.right_sex[stays]
        weight *= np.where(same, 1 - level.sex, level.sex)
        weight *= _code(self.left_entity[who], self.right_entity[stays], self.entity_share, level.hospital)
        weight *= _code(self.left_home[who], self.right_home[stays], self.home_share, level.residence)
        self.total[who] += weight.sum(axis=1)
        a, b = np.nonzero(weight > FAINT * self.total[who][:, None])
        self.pairs.append((who[a], stays[b], weight[a, b]))

    def near(self) -> None:
        """Stays within the days that an implant can be late or early."""
        for day in np.unique(self.left_day):
            who = np.flatnonzero(self.left_day == day)
            start, end = np.searchsorted(self.right_day, [day - BEFORE, day + AFTER + 1])
            stays = np.arange(start, end)
            shift = self.shift[day - self.right_day[stays] + AFTER]
            self.add(who, stays, (1 - self.noise.date) * np.tile(shift, (len(who), 1)))

    def wrong_dates(self) -> None:
        """Stays of the same year and legal entity, for dates that are altogether wrong."""
        places = pd.DataFrame({"year": self.right_year, "entity": self.right_entity}).groupby(["year", "entity"])
        rows = places.indices
        asked = pd.DataFrame({"year": self.left_year, "entity": self.left_entity}).groupby(["year", "entity"])
        for key, who in asked.indices.items():
            stays = rows.get(key, np.zeros(0, dtype=int))
            away = self.left_day[who][:, None] - self.right_day[stays]
            self.add(who, stays, np.where((away >= -AFTER) & (away <= BEFORE), 0.0, self.noise.date / 365))

    def unmatched(self) -> np.ndarray:
        """Per implant, the weight of having no stay here: its values as the population has them."""
        joint = np.zeros((ENTITIES, len(self.home_share)))
        np.add.at(joint, (self.right_entity, self.right_home), 1.0)
        given = (joint + 2 * self.home_share) / (joint.sum(axis=1, keepdims=True) + 2)
        right = (1 - self.noise.hospital) * (1 - self.noise.residence)
        both = (right * given + (1 - right) * self.home_share)[self.left_entity, self.left_home]
        entity, home = self.left_entity, self.left_home
        here = np.where(home < 0, 1.0, np.where(entity < 0, self.home_share[home], both))
        here *= np.where(entity < 0, 1.0, self.entity_share[entity]) / DAYS
        births, sexes = (pd.Series(v).value_counts(normalize=True) for v in (self.left_birth, self.left_sex))
        here *= births[self.left_birth].to_numpy() * sexes[self.left_sex].to_numpy()
        free = len(self.stays) - len(self.implants) * (1 - self.noise.unlinked)
        return np.asarray(here * free * self.noise.unlinked / (1 - self.noise.unlinked))


def ideal_links(left: pd.DataFrame, right: pd.DataFrame, noise: str) -> pd.DataFrame:
    """The best one-to-one pairs of a set of `make_hydro`, with their chance as `weight`."""
    known = Ideal(left, right, noise)
    known.near()
    known.wrong_dates()
    a, b, weight = (np.concatenate(one) for one in zip(*known.pairs, strict=True))
    rest = np.maximum(known.total - np.bincount(a, weight, minlength=len(left)), 0)
    chance = matching_chances(a, b, weight / (known.unmatched() + rest)[a], 30)
    chosen = best_assignment(a, b, chance)
    return pd.DataFrame(
        {"left_id": known.implants[a[chosen]], "right_id": known.stays[b[chosen]], "weight": chance[chosen]}
    )


def _days(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy().astype("datetime64[D]").astype(int)


def _code(left: np.ndarray, right: np.ndarray, share: np.ndarray, error: float) -> np.ndarray:
    """P(left code | right code), but for missing ones: copied, or drawn anew from all."""
    drawn = error * np.where(left < 0, 1.0, share[left])[:, None]
    found = (left[:, None] == right) * (1 - error) + drawn
    return np.where(left[:, None] < 0, 1.0, found)
