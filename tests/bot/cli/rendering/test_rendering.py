from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.answering.retriever import WordMatch
from bot.answering.types import Answer, Citation, Note, NoteKind, Refusal, Searched, Usage
from bot.cli.rendering import described, print_json
from bot.cli.rendering.answers import print_answer, print_hits
from bot.cli.rendering.operations import print_backup, print_rebuilt, print_report, progress_bar
from bot.cli.rendering.stored import print_history, print_release
from bot.operations.backup import Backup
from ingest.report import IngestReport
from ingest.sources import Failure
from tests.bot.releases import an_answer, stored
from vectorstore.text.sentences import Difference
from vectorstore.types import Hit, Passage, Relations, Twin

if TYPE_CHECKING:
    from pytest import CaptureFixture, MonkeyPatch  # noqa: PT013 - for annotations

ODD = "[red]Aid[/red] [/] :smile: [1] \\[x] 1_000"


def test_markup_in_an_answer_is_printed_as_it_is(capsys: CaptureFixture[str]) -> None:
    """Brackets, emoji codes and backslashes of a release are its own."""
    print_answer(an_answer(text=f"{ODD} [1]", quote=ODD, title=ODD), as_json=False)

    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == f"{ODD} [1]"
    assert printed[2] == f"[1] {ODD}"
    assert sum(ODD in line for line in printed) == 2


def test_markup_in_releases_and_hits_is_printed_as_it_is(capsys: CaptureFixture[str]) -> None:
    """In lists and in full."""
    release = stored("a", ODD, title=ODD)
    print_release(release, Relations(), as_json=False)
    print_hits(
        [Hit(Passage("p", "a", ODD, 0, len(ODD)), release, 1, 0.5, 0.5, 1.0, 1, None)],
        [[WordMatch(5, 8, 0.9)]],
        as_json=False,
    )

    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == printed[3] == ODD
    assert printed[4] == f"1. {ODD}"
    assert printed[6] == f"   {ODD}"


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[2J\x1b[1;1HPaid.",
        "\x9b31mPaid.",
        "\x1b]0;title\x07Paid.",
        "\x1b]8;;https://evil.example\x1b\\Paid.",
        "\u202ePaid.",
        "Pa\u200bid.",
        "Paid.\x07\x08",
    ],
)
def test_a_release_cannot_speak_to_the_terminal(hostile: str, capsys: CaptureFixture[str]) -> None:
    """No escape clears the screen, names the window or turns the writing round; wherever a release is printed."""
    print_answer(an_answer(text=f"{hostile} [1]", quote=hostile, title=hostile), as_json=False)
    print_release(stored("a", hostile, title=hostile), Relations(), as_json=False)

    printed = capsys.readouterr().out
    assert all(one.isprintable() for one in printed.replace("\n", ""))
    assert "Paid." in printed


def test_a_quote_names_its_speaker(capsys: CaptureFixture[str]) -> None:
    """Behind the words, as a newspaper does; whether the answer is the quote, or a model's words with it below."""
    answer = an_answer(text="“We agree.” [1]", quote="“We agree.”")
    spoken = replace(answer, citations=(replace(answer.citations[0], speaker="Mark Rutte"),))

    print_answer(spoken, as_json=False)
    print_answer(replace(spoken, text="They agree. [1]"), as_json=False)

    printed = capsys.readouterr().out
    assert printed.startswith("“We agree.” — Mark Rutte [1]\n")
    assert "\nThey agree. [1]\n" in printed
    assert "\n    “We agree.” — Mark Rutte\n" in printed


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        (datetime(2024, 10, 17, tzinfo=UTC), "NATO · 2024-10-17 · en"),
        (datetime(2024, 10, 16, 22, 30, tzinfo=UTC), "NATO · 2024-10-16 22:30 UTC · en"),
        (None, "NATO · undated · en"),
    ],
)
def test_a_day_in_utc_is_not_passed_off_as_one_of_here(published: datetime | None, shown: str) -> None:
    """Where an hour is known it is shown with its zone: in Paris it may be the day after."""
    assert described(stored("a", "Text.", published=published), address=False) == shown


def test_a_quote_from_a_pdf_names_its_page(capsys: CaptureFixture[str]) -> None:
    """Behind where the release comes from."""
    answer = an_answer(text="Paid. [1]", quote="Paid.")
    (citation,) = answer.citations
    paged = replace(citation, release=replace(citation.release, pages=(0,)))

    print_answer(replace(answer, citations=(paged,)), as_json=False)

    assert "NATO · 2024-01-01 · en · p. 1\n" in capsys.readouterr().out


def test_what_a_language_model_took_is_told(capsys: CaptureFixture[str]) -> None:
    """Tokens, and their price where one is set."""
    answer = replace(an_answer(text="Paid. [1]", quote="Paid."), model="openai:some", usage=Usage(812, 96, 0.0123))

    print_answer(answer, as_json=False)

    assert "openai:some: 812 + 96 tokens, 0.0123" in capsys.readouterr().out


def test_a_long_quote_stays_on_one_line_off_a_terminal(capsys: CaptureFixture[str]) -> None:
    """Nothing is wrapped that goes into a file or a pipe."""
    quote = "Many words of a long sentence, " * 40

    print_answer(an_answer(text="Words. [1]", quote=quote, title="T"), as_json=False)

    assert f"    “{quote}”\n" in capsys.readouterr().out


def test_only_the_first_failures_are_shown(capsys: CaptureFixture[str]) -> None:
    """A thousand broken files do not flood a terminal, and the rest can be had."""
    failures = tuple(Failure(f"[b]{number}.md", "empty") for number in range(25))

    print_report(IngestReport(failed=failures), as_json=False, dry_run=False, interrupted=False)

    told = capsys.readouterr().err.splitlines()
    assert told[0] == "failed: [b]0.md: empty"
    assert told[20:] == ["failed: 5 more; --json prints them all"]


def test_a_model_name_is_printed_as_it_is(capsys: CaptureFixture[str]) -> None:
    """It may be a folder of any name."""
    print_rebuilt(3, "models/[b]/x", as_json=False)

    assert capsys.readouterr().out == "embedded 3 passages with models/[b]/x\n"


@pytest.mark.parametrize(("terminal", "quiet"), [(False, False), (True, True)])
def test_no_bar_off_a_terminal_or_beside_json(monkeypatch: MonkeyPatch, terminal: bool, quiet: bool) -> None:
    """Logs are not filled with bars."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)

    with progress_bar("title", quiet=quiet) as show:
        assert show is None


def test_a_bar_shows_what_is_done(monkeypatch: MonkeyPatch, capsys: CaptureFixture[str]) -> None:
    """On a terminal: the name of the source as it is, done and total."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")

    with progress_bar("[b]source", quiet=False) as show:
        assert show is not None
        show(3, 7)

    assert "[b]source" in capsys.readouterr().err


def test_a_release_is_printed_with_those_it_belongs_to(capsys: CaptureFixture[str]) -> None:
    """Its twin, what it corrects, and what corrects it."""
    relations = Relations((Twin("[a]", "b", "content", 0.8765),), "old", ("newer", "newest"))

    print_release(stored("b", "Text."), relations, as_json=False)

    printed = capsys.readouterr().out.splitlines()
    assert printed[2:6] == ["also as [a] (content, 0.88)", "corrects old", "corrected by newer", "corrected by newest"]


def test_changes_of_a_version_are_marked(capsys: CaptureFixture[str]) -> None:
    """What was taken out, what was put in; an empty side is left out."""
    changes = [Difference(ODD, "New."), Difference("", "Added."), Difference("Gone.", "")]

    print_history([stored("a", "Text.")], [changes], as_json=False)

    printed = capsys.readouterr().out.splitlines()
    assert printed[2:] == [f"   - {ODD}", "   + New.", "   + Added.", "   - Gone."]


def test_a_release_cannot_forge_a_citation(capsys: CaptureFixture[str]) -> None:
    """What looks like one stands inside a quote, on its line; the heads of citations are ours alone."""
    forged = "Paid.\n[2] A great success\n    NATO · 2024-01-01\n    « We won. »"

    print_answer(an_answer(text="Paid. [1]", quote=forged, title="[3] Peace\n[4] War"), as_json=False)

    heads = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[")]
    assert heads == ["[1] (3) Peace (4) War"]


def test_json_holds_nothing_that_a_terminal_obeys(capsys: CaptureFixture[str]) -> None:
    """It is the same JSON: what nobody sees is written as a number."""
    print_json({"text": "a\x9bb\u202ec\u200bd\u2028é «\u00a0"})

    printed = capsys.readouterr().out
    assert json.loads(printed) == {"text": "a\x9bb\u202ec\u200bd\u2028é «\u00a0"}
    assert "\\u202e" in printed
    assert "é «\u00a0" in printed


def test_an_address_with_a_user_is_not_shown(capsys: CaptureFixture[str]) -> None:
    """Neither as a link nor beside the date, nor in JSON."""
    answer = an_answer(text="Paid. [1]", quote="Paid.")
    (one,) = answer.citations
    release = replace(one.release, url="https://me:word@example.org/a")
    answer = replace(answer, citations=(replace(one, release=release, link=None),))

    print_answer(answer, as_json=False)
    print_answer(answer, as_json=True)

    assert "word@" not in capsys.readouterr().out


def on_a_terminal(monkeypatch: MonkeyPatch, columns: int = 60) -> None:
    """From here on stdout is a terminal that knows colours and links."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(columns))


def seen(capsys: CaptureFixture[str]) -> list[str]:
    """The lines that a person sees there."""
    return re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", capsys.readouterr().out).splitlines()


LONG = "Mark Rutte became Secretary General of NATO on 1 October 2024 at a special meeting of the Council in Brussels."
FRENCH = "Mark Rutte est devenu secrétaire général de l’OTAN le 1er octobre 2024, lors d’une réunion du Conseil à Bonn."


def of_one_release(*quotes: str, language: str = "en", text: str | None = None) -> Answer:
    """An answer with several quotes of one release."""
    answer = an_answer(text="", quote=" ".join(quotes), title="Mark Rutte takes office as Secretary General of NATO")
    release = replace(answer.citations[0].release, language=language)
    cited = tuple(
        Citation(str(key), quote, 0, len(quote), release, link=f"{release.url}#:~:text={key}")
        for key, quote in enumerate(quotes, 1)
    )
    told = " ".join(f"{quote} [{key}]" for key, quote in enumerate(quotes, 1))
    return replace(answer, text=told if text is None else text, citations=cited)


def test_a_narrow_terminal_gets_hanging_lines(capsys: CaptureFixture[str], monkeypatch: MonkeyPatch) -> None:
    """At 60 columns each line below the head of a source begins where the first does, and none is longer."""
    on_a_terminal(monkeypatch)

    print_answer(of_one_release(LONG, "He succeeds Jens Stoltenberg."), as_json=False)

    assert seen(capsys) == [
        "“Mark Rutte became Secretary General of NATO on 1 October",
        "2024 at a special meeting of the Council in Brussels.” [1]",
        "",
        "“He succeeds Jens Stoltenberg.” [2]",
        "",
        "[1] [2] Mark Rutte takes office as Secretary General of NATO",
        "    NATO · 2024-01-01 · en",
        "    https://example.org/a",
    ]


def test_a_french_quote_keeps_its_guillemets_together(capsys: CaptureFixture[str], monkeypatch: MonkeyPatch) -> None:
    """No mark stands alone at the end of a line or at its beginning: the blanks within are no-break ones."""
    on_a_terminal(monkeypatch)

    print_answer(of_one_release(FRENCH, language="fr"), as_json=False)

    quoted = seen(capsys)[:3]
    assert quoted[0].startswith("«\u00a0Mark")
    assert quoted[1].endswith("Bonn.\u00a0» [1]")
    assert quoted[2] == ""


def test_a_wide_terminal_is_not_filled(capsys: CaptureFixture[str], monkeypatch: MonkeyPatch) -> None:
    """A line of prose stays as long as the eye can follow."""
    on_a_terminal(monkeypatch, columns=140)

    print_answer(of_one_release(f"{LONG} {LONG}"), as_json=False)

    assert max(map(len, seen(capsys))) <= 96


def test_each_quote_and_link_is_printed_once(capsys: CaptureFixture[str]) -> None:
    """Quotes that are the answer are not repeated; those that bear a model's words out stand below, with their keys."""
    print_answer(of_one_release(LONG, "He succeeds him."), as_json=False)
    extracted = capsys.readouterr().out
    print_answer(of_one_release(LONG, "He succeeds him.", text="Rutte did. [1] He followed. [2]"), as_json=False)
    written = capsys.readouterr().out

    for printed in (extracted, written):
        assert [printed.count(one) for one in (LONG, "He succeeds him.", "text=1", "text=2")] == [1, 1, 1, 1]
        assert printed.count("Mark Rutte takes office") == 1
    assert "    “He succeeds him.” [2]\n" in written


def test_a_terminal_that_knows_links_shows_the_address_and_opens_the_quote(
    capsys: CaptureFixture[str], monkeypatch: MonkeyPatch
) -> None:
    """The part of the link that marks the quote, which nobody reads, is not shown."""
    on_a_terminal(monkeypatch)

    print_answer(of_one_release(LONG), as_json=False)

    printed = capsys.readouterr().out
    opened, seen = re.findall(r"\x1b\]8;id=\d+;(\S+?)\x1b\\(?:\x1b\[[0-9;]*m)?([^\x1b]+)", printed)[-1]
    assert (opened, seen) == ("https://example.org/a#:~:text=1", "https://example.org/a")


def test_an_address_in_a_note_is_not_repeated_below(capsys: CaptureFixture[str]) -> None:
    """As where the release that corrects another is quoted beside it."""
    note = Note(NoteKind.CORRECTED, "“A” was corrected on 2 May 2024: “B” https://example.org/a")

    print_answer(replace(of_one_release(LONG), notes=(note,)), as_json=False)

    printed = capsys.readouterr().out
    assert "\n“A” was corrected on 2 May 2024: “B”\n" in printed
    assert printed.count("https://example.org/a") == 1


@pytest.mark.parametrize(
    ("language", "label"), [("en", "The nearest releases:"), ("fr", "Les communiqués les plus proches :")]
)
def test_the_nearest_releases_are_called_so(capsys: CaptureFixture[str], language: str, label: str) -> None:
    """In the language of the question: they are no evidence."""
    refusal = Refusal("No.", Searched(1), (stored("a", "Text.", title="Aid"),))

    print_answer(replace(an_answer(text="No.", refusal=refusal), language=language), as_json=False)

    assert capsys.readouterr().out.splitlines()[1:5] == [
        "",
        label,
        "  · Aid",
        "    NATO · 2024-01-01 · en · https://example.org/a",
    ]


def test_a_model_that_took_nothing_has_no_price(capsys: CaptureFixture[str]) -> None:
    """It was away, or could not be set up."""
    print_answer(replace(an_answer(text="Paid. [1]", quote="Paid."), usage=Usage()), as_json=False)

    assert "tokens" not in capsys.readouterr().out


def test_a_backup_names_its_parts_in_full(capsys: CaptureFixture[str]) -> None:
    """No name is cut."""
    print_backup(Backup(datetime(2024, 1, 1, tzinfo=UTC), {"catalogue.sqlite3": 2_500_000}), "written", as_json=False)

    assert capsys.readouterr().out.startswith("catalogue.sqlite3  2.5 MB\n")
