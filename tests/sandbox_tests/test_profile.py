"""What was measured on a real Laravel, row by row: the profile that the package's docstring states."""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple

import httpx
import pytest

from patchworks_core_sandbox import Sandbox, Seed
from patchworks_core_sandbox.php import date_time, integer, number, trimmed

PACKAGES = [20001, 20002, 20003]  # Checkout, Stock, Back office
DEPLOYMENTS = [4001, 4002, 4003]  # the last one is everywhere, so it is global
ENVIRONMENTS = [201, 202, 203]


class Row(NamedTuple):
    what: str
    path: str
    found: list[int]


ROWS = [
    # Booleans are cast where they are alone; between commas they are texts, and a text without digits is 0.
    Row("true is cast", "/flow-version-deployments?filter[global]=true", [4003]),
    Row("false is cast", "/flow-version-deployments?filter[global]=false", [4001, 4002]),
    Row("true in a list is a text", "/flow-version-deployments?filter[global]=true,false", [4001, 4002]),
    Row("1 and 0 are right alone", "/flow-version-deployments?filter[global]=1", [4003]),
    Row("1 and 0 are right in a list", "/flow-version-deployments?filter[global]=1,0", DEPLOYMENTS),
    Row("TRUE is a text", "/flow-version-deployments?filter[global]=TRUE", [4001, 4002]),
    Row("brackets cast each", "/flow-version-deployments?filter[global][]=true&filter[global][]=false", DEPLOYMENTS),
    Row("false in a partial filter is all", "/packages?filter[name]=false", PACKAGES),
    Row("true in a partial filter is 1", "/packages?filter[name]=true", []),
    # Blanks.
    Row("values are trimmed", "/packages?filter[name]=%20%20stock%09", [20002]),
    Row("an empty filter is none", "/packages?filter[name]=", PACKAGES),
    Row("blanks alone are no filter", "/packages?filter[name]=%20%0A", PACKAGES),
    Row("NUL alone is no filter", "/packages?filter[name]=%00", PACKAGES),
    Row("NUL among blanks is no filter", "/packages?filter[name]=%20%00%20", PACKAGES),
    Row("invisible characters alone are no filter", "/packages?filter[name]=%E2%80%8B%EF%BB%BF%E2%80%8E", PACKAGES),
    Row("blanks in a list stay", "/flow-version-deployments?filter[name]=erp,%20nothing", [4001]),
    Row("but not those at the end", "/virtual-environments?filter[type]=virtual%20,x", [202, 203]),
    Row("except in a partial filter", "/packages?filter[name]=stock%20,check", [20001]),
    Row("a comma alone finds nothing exactly", "/flow-version-deployments?filter[package_id]=,", []),
    Row("a comma alone is no partial filter", "/packages?filter[name]=,", PACKAGES),
    # Partial filters.
    Row("partial filters ignore case", "/packages?filter[name]=CHECK", [20001]),
    Row("% is literal", "/packages?filter[name]=%25", []),
    Row("_ is literal", "/packages?filter[name]=_", []),
    Row("several parts are alternatives", "/packages?filter[name]=check,off", [20001, 20003]),
    # Brackets.
    Row("filter[x][]", "/packages?filter[name][]=check&filter[name][]=stock", [20001, 20002]),
    Row("filter[x][0]", "/packages?filter[name][0]=check", [20001]),
    Row("an empty bracket finds nothing exactly", "/flow-version-deployments?filter[package_id][]=", []),
    Row("sort[]", "/packages?sort[]=-name", [20002, 20001, 20003]),
    Row("sort=--name", "/packages?sort=--name", [20002, 20001, 20003]),
    Row("sort=,name,", "/packages?sort=,name,", [20003, 20001, 20002]),
    # Pages.
    Row("page=+2 is page 2", "/packages?per_page=2&page=%2B2", [20003]),
    Row("page=02 is page 1", "/packages?per_page=2&page=02", [20001, 20002]),
    Row("page=2.0 is page 1", "/packages?per_page=2&page=2.0", [20001, 20002]),
    Row("page[]=2 is page 1", "/packages?per_page=2&page[]=2", [20001, 20002]),
    Row("per_page=+2 is 2", "/packages?per_page=%2B2", [20001, 20002]),
    Row("an empty per_page is 15", "/packages?per_page=", PACKAGES),
    Row("a trailing slash", "/packages/", PACKAGES),
    Row("two of them", "/packages//?filter[name]=stock", [20002]),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_a_list_shows(row: Row, api: httpx.Client) -> None:
    answer = api.get(row.path)
    assert answer.status_code == 200, answer.text
    assert [item["id"] for item in answer.json()["data"]] == row.found


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("GRÖSSE", "grosse", True),
        ("GRÖSSE", "GROSSE", True),
        ("Café", "CAFE", True),
        ("Cafe", "café", True),
        ("50% off_season", "0%", True),
        ("50% off_season", "50%off", False),
        ("50% off_season", "f_s", True),
        ("50 offXseason", "f_s", False),
    ],
)
def test_texts_compare_by_mariadbs_collation(name: str, text: str, found: bool, api: httpx.Client) -> None:
    made = api.post("/packages", json={"name": name}).json()["data"]["id"]
    shown = api.get("/packages", params={"filter[name]": text}).json()["data"]
    assert (made in [item["id"] for item in shown]) is found


# --------------------------------------------------------------------------------------------------------- includes


def test_includes_in_brackets_and_parents_of_nested_ones(api: httpx.Client) -> None:
    shown = api.get("/packages/20001?include[]=createdBy&include[]=flowVersions").json()["data"]
    assert shown["created_by_user"]["name"] == "Ada Admin"
    assert [version["id"] for version in shown["flow_versions"]] == [1002, 1005]
    assert "deployments" in api.get("/packages/20001?include=deployments").json()["data"]


@pytest.mark.parametrize(
    ("include", "key", "values"),
    [
        ("flowVersionsCount", "flow_versions_count", [2, 2, 2]),
        ("virtualEnvironmentsCount", "virtual_environments_count", [1, 0, 0]),
        ("deploymentsExists", "deployments_exists", [True, False, False]),
        ("createdByExists", "created_by_exists", [True, True, True]),
    ],
)
def test_count_and_exists_of_a_relation(include: str, key: str, values: list[Any], api: httpx.Client) -> None:
    shown = api.get("/packages", params={"include": include}).json()["data"]
    assert [item[key] for item in shown] == values


def test_count_of_a_nested_relation_is_not_allowed_and_the_message_is_long(api: httpx.Client) -> None:
    answer = api.get("/virtual-environments?include=deployments.userCount")
    assert answer.status_code == 400
    assert "`deployments.userCount` are not allowed" in answer.json()["message"]
    assert len(answer.json()["message"]) > 400


def test_where_no_include_is_allowed(api: httpx.Client) -> None:
    answer = api.get("/flow-versions/1002/deployments?include=user,package")
    assert answer.status_code == 400
    assert answer.json() == {
        "message": "Requested include(s) `user, package` are not allowed. There are no allowed includes."
    }


# -------------------------------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize(
    ("packages", "page", "labels"),
    [
        (3, 1, "1"),
        (13, 5, "1 2 3 4 5 6 7 8 9 10 11 12 13"),
        (20, 7, "1 2 3 4 5 6 7 8 9 10 ... 19 20"),
        (20, 10, "1 2 ... 7 8 9 10 11 12 13 ... 19 20"),
        (20, 14, "1 2 ... 11 12 13 14 15 16 17 18 19 20"),
    ],
)
def test_pages_have_meta_links(packages: int, page: int, labels: str) -> None:
    size = 15 if packages == 3 else 1
    with Sandbox.start_in_thread(seed=Seed(packages=packages)) as sandbox:
        url = f"{sandbox.url}/api/v1/packages"
        headers = {"Authorization": sandbox.api_key, "Accept": "application/json"}
        links = httpx.get(url, params={"per_page": size, "page": page}, headers=headers).json()["meta"]["links"]
    first, *numbers, last = links
    pages = 1 if packages == 3 else packages
    assert first == link(url, "&laquo; Previous", page - 1 if page > 1 else None)
    assert last == link(url, "Next &raquo;", page + 1 if page < pages else None)
    assert [each["label"] for each in numbers] == labels.split()
    assert numbers == [
        link(url, label, int(label), active=int(label) == page) if label != "..." else link(url, label, None)
        for label in labels.split()
    ]


def link(url: str, label: str, page: int | None, *, active: bool = False) -> dict[str, Any]:
    return {"url": page and f"{url}?page={page}", "label": label, "active": active}


def test_a_row_deleted_and_one_added_cannot_be_noticed(api: httpx.Client) -> None:
    first = api.get("/packages?per_page=2").json()
    api.delete("/packages/20002")
    api.post("/packages", json={"name": "New"})
    second = api.get("/packages?per_page=2&page=2").json()
    assert [item["id"] for item in first["data"] + second["data"]] == [20001, 20002, 20004]  # 20003 is missed
    assert first["meta"]["total"] == second["meta"]["total"] == 3


# ------------------------------------------------------------------------------------------------------------- bodies


class Body(NamedTuple):
    what: str
    path: str
    body: dict[str, Any]
    errors: dict[str, list[str]] | None


VERSIONS = "/flow-versions/1001/deployments"
SCHEDULES = "/flow-versions/1002/schedules"
ADD = "/packages/20003/flow-versions/1002"
NO_CRON = {"cron_string": ["The cron string field must be a valid cron expression."]}
NO_DATE = {"deployed_at": ["The deployed at field must be a valid date."]}
BODIES = [
    Body("present", "/virtual-environments", {"name": "X"}, {"labels": ["The labels field must be present."]}),
    Body(
        "integer speaks before exists",
        VERSIONS,
        {"flow_version_id": "x"},
        {"flow_version_id": ["The flow version id field must be an integer."]},
    ),
    Body("exists", VERSIONS, {"flow_version_id": 9}, {"flow_version_id": ["The selected flow version id is invalid."]}),
    Body("true is an integer", ADD, {"priority": True}, None),
    Body("+5 is an integer", ADD, {"priority": "+5"}, None),
    Body("5.0 is an integer", ADD, {"priority": 5.0}, None),
    Body("5.5 is none", ADD, {"priority": 5.5}, {"priority": ["The priority field must be an integer."]}),
    Body("05 is none", ADD, {"priority": "05"}, {"priority": ["The priority field must be an integer."]}),
    Body("false is none", ADD, {"priority": False}, {"priority": ["The priority field must be an integer."]}),
    Body(
        "bounds of a text", ADD, {"priority": "101"}, {"priority": ["The priority field must not be greater than 100."]}
    ),
    Body("an object is an array", "/virtual-environments", {"name": "X", "labels": {"a": {"id": 51}}}, None),
    Body(
        "and its fields have its keys",
        "/virtual-environments",
        {"name": "X", "labels": {"a": {"id": 99}}},
        {"labels.a.id": ["The selected labels.a.id is invalid."]},
    ),
    Body("texts are trimmed", "/packages", {"name": "\u200b \0"}, {"name": ["The name field is required."]}),
    Body("61 25 * * *", SCHEDULES, {"cron_string": "61 25 * * *"}, NO_CRON),
    Body("four fields", SCHEDULES, {"cron_string": "0 6 * *"}, NO_CRON),
    Body("six fields", SCHEDULES, {"cron_string": "0 0 6 * * *"}, NO_CRON),
    Body("a word", SCHEDULES, {"cron_string": "@never"}, NO_CRON),
    Body("@daily", SCHEDULES, {"cron_string": "@daily"}, None),
    Body("names", SCHEDULES, {"cron_string": "*/5 6-8 ? jan,feb mon-fri"}, None),
    Body("a date in words", SCHEDULES, {"cron_string": "@hourly", "deployed_at": "1 May 2025 10:00"}, None),
    Body("a date in digits", SCHEDULES, {"cron_string": "@hourly", "deployed_at": "20250501"}, None),
    Body("a time is no date", SCHEDULES, {"cron_string": "@hourly", "deployed_at": "10:00"}, NO_DATE),
    Body("a month is no date", SCHEDULES, {"cron_string": "@hourly", "deployed_at": "May"}, NO_DATE),
    Body("an impossible date", SCHEDULES, {"cron_string": "@hourly", "deployed_at": "2025-02-30"}, NO_DATE),
    Body("true is no date", SCHEDULES, {"cron_string": "@hourly", "deployed_at": True}, NO_DATE),
]


@pytest.mark.parametrize("row", BODIES, ids=lambda row: row.what)
def test_a_body_is(row: Body, api: httpx.Client) -> None:
    answer = api.post(row.path, json=row.body)
    assert answer.status_code == (422 if row.errors else 201), answer.text
    assert answer.json().get("errors") == row.errors


def test_a_422_is_worded_as_by_laravel_9_and_later(api: httpx.Client) -> None:
    def message(body: dict[str, Any]) -> str:
        text: str = api.post("/virtual-environments", json=body).json()["message"]
        return text

    assert message({"name": "X"}) == "The labels field must be present."
    assert message({}) == "The name field is required. (and 1 more error)"
    assert message({"description": 1, "labels": []}) == "The name field is required. (and 1 more error)"
    assert message({"description": 1}) == "The name field is required. (and 2 more errors)"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-07-01T12:00:00+02:00", "2026-07-01T12:00:00"),
        ("2026-07-01T12:00:00-05:30", "2026-07-01T12:00:00"),
        ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00"),
        ("2026-07-01T12:00:00.999Z", "2026-07-01T12:00:00"),
        ("2026-07-01 12:00 CEST", "2026-07-01T12:00:00"),
        ("1 May 2025 10:00", "2025-05-01T10:00:00"),
        ("20250501", "2025-05-01T00:00:00"),
    ],
)
def test_the_offset_of_a_date_is_dropped(sent: str, shown: str, api: httpx.Client) -> None:
    answer = api.post(SCHEDULES, json={"cron_string": "@daily", "deployed_at": sent})
    assert answer.json()["data"]["deployed_at"] == shown


@pytest.mark.parametrize(
    ("path", "same", "other"),
    [
        ("/packages/20001", {"name": "Checkout", "notes": None}, {"notes": "new"}),
        (
            "/virtual-environments/201",
            {"name": "Production", "labels": [{"id": "51"}]},
            {"name": "Live", "labels": [{"id": 51}]},
        ),
        ("/virtual-environments/201/versions/3001", {"notes": None}, {"notes": "new"}),
        ("/flow-versions/1002/schedules/701", {"cron_string": "0 6 * * *"}, {"cron_string": "@daily"}),
        ("/flow-versions/1002/deployments/4001", {"priority": None, "package_id": 1}, {"priority": 3}),
        ("/flows/101/versions/1003", {"deployed_at": None}, {"deployed_at": "2026-01-01"}),
    ],
)
def test_a_put_that_changes_nothing_leaves_updated_at(
    path: str, same: Any, other: Any, sandbox: Sandbox, api: httpx.Client
) -> None:
    def put(body: Any) -> str:
        answer = api.put(path, json=body)
        assert answer.status_code == 200, answer.text
        text: str = answer.json()["data"]["updated_at"]
        return text

    sandbox.clock.advance(1)
    before = put({} if "environments/201" not in path or "versions" in path else same)
    assert put(same) == before
    assert put(other) > before


# -------------------------------------------------------------------------------------------------- routes and headers


@pytest.mark.parametrize("identifier", ["20001abc", "20001.0", "%2020001", "2.0001e4"])
def test_mariadb_reads_an_id_by_its_leading_digits(identifier: str, api: httpx.Client) -> None:
    assert api.get(f"/packages/{identifier}").json()["data"]["id"] == 20001
    api.put(f"/packages/{identifier}", json={"notes": "changed"})
    assert api.get("/packages/20001").json()["data"]["notes"] == "changed"


@pytest.mark.parametrize("identifier", ["abc", "abc20001", "20001.5", "-20001", "0"])
def test_an_id_of_no_row(identifier: str, api: httpx.Client) -> None:
    answer = api.get(f"/packages/{identifier}")
    assert answer.status_code == 404
    assert answer.json()["message"] == f"No query results for model [App\\Models\\Package] {identifier}"


def test_a_path_without_a_route_is_404_with_an_empty_message(api: httpx.Client) -> None:
    for path in ("/nothing", "/packages/a%2Fb"):
        answer = api.get(path, headers={"Authorization": "wrong"})
        assert (answer.status_code, answer.json()) == (404, {"message": ""})


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("DELETE", "/packages", "GET, HEAD, POST"),
        ("POST", "/packages/20001", "GET, HEAD, PUT, DELETE"),
        ("GET", "/packages/20001/deploy/201", "POST"),
        ("PURGE", "/packages", "GET, HEAD, POST"),
    ],
)
def test_a_405_names_all_methods_of_the_path(method: str, path: str, methods: str, api: httpx.Client) -> None:
    answer = api.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, methods)
    message = f"The {method} method is not supported for this route. Supported methods: {methods}."
    assert answer.json() == {"message": message}


def test_options_and_head(api: httpx.Client) -> None:
    answer = api.options("/packages/20001", headers={"Authorization": ""})
    assert (answer.status_code, answer.headers["Allow"], answer.text) == (200, "GET,HEAD,PUT,DELETE", "")
    assert api.options("/nothing").status_code == 404
    head = api.head("/packages/20001")
    assert (head.status_code, head.text) == (200, "")
    assert int(head.headers["Content-Length"]) > 100


@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "text/html, application/json"])
def test_who_does_not_ask_for_json_first_is_redirected(accept: str, sandbox: Sandbox, api: httpx.Client) -> None:
    headers = {"Accept": accept}
    refused = api.get("/packages", headers={**headers, "Authorization": "wrong"})
    invalid = api.post("/packages", json={}, headers=headers)
    for answer, target in ((refused, f"{sandbox.url}/login"), (invalid, f"{sandbox.url}/")):
        assert (answer.status_code, answer.headers["Location"]) == (302, target)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f"Redirecting to {target}" in answer.text
    missing = api.get("/packages/1", headers=headers)
    assert (missing.status_code, missing.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert [entry.acted for entry in sandbox.requests] == [False] * 3


@pytest.mark.parametrize("accept", ["application/json", "application/vnd.api+json", "application/json;q=0.9, */*"])
def test_who_asks_for_json_first_gets_it(accept: str, api: httpx.Client) -> None:
    answer = api.get("/packages", headers={"Accept": accept, "Authorization": "wrong"})
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/packages"), ("GET", "/packages/9"), ("POST", "/packages"), ("OPTIONS", "/packages")]
)
def test_headers_of_every_answer(method: str, path: str, api: httpx.Client) -> None:
    answer = api.request(method, path)
    assert answer.headers["Cache-Control"] == "no-cache, private"
    assert "X-Request-Id" not in answer.headers


# ------------------------------------------------------------------------------------------------------------ throttle


def test_the_last_fraction_of_a_window_says_retry_after_0(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.throttle.limit = 1
    sandbox.clock.advance(0.5 - time.time() % 1)  # begin in the middle of a second
    assert api.get("/packages").status_code == 200
    sandbox.clock.advance(59.7)
    answer = api.get("/packages")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "0")
    assert abs(int(answer.headers["X-RateLimit-Reset"]) - sandbox.clock.time()) <= 1
    sandbox.clock.advance(0.4)
    assert api.get("/packages").status_code == 200


async def test_under_load_remaining_falls_below_zero(sandbox: Sandbox) -> None:
    sandbox.throttle.limit, sandbox.throttle.delay = 3, 0.2
    headers = {"Authorization": sandbox.api_key, "Accept": "application/json"}
    async with httpx.AsyncClient(base_url=f"{sandbox.url}/api/v1", headers=headers) as client:
        answers = await asyncio.gather(*(client.get("/packages") for _ in range(8)))
        remaining = sorted(int(answer.headers["X-RateLimit-Remaining"]) for answer in answers)
        assert remaining == [-5, -4, -3, -2, -1, 0, 1, 2]
        refused = await client.get("/packages")
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (429, "0")


# -------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), ("7", 7), (" 7 ", 7), ("-7", -7), ("+0", 0), (True, 1), (1e3, 1000)]
    + [(each, None) for each in (False, None, "", "7a", "7.0", "0x7", "\u0667", 1.5, [7], "9" * 30, 1e300)],
)
def test_php_integers(value: Any, expected: int | None) -> None:
    assert integer(value) == expected


@pytest.mark.parametrize(("value", "expected"), [("12abc", 12), ("x12", 0), ("", 0), ("1e2", 100), (True, 1)])
def test_mariadb_numbers(value: Any, expected: float) -> None:
    assert number(value) == expected


def test_trimming() -> None:
    assert trimmed("\u200b\0 a \0b \ufeff\t") == "a \0b"


@pytest.mark.parametrize("text", ["soon", "", "9:99999999999999999999920250501", "1" * 400, "2025-13-01"])
def test_what_is_no_date(text: str) -> None:
    assert date_time(text) is None
