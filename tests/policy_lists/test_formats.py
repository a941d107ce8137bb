"""Lists as others write them: what is read, what is refused and why, and that what is written is read the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from node.errors import Invalid
from node.peering.rules import Category, Severity
from node.policy_lists import formats, rules
from node.policy_lists.formats import Form
from node.policy_lists.rules import Given, Held, Line, Meant

MASTODON = """#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
bad.example,silence,False,False,,False
Worse.Example,suspend,true,TRUE,"spam, and more",true
pictures.example,noop,True,false,films,false
nothing.example,noop,false,false,,false
b*d.example,suspend,false,false,,true
none.example,ban,false,false,,false
plain.example,,,,,
https://path.example/x,suspend,,,,
bad.example,suspend,false,false,,false
own.example,suspend,false,false,,false
bad.example,silence,false,false,,false
"""


def check(domain: str) -> None:
    if domain == "own.example":
        raise Invalid("{domain} is this node itself", domain=domain)


def read(
    text: str | bytes, severity: Severity | None = None, reason: str = "", category: Category | None = None
) -> Given:
    body = text.encode() if isinstance(text, str) else text
    return formats.read(body, Meant("May", severity, reason, category), check=check)


@pytest.mark.parametrize("text", [MASTODON, MASTODON.replace("\n", "\r\n"), "\ufeff" + MASTODON, "\n" + MASTODON])
def test_mastodons_csv_is_read_and_lines_that_cannot_be_used_are_named(text: str) -> None:
    found = read(text)
    assert found.lines == (
        Line("bad.example", Severity.LIMIT, False, "May"),
        Line("worse.example", Severity.REJECT, True, "spam, and more"),
        Line("pictures.example", Severity.ACCEPT, True, "films"),
        Line("plain.example", Severity.REJECT, False, "May"),
    )
    begins = 1 if text.startswith("\n") else 0
    assert [one.number - begins for one in found.flaws] == [5, 6, 7, 9, 10, 11]
    words = " ".join(one.why.why for one in found.flaws)
    for said in ("without reject_media", "b*d.example", "suspend, silence, noop", "a path", "other words", "itself"):
        assert said in words, said


def test_columns_are_known_by_their_names() -> None:
    found = read("domain,category,severity\na.example,spam,silence\n")
    assert found.lines == (Line("a.example", Severity.LIMIT, False, "May", Category.SPAM),)


def test_names_one_a_line_mean_what_is_said_of_them() -> None:
    text = "# a list\n\n*.bad.example\nother.example # noisy\nB\u00fccher.example\n*.org\n"
    found = read(text, Severity.LIMIT, "noise", Category.SPAM)
    assert [one.subject for one in found.lines] == ["bad.example", "other.example", "xn--bcher-kva.example"]
    said = {(one.severity, one.reason, one.category) for one in found.lines}
    assert said == {(Severity.LIMIT, "noise", Category.SPAM)}
    assert [one.number for one in found.flaws] == [6]
    with pytest.raises(Invalid, match="what a list of names means"):
        read(text)


def test_a_list_of_those_who_are_let_in_means_accept() -> None:
    assert read("#domain\ngood.example\n").lines == (Line("good.example", Severity.ACCEPT),)
    assert read("#domain\ngood.example\n", Severity.REJECT).lines[0].severity is Severity.REJECT


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "nothing in this list"),
        (b"# only words\n", "nothing in this list"),
        (b"a.example\n" * 20_001, "at most 20,000 lines"),
        (b"x" * (4 * 1024 * 1024 + 1), "bytes"),
        ("a.example\n".encode("utf-16"), "line 1 is not in UTF-8"),
        (b"a.example\nb\xfccher.example\n", "line 2 is not in UTF-8"),
        (b"\x00\x01\x02\x03", "something else than text"),
        (b"<!doctype html>\n<p>Not found</p>\n", "line 1: "),
        (b'#domain,#severity\n"' + b"x" * 200_000, "cannot be read as CSV"),
        (b"https://peer.example/users/alice\n", "without a path"),
        (b"own.example\n", "this node itself"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_as_a_whole(body: bytes, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read(body, Severity.REJECT)


def test_ours_stays_unless_the_list_is_to_replace_it() -> None:
    one, two, three = (Line(f"{name}.example", Severity.REJECT) for name in "abc")
    held = {"a.example": Held(Severity.REJECT, False), "b.example": Held(Severity.LIMIT, False)}
    found = rules.compare([one, two, three], held, replaces=False)
    assert (found.same, found.against, found.new, found.changed) == ((one,), ((two, held["b.example"]),), (three,), ())
    assert found.applied == (three,)
    assert rules.compare([one, two, three], held, replaces=True).applied == (three, two)
    partial = {"a.example": Held(Severity.REJECT, False, is_plain=False)}
    assert rules.compare([one], partial, replaces=False).against == ((one, partial["a.example"]),)


reasons = some.text(max_size=40) | some.sampled_from(["=1+1", "'=1+1", "@x", 'a, "b"\nc', "-"])
lines = some.builds(
    Line,
    subject=some.from_regex(r"[a-z][a-z0-9]{0,8}\.[a-z]{2,6}\.example(:8443)?", fullmatch=True),
    severity=some.sampled_from([Severity.LIMIT, Severity.REJECT]),
    no_media=some.booleans(),
    reason=reasons.map(lambda text: formats._reason(text) or "why"),
)


@given(some.lists(lines, min_size=1, max_size=8, unique_by=lambda line: line.subject))
def test_a_list_that_is_written_is_read_the_same(some_lines: list[Line]) -> None:
    found = read(formats.write(some_lines, Form.BLOCKS))
    assert list(found.lines) == some_lines and not found.flaws
