"""Tests of `ingest.parse.markdown`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.errors import ParseError
from ingest.parse.markdown import parse_markdown


def test_front_matter_says_what_is_known_of_a_release(saved):
    """Each field reaches its place, dates as YAML or as words."""
    release = parse_markdown(saved("release.fr.md"))
    assert release.title == "Le Royaume de Suède devient le 32e membre de l’OTAN"
    assert release.published == datetime(2024, 3, 7, tzinfo=UTC)
    assert release.updated == datetime(2024, 3, 11, 12, tzinfo=UTC)
    assert (release.language, release.publisher, release.pair) == ("fr", "Salle de presse", "suede-2024")
    assert release.lead == "Le drapeau suédois flotte désormais à Bruxelles."
    assert (release.url, release.id) == ("https://newsroom.example/2024/suede", "release.fr.md")


def test_the_body_is_plain_paragraphs(saved):
    """Marks, images, comments and headings are gone; lists, quotes, rows and HTML that is seen remain as text."""
    assert parse_markdown(saved("release.fr.md")).body == (
        "La Suède est devenue membre de l’OTAN le 7 mars 2024, quand son instrument d’adhésion a été "
        "déposé à Washington.",
        "Le sommet de Washington fut le premier à trente-deux.",
        "La Suède participe aux plans de défense ;",
        "des officiers suédois servent dans la structure de commandement.",
        "Pays | Adhésion",
        "Finlande | 4 avril 2023",
        "Une barre latérale",
    )


def test_without_front_matter_the_first_heading_is_the_title(make_page):
    """The heading serves as title and is no paragraph; another heading that is a sentence stays."""
    release = parse_markdown(make_page("# A plan\n\nOne.\n\n## Why now?\n\n## Next steps\n\nTwo.\n"))
    assert (release.title, release.body) == ("A plan", ("One.", "Why now?", "Two."))


def test_a_rule_is_not_front_matter(make_page):
    """Text between two rules is not lost."""
    release = parse_markdown(make_page("---\n\nOne sentence.\n\n---\n\nTwo.\n"))
    assert release.body == ("One sentence.", "Two.")


def test_times_with_a_zone_are_in_utc(make_page):
    """YAML's own dates are turned to UTC."""
    release = parse_markdown(make_page("---\ntitle: A plan\ndate: 2024-06-14T10:00:00+02:00\n---\nOne.\n"))
    assert release.published == datetime(2024, 6, 14, 8, tzinfo=UTC)


@pytest.mark.parametrize("date", ["2024-06-14T00:00:00+02:00", "Fri, 14 Jun 2024 00:00:00 +0200"])
def test_midnight_somewhere_is_the_day_that_is_written(make_page, date):
    """In Paris it is of that day, and not of the one before."""
    release = parse_markdown(make_page(f"---\ntitle: A plan\ndate: {date}\n---\nOne.\n"))
    assert release.published == datetime(2024, 6, 14, tzinfo=UTC)


def test_an_id_in_the_front_matter_names_the_release(make_page):
    """The file's own name is only the fallback."""
    assert parse_markdown(make_page("---\nid: 42\n---\nOne.\n")).id == "42"


def test_a_bad_date_is_a_warning(make_page):
    """The release goes on undated and says so."""
    release = parse_markdown(make_page("---\ntitle: A plan\ndate: soon\n---\nOne.\n"))
    assert release.published is None
    assert release.warnings == ("field date: cannot read the date 'soon': left undated",)


@pytest.mark.parametrize(
    ("content", "cause"),
    [("---\ntitle: A plan\nlead: [1, 2\n---\nOne.\n", "front matter: line 4"),
     ("---\ntitle: A: plan\n---\nOne.\n", "front matter: line 2: mapping values"),
     ("---\ntitle: A plan\n\nOne.\n", "no closing `---`"), ("![](a.jpg)\n<!-- -->\n", "no text"), ("\n", "empty")],
)  # fmt: skip
def test_a_file_that_is_no_release_says_why(make_page, content, cause):
    """Broken front matter is told with its line, and a file without text as such."""
    with pytest.raises(ParseError, match=rf"folder/release.txt: .*{cause}"):
        parse_markdown(make_page(content))


MERGES = "\n".join(["a0: &a0 {k: v}", *(f"a{n}: &a{n} {{<<: [{f'*a{n - 1}, ' * 9}]}}" for n in range(1, 9))])


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ("title: " + "[" * 900, "line 2: values are nested more than 20 deep"),
        (
            "title: " + "[" * 30_000,
            r"line 2: (values are nested|exceeded maximum nesting)",
        ),  # as libyaml says since 0.2.6
        ("title: " + "{a: " * 10_000, "line 2: values are nested more than 20 deep"),
        ("title: A plan\nlist:\n  " + "- " * 10_000 + "end", "line 4: values are nested more than 20 deep"),
        ("title: A plan\n? " + "? " * 10_000 + "end", "line 3: values are nested more than 20 deep"),
        ("title: A plan\n" + MERGES, r"line 4: repeats a value by reference \(\*a0\)"),
        ("title: &words A plan\nlead: *words", r"line 3: repeats a value by reference \(\*words\)"),
        ("title: A plan\n" + "tag: x\n" * 20_000, "is longer than 100000 characters"),
    ],
)
def test_front_matter_that_would_fill_the_memory_or_end_the_process_is_refused(make_page, fields, cause):
    """Before a loader sees it, and with its line."""
    with pytest.raises(ParseError, match=f"front matter: {cause}"):
        parse_markdown(make_page(f"---\n{fields}\n---\nOne.\n"))


@pytest.mark.parametrize("number", ["1" + ":59" * 9_000, "1" + ":59" * 9_000 + ".5", "9" * 10_000])
def test_a_number_without_an_end_is_no_title(make_page, number):
    """YAML takes 1:59:59 for a number, and Python writes out none of so many digits."""
    page = make_page(f"---\ntitle: {number}\n---\n# A plan\n\nOne.\n")
    if number.endswith(("5", "9" * 9)):
        with pytest.raises(ParseError, match="front matter: "):
            parse_markdown(page)
    else:
        assert parse_markdown(page).title == "A plan"


def test_author_section_and_translations_stand_in_front_matter(make_page):
    """One address or a list of them."""
    fields = "author: Press office\nsection: News\ntranslations: [https://a.example/fr]"
    release = parse_markdown(make_page(f"---\n{fields}\n---\n# A plan\n\nOne.\n", "plan.md"))
    assert (release.author, release.section) == ("Press office", "News")
    assert release.translations == ("https://a.example/fr",)


@pytest.mark.parametrize("stated", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01", "9" * 400])
def test_a_date_that_cannot_be_is_a_warning(make_page, stated):
    """The release goes on without."""
    release = parse_markdown(make_page(f"---\ntitle: A plan\ndate: {stated}\n---\nOne.\n"))

    assert release.published is None
    assert any("cannot read the date" in warning for warning in release.warnings)


def test_no_address_of_a_release_names_a_user(make_page):
    """Neither its own, nor that of a translation, nor an id that is one."""
    said = (
        "id: https://a:secret@ministry.fr/\nurl: https://a:secret@ministry.fr/\ntranslations: https://b@ministry.fr/b"
    )
    release = parse_markdown(make_page(f"---\ntitle: A plan\n{said}\n---\nOne.\n"))

    assert (release.id, release.url) == ("https://ministry.fr/", "https://ministry.fr/")
    assert release.translations == ("https://ministry.fr/b",)


def test_html_in_it_is_read_as_on_a_page(make_page):
    """Blocks and marks of HTML give text; what nobody sees and what was struck out does not."""
    text = """The toll rises to 4<sup>2</sup> euros, says the <del>old</del> ~~former~~ new board.<!-- draft -->

<section>
<p>The bridge is 1.2 km long and takes 4,000 cars an hour.</p>
</section>

<div style="display:none">Internal remark.</div>

<details><summary>Who pays?</summary>

The province pays half.

</details>
"""
    assert parse_markdown(make_page(text, "note.md")).body == (
        "The toll rises to 4 euros, says the new board.",
        "The bridge is 1.2 km long and takes 4,000 cars an hour.",
        "Who pays?",
        "The province pays half.",
    )


def test_marks_of_notes_go_and_their_texts_stay(make_page):
    """CommonMark knows no notes, so their marks would stand behind the figures."""
    text = "Exports rose by 7[^1] per cent in 2024[^note].\n\n[^1]: At constant prices.\n[^note]: Provisional.\n"
    assert parse_markdown(make_page(text, "note.md")).body == (
        "Exports rose by 7 per cent in 2024.",
        "At constant prices. Provisional.",
    )


def test_front_matter_may_be_toml(make_page):
    """Between lines of `+++`, with fields in a table of their own too; its dates are dates."""
    text = "+++\ntitle = 'A dam'\ndate = 2025-04-02T10:00:00+02:00\n[params]\nlanguage = 'en'\n+++\nThe dam is full.\n"
    release = parse_markdown(make_page(text, "dam.md"))
    assert (release.title, release.language, release.body) == ("A dam", "en", ("The dam is full.",))
    assert release.published == datetime(2025, 4, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "cause"),
    [("+++\ntitle = 'A dam\n+++\nText.\n", "front matter: Expected"),
     ("+++\ntitle = 'A dam'\nText.\n", r"no closing `\+\+\+`")],
)  # fmt: skip
def test_broken_toml_says_why(make_page, content, cause):
    """What its reader expected is named, or the mark that is missing."""
    with pytest.raises(ParseError, match=cause):
        parse_markdown(make_page(content, "dam.md"))
