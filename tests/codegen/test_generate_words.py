"""Names: words, cases, singulars; text: plain, wrapped, and a literal whatever it holds."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_python_client.strings import ClassName, PythonIdentifier

from codegen.generate.names import Scope, own_name
from codegen.generate.text import docstring, literal, one_line, plain, section, sentence, summarized, wrap
from codegen.words import Names, pascal_case, singular, snake_case, words


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("Packages", "Package"),
        ("VirtualEnvironmentVersions", "VirtualEnvironmentVersion"),
        ("FlowVersionStatuses", "FlowVersionStatus"),
        ("Status", "Status"),
        ("Metadata", "Metadata"),
        ("Address", "Address"),
        ("Addresses", "Address"),
        ("Companies", "Company"),
        ("Batches", "Batch"),
        ("Caches", "Cache"),
        ("Boxes", "Box"),
        ("Databases", "Database"),
        ("Processes", "Process"),
        ("Responses", "Response"),
        ("Analyses", "Analysis"),
        ("Series", "Series"),
        ("People", "Person"),
        ("SFTPConnections", "SFTPConnection"),
        ("URLs", "URL"),
        ("SMS", "SMS"),
        ("DNS", "DNS"),
        ("S3", "S3"),
        ("Version2", "Version2"),
        ("s", "s"),
        ("", ""),
    ],
)
def test_singular(plural: str, expected: str) -> None:
    assert singular(plural) == expected
    assert singular(expected) == expected


def test_words_of_any_case() -> None:
    for name in ("flowVersionID", "flow_version_ID", "flow-version.ID", "Flow Version/ID"):
        assert [word.lower() for word in words(name)] == ["flow", "version", "id"]
    assert snake_case("HTTPServer2Name") == "http_server2_name"
    assert pascal_case("HTTPServer2 name") == "HTTPServer2Name"


@given(st.text(max_size=30))
def test_every_name_becomes_an_ascii_identifier(name: str) -> None:
    for made in (snake_case(name), pascal_case(name)):
        assert made.isidentifier()
        assert made.isascii()
        assert not made.startswith("_")


NAMES = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("aAbB09_-. ")), max_size=12)


@given(NAMES)
def test_class_names_are_those_of_openapi_python_client(text: str) -> None:
    for name in (pascal_case(text), pascal_case(singular(pascal_case(text)))):
        assert str(ClassName(name, "field_")).removesuffix("_") == name
        assert pascal_case(name) == name


@given(st.lists(st.text(max_size=8), unique=True, max_size=20))
def test_arguments_are_distinct(keys: list[str]) -> None:
    scope = Scope(frozenset({"field"}))
    given = [own_name(str(PythonIdentifier(scope.claim(key), "field_")), frozenset({"field"})) for key in keys]
    assert len(set(given)) == len(keys)
    assert all(name.isidentifier() and name.isascii() for name in given)
    assert "field" not in given


def test_names_are_given_out_once() -> None:
    names = Names(["Query"])
    assert [names.claim("Query", "Model") for _ in range(3)] == ["QueryModel", "QueryModel2", "QueryModel3"]
    assert [names.claim("id") for _ in range(3)] == ["id", "id_2", "id_3"]
    assert [names.claim("Url"), names.claim("URL", "Model")] == ["Url", "URLModel"]


TEXT = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\"'\\{}%#\n\r\t\0\u2028\u202e\ud800")), max_size=80)


@given(TEXT)
def test_a_literal_is_the_text(text: str) -> None:
    source = literal(text)
    assert ast.literal_eval(source) == text
    assert source.isprintable()


@given(st.one_of(TEXT, st.sampled_from(['"', '""', '"""', "\\", '\\"""', 'a"', "a\\", '"""\nimport os\n"""'])))
def test_a_docstring_holds_the_lines_and_nothing_else(text: str) -> None:
    lines = wrap(plain(text), indent=4)
    source = f"def f():\n    {docstring(lines or [''], indent=4)}\n"
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 1
    assert (ast.get_docstring(function) or "").split() == plain(text).split()


def test_text_becomes_plain() -> None:
    assert plain("a &amp; b \\_c\\_ &lt;d&gt;\u202e\0") == "a & b _c_ <d>"
    assert plain("one\ntwo\r\n\r\nthree\n\n\n\nfour") == "one two\n\nthree\n\nfour"
    assert plain(None) == plain(3) == ""
    assert one_line("a\n\nb") == "a b"
    assert [sentence(text) for text in ("", "a", "a.", "a?")] == ["", "a.", "a.", "a?"]
    assert summarized("Lists the packages. Newest first. All.") == "Lists the packages.\n\nNewest first. All."


def test_wrapping_keeps_long_words_and_paragraphs() -> None:
    lines = wrap("word " * 60 + "\n\n" + "x" * 300, indent=8)
    assert max(map(len, lines[:-1])) <= 112
    assert lines[-2:] == ["", "x" * 300]
    assert section("Args", [], indent=8) == []
    assert section("Args", [("name", "Text.")], indent=8) == ["", "Args:", "    name: Text."]
