"""Guilds that ask: when their questions come, and which of them the bot's limits let in.

What is assumed of people stands in `Habits`. Nobody has published how often guilds ask a bot like this one; these are
guesses, which `benchmarks.capacity` varies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bot.settings import DiscordSettings

HOUR = 3600.0
_WARM_UP = 300.0  # seconds before the hour that is looked at
_MINUTE = 60.0
_SMALLEST, _LARGEST, _TAIL = 20, 50_000, 1.2  # members of a guild: Pareto, cut off


@dataclass(frozen=True, slots=True)
class Habits:
    """What is assumed of people and of Discord.

    `peak` is the rate of the busiest hour as a multiple of a day's mean, `burst` that of the moment after a release as
    a multiple of the hour's, which fades with `fading` seconds. `mentions` is the share of questions that mention the
    bot, each with `calls` that Discord counts; commands are answered through calls that it does not count.
    `subscribed` is the share of guilds in which a release is announced, `per_second` how many calls Discord takes.
    `call` and `scatter` are the median of a call in seconds and the standard deviation of its logarithm.
    """

    peak: float = 2.4
    burst: float = 5.0
    fading: float = 600.0
    mentions: float = 0.5
    calls: int = 3
    call: float = 0.12
    scatter: float = 0.5
    per_second: float = 50.0
    subscribed: float = 1.0

    def rate(self, guilds: int, a_day: float) -> float:
        """Questions in a second in the busiest hour, but for the burst."""
        return guilds * a_day * self.peak / 86_400


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions in the order in which they come: when, in seconds, in which guild, by whom, and whether by mention."""

    came: NDArray[np.float64]
    guild: NDArray[np.int64]
    person: NDArray[np.int64]
    mention: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.came)

    def only(self, which: NDArray[np.bool_]) -> Questions:
        """Some of them."""
        return Questions(self.came[which], self.guild[which], self.person[which], self.mention[which])


def members(guilds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """How many people each guild has, a heavy tail among them."""
    return np.minimum(_SMALLEST * (1 + rng.pareto(_TAIL, guilds)), _LARGEST).astype(np.int64)


def busiest_hour(guilds: int, a_day: float, habits: Habits, rng: np.random.Generator) -> Questions:
    """The questions of the busiest hour, with a release at its beginning; the minutes before it are below 0.

    They come at random, as a Poisson process of the rate that `habits` give, in each guild as often as it has members.
    """
    rate, fading = habits.rate(guilds, a_day), habits.fading
    steady = rng.uniform(-_WARM_UP, HOUR, rng.poisson(rate * (_WARM_UP + HOUR)))
    excited = rng.exponential(fading, rng.poisson(rate * (habits.burst - 1) * fading))
    came = np.sort(np.concatenate([steady, excited[excited < HOUR]]))
    people = members(guilds, rng)
    guild = rng.choice(guilds, len(came), p=people / people.sum())
    person = (rng.random(len(came)) * people[guild]).astype(np.int64)
    return Questions(came, guild, person, rng.random(len(came)) < habits.mentions)


def admitted(questions: Questions, limits: DiscordSettings) -> NDArray[np.bool_]:
    """Which questions neither their person nor their guild asks too soon, as `bot.discord.admission` counts."""
    asked: dict[tuple[int, int], float] = {}
    minutes: dict[int, tuple[float, int]] = {}
    let_in = np.zeros(len(questions), dtype=np.bool_)
    rows = zip(questions.came.tolist(), questions.guild.tolist(), questions.person.tolist(), strict=True)
    for number, (now, guild, person) in enumerate(rows):
        began, count = minutes.get(guild, (now, 0))
        if now - began >= _MINUTE:
            began, count = now, 0
        if now - asked.get((guild, person), -np.inf) < limits.user_pause or count >= limits.guild_per_minute:
            continue
        asked[guild, person], minutes[guild] = now, (began, count + 1)
        let_in[number] = True
    return let_in
