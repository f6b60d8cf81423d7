# SPDX-License-Identifier: GPL-3.0-or-later
"""Which conventions a character's names follow, how sure that is, and what is missing.

Every convention is tried on all names. The one that explains them best is taken first; what it
leaves open is filled from the next best, because rigs mix conventions. Nothing here knows
Blender: names come in, names with weights go out.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...models.arkit import CHANNELS
from .key_conventions import Alternative, KeyConvention
from .names import (
    names_a_side,
    plain,
    plain_forms,
    side_last,
    slips,
    without_number,
    words_in_order,
    words_of,
)

# How sure a name is: spelled as published, spelled otherwise, with something before or after
# that other names have, too, in another order of words, or with one or two slips.
AS_PUBLISHED, OTHER_SPELLING, WITH_AFFIX, OTHER_ORDER = 1.0, 0.95, 0.9, 0.8
ONE_SLIP, TWO_SLIPS = 0.6, 0.45

# So many names must share what stands before or after them for it to count for nothing.
_SHARED_BY = 3
# Slips are looked for in conventions that so many names follow, in words of so many letters.
_SETTLED, _LONG, _LONGER = 5, 6, 10


@dataclass(frozen=True)
class Hit:
    """A character's name that stands for one of a convention's.

    name: as the character has it. usual: as the convention has it. certainty: 0–1.
    """

    name: str
    usual: str
    certainty: float


@dataclass(frozen=True)
class Found:
    """What moves with a channel.

    weights: by the character's own names.
    certainty: of its least sure name.
    convention: the name of the convention that says so.
    partial: whether names of the same choice are missing.
    """

    weights: Alternative
    certainty: float
    convention: str
    partial: bool = False


@dataclass(frozen=True, eq=False)
class Recognised:
    """A convention that a character follows.

    convention: the convention.
    channels: those that are filled from it.
    hits: the character's names that stand for one of its own.
    """

    convention: KeyConvention
    channels: tuple[str, ...]
    hits: Mapping[str, Hit]

    @property
    def certainty(self) -> float:
        """0–1: the mean of its hits', less where they are few: one hit may be chance."""
        sure = [hit.certainty for hit in self.hits.values()]
        return sum(sure) / (len(sure) + 1)


@dataclass(frozen=True, eq=False)
class Recognition:
    """What was recognised in a character's names.

    conventions: those that channels are filled from, the first explains most.
    known: all names that stand for something in one of the conventions, moved or not.
    """

    conventions: tuple[Recognised, ...] = ()
    known: frozenset[str] = frozenset()

    def rows(self, names: Iterable[str]) -> dict[str, Found]:
        """What moves with each channel among these names, all of them or those of one mesh."""
        some = frozenset(names)
        rows = {}
        for each in self.conventions:
            hits = {name: hit for name, hit in each.hits.items() if name in some}
            for channel in each.channels:
                choices = each.convention.channels[channel]
                if (row := _choose(choices, hits, each.convention.name)) is not None:
                    rows[channel] = row
        return {channel: rows[channel] for channel in CHANNELS if channel in rows}


@functools.lru_cache(maxsize=64)
def recognise(
    names: tuple[str, ...],
    conventions: tuple[KeyConvention, ...],
    meshes: tuple[tuple[str, ...], ...] = (),
) -> Recognition:
    """Recognise a character by the names of its keys or properties, each given once.

    meshes: the names by mesh, where there are several: what one spells right, another may not.
    """
    tried = [(convention, hits_of(names, convention)) for convention in conventions]
    filled: set[str] = set()
    taken: set[str] = set()
    used: list[Recognised] = []
    while best := _best(tried, filled, taken):
        convention, hits, new = best
        if len(hits) >= _SETTLED:
            known = {
                name
                for _, others in tried
                for name, hit in others.items()
                if hit.certainty >= OTHER_SPELLING
            }
            for own in meshes or (names,):
                there = {name: hits[name] for name in own if name in hits}
                left = [name for name in own if name not in {*there, *taken, *known}]
                for channel, hit in _misspelt(left, convention, there, filled):
                    hits[hit.name] = hit
                    if channel not in new:
                        new.append(channel)
        used.append(Recognised(convention, tuple(new), MappingProxyType(hits)))
        filled.update(new)
        taken.update(hits)
        tried = [each for each in tried if each[0] is not convention]
    telling = {
        name
        for convention, hits in tried
        for name, hit in hits.items()
        if hit.certainty == AS_PUBLISHED and len(words_of(name)) > 1
    }
    return Recognition(tuple(used), frozenset(taken | telling))


def hits_of(names: Iterable[str], convention: KeyConvention) -> dict[str, Hit]:
    """The names that stand for one of a convention's, in whatever spelling."""
    owners, hits, left = convention.owners, {}, []
    for name in names:
        forms = list(plain_forms(name))
        if forms[0] in owners:
            usual = owners[forms[0]]
            hits[name] = Hit(name, usual, AS_PUBLISHED if name == usual else OTHER_SPELLING)
        elif behind := _behind_a_prefix(name, forms[1:], convention):
            hits[name] = Hit(name, behind, OTHER_SPELLING)
        elif (numberless := plain(without_number(name))) in owners:
            hits[name] = Hit(name, owners[numberless], WITH_AFFIX)
        else:
            left.append(name)
    for hit in _hits_with_affixes(left, convention):
        hits.setdefault(hit.name, hit)
    for name in left:
        words = words_of(name)
        reordered = convention.owners_by_words.get(tuple(sorted(words)))
        if reordered is not None and len(words) > 1:
            hits.setdefault(name, Hit(name, reordered, OTHER_ORDER))
    return hits


def _behind_a_prefix(name: str, forms: list[str], convention: KeyConvention) -> str | None:
    """What a name without its prefix stands for; a side in it is not passed over."""
    found = next((convention.owners[form] for form in forms if form in convention.owners), None)
    if found in convention.for_both_sides and names_a_side(words_in_order(name)):
        return None
    return found


def _hits_with_affixes(names: list[str], convention: KeyConvention) -> Iterator[Hit]:
    """Names that begin or end with words that others share: A01_Brow_Inner_Up, Head_jawOpen."""
    found = []
    for name in names:
        words = words_in_order(name)
        for cut in range(1, len(words)):
            for place, affix, rest in (
                ("before", words[:cut], words[cut:]),
                ("after", words[-cut:], words[:-cut]),
            ):
                usual = convention.owners.get("".join(side_last(rest)))
                if usual is not None and not names_a_side(affix):
                    # A number counts up from key to key: only that there is one is shared.
                    shape = (place, *map(_without_digits, affix))
                    found.append((shape, Hit(name, usual, WITH_AFFIX)))
    shared = Counter(shape for shape, _ in found)
    yield from (hit for shape, hit in found if shared[shape] >= _SHARED_BY)


def _without_digits(word: str) -> str:
    return "".join("#" if letter.isdigit() else letter for letter in word)


def _best(
    tried: list[tuple[KeyConvention, dict[str, Hit]]], filled: set[str], taken: set[str]
) -> tuple[KeyConvention, dict[str, Hit], list[str]] | None:
    """The convention that explains most names, of those that fill a channel still open.

    With the names that it explains and no other did, and the channels that it fills.
    """
    best, most = None, 0.0
    for convention, all_hits in tried:
        hits = {name: hit for name, hit in all_hits.items() if name not in taken}
        rows = {
            channel: row
            for channel, choices in convention.channels.items()
            if channel not in filled and (row := _choose(choices, hits, convention.name))
        }
        if not any(max(row.weights.values()) > 0 for row in rows.values()):
            continue
        score = sum(hit.certainty for hit in _by_usual(hits).values())
        if score > most:
            best, most = (convention, hits, list(rows)), score
    return best


def _by_usual(hits: Mapping[str, Hit]) -> dict[str, Hit]:
    """The surest hit of each of a convention's names; of equals the first."""
    found: dict[str, Hit] = {}
    for hit in hits.values():
        if hit.usual not in found or hit.certainty > found[hit.usual].certainty:
            found[hit.usual] = hit
    return found


def _choose(choices: tuple[Alternative, ...], hits: Mapping[str, Hit], name: str) -> Found | None:
    """The first choice that is there with all that moves forward, else the fullest."""
    by_usual = _by_usual(hits)
    best: Found | None = None
    most = 0
    for choice in choices:
        here = [usual for usual in choice if usual in by_usual]
        wanted = sum(weight > 0 for weight in choice.values())
        forward = sum(choice[usual] > 0 for usual in here)
        if not here or (wanted and not forward):
            continue
        if forward == wanted or forward > most:
            most = forward
            best = Found(
                MappingProxyType({by_usual[usual].name: choice[usual] for usual in here}),
                min(by_usual[usual].certainty for usual in here),
                name,
                partial=forward < wanted,
            )
        if forward == wanted:
            break
    return best


def _misspelt(
    names: list[str], convention: KeyConvention, hits: Mapping[str, Hit], filled: set[str]
) -> Iterator[tuple[str, Hit]]:
    """Names with a slip for what would be the better choice: eyeBlikLeft, mouthSmlieLeft.

    Only a name that no other of the convention's is as near to is taken.
    """
    there = {hit.usual for hit in hits.values()}
    missing: dict[str, frozenset[str]] = {}
    for channel, choices in convention.channels.items():
        if channel in filled:
            continue
        for choice in choices:
            if not there.isdisjoint(choice):
                break
            for usual in choice if len(choice) == 1 else ():
                missing[usual] = missing.get(usual, frozenset()) | {channel}
    for name in names:
        own = plain(name)
        most = 0 if len(own) < _LONG else 1 if len(own) < _LONGER else 2
        near = sorted((slips(own, plain(usual), most), usual) for usual in missing)
        near = [each for each in near if each[0] <= most]
        if not near or len({missing[usual] for count, usual in near if count == near[0][0]}) > 1:
            continue
        count, usual = near[0]
        channels = missing[usual]
        missing = {other: of for other, of in missing.items() if of.isdisjoint(channels)}
        for channel in channels:
            yield channel, Hit(name, usual, ONE_SLIP if count <= 1 else TWO_SLIPS)
