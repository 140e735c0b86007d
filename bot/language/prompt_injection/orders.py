"""How orders to an assistant are worded in French and English.

Every pattern is matched against a sentence without accents and capitals (`as_read`). No repeat is without a bound, so
that a long text takes no more than its length.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.language.prompt_injection.characters import DISGUISE, as_read
from vectorstore.text.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MACHINE = (
    r"(?:(?:large )?language models?|llms?|chat ?bots?|bots?|ais?|ias?|chatgpt|gpt|modeles? (?:de langage|d'ia)"
    r"|(?:the )?(?:ai|virtual|automated) (?:assistant|model|system|agent|reader|summari[sz]er)s?|assistants?"
    r"|assistants? (?:ia|virtuel|numerique)s?|agents? (?:ia|conversationnel)s?|robots?(?: conversationnels?)?"
    r"|intelligences? artificielles?)"
)
_ONE_MACHINE = r"(?:ai assistant|assistant(?: ia)?|(?:chat)?bot|robot|language model|llm|modele de langage|ia|model)"
_SAY = (
    r"(?:ignore|disregard|forget|answer|reply|respond|say|state|claim|tell|print|output|write|add|append|include|insert"
    r"|begin|start|end|do not|don't|never|always|cite|quote|call|use|repeat|reveal|open|send|treat|rank|please|kindly"
    r"|pretend"
    r"|you (?:must|should|are|will|shall|may|can|need)|your|ignore[sz]|oublie[sz]?|repond(?:s|ez)|di(?:s|tes)"
    r"|affirme[sz]?|ecri(?:s|vez)|ajoute[sz]?|commence[sz]?|termine[sz]?|ne|n'|cite[sz]?|appelle[sz]?|appelez"
    r"|utilise[sz]?|repete[sz]?|revele[sz]?|ouvre[sz]?|envoie[sz]?|envoyez|traite[sz]?|veuillez|vous (?:devez|etes)"
    r"|tu (?:dois|es))"
)
_START = (
    r"(?:^|[.:;!?,(|>*#\]\-–—]\s?|\b(?:please|kindly|now|instead|you (?:will|must|should|are to|have to|need to)) )"
)
_RULES = (
    r"(?:instructions?|prompts?|rules|guidelines|guidance|directives?|commands|constraints|safeguards|system messages?"
    r"|consignes?"
    r"|regles|ordres|contraintes|garde-fous)"
)
_BEFORE = (
    r"(?:previous|prior|above|earlier|preceding|foregoing|original|initial|system|existing|developer'?s?|operator'?s?"
    r"|precedent(?:e?s)?|precedente|anterieure?s?|ci-dessus|ci-avant|initiales?|d'origine|(?:du )?systeme|recues?"
    r"|jusqu'(?:ici|a present)|qui precedent)"
)
_YOURS = r"(?:all|any|every|your|all of your|toutes? (?:les|vos|tes)|tous (?:les|vos|tes)|vos|tes|aucune)"
_DROP = (
    r"(?:ignore|disregard|forget|overlook|override|bypass|discard|set aside|abandon(?:ne[sz]?)?|(?:do not|don't|stop"
    r"|never) (?:follow"
    r"|obey)(?:ing)?"
    r"|ignorez|ignores|oublie[sz]?|neglige[sz]?|ecarte[sz]?|ne (?:tenez|tiens) (?:pas|plus|aucun) compte d"
    r"|fai(?:tes|s) abstraction d|passez outre|n'obe(?:issez|is) (?:pas|plus) a|ne (?:suivez|suis|respectez) (?:pas"
    r"|plus)"
    r"|(?:veuillez|merci d[e']|priere d[e']|il faut|devez|dois) ?(?:ignorer|oublier|negliger|ecarter))"
)
_TOLD = (
    r"(?:everything|anything|all|the text|all that is|what is) (?:above|before this|that came before)"
    r"|the above\b(?! \w)"
    r"|the above and|(?:everything|anything|whatever|what|all(?: that)?) you (?:were|are|have been|'ve been) (?:told"
    r"|asked"
    r"|taught|instructed)|(?:tout )?ce qui precede|ce (?:qu'on|que l'on) (?:vous |t')a (?:dit|demande|appris|ordonne)"
)

_ORDERS = (
    # drop the rules
    rf"{_START}{_DROP}.{{0,30}}?\b(?:{_BEFORE}\b.{{0,24}}?\b{_RULES}\b|{_RULES}\b.{{0,16}}?\b{_BEFORE}"
    rf"|{_YOURS} {_RULES}\b)",
    rf"{_START}{_DROP}.{{0,12}}?\b(?:{_TOLD})",
    rf"{_START}{_DROP}.{{0,8}}?\b{_RULES}\b ?(?:,|and|et|then|puis) (?:{_SAY})\b",
    r"\byou (?:are no longer|are not) bound by\b|\b(?:tu n'as|vous n'avez) plus (?:de |aucune )(?:regles?|consignes?"
    r"|limites?)",
    r"(?:^|[.:;!] ?|\()(?:new|updated|priority|special|nouvelles?|autres?)(?: \w+)? (?:instructions?|consignes?"
    r"|directives?)"
    r"(?: follow\b.{0,10})? ?[:.]",
    rf"\b(?:supersede|override|replace|cancel|annule|remplace|prime|abroge)\w*(?: sur)? (?:all (?:of )?)?(?:your|vos"
    rf"|tes"
    rf"|toutes (?:vos|tes)|tous (?:vos|tes)) (?:\w+ )?{_RULES}\b",
    r"^\W{0,4}(?:message|note|avis|notice|consigne|ordre|instruction|order)s? (?:du|de l'|des|from (?:the|your)"
    r"|of the) ?"
    r"(?:developpeur|developer|operateur|operator|exploitant|systeme|system|administrat)\w*\b ?:",
    r"\b(?:your|vos|tes) (?:instructions|rules|consignes|regles|directives) (?:have|ont) (?:been |ete )?(?:chang"
    r"|replac|remplac)\w+",
    # be somebody else
    r"\byou have been (?:reconfigured|reprogrammed|retrained|jailbroken)\b|\b(?:tu as|vous avez) ete reprogramm\w+",
    r"\byour (?:only|new|sole|real|true) (?:task|mission|job|role|goal|purpose|instruction)s? (?:is|are)\b",
    r"\b(?:ta|votre) (?:seule|nouvelle|unique|vraie) (?:tache|mission|consigne|fonction) (?:est|consiste|sera)\b",
    rf"\b(?:en tant qu(?:e |')|comme |as (?:an? )?)(?!assistants?,? (?:professor|director)){_MACHINE},? (?:tu|vous"
    rf"|you)\b",
    rf"\byou(?:'re| are) (?:now |from now on )(?:\S+ ){{0,4}}?(?:{_MACHINE}|dan|unrestricted|jailbroken|in \w+ mode)\b",
    rf"\b(?:from now on|henceforth),? you (?:are \w*bot\b|are (?:\S+ ){{0,4}}?{_MACHINE}\b|(?:must |will "
    rf"|shall )?(?:only )?"
    r"(?:answer|reply|respond|say|speak|ignore|act)\b)",
    rf"{_START}(?:pretend|act|behave|roleplay) (?:(?:to be|as|that you(?:'re"
    rf"| are)) (?:if )?(?:\S+ ){{0,4}}?{_MACHINE}\b"
    r"|that you (?:work for|are)\b)",
    rf"\b(?:desormais|dorenavant|a (?:partir de|compter de) (?:maintenant|present)),? (?:(?:tu es|vous etes)"
    rf" (?:\S+ ){{0,4}}?(?:{_MACHINE}|\w+bot)|(?:tu|vous) (?:dois |devez )?(?:ne |toujours )?repond\w*)\b",
    rf"{_START}(?:fai(?:tes|s) semblant d|joue[sz]? le role d|comporte[sz]?-(?:toi|vous) comme)",
    r"\b(?:developer|jailbreak|dan|god) mode\b.{0,20}\b(?:enabled?|activated?|on)\b|\bmode (?:developpeur"
    r"|sans limites)\b",
    rf"\b(?:if|as|since) (?:you(?:'re| are)|an?) (?:an? )?(?!assistants?\b){_MACHINE}\b.{{0,60}}?[,:] ?{_SAY}\b",
    rf"\b(?:si|comme|puisque) (?:vous etes|tu es) (?:une? |l')?{_MACHINE}\b",
    rf"{_START}fai(?:s-toi|tes-vous) passer pour\b|\b(?:fais-toi"
    rf"|faites-vous) passer pour\b",
    rf"^(?:modele?|{_MACHINE}), (?:{_DROP}|{_SAY})\b",
    r"\b(?:that you are an ai|que (?:tu es|vous etes) une ia)\b",
    # answer in this way
    r"\b(?:your|ta|votre) (?:answer|reply|response|output|reponse) (?:must|should|has to|shall|doit|devra) (?:always "
    r"|only "
    r"|toujours )?(?:begin|start|end|contain|consist|finish|be limited|se terminer|commencer|finir|contenir"
    r"|se limiter)\b",
    r"\b(?:in|to|of|with) (?:each|every|all) (?:of your )?(?:reply|replies|answers?|responses?)(?: (?:you|that you)\b"
    r"|[.,:;!]|$)",
    r"\bdans (?:(?:chacune de|toutes) (?:tes|vos)|chaque) reponses?\b",
    rf"{_START}(?:answer|reply|respond|repond(?:s|ez))\b.{{0,40}}\b(?:sans (?:aucune? )?(?:sources?|preuves?"
    rf"|citations?|citer)"
    r"|without (?:any |a )?(?:citing|quoting|sources?|citations?|proof|quot\w+))\b",
    rf"{_START}(?:translate|rewrite|summari[sz]e|repeat|print|output) (?:the |all |everything )?(?:text |words "
    rf"|document )?"
    r"(?:above|below)\b",
    r"\b(?:si|quand|lorsque|lorsqu')\W?(?:\w+ ){0,3}?(?:utilisateur|quelqu'un|quiconque|lecteur|on (?:te"
    r"|vous))\b.{0,20}?"
    r"demande\w*\b.{0,60}?, ?(?:repond(?:s|ez)|dis|dites|affirme[sz]?)\b",
    rf"{_START}(?:reply|answer|respond)(?: to (?:everything|every question|all questions|any question)\S*)?"
    r" (?:only|solely|exclusively|always|simply|just) (?!by (?:post|mail|e-?mail|letter|phone|fax))(?:with|by|in|yes"
    r"|no|that)\b",
    rf"{_START}(?:answer|reply|respond)(?: (?:to )?(?:every|all|any)\b.{{0,50}}?)? (?:that (?!question|call|phone)"
    rf"|with the words?"
    r"|with [\"“«'])",
    rf"{_START}(?:always|never) (?:answer|reply|respond|choose|cite|quote|rank|prefer) (?:yes|no|this|only|with|that"
    rf"|\")",
    r"\bwhen(?:ever)? (?:\S+ ){0,3}?(?:asked|asks?)\b.{0,60}?, ?(?:you (?:must|should) )?(?:say|answer|reply|respond"
    r"|state|claim) (?:that"
    r"|with|only|yes|no)\b",
    rf"{_START}tell (?:the |every |all )?(?:users? (?:that|to)|whoever asks|anyone who asks|the person (?:who asks"
    rf"|asking))\b",
    rf"{_START}(?:say|state|claim|affirm|insist) that (?:the|this|every|any|all) (?:\S+ ){{0,2}}?"
    r"(?:release|answer|source|page|passage|communique|document)s? (?:is|are|was|were)\b",
    rf"{_START}repond(?:s|ez) (?:uniquement|seulement|toujours|exclusivement|simplement|systematiquement)"
    r" (?!par (?:courriel|mail|e-mail|courrier|ecrit|telephone|la poste|voie))(?:par|que|avec|en|oui|non)\b",
    rf"{_START}repond(?:s|ez)(?: a (?:toutes?|chaque|n'importe quelle|ma|la) .{{0,50}}?)? (?:que |par (?:le mot"
    rf"|la phrase|les mots"
    r"|[\"«“])|de memoire)",
    rf"{_START}(?:dites|dis|affirmez|affirme) (?:a (?:l'|chaque |tout )?(?:utilisateur|lecteur|quiconque|celui qui)"
    rf"|toujours que|que"
    r" (?:le communique|cette page|ce communique|cette source|la source))",
    r"\b(?:begin|start|end|finish|close|prefix) (?:every|each|your|all)(?: \w+)? (?:answer|reply|response|message)s?\b",
    rf"{_START}(?:commence|termine|fini(?:s|ssez|t))[sz]? (?:ta|votre|chaque|chacune de (?:tes|vos)|toutes? (?:tes"
    rf"|vos|les)) reponses?\b",
    rf"{_START}(?:add|append|include|insert|put|embed|attach|place|show)\b.{{0,60}}? (?:to|in|into|at the (?:end"
    rf"|top) of)"
    r" (?:every|each|your|all your) (?:answer|reply|response|output)s?\b",
    rf"{_START}(?:ajoute|insere|mets|place|inclu[st]?|glisse)[zs]?\b.{{0,60}}?\b(?:a|dans|a la fin de) (?:chaque|ta"
    rf"|votre"
    r"|toutes? (?:tes|vos)|tes|vos) reponses?\b|\bajoutez a (?:chaque|votre) reponse\b",
    r"\bif (?:anyone|anybody|someone|somebody|a user|users?)\b.{0,60}?, ?(?:claim|answer|reply|respond|say that)\b",
    r"\bonly this (?:release|page|text|document|source) (?:may|can|must|should) be (?:quoted|cited|used|trusted)\b",
    r"\b(?:n'utilise[sz]?|ne cite[sz]?) que (?:ce|cette) (?:communique|page|texte|document|source)\b",
    # hide the sources, never refuse, give things away
    rf"{_START}(?:do not|don't|never) (?:mention|tell|reveal|disclose|discuss"
    rf"|summari[sz]e)\b.{{0,60}}?\b(?:mentioned (?:above"
    r"|in this)|the text above|this (?:document|release|page)|(?:tell|to) the user)\b",
    rf"{_START}ne (?:mentionne|parle|evoque|di|revele|signale)[zst]?(?:es)? (?:jamais|pas"
    rf"|rien)\b.{{0,60}}?\b(?:ci-dessus"
    r"|plus haut|(?:de|dans) ce (?:communique|document|texte)|a l'utilisateur)\b",
    r"\b(?:refrain from|abstene[zs]-vous de|abstiens-toi de|evite[sz]? de) (?:giving|citing|quoting|naming|citer"
    r"|donner)"
    r" (?:any |a |your |the |d'|de |la |les |vos |tes |une )?(?:\w+ )?(?:sources?|citations?)\b",
    rf"{_START}(?:do not|don't|never) (?:cite|quote|mention|name|show|give) (?:any |the |your "
    rf"|a )?(?:other )?(?:sources?|citations?)\b",
    rf"{_START}(?:ne (?:cite|donne|mentionne|montre)[sz]? (?:jamais |pas |aucune? )(?:de |la |les |tes |vos |ta "
    rf"|votre )?(?:sources?|"
    r"citations?))",
    rf"{_START}(?:cite[sz]?|quote) (?:uniquement|seulement|exclusivement|only|nothing but) (?:ce|cette|celui|celle"
    rf"|this|it)",
    rf"{_START}(?:do not|don't|never) (?:refuse|decline) (?:to answer|to reply|any|a|this)\b|\bnever refuse and\b",
    rf"{_START}ne (?:refuse|decline)[sz]? (?:jamais|pas|aucune)\b.{{0,12}}(?:repon|question|demande|$)",
    r"\b(?:use|give|attach|with) the key \[|\b(?:utilise[sz]?|donne[sz]?) la cle \[",
    rf"{_START}(?:reveal|print|repeat|output|show|display|leak|translate) (?:me )?(?:your|the) (?:system |hidden "
    rf"|full |entire )*"
    r"(?:prompt|instructions|escape codes|api key)\b",
    rf"{_START}(?:revele|affiche|montre|repete|recopie)[zs]? (?:ton|ta|tes|votre|vos|le|les) (?:prompt|consignes"
    rf"|instructions)\b",
    rf"{_START}(?:send|forward|post|transmit|envoie[sz]?|envoyez|transmet[sz]?|transmettez) (?:the |this |all |la "
    rf"|les |toute la )"
    r"(?:whole |full |entire )?(?:conversation|question|chat|prompt|history|discussion|echanges)s?\b.{0,40}(?:\bto\b"
    r"|\ba\b|https?:)",
    rf"{_START}(?:call|invoke|run|use|appelle[sz]?|appelez|utilise[sz]?) (?:the |l'|le )(?:tool|function|outil"
    rf"|fonction)\b",
    # spoken to, or of, as the machine that reads
    rf"^\W{{0,4}}(?:(?:attention|note|message|notice|instructions?|hey|dear|important|hello|cher|avis"
    rf"|consignes?)\b)?(?: \w+)?\W{{0,3}}"
    rf"(?:(?:to|for|all|any|the|a l'(?:attention|intention) d(?:e|es|u)|aux?|pour|tous|toute?s?|les?|de"
    rf"|l') ?){{0,3}}{_MACHINE}\b(?: (?:that"
    rf"|who|which|qui|reading|processing|lisant) .{{0,40}}?)? ?[,:!] (?!your\b){_SAY}\b",
    rf"\b{_MACHINE} (?:that|which|who|qui)? ?(?:read|process|summari[sz]|parse|lit|lisent|lisant|resume"
    rf"|traite)\w* (?:this"
    rf"|the page|ceci|cette"
    r"|ce|cela)\b.{0,60}?\b(?:must|should|shall|(?:is|are) (?:asked|required|to)|doi(?:t|vent)|est prie"
    r"|sont prie)",
    rf"\b(?:the|this|le|l'|ce) ?{_ONE_MACHINE} (?:must|shall|has to|doit|devra|ne doit)(?: now| desormais)? (?:not"
    rf"|never|ignore"
    r"|refuse|say|(?:answer|reply|respond) (?:that|yes|no|with|only|from memory)|(?:cite|quote|citer) (?:only"
    r"|uniquement)|jamais"
    r"|pas|ignorer|dire|repondre (?:que|oui|non|sans|par|de memoire|toujours))\b",
)
# The machinery that a model's words pass through; nobody writes it for people.
_TEMPLATES = (
    r"<\|[a-z_ ]{2,24}\|>|\[/?inst\]|<</?sys>>|\bassistant to=\w|</?(?:system|assistant|tool_call|function_call"
    r"|tool_response)>",
    r"^\W{0,6}(?:system|systeme|developer)(?: (?:prompt|override|message|note|instruction))\w* ?:",
    r"^\W{0,6}(?:system|systeme|developer|assistant|user) ?: ?(?:you |ignore|new |nouvelles? consigne|tu |vous "
    r"|override|answer |repond)",
    r"^#{2,4} ?(?:instructions?|system|response|assistant|human|user) ?:",
    r"^\W{0,12}(?:end|begin(?:ning)?|start|fin|debut) (?:of|des?|du) (?:the )?(?:data|context|passages?|prompts?"
    r"|untrusted \w+|releases?"
    r"|system \w+|extraits?|donnees|contexte|communiques?)\W{2,12}$",
)
_FORGED = (
    r"\{ ?\"(?:sentences?|key|quote|tool_calls?|function_call|role|answer|refusal)\" ?:",
    r"\"(?:arguments|tool_calls|function_call)\" ?: ?[{\[\"]",
    r"^\[(?:\d{1,2}|[a-z0-9]{4})\] ?[\"«“].{5,300}[\"»”](?: ?[—–-] ?\S|$)",
    r"<@[&!]?\d{5,}>|@(?:everyone|here)\b|\]\( ?(?:javascript|data|vbscript):",
)
# Alone these may be said to people: to voters, buyers, patients. Beside an order they go on with it.
_GOES_ON = (
    r"^[—–] ?\w.{2,80}$",  # whom a forged citation names
    rf"^\W{{0,4}}(?:instead,? |then,? |and |au lieu de cela,? |puis,? |as \w+, |(?:en tant que|comme) \w+, )?{_SAY}\b",
    r"\b(?:data|release|passages?|donnees|extraits?) (?:ends?|s'arretent|finissent|s'acheve) (?:here|ici)\b",
    r"\b(?:comes from|vient de) (?:the|l')\s?(?:operator|developer|exploitant|operateur)\b",
    r"\b(?:only|seule) (?:valid )?source(?: valable)?\b|\b(?:reply|answer|reponse) (?:above|below|ci-dessus)\b"
    r"|\bis your final\b",
)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """One pattern for all, in which what many begin with stands once: else it is tried anew for each, everywhere.

    A sentence that holds no order takes 20 microseconds in place of 227.
    """
    rest: dict[str, list[str]] = {_START: [], r"\b": [], "": []}
    for alternative in (one for pattern in patterns for one in _alternatives(pattern)):
        beginning = next(one for one in rest if alternative.startswith(one))
        rest[beginning].append(alternative.removeprefix(beginning))
    return re.compile("|".join(f"{one}(?:{'|'.join(ends)})" for one, ends in rest.items() if ends))


def _alternatives(pattern: str) -> Iterator[str]:
    """The parts of a pattern between bars that stand in no parentheses and no brackets."""
    depth = start = 0
    for found in _SIGNS.finditer(pattern):
        sign = found[0]
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            yield pattern[start : found.start()]
            start = found.end()
    yield pattern[start:]


_SIGNS = re.compile(r"\\.|\[(?:\\.|[^\]\\]){0,200}+\]|[()|]", re.DOTALL)

ORDER, TEMPLATE, FORGERY, CONTINUES = (_any_of(group) for group in (_ORDERS, _TEMPLATES, _FORGED, _GOES_ON))
"""What gives an order by itself; what makes its whole paragraph one; what was made beforehand to pass for a reply; and
what goes on with an order that stands beside it."""

ASKS = re.compile(r"^(?:human|user|utilisateur|humain) ?: ?\S")
ANSWERS = re.compile(r"^(?:assistant|ai|ia|bot|model|modele) ?: ?\S")
"""The two sides of a dialogue with a machine; alone, either may be a line of credits."""


_QUOTED = re.compile(r'«[^»]{1,400}»|“[^”]{1,400}”|"[^"]{1,400}"')
_REMEMBERED = 4_096  # sentences: the paragraphs around two hits are often the same
_SAID_AROUND = 4  # words outside the quotation marks from which a quoted order is only told of


def instructions(text: str, language: str | None = None) -> tuple[tuple[int, int], ...]:
    """Half-open offsets of the sentences that give orders to an assistant, in order.

    `language` is that of the text and rules only where its sentences end; orders are known in French and English
    wherever they stand, also spelt with look-alike or invisible letters.
    """
    return orders_among(text, sentence_spans(text, language))


def orders_among(text: str, spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Those of the text's sentences, all of which `spans` holds in order, that give orders to an assistant."""
    paragraphs = _paragraphs(text, spans)
    read = [_read(text[start:end]) for start, end in spans]
    orders = {index for index, sentence in enumerate(read) if _gives_order(sentence)} | _dialogue(read)
    templates = {paragraphs[index] for index, sentence in enumerate(read) if TEMPLATE.search(_own_words(sentence))}
    hidden = {index for index, (start, end) in enumerate(spans) if DISGUISE.search(text, start, end)}
    ordering = templates | {paragraphs[index] for index in orders | hidden}
    near = ordering | {number + side for number in ordering for side in (-1, 1)}
    return tuple(
        span
        for index, span in enumerate(spans)
        if index in orders | hidden
        or paragraphs[index] in templates
        or (paragraphs[index] in near and CONTINUES.search(_own_words(read[index])))
    )


@lru_cache(_REMEMBERED)
def _read(sentence: str) -> str:
    return as_read(sentence)


@lru_cache(_REMEMBERED)
def _gives_order(sentence: str) -> bool:
    return bool(FORGERY.search(sentence) or ORDER.search(_own_words(sentence)))


def _dialogue(sentences: Sequence[str]) -> set[int]:
    """The lines of a made-up dialogue between a person and a machine; none where only one of them speaks."""
    asked = {index for index, sentence in enumerate(sentences) if ASKS.search(sentence)}
    answered = {index for index, sentence in enumerate(sentences) if ANSWERS.search(sentence)}
    return asked | answered if asked and answered else set()


def _paragraphs(text: str, spans: Iterable[tuple[int, int]]) -> list[int]:
    """The number of the paragraph that each sentence stands in."""
    numbers: list[int] = []
    number = last = 0
    for start, end in spans:
        number += "\n\n" in text[last:start]
        numbers.append(number)
        last = end
    return numbers


def _own_words(sentence: str) -> str:
    """The sentence without what it quotes; whole where it is hardly more than a quotation."""
    said = _QUOTED.sub('"…"', sentence)
    return said if len(re.findall(r"\w+", said)) >= _SAID_AROUND else sentence
