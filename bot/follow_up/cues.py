"""Short turns that are known by their words: thanks, yes, more, "that's wrong", "no, I meant …", "forget that"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.follow_up.kinds import Kind
from bot.follow_up.words import bare, plain

_PLEASE = r"(?:please|pls|thanks|thank you|merci|s'il (?:te|vous) plait|svp|stp)"
_IT = (
    r"(?:that|this|it|them|the (?:topic|subject)|cela|ca|le sujet|la-dessus|ce point|tout ca|everything|"
    r"all that|all this|tout)"
)

_RESET = re.compile(
    rf"\A(?:ok(?:ay)?,? |now,? |bon,? |no,? |allez,? )?(?:(?:please )?(?:forget|drop|ignore|oublie[sz]?|"
    rf"laisse[sz]?(?: tomber)?) {_IT}"
    rf"|(?:oublie|oubliez|laisse|laissons)(?:[- ](?:ca|cela|tout))?(?: tomber)?"
    r"|never ?mind|forget about (?:it|that|this)|start (?:over|again|afresh|from scratch)|let'?s start "
    r"(?:over|again|afresh)"
    r"|(?:new|another|a different|different|a new|next) (?:topic|subject|question)|(?:let'?s "
    r")?(?:change|switch)(?: of| the)? (?:topics?|subjects?)"
    r"|(?:let'?s )?(?:talk|speak) about something else|something else|on another (?:note|topic|subject)|"
    r"reset|clear(?: the)?(?: conversation| history| chat)?"
    r"|(?:un |une )?(?:nouveau|nouvelle|autre) (?:sujet|question|theme)|(?:on )?(?:change|changeons|"
    r"changer) de (?:sujet|theme)"
    r"|(?:on )?(?:recommence|recommencons|repart|repartons)(?: (?:a|de) zero| depuis le debut)?|"
    r"reinitialise[zr]?|efface(?:z)? (?:tout|la conversation)"
    r"|(?:passons|parlons|on passe|on parle) (?:a|d')\s?autre chose|autre chose|sur un autre sujet|tabula rasa|rien a "
    r"voir|du passe faisons table rase)"
    rf"(?:,? (?:{_PLEASE}))?(?: completely| tout de suite| a present| maintenant| now)?"
)
# Each turn of a repetition is atomic, (?>…): where words can be divided in two ways, trying all takes exponential time.
_THANKS = re.compile(
    r"\A(?>(?:ok(?:ay)?|great|perfect|cool|nice|super|parfait|genial|tres bien|bien|good|excellent|no|non|"
    r"oh|ah|all right|alright|yes|oui|"
    r"d'accord|entendu|understood|i see|je vois|compris|got it|fine|well done|bravo|merci|thanks?|thank "
    r"you|thx|ty|cheers|much appreciated|"
    r"that'?s (?:all|it|great|perfect|helpful|enough|very helpful)|that was helpful|c'est (?:tout|bon|"
    r"parfait|super|clair|note|gentil)|"
    r"ca (?:ira|suffit|me suffit|marche|va)|very much|so much|a lot|a bunch|beaucoup|bien|infiniment|"
    r"mille fois|you|a toi|a vous|"
    r"for (?:the|your) (?:help|answer|info|information)|pour (?:la|ta|votre) (?:reponse|aide)|pour "
    r"l'info|bonne journee|au revoir|"
    r"goodbye|bye|have a (?:good|nice) day|a bientot|interesting|interessant|noted|note|sounds good|"
    r"makes sense|then|alors)(?![\w'])[ ,.!]*)+"
)
_YES = re.compile(
    r"\A(?:ok(?:ay)?,? |oh |ah |eh bien,? )?(?:yes|yeah|yep|yup|ya|sure|of course|certainly|absolutely|"
    r"definitely|please(?: do)?|go ahead|do it|"
    r"why not|i would|i'?d (?:like|love) (?:that|to)|with pleasure|gladly|oui|ouais|ouaip|volontiers|"
    r"bien sur|certainement|absolument|"
    r"carrement|evidemment|avec plaisir|pourquoi pas|vas-?y|allez-?y|je veux bien|si|bien entendu|"
    r"(?:show|give|list)(?: me| us)?(?: (?:them|these|those|the releases|it))?|(?:montre|donne|"
    r"affiche)[zs]?(?:-(?:les|le|la))?(?:-(?:moi|nous))?(?: les communiques)?|"
    r"let'?s see|let me see(?: them| it)?|voyons(?: voir)?|fais(?:-le)?|faites(?:-le)?)"
    r"(?>[ ,]+(?:please|pls|yes|sure|of course|go ahead|do|thanks|thank you|show (?:me|them)(?: them)?|"
    r"s'il (?:te|vous) plait|svp|stp|merci|oui|bien sur|"
    r"volontiers|avec plaisir|vas-?y|allez-?y|montre[zs]?(?:-(?:les|le|la))?(?:-moi)?|i would|that "
    r"would be (?:great|nice|good)|why not|pourquoi pas|je veux bien|i do|tell me more|dis-?m'en plus)(?![\w']))*"
)
_MORE_IT = (
    r"(?: (?:about|on|of) (?:it|that|this|them|him|her)| (?:a ce sujet|la-dessus|sur (?:ce|cela|ca|ce "
    r"sujet|ce point|lui|elle|eux)|de (?:cela|ca)))?"
)
_MORE = re.compile(
    rf"\A(?:(?:can|could|would) you (?:please )?)?(?:please )?(?:tell me (?:a (?:bit|little) )?more|tell "
    rf"me everything|say more|more(?: details?| info(?:rmation)?)?|"
    rf"(?:give|show) me (?:some )?(?:more|further)(?: details?| info(?:rmation)?)?|(?:any|some|further) "
    rf"(?:more )?(?:details?|info(?:rmation)?)|go on|continue|keep going|carry on|"
    rf"what else(?: (?:is there|do you know|can you tell me|happened|was said|does it say|did they "
    rf"say))?|anything (?:else|more)|(?:and )?(?:what )?(?:then|next)|what next|what happened (?:next|"
    rf"then|after(?:wards)?)|"
    rf"elaborate|expand|go deeper|go into (?:more )?detail|can you (?:elaborate|expand)|i want (?:to "
    rf"know )?more|i'?d like (?:to know )?more|is there (?:anything|something|any) (?:else|more)(?: "
    rf"information| details?)?|such as|for (?:example|instance)|"
    rf"(?:peux-tu |pouvez-vous |tu peux |vous pouvez )?(?:m'en dire|en dire|dis-?m'en|dites-?m'en|dis "
    rf"m'en|dites m'en) (?:un peu )?(?:plus|davantage)|"
    rf"(?:dis|dites|donne|donnez)[- ](?:moi|m'en) (?:en )?(?:plus|davantage|plus de details)|en savoir "
    rf"plus|j'aimerais en savoir plus|je veux en savoir plus|(?:donne[zs]?-moi )?(?:plus|davantage|"
    rf"d'autres?|encore plus|un peu plus|quelques)(?: de| d')? ?(?:details?|informations?|infos?|"
    rf"precisions?)?|des (?:details|precisions)|"
    rf"et (?:ensuite|apres|puis|alors|quoi d'autre|encore)|ensuite|et (?:puis )?apres|quoi d'autre|autre "
    rf"chose a (?:dire|ajouter)|(?:y a-t-il|il y a|as-tu|avez-vous) (?:autre chose|d'autres (?:details|"
    rf"informations|choses|precisions))|rien d'autre|continue[zs]?|poursui[st]|poursuivez|encore|"
    rf"developpe[zs]?|precise[zs]?|detaille[zs]?|"
    rf"(?:peux-tu|pouvez-vous|tu peux|vous pouvez|tu pourrais|pourriez-vous|peut-on) (?:developper|preciser|"
    rf"detailler|approfondir|expliquer|continuer)(?: un peu| davantage| cela| ca)?|"
    rf"que (?:dit|sait)-on d'autre|qu'est-ce qu'(?:il y a|on sait) d'autre|par exemple|la "
    rf"suite){_MORE_IT}(?:,? {_PLEASE})?"
)
_WHEN = re.compile(
    r"\A(?:when|when (?:exactly|precisely)|(?:and )?when (?:was|is|will) (?:that|this|it)(?: be)?(?: "
    r"exactly| announced| decided| said| published)?|when (?:did|does|will) (?:that|this|it|all this) "
    r"(?:happen|take place|occur)|"
    r"(?:(?:on|at|in) )?(?:what|which) (?:date|day|year|month|time)(?: (?:was|is) (?:that|this|it))?(?: "
    r"exactly)?|since when|what was the date(?: of (?:that|this))?|what'?s the date|that was when|"
    r"quand|quand (?:exactement|precisement|ca|cela|donc)|c'(?:etait|est) quand|quand (?:etait|est)-ce|"
    r"quand (?:etait|est) ce|quand (?:est-ce que )?(?:c'etait|c'est|ca s'est passe|cela s'est passe|"
    r"cela a eu lieu|ca a eu lieu|ca date)|"
    r"quand (?:cela|ca) (?:s'est-il passe|a-t-il eu lieu|s'est passe|a eu lieu)|(?:a |de )?quelle "
    r"(?:est la )?date(?: exacte)?(?: etait-ce| etait-il| exactement)?|(?:a|en|de) quelle (?:date|"
    r"annee)(?: (?:etait-ce|c'etait|exactement))?|"
    r"quelle annee|(?:de |c'etait )?quel (?:jour|mois)(?: (?:etait-ce|c'etait))?|depuis quand|ca "
    r"(?:date de quand|s'est passe quand|a eu lieu quand)|cela (?:date de quand|s'est passe quand))"
)
_NO = r"(?:no+|nope|nah|non|mais non|but no|hmm|well|sorry|pardon|desolee?)"
_CHALLENGE = re.compile(
    rf"\A(?>{_NO}[ ,.!:]+)*(?:i (?:think|believe|guess) )?(?:(?:that|this|it)(?:'s| is|s| was) (?:wrong|"
    rf"false|incorrect|not (?:true|right|correct|what (?:i|it|they)\b.*+)|a lie|nonsense|impossible|"
    rf"untrue|outdated|inaccurate|fake)|"
    r"(?:that|this|it) (?:isn'?t|wasn'?t|can'?t be|cannot be|doesn'?t (?:seem|look|sound)|does not "
    r"(?:seem|look|sound)|sounds|seems|looks|must be) ?(?:true|right|correct|wrong|false|so)?|"
    r"you(?: must be|'re| are|r) (?:wrong|mistaken|lying|incorrect|making (?:that|this|it) up|hallucinating)|"
    r"(?:i )?(?:don'?t|do not) (?:believe|think|buy|agree)(?: (?:that|you|so|it|this|with (?:that|"
    r"you)))?(?:(?:'s| is) (?:right|true|correct))?|i disagree|i doubt (?:it|that)|"
    r"wrong(?: answer)?|false|incorrect|not (?:true|right|correct)|nonsense|are you (?:really |"
    r"absolutely |quite )?(?:sure|certain|positive)(?: (?:about|of) (?:that|this|it))?|really|is that "
    r"(?:really )?(?:so|true|right|correct)|you sure|seriously|"
    r"check (?:again|that|it)|double[- ]?check(?: that| it)?|"
    r"c'est (?:faux|inexact|incorrect|pas vrai|pas (?:juste|exact|correct|ca|possible)|n'importe quoi|"
    r"une erreur|un mensonge|errone)|ce n'est pas (?:vrai|exact|juste|correct|ca|possible|le cas)|(?:tu "
    r"(?:te trompes|as tort|mens|fais erreur|dis n'importe quoi)|vous (?:vous trompez|avez tort|faites "
    r"erreur))|"
    r"(?:je )?(?:ne |n'y |n')?(?:(?:le |la |te |vous )?crois|pense|suis) pas(?: (?:ca|cela|que ce soit "
    r"(?:vrai|juste|exact)|d'accord|convaincue?|y))?|j'en doute|faux|inexact|erreur|pas (?:vrai|"
    r"d'accord|du tout)|vraiment|ah bon|ah oui|(?:tu es|vous etes|t'es|t es|es-tu|etes-vous) "
    r"(?:vraiment |bien )?(?:surs?|sure|certaine?s?)(?: de (?:ca|cela|toi|vous|ta reponse|votre "
    r"reponse))?|c'est (?:bien )?(?:sur|vrai|certain)|verifie[zs]?(?: (?:encore|a nouveau|bien))?)"
    r"(?P<rest>[ ,.;:!-].*)?"
)
_CLAIM = re.compile(
    rf"\A(?:(?>{_NO}[ ,.!:]+)+(?:it|that|this|he|she|they|there|the|its|c'etait|c'est|il|elle|ils|elles|ce "
    rf"(?:sont|n')|le|la|les|on|en fait|actually)\b.*"
    r"|(?:but|mais) (?>.*?\b(?:said|says|told|read|heard|thought|reported|wrote|claims?|dit|lu|entendu|"
    r"disait|affirme|ecrit|pensais|croyais)\b).*"
    r"|i (?:thought|read|heard|was told|believed)\b.*|(?:je (?:pensais|croyais)|j'ai (?:lu|entendu)|on m'a dit)\b.*)"
)
_MEANT = (
    r"(?:i (?:meant|mean|(?:was|am) (?:asking|talking|thinking) (?:about|of)|asked (?:about|for)|"
    r"said|wanted to (?:say|ask about))|i'?m (?:asking|talking) about|what i meant was|make (?:that|it)|"
    r"rather|actually|correction|oops|wait|sorry|pardon|my mistake|"
    r"je (?:veux|voulais|voulai) (?:dire|parler d(?:e |u |es |'))|je (?:parle|parlais) d(?:e |u |es |')|"
    r"je (?:pensais|pense) (?:a |aux? )|je demandais|j'ai dit|plutot|en fait|enfin|euh|oups|erreur|"
    r"desolee?|excuse(?:z)?-moi|ma question (?:porte|portait) sur)"
)
_CORRECTION = re.compile(
    rf"\A(?>{_NO}[ ,.;:!-]+)*(?P<meant>(?:{_MEANT}(?:(?<=[' ])|(?![\w']))[ ,:;.!-]*)+)(?P<rest>\S.*)", re.DOTALL
)
_DENIED = re.compile(rf"\A(?:{_NO}|not that|pas ca|not that one)[ ,.;:!-]+(?P<rest>\S.*)", re.DOTALL)
_INSTEAD = re.compile(r"\A(?P<rest>.+?),? (?:instead|i (?:meant|mean)|rather|plutot|je (?:veux|voulais) dire)")
_NOT_BUT = re.compile(
    r"\A(?:(?:(?:no|non)[ ,]+)?(?:not|pas) (?P<old>.+?)(?:,? (?:but|mais)(?: plutot)? |, )(?P<new>.+)|"
    r"(?P<new2>.+?),? (?:and )?(?:not|et non pas|et non|pas|non pas|instead of|rather than|au lieu "
    r"d[eu]|plutot que) (?P<old2>.+))",
    re.DOTALL,
)
_LEADING = re.compile(
    r"\A(?>(?:ok(?:ay)?|thanks?(?: you)?(?: very much| so much| a lot)?|thank you|merci(?: beaucoup| "
    r"bien)?|great|perfect|parfait|super|d'accord|good|hello|hi|hey|bonjour|salut|so|alors|well|eh bien|"
    r"bon|"
    r"hmm+|euh|oh|ah|now|yes|oui|right|sure|fine|i see|je vois|tres bien|genial|cool|nice|interesting|"
    r"interessant|please|s'il (?:te|vous) plait)\s*[,.!;:–—-]+\s*)+(?=\S)"
)


@dataclass(frozen=True, slots=True)
class Cue:
    """A short turn's kind, and what it says beyond: the question after a reset, the part that a correction exchanges.

    `old` is what a correction names as wrong: Sweden of "not Sweden, Norway".
    """

    kind: Kind
    rest: str = ""
    old: str = ""


def without_greeting(question: str) -> str:
    """The question without "thanks!", « d'accord, », "ok," before it."""
    found = _LEADING.match(plain(question))
    return question[found.end() :] if found else question


_ABOUT_ELSE = re.compile(
    r"\A(?:(?:now )?(?:let'?s|let us) (?:talk|speak) about .{2,40}|(?:parlons|passons|on parle) (?:de|d'|a|du) .{2,40})"
)


def read_cue(question: str) -> Cue | None:
    """The kind of a short turn; None where its words do not tell."""
    wanted = bare(question)
    folded = plain(wanted)
    if reset := _reset(wanted, folded):
        return reset
    for kind, pattern in ((Kind.MORE, _MORE), (Kind.YES, _YES), (Kind.THANKS, _THANKS), (Kind.WHEN, _WHEN)):
        if pattern.fullmatch(folded):
            return Cue(kind)
    return _objection(wanted, folded)


def _reset(wanted: str, folded: str) -> Cue | None:
    for sign in re.finditer(r"(?<![.!:;,?–—-])[.!:;,?–—-]++\s++|$| and | et ", folded):
        before = folded[: sign.start()].strip()
        if _RESET.fullmatch(before) or (sign.group().strip() in {":", "."} and _ABOUT_ELSE.fullmatch(before)):
            return Cue(Kind.RESET, wanted[sign.end() :].strip())
    return None


def _objection(wanted: str, folded: str) -> Cue | None:
    """A correction of what was asked, or a challenge to what was answered."""
    if folded in ("no", "non", "nope", "nah", "no no", "non non", "mais non"):
        return Cue(Kind.CHALLENGE)
    challenge = _CHALLENGE.fullmatch(folded)
    corrected = _correction(wanted, folded)
    if challenge:
        rest = _correction(*_both(wanted, challenge, "rest")) if challenge.group("rest") else None
        return rest or Cue(Kind.CHALLENGE)
    if corrected:
        return corrected
    if _CLAIM.fullmatch(folded):
        return Cue(Kind.CHALLENGE)
    if denied := _DENIED.fullmatch(folded):
        return Cue(Kind.CORRECTION, wanted[denied.start("rest") :])
    return None


def _both(wanted: str, found: re.Match[str], group: str) -> tuple[str, str]:
    start, end = found.span(group)
    said = wanted[start:end].strip(" ,.;:!-")
    return said, plain(said)


def _correction(wanted: str, folded: str) -> Cue | None:
    found = _CORRECTION.fullmatch(folded)
    said = wanted[found.start("rest") :] if found else wanted
    swap = (
        _NOT_BUT.fullmatch(plain(said))
        if found or (len(folded.split()) <= 9 and re.match(r"(?:no|non|not|pas)\b", folded))
        else None
    )
    if swap:
        old, new = ("old", "new") if swap.group("new") else ("old2", "new2")
        return Cue(Kind.CORRECTION, said[slice(*swap.span(new))].strip(" ,"), said[slice(*swap.span(old))].strip(" ,"))
    if found:
        return Cue(Kind.CORRECTION, said)
    instead = _INSTEAD.fullmatch(folded)
    return Cue(Kind.CORRECTION, wanted[: instead.end("rest")]) if instead and len(folded.split()) <= 8 else None
