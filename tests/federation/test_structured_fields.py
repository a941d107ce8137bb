"""Structured fields, and the two headers of RFC 9421: one written form for everything, and nothing half read."""

from __future__ import annotations

import http_sf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import Malformed, Refused
from federation.signatures import rfc9421
from federation.signatures.structured_fields import InnerList, Item, dictionary

PARAMETERS = ';created=1;keyid="https://a.example/#k"'
INPUT = f'("@method" "@target-uri"){PARAMETERS}'
SIGNATURE = "sig1=:AAAA:"


def test_a_dictionary_is_read_and_written_back() -> None:
    assert dictionary(f"sig1={INPUT}", "x") == {
        "sig1": InnerList(
            (Item("@method", {}), Item("@target-uri", {})), {"created": 1, "keyid": "https://a.example/#k"}
        )
    }
    assert dictionary('a=1, *b-c_d.9=:AAEC:;n="x y",\tc=()', "x") == {
        "a": Item(1, {}),
        "*b-c_d.9": Item(b"\0\1\2", {"n": "x y"}),
        "c": InnerList((), {}),
    }
    assert str(dictionary('a=( "x";k=1   "y" ); z=2', "x")["a"]) == '("x";k=1 "y");z=2'


MALFORMED = [
    "", " ", ",", "=", "a", "a;b=1", "a=", "a= 1", "a =1", "A=1", "1a=1", "-a=1", "a=1,", ",a=1", "a=1 b=2", "a=1,,b=2",
    "a=1;", "a=1;b", "a=1;b=", "a=1; B=1", "a=1;b=1;b=2", "a=1, a=2", "a=-1", "a=007", "a=1.5", "a=1.", "a=+1", "a=0x1",
    "a=1234567890123456", "a=?1", "a=token", "a=@1659578233", 'a=%"x"', 'a="', 'a="x', 'a="x"y', 'a="\\""', 'a="\\\\"',
    'a="\\x"', 'a="\n"', 'a="\x7f"', 'a="é"', "a='x'", "a=:", "a=:AAAA", "a=AAAA:", "a=:A:", "a=:AAAAA:", "a=:AA=A:",
    "a=:====:", "a=:AA AA:", "a=:AA\n:", "a=:A-_A:", "a=:é:", "a=(", 'a=("x"', 'a=("x""y")', 'a=("x","y")',
    'a=("x"\t"y")',
    'a=(("x"))', 'a=("x";y)', "a=)", 'a="x")', "a=(1 2", "a=1\r\nb=2", "a=1\0", "é=1", "a=1é", "sig1=:AAAA:\x00",
    'keyId="x",algorithm="rsa-sha256",headers="date",signature="AAAA"',
]  # fmt: skip


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_not_such_a_dictionary_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="Some-Field"):
        dictionary(text, "Some-Field")
    with pytest.raises(Malformed):
        rfc9421.parse(text, SIGNATURE)
    with pytest.raises(Malformed):
        rfc9421.parse(f"sig1={INPUT}", text)


@pytest.mark.parametrize("unit", ["a=1,", "a=(", "a=( ", "a=1;b=1;", 'a=("x" ', "a=:AAAA:,", " ", "\t", "a=" + "9" * 9])
def test_endless_fields_end_soon(unit: str) -> None:
    """8,192 characters and one pass: nothing to make anybody wait with."""
    for text in (unit * 200_000, unit * (8192 // len(unit))):
        with pytest.raises(Malformed):
            dictionary(text, "x")


def test_a_field_has_at_most_8192_characters() -> None:
    assert dictionary('a="' + "x" * 8188 + '"', "x")
    with pytest.raises(Malformed, match="longer"):
        dictionary('a="' + "x" * 8189 + '"', "x")


@given(st.text(alphabet='sig1=("@met hod");created,:A\\\t*é\0', max_size=60))
def test_what_we_read_the_parser_of_the_working_groups_chair_reads_alike(text: str) -> None:
    """http_sf, by Mark Nottingham, passes the suite of the HTTP working group; ours takes less and means the same."""
    try:
        ours = dictionary(text, "x")
    except Malformed:
        return
    theirs = http_sf.parse(text.encode("ascii"), tltype="dictionary")
    assert ", ".join(f"{key}={value}" for key, value in ours.items()) == http_sf.ser(theirs)


HUNDRED = " ".join(f'"x-{number}"' for number in range(100))
REFUSED: list[tuple[str, str, str]] = [
    ("two signatures", f"sig1={INPUT}, sig2={INPUT}", "sig1=:AAAA:, sig2=:AAAA:"),
    ("two inputs", f"sig1={INPUT}, sig2={INPUT}", SIGNATURE),
    ("two values", f"sig1={INPUT}", "sig1=:AAAA:, sig2=:AAAA:"),
    ("another label", f"sig2={INPUT}", SIGNATURE),
    ("no list", 'sig1="@method"', SIGNATURE),
    ("a number", "sig1=1", SIGNATURE),
    ("a signature that is text", f"sig1={INPUT}", 'sig1="AAAA"'),
    ("a signature that is a list", f"sig1={INPUT}", "sig1=(:AAAA:)"),
    ("no parameters", 'sig1=("@method" "@target-uri")', SIGNATURE),
    ("no created", 'sig1=("@method");keyid="https://a.example/#k"', SIGNATURE),
    ("no keyid", 'sig1=("@method");created=1', SIGNATURE),
    ("created as text", 'sig1=("@method");created="1";keyid="https://a.example/#k"', SIGNATURE),
    ("keyid as number", 'sig1=("@method");created=1;keyid=1', SIGNATURE),
    ("keyid as bytes", 'sig1=("@method");created=1;keyid=:AAAA:', SIGNATURE),
    ("expires as text", f'sig1={INPUT};expires="9999999999"', SIGNATURE),
    ("alg as bytes", f"sig1={INPUT};alg=:AAAA:", SIGNATURE),
    ("an unknown parameter", f"sig1={INPUT};only-on=1", SIGNATURE),
    ("a component twice", f'sig1=("@method" "@target-uri" "@method"){PARAMETERS}', SIGNATURE),
    ("components that are numbers", f'sig1=("@method" "@target-uri" 1){PARAMETERS}', SIGNATURE),
    ("a part of a field", f'sig1=("@method" "@target-uri" "content-digest";key="sha-256"){PARAMETERS}', SIGNATURE),
    ("a part of the query", f'sig1=("@method" "@query-param";name="a"){PARAMETERS}', SIGNATURE),
    ("a hundred components", f"sig1=({HUNDRED}){PARAMETERS}", SIGNATURE),
]  # fmt: skip


@pytest.mark.parametrize(("said", "proof"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_well_formed_signature_that_we_do_not_judge_is_refused(said: str, proof: str) -> None:
    with pytest.raises(Refused) as caught:
        rfc9421.parse(said, proof)
    assert caught.value.status == 401


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("sig1=:AAAA:", ("sig1=:AAAA:", "")),
        ('keyId="a",signature="b"', ("", 'keyId="a",signature="b"')),
        ('keyId="a",created=1,signature="b=", sig1=:AA=:', ("sig1=:AA=:", 'keyId="a",created=1,signature="b="')),
        ('sig1=:AAAA:, keyId="sig2=:BBBB:, x", signature="b"', ("sig1=:AAAA:", 'keyId="sig2=:BBBB:, x",signature="b"')),
        ("signature=:AAAA:", ("signature=:AAAA:", "")),
        ('keyId="a" sig1=:AAAA:', ('keyId="a" sig1=:AAAA:', "")),
        ("nonsense", ("nonsense", "")),
        ("", ("", "")),
    ],
)
def test_the_two_kinds_in_one_header_are_parted(header: str, parts: tuple[str, str]) -> None:
    assert rfc9421.apart(header) == parts
