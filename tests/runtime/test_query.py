"""Filters, includes, sorts and pages: refused where they would widen a result, sent exactly otherwise."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchworks_core_client import UNSET, InvalidArgumentError, PatchworksClient, PatchworksWarning, Query
from patchworks_core_client._call import Operation
from patchworks_core_client._request import url_encoded
from patchworks_core_client._types import is_array
from patchworks_core_client.query import extra_params

from .cases import cases
from .list_server import ListServer, client_of


class Status(StrEnum):
    DRAFT = "Draft"


class Level(IntEnum):
    HIGH = 3


class Flag(Enum):
    ON = True
    NOTHING = None
    COMMA = "a,b"
    TRUE = "true"


class Name(str, Enum):  # noqa: UP042 - as people write it
    NAME = "name"
    DESCENDING = "-name"
    CREATOR = "createdBy"


ZONE = timezone(timedelta(hours=2))


@pytest.fixture
def server() -> ListServer:
    return ListServer(30)


@pytest.fixture
async def client(server: ListServer) -> AsyncGenerator[PatchworksClient, None]:
    async with client_of(server) as client:
        yield client


def sent(server: ListServer) -> list[tuple[str, str]]:
    return parse_qsl(server.requests[-1].url.query.decode(), strict_parsing=True, keep_blank_values=True)


class TestFilterValues:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("Check", "Check"),
            (7, "7"),
            (0, "0"),
            (-1.5, "-1.5"),
            (True, "true"),
            (False, "false"),
            (date(2025, 5, 1), "2025-05-01"),
            (datetime(2025, 5, 1, 10, tzinfo=UTC), "2025-05-01T10:00:00Z"),
            (Status.DRAFT, "Draft"),
            (Level.HIGH, "3"),
            (Flag.ON, "true"),
            ([True], "true"),
            ([True, False], "1,0"),
            ([Flag.ON, "x"], "1,x"),
            ("True", "True"),
            ("truest", "truest"),
            (" x\u200b", " x\u200b"),
            (Name.NAME, "name"),
            ([Name.NAME, Level.HIGH], "name,3"),
            (["a", "b"], "a,b"),
            (("a", 1, True, Level.HIGH), "a,1,1,3"),
        ],
    )
    async def test_what_is_sent(self, server: ListServer, client: PatchworksClient, value: Any, text: str) -> None:
        await client.packages.list(filter={"name": value})
        assert sent(server) == [("filter[name]", text)]
        assert Query(filter={"name": value}).to_params() == [("filter[name]", text)]

    @pytest.mark.parametrize("value", [None, "", [], (), "  ", "\t", ["a", ""], ["a", None], ["a", " "], Flag.NOTHING])
    async def test_what_would_widen_the_result_is_refused(
        self, server: ListServer, client: PatchworksClient, value: Any
    ) -> None:
        with pytest.raises(ValueError, match="name"):
            client.packages.list(filter={"name": value})
        with pytest.raises(ValueError, match="name"):
            Query(filter={"name": value})
        assert server.requests == []

    @pytest.mark.parametrize(
        "value",
        [
            "\0",
            "\0 \0",
            "\u200b",
            "\u3164 \u2800",  # Hangul filler, empty Braille pattern
            "\ufeff",
            "\u200e",
            "\xad",
            "\u00a0",
            "\u2028",
            "\u202e",
            "\x7f",
            "\r\n",
            ["a", "\u2060"],
        ],
    )
    def test_a_text_that_shows_nothing_is_refused(self, value: Any) -> None:
        with pytest.raises(InvalidArgumentError, match="to nothing, which would match everything"):
            Query(filter={"name": value})

    @pytest.mark.parametrize(
        "value", ["true", "false", " true", "false\n", "\ufefftrue\u200b", ["false"], ["x", "true"], Flag.TRUE]
    )
    def test_the_texts_true_and_false_are_refused(self, value: Any) -> None:
        with pytest.raises(InvalidArgumentError, match="as a boolean: pass the bool"):
            Query(filter={"name": value})

    def test_a_moment_that_nobody_knows_is_refused(self) -> None:
        with pytest.raises(InvalidArgumentError, match=r"datetime\(2025, 5, 1, 0, 0\) has no time zone"):
            Query(filter={"created_at": [datetime(2025, 5, 1)]})  # noqa: DTZ001

    async def test_enum_members_stand_for_their_value_everywhere(
        self, server: ListServer, client: PatchworksClient
    ) -> None:
        filters: Any = {Name.NAME: Status.DRAFT}
        names: Any = {"include": Name.CREATOR, "sort": [Name.DESCENDING, Name.NAME]}
        await client.packages.list(filter=filters, **names)
        assert sent(server) == [("filter[name]", "Draft"), ("include", "createdBy"), ("sort", "-name,name")]
        assert Query(filter=filters, **names) == Query(
            filter={"name": "Draft"}, include="createdBy", sort=["-name", "name"]
        )

    async def test_an_array_repeats_its_name(self, server: ListServer, client: PatchworksClient) -> None:
        query = Query(filter={"ids[]": [1, True, "a"], "one[]": "x"})
        assert query.to_params() == [
            ("filter[ids][]", "1"),
            ("filter[ids][]", "1"),
            ("filter[ids][]", "a"),
            ("filter[one][]", "x"),
        ]
        await client.request("GET", "/api/v1/packages", query=query)
        assert sent(server) == query.to_params()

    @pytest.mark.parametrize("value", ["a,b", ["a", "b,c"], Flag.COMMA, ","])
    def test_a_comma_is_refused(self, value: Any) -> None:
        with pytest.raises(ValueError, match=r"the server splits .* at its comma and knows no escape"):
            Query(filter={"name": value})

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
    def test_no_number(self, value: Any) -> None:
        with pytest.raises(ValueError, match="cannot be sent"):
            Query(filter={"name": value})

    @pytest.mark.parametrize(
        "value",
        [b"bytes", b"", bytearray(b"ab"), {"a": 1}, {"a"}, object(), Fraction(1, 3), [["nested"]], UNSET.__class__],
    )
    def test_types_that_no_query_can_hold(self, value: Any) -> None:
        with pytest.raises(TypeError, match="takes str, int, float, bool, date, datetime, Enum or a sequence"):
            Query(filter={"name": value})

    def test_numbers_that_compare_in_a_way_of_their_own(self) -> None:
        class Elementwise(float):
            def __eq__(self, other: object) -> bool:
                raise ValueError("the truth value of an array is ambiguous")

            __hash__ = float.__hash__

        assert Query(filter={"name": Elementwise(1.5)}).to_params() == [("filter[name]", "1.5")]

    @pytest.mark.parametrize(("filter", "error"), [("name", TypeError), (["name"], TypeError), ({"": 1}, ValueError)])
    def test_filters_are_a_mapping_of_names(self, filter: Any, error: type[Exception]) -> None:
        with pytest.raises(error, match="filter"):
            Query(filter=filter)
        with pytest.raises(ValueError, match="must be a text"):
            Query(filter={7: 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]


class TestIncludeAndSort:
    async def test_a_name_or_a_sequence(self, server: ListServer, client: PatchworksClient) -> None:
        await client.packages.list(include="createdBy", sort="-name")
        assert sent(server) == [("include", "createdBy"), ("sort", "-name")]
        await client.packages.list(include=("createdBy", "virtualEnvironments"), sort=["-name", "name"])
        assert sent(server) == [("include", "createdBy,virtualEnvironments"), ("sort", "-name,name")]

    async def test_get_takes_include_and_a_query(self, server: ListServer, client: PatchworksClient) -> None:
        server.answers[1] = {"data": {"id": 1}}
        await client.packages.get(1, include=["createdBy", "deployments.user"])
        assert sent(server) == [("include", "createdBy,deployments.user")]
        await client.packages.get(1, query=Query(include="createdBy"))
        assert sent(server) == [("include", "createdBy")]
        await client.packages.get(1, query=Query(include="createdBy"), include="deployments.user")
        assert sent(server) == [("include", "deployments.user")]
        await client.packages.get(1, extra_query={"sort": "name"})
        assert sent(server) == [("sort", "name")]

    def test_names_joined_by_hand_are_the_same(self) -> None:
        assert Query(include="a, b", sort="x,-y") == Query(include=["a", "b"], sort=["x", "-y"])

    @pytest.mark.parametrize("names", ["", "-", " ", ["a", ""], "a,,b", ["a", "-"]])
    def test_empty_names_are_refused(self, names: Any) -> None:
        for part in ("include", "sort"):
            with pytest.raises(ValueError, match=r"take names, and none of them empty"):
                Query(**{part: names})

    @pytest.mark.parametrize("names", [7, ["a", 7], b"a", {"a": 1}, [None]])
    def test_what_is_no_name_is_refused(self, names: Any) -> None:
        for part in ("include", "sort"):
            with pytest.raises(TypeError, match="take a name or a sequence of names"):
                Query(**{part: names})

    def test_no_names_ask_for_nothing(self) -> None:
        assert Query(include=[], sort=()).to_params() == []


class TestPages:
    @pytest.mark.parametrize(("part", "value"), [("page", 0), ("page", -1), ("per_page", 0), ("per_page", 101)])
    def test_bounds(self, part: str, value: Any) -> None:
        with pytest.raises(ValueError, match=rf"{part} must be .* not {value}"):
            Query(**{part: value})

    @pytest.mark.parametrize("value", ["1", 1.0, True])
    def test_types(self, value: Any) -> None:
        for part in ("page", "per_page"):
            with pytest.raises(TypeError, match=f"{part} must be an int"):
                Query(**{part: value})

    def test_the_limits_themselves(self) -> None:
        assert Query(page=10**9, per_page=100).to_params() == [("page", "1000000000"), ("per_page", "100")]
        assert Query(page=1, per_page=1).to_params() == [("page", "1"), ("per_page", "1")]


class TestUnknownNames:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"filter": {"nane": 1}}, "filter 'nane' is not documented for this call; did you mean 'name'"),
            (
                {"include": ["createdby"]},
                "include 'createdby' is not documented for this call; did you mean 'createdBy'",
            ),
            ({"sort": "-nam"}, "sort '-nam' is not documented for this call; did you mean '-name'"),
            ({"sort": "zzzz"}, "sort 'zzzz' is not documented for this call; documented: -name, name."),
        ],
    )
    async def test_they_are_sent_with_a_warning_that_suggests_the_near_one(
        self, server: ListServer, client: PatchworksClient, arguments: Any, message: str
    ) -> None:
        with pytest.warns(PatchworksWarning, match="the server decides") as caught:
            await client.packages.list(**arguments)
        assert message in str(caught[0].message)
        assert caught[0].filename == __file__, "it points at the caller's line"
        assert len(sent(server)) == 1

    async def test_of_a_get_and_of_a_query(self, server: ListServer, client: PatchworksClient) -> None:
        server.answers[1] = {"data": {"id": 1}}
        with pytest.warns(PatchworksWarning, match="include 'x'") as caught:
            await client.packages.get(1, query=Query(include="x"))
        assert caught[0].filename == __file__
        server.answers.clear()
        with pytest.warns(PatchworksWarning, match="documented: none"):
            await client.flow_versions.list_metrics(7, query=Query(filter={"x": 1}))
        assert sent(server) == [("filter[x]", "1")]

    @pytest.mark.parametrize(
        "include",
        [
            "flowVersions",
            "deployments",
            "deployments.virtualEnvironment",
            "createdByCount",
            "virtualEnvironmentsExists",
            "deploymentsCount",
            "deployments.userExists",
        ],
    )
    async def test_parents_counts_and_existence_of_documented_relations_are_silent(
        self, client: PatchworksClient, include: Any
    ) -> None:
        await client.packages.list(include=include)

    @pytest.mark.parametrize("include", ["flow", "Count", "deployment", "userCount", "deployments.virtual"])
    async def test_parts_of_their_names_are_not(self, client: PatchworksClient, include: Any) -> None:
        with pytest.warns(PatchworksWarning, match="include"):
            await client.packages.list(include=include)

    async def test_documented_names_are_silent(self, server: ListServer, client: PatchworksClient) -> None:
        await client.packages.list(
            filter={"name": "x"}, include="flowVersions.deployments", sort=["name", "-name"], query=Query(page=1)
        )


class TestQuery:
    RECENT = Query(filter={"name": ["b", "a"]}, include="createdBy", sort="-name", page=2, per_page=5)

    def test_its_parts(self) -> None:
        query = self.RECENT
        assert (dict(query.filter), query.include, query.sort) == ({"name": ("b", "a")}, ("createdBy",), ("-name",))
        assert (query.page, query.per_page) == (2, 5)
        empty = Query()
        assert (dict(empty.filter), empty.include, empty.sort, empty.page, empty.per_page) == ({}, (), (), None, None)

    async def test_it_can_be_used_for_any_number_of_calls(self, server: ListServer, client: PatchworksClient) -> None:
        for _ in range(2):
            await client.packages.list(query=self.RECENT)
            assert sent(server) == self.RECENT.to_params()

    async def test_the_pairs_are_exactly_what_is_sent(self, server: ListServer, client: PatchworksClient) -> None:
        query = Query(filter={"name": "a b&c=ü/#[]%"}, sort="name")
        await client.packages.list(query=query)
        assert sent(server) == query.to_params()

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ({"filter": {"name": "x"}}, {"filter": {"name": "x"}}),
            ({"include": "deployments.user"}, {"include": "deployments.user"}),
            ({"include": []}, {"include": ()}),
            ({"sort": "name"}, {"sort": "name"}),
            ({"page": 3}, {"page": 3}),
            ({"per_page": 9}, {"per_page": 9}),
            ({}, {}),
        ],
    )
    async def test_an_argument_beside_it_replaces_that_part(
        self, server: ListServer, client: PatchworksClient, arguments: Any, expected: Any
    ) -> None:
        await client.packages.list(query=self.RECENT, **arguments)
        whole: dict[str, Any] = {
            "filter": {"name": ["b", "a"]},
            "include": "createdBy",
            "sort": "-name",
            "page": 2,
            "per_page": 5,
        }
        assert sent(server) == Query(**{**whole, **expected}).to_params()

    async def test_nothing_but_a_query_is_one(self, client: PatchworksClient) -> None:
        wrong: Any = {"name": "x"}
        with pytest.raises(TypeError, match="query= takes a Query, not dict"):
            client.packages.list(query=wrong)

    def test_the_order_is_stable(self) -> None:
        one = Query(per_page=5, sort="s", filter={"b": 1, "a": 2}, include="i", page=1)
        assert one.to_params() == [
            ("filter[a]", "2"),
            ("filter[b]", "1"),
            ("include", "i"),
            ("sort", "s"),
            ("page", "1"),
            ("per_page", "5"),
        ]
        other = Query(page=1, include="i", filter={"a": 2, "b": 1}, sort="s", per_page=5)
        assert one == other
        assert hash(one) == hash(other)

    def test_it_is_comparable(self) -> None:
        assert Query() == Query()
        assert Query(page=1) != Query(page=2)
        assert Query() != object()
        assert len({Query(page=1), Query(page=1), Query(page=2)}) == 2

    def test_it_is_immutable(self) -> None:
        values = ["a"]
        filters: dict[str, Any] = {"name": values}
        query: Any = Query(filter=filters)
        values.append("b")
        filters["other"] = 1
        query.to_params().append(("page", "7"))
        assert query.to_params() == [("filter[name]", "a")]
        for name in ("filter", "include", "sort", "page", "per_page", "anything"):
            with pytest.raises(AttributeError):
                setattr(query, name, 1)
        with pytest.raises(TypeError):
            query.filter["name"] = "x"

    def test_copies(self) -> None:
        for made in (copy.copy(self.RECENT), copy.deepcopy(self.RECENT), pickle.loads(pickle.dumps(self.RECENT))):
            assert made == self.RECENT
        assert self.RECENT.replace() == self.RECENT
        assert self.RECENT.replace(page=None).page is None
        with pytest.raises(TypeError):
            self.RECENT.replace(pages=1)

    def test_its_repr_can_be_read(self) -> None:
        shown = repr(self.RECENT)
        assert shown == (
            "Query(filter={'name': ('b', 'a')}, include=('createdBy',), sort=('-name',), page=2, per_page=5)"
        )
        assert repr(Query()) == "Query(filter={}, include=(), sort=(), page=None, per_page=None)"


class TestOtherParameters:
    def test_unset_ones_are_not_sent(self) -> None:
        assert extra_params({"flow_id": UNSET, "x": 1, "fields": {"a": UNSET}}, None) == [("x", "1")]

    @pytest.mark.parametrize("value", [None, [], [None], {"a": []}, float("nan"), "\ud800"])
    def test_empty_ones_are_refused(self, value: Any) -> None:
        with pytest.raises(InvalidArgumentError):
            url_encoded(extra_params({"flow_id": value}, None, ("flow_id",)))

    def test_sequences_are_joined_unless_they_repeat(self) -> None:
        assert extra_params({"ids": [1, 2], "names": ("a", "b")}, None, ("ids",)) == [
            ("ids", "1"),
            ("ids", "2"),
            ("names", "a,b"),
        ]

    def test_fields_of_things(self) -> None:
        assert extra_params({"fields": {"x": ["a", "b"], "y": ["c"]}}, None) == [
            ("fields[x]", "a,b"),
            ("fields[y]", "c"),
        ]

    def test_extra_query_is_sent_as_it_is(self) -> None:
        assert extra_params(None, {"a": [1, 2], "b": "x,y", "c": True}) == [
            ("a", "1"),
            ("a", "2"),
            ("b", "x,y"),
            ("c", "true"),
        ]
        assert extra_params(None, [("a", 1), ("a", 2)]) == [("a", "1"), ("a", "2")]


texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
names = texts.filter(lambda text: not text.endswith("[]"))
values = texts.filter(lambda text: "," not in text and text not in ("true", "false"))


@cases(300)
@given(
    filters=st.dictionaries(
        names, values | st.integers() | st.booleans() | st.lists(values, min_size=1, max_size=3), max_size=4
    ),
    includes=st.lists(st.text("abcXYZ._", min_size=1, max_size=8), max_size=3),
    page=st.none() | st.integers(1),
)
def test_any_query_arrives_as_it_was_meant(filters: dict[str, Any], includes: list[str], page: int | None) -> None:
    query = Query(filter=filters, include=includes, sort=includes, page=page)
    server = ListServer()

    async def ask() -> None:
        async with client_of(server) as client:
            await client.request("GET", "/api/v1/packages", query=query)

    asyncio.run(ask())
    assert not query.to_params() or sent(server) == query.to_params()
    assert pickle.loads(pickle.dumps(query)) == query
    arrived = dict(query.to_params())
    for name, value in filters.items():
        given = value if is_array(value) else [value]
        texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in given]
        assert arrived[f"filter[{name}]"].split(",") == texts


def test_the_documented_names_come_from_the_types() -> None:
    from patchworks_core_client.resources import packages

    operation: Operation[Any] = packages._LIST  # pyright: ignore[reportPrivateUsage]
    known = operation.known_names()
    assert known["filter"] == {"name"}
    assert "-name" in known["sort"]
    assert "flowVersions.deployments" in known["include"]
