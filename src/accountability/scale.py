"""Scores: the band of a scale that a score falls into, as the text gives the bands (meaning.md, section 9).

Scores are decimals, never floats. What the bands leave open (a gap, an overlap, a veto, a highest score) is settled by
choices that every rating shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from .answer import Because, Finding, Rating
from .breach import cause
from .event import Event
from .finding import finding
from .parameters import Use
from .policy import Policy
from .quick import maker
from .rule import Band, Scale
from .track import Scene

_WORDS = {
    "undetermined": {"zh": "未定", "en": "undetermined"},
    "not_rated": {"zh": "一项否决，不予评定", "en": "vetoed, not rated"},
}


def rating_id(scale: Scale, event: Event) -> str:
    """Return the id of the rating that an event gives under a scale."""
    return f"{scale.id}/{event.source}/{event.id}"


def rating(scene: Scene, scale: Scale, event: Event, unit: str | None) -> Rating:
    """Return the rating that an event gives under a scale."""
    day = event.date
    bands = [band for band in scene.policy.bands.get(scale.id, ()) if not band.chosen or scene.is_chosen(band, day)]
    uses: list[Use] = []

    def chosen(name: str) -> str:
        uses.append(scene.choice(name, day))
        return str(uses[-1].value)

    given = sum((Decimal(event.get(name, 0)) for name in scale.score), Decimal(0))
    cap = chosen("cap")
    score = given if cap == "none" else min(given, Decimal(cap))
    veto = scale.veto is not None and bool(event.get(scale.veto, False))
    band: Band | None = None
    word = "undetermined"
    if veto:
        is_lowest = chosen("veto_result") == "lowest_band" and bands
        band, word = (bands[0], "") if is_lowest else (None, "not_rated")
    else:
        fractions = chosen("fractional_policy")
        if fractions == "round_half_up":
            score = score.quantize(Decimal(1), ROUND_HALF_UP)
        holding = [each for each in bands if _holds(each, score)]
        if len(holding) > 1:
            band = holding[-1 if chosen("overlap_policy") == "higher_band" else 0]
        elif holding:
            band = holding[0]
        elif fractions == "continuous":
            below = [each for each in bands if each.at_most is not None and each.at_most < score]
            band = below[-1] if below and below[-1] is not bands[-1] else None
    rule = band or scale
    uses += scene.chosen(scale, day)
    name = band.title if band is not None else _WORDS[word]
    made: Rating = _rating(
        rating_id(scale, event), scale.id, unit, event.id, day, given, score, veto,
        name["zh"] if band is not None else word, name, rule.clause, (_scored, rule, event, *uses),
    )  # fmt: skip
    return made


_rating = maker(Rating)


def _scored(rule: Band | Scale, event: Event, *uses: Use) -> Because:
    """Return the reasons of a rating."""
    return Because(rule.id, rule.clause, (cause("score", event),), parameters=uses)


def _holds(band: Band, score: Decimal) -> bool:
    return (band.at_least is None or band.at_least <= score) and (band.at_most is None or score <= band.at_most)


def band_findings(policy: Policy) -> Iterator[Finding]:
    """Yield a finding for each gap and each overlap between the bands of the scales."""
    for scale in policy.scales:
        for code, lower, higher in unsettled(policy.bands.get(scale, ())):
            detail = {"lower": lower.id, "higher": higher.id}
            about = _gap(lower, higher) if code == "band_gap" else _shared(lower, higher)
            yield finding(code, about, detail, scale)


def unsettled(bands: Sequence[Band]) -> Iterator[tuple[str, Band, Band]]:
    """Yield ``band_gap`` or ``band_overlap`` with the two bands, of bands in their order, the lowest first."""
    for place, higher in enumerate(bands):
        before = bands[:place]
        for lower in before:
            if _end(lower) >= _beginning(higher):
                yield "band_overlap", lower, higher
        if before and _end(last := max(before, key=_end)) < _beginning(higher):
            yield "band_gap", last, higher


def _beginning(band: Band) -> Decimal:
    return band.at_least if band.at_least is not None else Decimal("-Infinity")


def _end(band: Band) -> Decimal:
    return band.at_most if band.at_most is not None else Decimal("Infinity")


def _gap(lower: Band, higher: Band) -> str:
    return f"({_plain(_end(lower))},{_plain(_beginning(higher))})"


def _shared(lower: Band, higher: Band) -> str:
    first, last = max(_beginning(lower), _beginning(higher)), min(_end(lower), _end(higher))
    if first == last:
        return _plain(first)
    opening, closing = "[" if first.is_finite() else "(", "]" if last.is_finite() else ")"
    return f"{opening}{_plain(first)},{_plain(last)}{closing}"


def _plain(number: Decimal) -> str:
    if number.is_infinite():
        return "-∞" if number < 0 else "∞"
    return format(number.normalize(), "f")
