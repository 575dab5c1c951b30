"""What `make mutants` showed that no other test noticed."""

from __future__ import annotations

import attrs
import pytest

from patchworks_core_client import UNSET, ConfigurationError, FlowVersionDeployment, Package, PatchworksClient
from patchworks_core_client._operation import Operation
from patchworks_core_client._request import merged_headers


@pytest.mark.parametrize("name", ["max_retries", "max_concurrency", "requests_per_minute"])
def test_a_number_just_out_of_bounds_is_refused(name: str) -> None:
    least = 0 if name == "max_retries" else 1
    PatchworksClient(api_key="key", **{name: least})  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=name):
        PatchworksClient(api_key="key", **{name: least - 1})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["timeout", "max_retries", "max_concurrency", "requests_per_minute"])
def test_a_number_is_not_left_out_with_unset(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        PatchworksClient(api_key="key", **{name: UNSET})  # type: ignore[arg-type]


def test_seconds_beyond_all_bounds_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        PatchworksClient(api_key="key", timeout=10**400)


@pytest.mark.parametrize("identifiers", [(1,), (1, 2, 3)])
def test_a_path_takes_as_many_identifiers_as_it_has_places(identifiers: tuple[int, ...]) -> None:
    operation: Operation[object] = Operation("x.y", "GET", "/a/{b}/{c}", "any")
    assert operation.path_for((1, 2)) == "/a/1/2"
    with pytest.raises(ValueError, match="zip"):
        operation.path_for(identifiers)


def test_a_model_that_was_empty_can_be_replaced() -> None:
    deployment = FlowVersionDeployment.from_dict({"id": 1, "package": {}})
    filled = attrs.evolve(deployment, package=Package(name="Checkout"))
    assert filled.to_dict() == {"id": 1, "package": {"name": "Checkout"}}
    emptied = attrs.evolve(filled, package=Package())
    assert emptied.to_dict() == {"id": 1, "package": {}}


def test_an_extra_header_replaces_the_one_of_its_name_however_it_is_written() -> None:
    assert merged_headers({"Accept": "a", "X-A": "1"}, {"accept": "b"}) == {"X-A": "1", "accept": "b"}
