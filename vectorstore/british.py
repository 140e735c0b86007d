"""British spellings as the American ones, so that "defence" finds "defense" and the other way round.

It is applied to what is indexed and to what is asked alike, so a word that it changes without need is still found.
"""

from __future__ import annotations

import functools
import re

_PAIRS = """
    aeroplane airplane  aluminium aluminum  analogue analog  anaemia anemia  artefact artifact  calibre caliber
    catalogue catalog  centre center  cheque check  defence defense  dialogue dialog  disc disk  enrol enroll
    enrolment enrollment  fibre fiber  fulfil fulfill  fulfilment fulfillment  gauge gage  grey gray  gramme gram
    haemorrhage hemorrhage  instalment installment  judgement judgment  kilometre kilometer  kilogramme kilogram
    leukaemia leukemia  licence license  litre liter  lustre luster  manoeuvre maneuver  meagre meager  metre meter
    millimetre millimeter  centimetre centimeter  mould mold  offence offense  orthopaedic orthopedic  paediatric
    pediatric  pretence pretense  programme program  sabre saber  sceptic skeptic  sceptical skeptical  skilful skillful
    sombre somber  spectre specter  storey story  sulphur sulfur  theatre theater  tonne ton  tyre tire  wilful willful
    acknowledgement acknowledgment  ageing aging  archaeology archeology  archaeological archeological  draught draft
    encyclopaedia encyclopedia  foetus fetus  jewellery jewelry  oestrogen estrogen  plough plow
"""
_OUR = """
    armour behaviour clamour colour demeanour endeavour favour fervour flavour harbour honour humour labour neighbour
    odour parlour rancour rigour rumour saviour savour splendour tumour valour vapour vigour
"""
_DOUBLED = (
    "cancel channel counsel dial equal fuel jewel label level marshal model quarrel rival signal total travel tunnel"
)

_WORDS = _PAIRS.split()
_AMERICAN = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
_OUR_WORD = re.compile(rf"\b(dis|mis)?({'|'.join(word[:-3] for word in _OUR.split())})our(?=[a-z]*$)")
_DOUBLED_WORD = re.compile(rf"^({'|'.join(_DOUBLED.split())})l(?=ed$|ing$|ings$|ers?$|ors?$)")
# Not revise, precise, televise: they would part from revision, precision, television.
_ISE = re.compile(r"(?<=[a-z]{3})(?<!v)(?<!prec)(?<!conc)is(?=(?:e|ed|er|ers|es|ing|able|ation|ations|ational)$)")
_YSE = re.compile(r"(?<=[a-z]{3}l)ys(?=(?:e|ed|es|ing)$)")


@functools.lru_cache(maxsize=1 << 14)
def american(word: str) -> str:
    """An English word of lower case as it is spelt in America: `organisation` to `organization`."""
    plain, ending = (word[:-1], "s") if word.endswith("s") and not word.endswith("ss") else (word, "")
    if plain in _AMERICAN:
        return _AMERICAN[plain] + ending
    spelt = _OUR_WORD.sub(r"\1\2or", word)
    spelt = _DOUBLED_WORD.sub(r"\1", spelt)
    return _YSE.sub("yz", _ISE.sub("iz", spelt))
