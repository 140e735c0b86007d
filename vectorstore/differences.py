"""What changed between two versions of a text, sentence by sentence."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from vectorstore.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class Difference:
    """Sentences that stand in place of others: `before` is empty for what was added, `after` for what was taken out."""

    before: str
    after: str


def differences(before: str, after: str, language: str | None) -> list[Difference]:
    """What has to be changed to make one text the other, in order; none where both say the same.

    Sentences are compared as wholes; spaces between them do not count.
    """
    old, new = _sentences(before, language), _sentences(after, language)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        Difference(" ".join(old[start:stop]), " ".join(new[first:last]))
        for kind, start, stop, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def _sentences(text: str, language: str | None) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in sentence_spans(text, language)]
