"""One question word exchanged for another: "Why?" after "When did Sweden join?" asks why Sweden joined."""

from __future__ import annotations

import re

from bot.follow_up.words import AUXILIARY, ENGLISH_ASKING, FRENCH_ASKING, bare, content, plain

_ENGLISH = {
    "pourquoi": "why", "quand": "when", "combien": "how much", "comment": "how", "ou": "where", "qui": "who",
    "quoi": "what", "depuis quand": "since when", "par qui": "by whom", "pour qui": "for whom",
    "avec qui": "with whom", "a quelle date": "on what date", "pour quoi": "what for",
    "pour quelle raison": "for what reason", "pour quelles raisons": "for what reasons", "d'ou": "from where",
}  # fmt: skip
_FRENCH = {
    "why": "pourquoi", "when": "quand", "how much": "combien", "how many": "combien", "how": "comment",
    "where": "où", "who": "qui", "what": "quoi", "since when": "depuis quand", "by whom": "par qui",
    "how come": "pourquoi", "for whom": "pour qui", "with whom": "avec qui", "what for": "pourquoi",
    "how long": "combien de temps", "for how long": "pendant combien de temps",
    "how often": "à quelle fréquence",
}  # fmt: skip
_BARE = re.compile(
    r"(?P<word>why|how come|what for|for what (?:reason|purpose)s?|when|since when|until when|where|"
    r"from where|where (?:to|from)|who|whom|by whom|who by|with whom|who with|for whom|"
    r"how|how (?:much|many|long|often|far|big|old|high|tall|large|fast|soon)|for how long|by how "
    r"(?:much|many)|to whom|how so|what|"
    r"pourquoi|pour(?: quoi| quelles? raisons?)|quand|depuis quand|jusqu'a quand|ou|d'ou|par ou|qui|par "
    r"qui|avec qui|pour qui|a qui|contre qui|de qui|"
    r"comment|combien|de combien|a combien|combien de temps|depuis combien de temps|pendant combien de "
    r"temps|quoi|dans quel but|a quelle frequence)"
    r"(?P<tail> (?:exactly|precisely|then|else|in total|in all|(?:was|is) (?:that|this|it)|(?:did|does) "
    r"(?:that|this|it) happen|is that so|exactement|precisement|donc|ca|cela|en tout|au total|d'autre|"
    r"alors))?"
)
_NOUNED = re.compile(
    rf"\A(?:(?:{ENGLISH_ASKING})|(?:{FRENCH_ASKING}))\s*+(?:de |d'|des )?(?:(?:other|autres?) )?(?P<noun>[\w' -]*)"
)
_SUBJECTS = frozenset(
    (
        "the",
        "a",
        "an",
        "its",
        "his",
        "their",
        "her",
        "this",
        "that",
        "it",
        "he",
        "she",
        "they",
        "there",
        "we",
        "you",
        "i",
    )
)
_FINITE = re.compile(rf"\b(?:{AUXILIARY}|est|sont|etait|etaient|a|ont|avait|avaient|va|vont)\b")
_COPULA = re.compile(r"(?:'s|is|are|was|were|est|sont|etait|etaient|sera)\b")
_REQUEST = re.compile(
    r"(?:please )?(?:(?:can|could) you )?(?:tell me|show me|give me|explain|describe|what do you know|"
    r"parle[zs]?(?:[- ]moi)?|dis[- ]moi|dites[- ]moi|donne[zs]?[- ]moi|explique[zs]?(?:[- "
    r"]moi)?)\s+(?:about |what |d(?:e |u |es |')|ce qu(?:e |')|sur )?"
)
_FRENCH_VERB = re.compile(
    r"^(?:(?:ne |n'|s'|se |l'|lui |y |en |leur )*)(?:est|sont|a|ont|va|vont|etait|etaient|sera|seront|"
    r"avait|fut|doit|peut|[\w]+(?:e|ent|it|t|a|era|erait|ait))\b"
)
_PASSIVE = re.compile(
    r"\A(?:was|were|is|are) .*?"
    r"(?:(?<=\w)e[dn]|made|built|held|won|sold|paid|found|led|set|put|cut|bought|spent|lost|sent|told)\b"
)


def bare_asking(fragment: str) -> str | None:
    """The question word of a fragment that is nothing else, as written: "why exactly" gives "why"."""
    found = _BARE.fullmatch(plain(fragment))
    return fragment[: found.end("word")] if found else None


def nouned_asking(fragment: str) -> str | None:
    """A question word with its noun and no verb, as written: "how many ships", « dans quelle ville »."""
    found = _NOUNED.fullmatch(plain(fragment))
    counts = found and 1 <= len(content(found.group("noun"))) <= 3 and not _FINITE.search(found.group("noun"))
    return fragment if counts else None


def ask_instead(question: str, wanted: str, language: str) -> str:
    """The question asked with other question words."""
    word = _in_language(wanted, language)
    request = _REQUEST.match(plain(bare(question)))
    whole = bare(question)[request.end() :] if request else bare(question)
    return _french(whole, word) if language == "fr" else _english(whole, word)


def _in_language(wanted: str, language: str) -> str:
    words = _FRENCH if language == "fr" else _ENGLISH
    return words.get(plain(wanted).strip(), wanted)


def _english(question: str, word: str) -> str:
    folded = plain(question)
    opening = re.match(ENGLISH_ASKING, folded)
    rest = question[opening.end() :].strip() if opening else question
    if not opening:
        return f"{word} {question[:1].lower()}{question[1:]}" if re.match(AUXILIARY, folded) else f"{word}: {question}"
    auxiliary = re.search(rf"(?:^|\s)(?P<aux>{AUXILIARY})\s", f"{plain(rest)} ")
    before = rest[: auxiliary.start()].strip() if auxiliary else ""
    clause = rest[auxiliary.start() :].strip() if auxiliary else rest
    if nouned_asking(word) and not bare_asking(word):
        return _of_noun(rest, before, clause, word, is_subject=not auxiliary or _is_subject(before, clause))
    if plain(word) in ("who", "whom", "by whom") and _PASSIVE.match(plain(clause)):
        return f"by whom {clause}"
    if auxiliary:
        return _with_auxiliary(word, before, clause)
    if content(rest) and plain(word) in ("who", "whom", "what"):
        return f"{word} {rest}"
    return f"{question}, {word}"


def _with_auxiliary(word: str, before: str, clause: str) -> str:
    if not before or (not _is_subject(before, clause) and len(before.split()) <= 4):
        return f"{word} {clause} {before}".strip()
    verb, _, tail = clause.partition(" ")  # "how many troops will take part": the troops do, wherever
    return f"{word} {verb} {before} {tail}"


def _is_subject(before: str, clause: str) -> bool:
    """Whether what the question word counts is what acts: nothing stands between the auxiliary and its verb."""
    after = clause.split(" ", 1)[1] if " " in clause else ""
    first = re.match(r"(?:not |also |ever |still )*([^\W\d_]+)", after)
    if not before or not first:
        return False
    if re.match(r"(?:did|does|do)\b", plain(clause)):
        return False
    return after[:1].islower() and plain(first.group(1)) not in _SUBJECTS


def _of_noun(rest: str, before: str, clause: str, word: str, *, is_subject: bool) -> str:
    """Puts "how many ships" in the place of "how many troops"; a place or time goes before the whole clause."""
    placed = re.match(r"(?:in|on|at|by|for|from|to|with|since|until|under|during)\b", plain(word))
    if placed and is_subject and before:
        verb, _, tail = clause.partition(" ")
        return f"{word} {verb} {before} {tail}"
    if before:
        return f"{word} {clause} {before}" if placed else f"{word} {clause}"
    # "How many troops took part": the noun goes with the question word.
    if not is_subject or re.match(rf"{AUXILIARY}\s", plain(rest)):
        return f"{word} {clause}"
    noun, _, tail = rest.partition(" ")
    return f"{word} {tail}" if tail and noun.islower() and noun.endswith("s") else f"{word} {rest}"


def _french(question: str, word: str) -> str:
    folded = plain(question)
    opening = re.match(rf"{FRENCH_ASKING}\s*(?:(?<=combien )(?:de |d')[\w-]+ )?", folded)
    if not opening:
        return (
            f"{word} {question[:1].lower()}{question[1:]}" if re.match(r"est-ce qu", folded) else f"{word} : {question}"
        )
    said = opening.group().strip()
    rest = question[opening.end() :].strip()
    if said.startswith("combien d"):
        counted = re.match(r"combien (?:de |d')([\w-]+)", folded)
        noun = question[counted.start(1) : counted.end(1)] if counted else ""
        return _french_counted(word, noun, rest)
    if re.match(r"(?:\w+ )?quel", said):
        return _french_which(word, rest)
    if said == "qui" and _FRENCH_VERB.match(plain(rest)) and not re.search(r"-t?-?(?:il|elle|on)s?\b", plain(rest)):
        return f"{word} {rest}" if plain(word).startswith(("qui", "combien de")) else f"{word} est-ce qu’on {rest}"
    if plain(word) in ("quoi", "qu'est-ce que"):
        return f"qu’est-ce que {rest}"
    return f"{word} {_with_est_ce(rest, said)}"


def _with_est_ce(rest: str, said: str) -> str:
    """« Qu'est-ce que X fait » becomes « … est-ce que X fait »."""
    joint = "est-ce qu’" if said.endswith("'") else "est-ce que "
    return f"{joint}{rest}" if said.startswith(("qu'est-ce", "est-ce")) else rest


def _french_counted(word: str, noun: str, rest: str) -> str:
    if nouned_asking(word) and re.match(r"combien|quel", plain(word)):
        return f"{word} {rest}"
    if _FRENCH_VERB.match(plain(rest)) and not re.search(r"-t?-?(?:il|elle|on)s?\b", plain(rest)):
        return f"{word} est-ce que des {noun} {rest}"
    return f"{word} {rest}"


def _french_which(word: str, rest: str) -> str:
    """« Quel est le budget » keeps its noun: « Pourquoi le budget »."""
    copula = _COPULA.match(plain(rest))
    if copula and nouned_asking(word) and not bare_asking(word):
        return f"{word} {rest}" if re.match(r"quel", plain(word)) else f"{word} : {rest[copula.end() :].strip()}"
    if copula:
        return (
            f"{word} {rest}"
            if plain(word) in ("qui", "où", "ou", "comment", "combien")
            else f"{word} {rest[copula.end() :].strip()}"
        )
    noun, _, tail = rest.partition(" ")
    if nouned_asking(word) and not bare_asking(word):
        return f"{word} {tail}"
    if re.search(r"-t?-?(?:il|elle|on)s?\b", plain(tail)):
        return f"{word} {tail}"
    return (
        f"{word} est-ce que des {noun} {tail}" if noun.endswith(("s", "x")) else f"{word} est-ce que ce {noun} {tail}"
    )
