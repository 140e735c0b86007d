"""Tests of `ingest.parse.mail`."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from ingest.errors import LimitError, ParseError
from ingest.parse.page import parse_page
from tests.ingest.parse.documents import docx, words

ONE = "The observatory on the plateau opens its new dome to visitors from Friday, and admission is free until June."
TWO = "The dome has a diameter of 18 metres, and holds 240 seats under a screen of 500 square metres."


def message(plain: str, html: str | None = None) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Press office <press@sky.example>"
    made["To"] = "list@sky.example"
    made["Subject"] = "Fwd: TR: Une coupole pour l’observatoire"
    made["Date"] = "Fri, 3 Oct 2025 09:30:00 +0200"
    made.set_content(plain)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def test_a_message_becomes_a_release(make_page):
    """Its subject is the title, less what forwarding puts before it; its date is that of publication."""
    wrapped = ONE.replace("opens its new dome ", "opens its new dome\n")
    release = parse_page(
        make_page(bytes(message(f"{wrapped}\n\n{TWO}\n\n-- \nPress office\nTelephone on request\n")), "a.eml")
    )
    assert release.title == "Une coupole pour l’observatoire"
    assert release.published == datetime(2025, 10, 3, 7, 30, tzinfo=UTC)
    assert release.body == (ONE, TWO)


def test_its_html_goes_before_its_plain_text(make_page):
    """Which is the fuller one, though what nobody sees in it stays out."""
    html = f"<div style='display:none'>Preview of this letter.</div><p>{ONE}</p><p>Seats: 240<sup>1</sup>.</p>"
    release = parse_page(make_page(bytes(message("Open the letter in a browser.", html)), "a.eml"))
    assert release.body == (ONE, "Seats: 240.")


def test_attachments_are_read_with_it(make_page):
    """Files in known formats and messages within it; another kind is passed over, a damaged one is a warning."""
    made = message("Please find our release attached.")
    for name, content in (("Release.docx", docx(words(ONE))), ("plan.pdf", b"%PDF-1.7 torn"), ("logo.png", b"\x89PNG")):
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    made.add_attachment(message(TWO))
    release = parse_page(make_page(bytes(made), "a.eml"))
    assert release.body[0] == "Please find our release attached."
    assert {ONE, TWO} <= set(release.body) | {release.title}
    assert len(release.warnings) == 1
    assert "attachment plan.pdf" in release.warnings[0]


def test_a_message_is_known_by_its_headers(make_page):
    """From a pipe it has no name that tells."""
    assert parse_page(make_page(bytes(message(ONE)), "letter")).title == "Une coupole pour l’observatoire"


def test_messages_within_messages_come_to_an_end(make_page):
    """Nobody forwards a release so often."""
    made = message(ONE)
    for _ in range(5):
        outer = message(TWO)
        outer.add_attachment(made)
        made = outer
    assert any("more than 3 deep" in warning for warning in parse_page(make_page(bytes(made), "a.eml")).warnings)


@pytest.mark.parametrize("files", [1, 0], ids=["attached", "by itself"])
def test_a_message_in_parts_without_end_says_so(make_page, files):
    """The library that reads it calls itself for each of them."""
    bounds = "".join(f"Content-Type: multipart/mixed; boundary=b{number}\n\n--b{number}\n" for number in range(1_000))
    content = f"Subject: A dome\nFrom: a@sky.example\n{bounds}\n{ONE}\n".encode()
    if files:
        outer = message(TWO)
        outer.add_attachment(content, maintype="application", subtype="octet-stream", filename="deep.eml")
        (warning,) = parse_page(make_page(bytes(outer), "a.eml")).warnings
        assert warning == "folder/a.eml: attachment deep.eml: its parts are nested too deeply to be read"
    else:
        with pytest.raises(LimitError, match=r"folder/a\.eml: its parts are nested too deeply to be read"):
            parse_page(make_page(content, "a.eml"))


@pytest.mark.parametrize("html", ["<html><body></body></html>", "<p>&nbsp;</p><img src='https://sky.example/a.png'>"])
def test_plain_text_goes_before_html_without_words(make_page, html):
    """Some programs write an empty one, or send the whole letter as a picture."""
    assert parse_page(make_page(bytes(message(f"{ONE}\n\n{TWO}\n", html)), "a.eml")).body == (ONE, TWO)


@pytest.mark.parametrize(
    ("content", "cause"), [(b"Just words.\n", "no message"), (bytes(message("")), "no text in this message")]
)
def test_what_is_no_message_says_why(make_page, content, cause):
    """Neither is a file without headers, nor one without words."""
    with pytest.raises(ParseError, match=cause):
        parse_page(make_page(content, "a.eml"))


def test_a_message_keeps_the_day_that_its_sender_wrote(make_page):
    """Midnight in Paris is of that day, and not of the one before."""
    sent = message(f"{ONE}\n\n{TWO}\n")
    sent.replace_header("Date", "Fri, 3 Oct 2025 00:00:00 +0200")

    assert parse_page(make_page(bytes(sent), "a.eml")).published == datetime(2025, 10, 3, tzinfo=UTC)


def test_a_message_under_an_unknown_label_of_characters_is_read(make_page):
    """Its bytes are tried as those of a page would be."""
    sent = bytes(message(f"{ONE}\n\nÀ bientôt : {TWO}\n")).replace(b'charset="utf-8"', b'charset="x-no-such"')

    assert b"x-no-such" in sent
    assert parse_page(make_page(sent, "a.eml")).body == (ONE, f"À bientôt : {TWO}")


def raw(kind: str, text: bytes) -> bytes:
    head = f"From: press@sky.example\nSubject: Une coupole\nDate: Fri, 3 Oct 2025 09:30:00 +0200\n{kind}"
    return f"{head}\nContent-Transfer-Encoding: 8bit\n\n".encode() + text


SIGNS = "Le dôme coûte 4 € : « c’est l’œuvre d’un siècle », dit l’observatoire."
PLAIN, PAGE = "Content-Type: text/plain", "Content-Type: text/html"
STATED = f"<meta charset=windows-1252><p>{SIGNS}</p>"


@pytest.mark.parametrize(
    "sent",
    [raw(f"{PLAIN}; charset=iso-8859-1", SIGNS.encode("cp1252")), raw(PLAIN, SIGNS.encode()),
     raw(f"{PLAIN}; charset=us-ascii", SIGNS.encode()), raw(PAGE, STATED.encode("cp1252")),
     b"\xef\xbb\xbf" + raw(f"{PLAIN}; charset=utf-8", SIGNS.encode())],
    ids=["a label for its neighbour", "no label", "a wrong label", "a label in the text", "a byte order mark"],
)  # fmt: skip
def test_characters_are_read_as_browsers_read_them(make_page, sent):
    """No sign is lost under the label of another set, under none, or behind a byte order mark."""
    release = parse_page(make_page(sent, "a.eml"))
    assert (release.body, release.warnings) == ((SIGNS,), ())


def test_a_subject_is_read_as_browsers_read_their_text(make_page):
    """Its apostrophe and dash are signs of Windows-1252 under the label of its neighbour."""
    subject = b"Subject: =?iso-8859-1?Q?L=92observatoire_=96_une_coupole?=\nFrom: a@sky.example\n\n"
    assert parse_page(make_page(subject + ONE.encode(), "a.eml")).title == "L’observatoire – une coupole"


def test_an_attached_text_is_read_under_its_own_label(make_page):
    """Which no guess at its bytes would give."""
    made = message("Please find our release attached.")
    czech = "Žluťoučký kůň úpěl ďábelské ódy, říká hvězdárna na náhorní plošině."
    made.add_attachment(czech.encode("iso-8859-2"), maintype="text", subtype="plain", filename="a.txt")
    made.get_payload()[1].set_param("charset", "iso-8859-2")
    assert czech in parse_page(make_page(bytes(made), "a.eml")).body


def part(kind: str, *content: EmailMessage | str, name: str = "") -> EmailMessage:
    """A part of a message by hand: its text, or the parts in it."""
    made = EmailMessage()
    if kind.startswith("text/"):
        made.set_content(content[0], subtype=kind.removeprefix("text/"))
        if name:
            made.add_header("Content-Disposition", "attachment", filename=name)
        return made
    made["Content-Type"] = kind
    for inner in content:
        made.attach(inner)
    return made


def sent(made: EmailMessage) -> bytes:
    made["From"], made["Subject"] = "press@sky.example", "The new dome"
    return bytes(made)


THREE = "The town paid for half of the dome, and the region for the other half, as they had promised in 2019."
TEXT, HTML = part("text/plain", ONE), part("text/html", f"<p>{ONE}</p>")
FILE = part("text/plain", TWO, name="release.txt")
AFTER = part("text/html", f"<p>{THREE}</p>")


@pytest.mark.parametrize(
    "parts",
    [part("multipart/signed", part("multipart/mixed", TEXT, FILE, AFTER), part("text/plain", "x", name="pgp.asc")),
     part("multipart/alternative", TEXT, part("multipart/mixed", HTML, FILE, AFTER)),
     part("multipart/alternative", part("multipart/mixed", TEXT, FILE), part("multipart/related", HTML, AFTER)),
     part("multipart/mixed", part("multipart/mixed", part("multipart/alternative", TEXT, HTML), FILE), AFTER)],
    ids=["signed", "within an alternative", "in the lesser alternative", "from a list"],
)  # fmt: skip
def test_every_part_of_a_message_is_read_once(make_page, parts):
    """However deep it stands: the text, what stands behind an attachment, and the attachment itself."""
    release = parse_page(make_page(sent(parts), "a.eml"))
    assert sorted(release.body) == sorted((ONE, THREE, TWO))


def test_a_text_with_a_name_is_the_message_where_there_is_no_other(make_page):
    """Some programs name what they send."""
    made = part("text/plain", f"{ONE}\n\n{TWO}\n")
    made["Content-Disposition"] = 'inline; filename="message.txt"'
    assert parse_page(make_page(sent(made), "a.eml")).body == (ONE, TWO)


def test_only_the_last_mark_of_a_signature_ends_the_text(make_page):
    """Hyphens without a space part the text, and so does an earlier mark."""
    made = message(f"{ONE}\n\n--\n\n{TWO}\n\n-- \n{THREE}\n\n-- \nPress office\nTelephone on request\n")
    body = parse_page(make_page(bytes(made), "a.eml")).body
    assert [paragraph for paragraph in body if not paragraph.startswith("--")] == [ONE, TWO, THREE]


def test_quoted_lines_are_left_out(make_page):
    """With their marks indented or not, since the answer counts."""
    made = message(f"{ONE}\n\n> {TWO}\n > > {THREE}\n")
    assert parse_page(make_page(bytes(made), "a.eml")).body == (ONE,)


@pytest.mark.parametrize(
    "above",
    ["De : Observatoire <a@sky.example>\nEnvoyé : mercredi 1 octobre 2025 09:12\nÀ : liste\nObjet : Une coupole\n",
     "-----Original Message-----\nFrom: Sky <a@sky.example>\nSent: Wednesday, October 1, 2025 9:12 AM\nTo: list\n",
     "---------- Forwarded message ---------\nDe : Sky\nDate: mer. 1 oct. 2025 à 09:12\nSubject: Coupole\nTo: b\n",
     "Début du message transféré :\n\nDe: Sky\nObjet: Coupole\nDate: 1 octobre 2025 à 09:12:00 UTC\nÀ: b\n"],
    ids=["Outlook", "Outlook in English", "Gmail", "Apple"],
)  # fmt: skip
@pytest.mark.parametrize("is_html", [False, True])
def test_what_a_program_puts_above_a_forwarded_message_is_none_of_it(make_page, above, is_html):
    """But for the day on which that was sent, which is the release's."""
    made = message(f"{above}\n{ONE}\n\n{TWO}\n")
    if is_html:
        lines = "<br>".join(above.replace("<", "&lt;").split("\n"))
        made.set_content(f"<div>{lines}</div><p>{ONE}</p><p>{TWO}</p>", subtype="html")
    release = parse_page(make_page(bytes(made), "a.eml"))
    assert (release.body, f"{release.published:%d %B %H:%M}") == ((ONE, TWO), "01 October 09:12")


def test_contacts_below_a_heading_are_left_out_with_it(make_page):
    """As in every format."""
    html = f"<p>{ONE}</p><p>{TWO}</p><h3>Press contact</h3><p>Ann Lee, 020 7946 0711</p><p>press@sky.example</p>"
    assert parse_page(make_page(bytes(message("See below.", html)), "a.eml")).body == (ONE, TWO)


def test_the_small_print_of_a_letter_is_none_of_the_release(make_page):
    """What every message of a program or an office says; HTML of nothing else is without words."""
    small = (
        "Vous recevez ce message car vous êtes inscrit à la liste de l’observatoire. Se désabonner",
        "Ce message et toutes ses pièces jointes sont confidentiels et destinés à leurs seuls destinataires.",
        "Merci de penser à l’environnement avant d’imprimer ce message.",
    )
    below = "".join(f"<p>{words}</p>" for words in small)
    letters = message(f"{ONE}\n\n{TWO}\n", below), message("See below.", f"<p>{ONE}</p><p>{TWO}</p>{below}")
    assert [parse_page(make_page(bytes(made), "a.eml")).body for made in letters] == [(ONE, TWO), (ONE, TWO)]
