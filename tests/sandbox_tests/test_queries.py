"""Filters, sorts, includes and pages."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from patchworks_core_sandbox import Sandbox, Seed
from patchworks_core_sandbox.endpoints import deployments, environments, flow_versions, packages


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["data"]]


def ids(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["data"]]


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("/packages", "filter[name]=check", [20001]),
        ("/packages", "filter%5Bname%5D=check,stock", [20001, 20002]),
        ("/packages", "filter[name]=check&filter[name]=stock", [20002]),
        ("/flow-version-deployments/packages", "", [20001]),
        ("/flow-version-deployments/packages", "filter[name]=stock", []),
        ("/flow-version-deployments", "filter[package_id]=20001", [4001, 4002]),
        ("/flow-version-deployments", "filter[package_id]=20001&filter[flowVersion.flow]=102", [4002]),
        ("/flow-version-deployments", "filter[flowVersion.flow]=101,103", [4001, 4003]),
        ("/flow-version-deployments", "filter[virtual_environment_id]=201,202", [4001, 4002]),
        ("/flow-version-deployments", "filter[global]=true", [4003]),
        ("/flow-version-deployments", "filter[global]=false", [4001, 4002]),
        ("/flow-version-deployments", "filter[global]=1", [4003]),
        ("/flow-version-deployments", "filter[name]=crm", [4003]),
        ("/flow-versions/1002/deployments", "", [4001]),
        ("/virtual-environments", "filter[type]=virtual", [202, 203]),
        ("/virtual-environments", "filter[labelled]=51,53", [201, 203]),
        ("/virtual-environments", "filter[status]=deployed", [201, 202, 203]),
        ("/virtual-environments", "filter[status]=draft", []),
        ("/virtual-environments", "filter[hasDeployedVersion]=true", [201, 202, 203]),
        ("/virtual-environments", "filter[hasDeployedVersion]=false", []),
        ("/flow-version-deployments/virtual-environments", "", [201]),
        ("/flow-versions/1002/schedules", "filter[flow_version_id]=1002", [701]),
        ("/flow-versions/1002/schedules", "filter[flow_version_id]=1", []),
    ],
)
def test_filters_filter(path: str, query: str, found: list[int], api: httpx.Client) -> None:
    assert ids(api.get(f"{path}?{query}")) == found


def test_an_empty_filter_widens_the_result(api: httpx.Client) -> None:
    assert ids(api.get("/packages?filter[name]=")) == [20001, 20002, 20003]


@pytest.mark.parametrize(
    ("path", "sort", "found"),
    [
        ("/packages", "name", [20003, 20001, 20002]),
        ("/packages", "-name", [20002, 20001, 20003]),
        ("/flow-version-deployments", "-created_at", [4003, 4001, 4002]),
        ("/flow-version-deployments", "enabled_at,-flow_name", [4002, 4001, 4003]),
        ("/flow-version-deployments", "flow_name", [4003, 4001, 4002]),
        ("/flow-version-deployments", "-flow_version_iteration,flow_name", [4003, 4001, 4002]),
        ("/virtual-environments", "-name", [203, 202, 201]),
        ("/virtual-environments/201/versions", "-id", [3002, 3001]),
        ("/flows/101/versions", "-created_at", [1003, 1002, 1001]),
    ],
)
def test_sorts_sort(path: str, sort: str, found: list[int], api: httpx.Client) -> None:
    assert ids(api.get(path, params={"sort": sort})) == found


def test_null_sorts_first(api: httpx.Client) -> None:
    api.post("/flow-versions/1005/deployments/4002/disable")
    assert ids(api.get("/flow-version-deployments?sort=enabled_at"))[0] == 4002
    assert ids(api.get("/flow-version-deployments?sort=-enabled_at"))[-1] == 4002


def test_includes_include_with_what_they_lead_to(api: httpx.Client) -> None:
    plain = api.get("/packages/20001").json()["data"]
    assert "flow_versions" not in plain
    include = "createdBy,flowVersions.deployments,deployments.virtualEnvironment.deployedVersion,deployments.user"
    package = api.get("/packages/20001", params={"include": include}).json()["data"]
    assert package["created_by_user"]["name"] == "Ada Admin"
    assert [version["id"] for version in package["flow_versions"]] == [1002, 1005]
    assert package["flow_versions"][0]["pivot"] == {"package_id": 20001, "flow_version_id": 1002, "priority": 1}
    assert package["flow_versions"][0]["deployments"][0]["id"] == 4001
    assert package["deployments"][0]["virtual_environment"]["deployed_version"]["id"] == 3002
    assert package["deployments"][0]["user"]["id"] == 1


ALL_LISTS: list[tuple[str, Any]] = [
    ("/packages", packages.LISTING),
    ("/flow-version-deployments", deployments.LISTING),
    ("/virtual-environments", environments.LISTING),
    ("/virtual-environments/201/versions", environments.VERSIONS),
    ("/flows/101/versions", flow_versions.LISTING),
    ("/flow-versions/1002/schedules", flow_versions.SCHEDULES),
]


@pytest.mark.parametrize(("path", "listing"), ALL_LISTS)
def test_every_documented_include_shows_something_more(path: str, listing: Any, api: httpx.Client) -> None:
    plain = api.get(path).json()["data"][0]
    for include in listing.includes:
        shown = api.get(path, params={"include": include}).json()["data"][0]
        assert len(shown) == len(plain) + 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "filter[nmae]=x&filter[foo]=y",
            "Requested filter(s) `nmae, foo` are not allowed. Allowed filter(s) are `name`.",
        ),
        ("sort=-price", "Requested sort(s) `price` is not allowed. Allowed sort(s) are `name`."),
        (
            "include=owner",
            (
                "Requested include(s) `owner` are not allowed. Allowed include(s) are `createdBy, createdByCount, "
                "createdByExists, flowVersions, flowVersionsCount, flowVersionsExists, flowVersions.deployments, "
                "virtualEnvironments, virtualEnvironmentsCount, virtualEnvironmentsExists, deployments, "
                "deploymentsCount, deploymentsExists, deployments.virtualEnvironment, "
                "deployments.virtualEnvironment.deployedVersion, deployments.user, package, packageCount, "
                "packageExists, flowVersionDeployments, flowVersionDeploymentsCount, flowVersionDeploymentsExists`."
            ),
        ),
    ],
)
@pytest.mark.parametrize("path", ["/packages", "/packages/20001"])
def test_an_unknown_name_is_400_with_the_allowed_ones(path: str, query: str, message: str, api: httpx.Client) -> None:
    answer = api.get(f"{path}?{query}")
    assert answer.status_code == 400
    assert answer.json() == {"message": message}


@pytest.fixture
def many(api: httpx.Client, sandbox: Sandbox) -> httpx.Client:
    for number in range(32):
        api.post("/packages", json={"name": f"Package {number:02}"})
    assert len(sandbox.state.packages) == 35
    return api


def test_a_page_is_fifteen_unless_asked_otherwise(many: httpx.Client) -> None:
    page = many.get("/packages").json()
    assert len(page["data"]) == 15
    path = str(many.base_url).rstrip("/") + "/packages"
    assert [link["label"] for link in page["meta"].pop("links")] == ["&laquo; Previous", "1", "2", "3", "Next &raquo;"]
    assert page["meta"] == {
        "current_page": 1,
        "from": 1,
        "last_page": 3,
        "path": path,
        "per_page": 15,
        "to": 15,
        "total": 35,
    }
    assert page["links"] == {
        "first": f"{path}?page=1",
        "last": f"{path}?page=3",
        "prev": None,
        "next": f"{path}?page=2",
    }


def test_links_have_lost_the_filter(many: httpx.Client) -> None:
    page = many.get("/packages", params={"filter[name]": "Package", "per_page": 5, "page": 2}).json()
    assert page["meta"]["total"] == 32
    following: str = page["links"]["next"]
    assert urlsplit(following).scheme == "http"
    assert parse_qs(urlsplit(following).query) == {"page": ["3"]}
    assert page["links"]["prev"].endswith("?page=1")


def test_a_page_beyond_the_last_is_empty(many: httpx.Client) -> None:
    page = many.get("/packages", params={"page": 9}).json()
    assert page["data"] == []
    assert (page["meta"]["from"], page["meta"]["to"], page["meta"]["last_page"]) == (None, None, 3)


@pytest.mark.parametrize("page", ["0", "-1", "two", ""])
def test_a_page_that_is_no_number_is_the_first(page: str, many: httpx.Client) -> None:
    assert many.get("/flow-versions/1002/deployments", params={"page": page}).json()["meta"]["current_page"] == 1


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("101", "The per page field must not be greater than 100."),
        ("0", "The per page field must be at least 1."),
        ("all", "The per page field must be an integer."),
    ],
)
def test_a_bad_page_size_is_422(size: str, message: str, api: httpx.Client) -> None:
    answer = api.get("/packages", params={"per_page": size})
    assert answer.status_code == 422
    assert answer.json() == {"message": message, "errors": {"per_page": [message]}}


def test_metrics_have_no_meta(api: httpx.Client) -> None:
    answer = api.get("/flows/101/version-metrics", params={"page": 2, "per_page": 1}).json()
    assert set(answer) == {"data"}
    assert [(item["total"], item["values"]) for item in answer["data"]] == [
        (0, []),
        (3, {"succeeded": 2, "failed": 1}),
        (0, []),
    ]


async def test_many_items_can_be_seeded() -> None:
    async with Sandbox(seed=Seed(packages=650)) as sandbox, httpx.AsyncClient() as client:
        headers = {"Authorization": sandbox.api_key, "Accept": "application/json"}
        answer = await client.get(f"{sandbox.url}/api/v1/packages?per_page=100&page=7", headers=headers)
        assert names(answer)[-1] == "Package 0650"
        assert len(answer.json()["data"]) == 50
