# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The calls of `client.flow_versions`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypedDict

from .._call import Operation, Resource
from .._types import UNSET, ExtraHeaders, ExtraQuery, Identifier, ProgressCallback, Timeout, Unset
from ..models.flow_version import FlowVersion
from ..models.flow_version_schedule import FlowVersionSchedule
from ..models.message import Message
from ..pagination import Paginator
from ..query import FilterValue, Query

FlowVersionsListInclude: TypeAlias = Literal[
    "savedByUser", "deployedByUser", "steps", "runs", "latestRun", "schedules", "filters", "variables"
]
FlowVersionsListSort: TypeAlias = Literal["created_at", "-created_at"]


class FlowVersionsListSchedulesFilter(TypedDict, total=False):
    """Filters of `flow_versions.list_schedules`."""

    flow_version_id: FilterValue


FlowVersionsListSchedulesInclude: TypeAlias = Literal["flowVersion"]

_COPY: Operation[Any] = Operation(
    "flow_versions.copy", "POST", "/api/v1/flows/{flow}/versions/{version}/copy", kind="any"
)
_CREATE: Operation[FlowVersion] = Operation(
    "flow_versions.create", "POST", "/api/v1/flows/{flow}/versions", kind="model", result=FlowVersion
)
_CREATE_SCHEDULE: Operation[FlowVersionSchedule] = Operation(
    "flow_versions.create_schedule",
    "POST",
    "/api/v1/flow-versions/{flow_version}/schedules",
    kind="model",
    result=FlowVersionSchedule,
)
_DELETE: Operation[Message] = Operation(
    "flow_versions.delete", "DELETE", "/api/v1/flows/{flow}/versions/{version}", kind="message", result=Message
)
_DELETE_SCHEDULE: Operation[Message] = Operation(
    "flow_versions.delete_schedule",
    "DELETE",
    "/api/v1/flow-versions/{flow_version}/schedules/{schedule}",
    kind="message",
    result=Message,
)
_GET: Operation[FlowVersion] = Operation(
    "flow_versions.get", "GET", "/api/v1/flows/{flow}/versions/{version}", kind="model", result=FlowVersion
)
_LIST: Operation[FlowVersion] = Operation(
    "flow_versions.list",
    "GET",
    "/api/v1/flows/{flow}/versions",
    kind="list",
    result=FlowVersion,
    includes=FlowVersionsListInclude,
    sorts=FlowVersionsListSort,
)
_LIST_METRICS: Operation[dict[str, Any]] = Operation(
    "flow_versions.list_metrics", "GET", "/api/v1/flows/{flow}/version-metrics", kind="list"
)
_LIST_SCHEDULES: Operation[FlowVersionSchedule] = Operation(
    "flow_versions.list_schedules",
    "GET",
    "/api/v1/flow-versions/{flow_version}/schedules",
    kind="list",
    result=FlowVersionSchedule,
    filters=FlowVersionsListSchedulesFilter,
    includes=FlowVersionsListSchedulesInclude,
)
_UPDATE: Operation[FlowVersion] = Operation(
    "flow_versions.update", "PUT", "/api/v1/flows/{flow}/versions/{version}", kind="model", result=FlowVersion
)
_UPDATE_GRAPH_STEP: Operation[Any] = Operation(
    "flow_versions.update_graph_step", "PATCH", "/api/v1/flow-versions/{flow_version}/graph/steps/{step}", kind="any"
)
_UPDATE_SCHEDULE: Operation[FlowVersionSchedule] = Operation(
    "flow_versions.update_schedule",
    "PUT",
    "/api/v1/flow-versions/{flow_version}/schedules/{schedule}",
    kind="model",
    result=FlowVersionSchedule,
)
_UPLOAD: Operation[Any] = Operation(
    "flow_versions.upload", "POST", "/api/v1/flow-versions/{flow_version}/upload", kind="any"
)


class FlowVersions(Resource):
    """`client.flow_versions`.

    Every method also takes `timeout`, `max_retries`, `extra_query` and `extra_headers`, for this call alone.
    """

    __slots__ = ()

    async def copy(
        self,
        flow: Identifier,
        version: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Copies an existing deployed flow version into a new draft version.

        Any existing draft for that flow is overwritten.

        POST /api/v1/flows/{flow}/versions/{version}/copy

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _COPY,
            (flow, version),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def create(
        self,
        flow: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersion:
        """Creates a new draft version of a flow.

        Intended for use when a flow has no existing versions.

        POST /api/v1/flows/{flow}/versions

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _CREATE,
            (flow,),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def create_schedule(
        self,
        flow_version: Identifier,
        *,
        cron_string: str,
        deployed_at: datetime | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersionSchedule:
        """Creates a new schedule for a flow version using a `cron_string`.

        POST /api/v1/flow-versions/{flow_version}/schedules

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _CREATE_SCHEDULE,
            (flow_version,),
            body={"cron_string": cron_string, "deployed_at": deployed_at},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def delete(
        self,
        flow: Identifier,
        version: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Message:
        """Permanently deletes a specific flow version.

        DELETE /api/v1/flows/{flow}/versions/{version}
        """
        return await self._call(
            _DELETE,
            (flow, version),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def delete_schedule(
        self,
        flow_version: Identifier,
        schedule: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Message:
        """Permanently deletes a specific flow version schedule.

        DELETE /api/v1/flow-versions/{flow_version}/schedules/{schedule}
        """
        return await self._call(
            _DELETE_SCHEDULE,
            (flow_version, schedule),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def get(
        self,
        flow: Identifier,
        version: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersion:
        """Retrieves the details of a specific flow version.

        GET /api/v1/flows/{flow}/versions/{version}
        """
        return await self._call(
            _GET,
            (flow, version),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    def list(
        self,
        flow: Identifier,
        *,
        include: FlowVersionsListInclude | Sequence[FlowVersionsListInclude] | None = None,
        sort: FlowVersionsListSort | Sequence[FlowVersionsListSort] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[FlowVersion]:
        """Retrieves a paginated list of all versions for a specific flow.

        GET /api/v1/flows/{flow}/versions

        Returns:
            A paginator of `FlowVersion`: await it for one page, iterate over it for all.
        """
        return self._list(
            _LIST,
            (flow,),
            include=include,
            sort=sort,
            page=page,
            per_page=per_page,
            query=query,
            prefetch=prefetch,
            on_progress=on_progress,
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    def list_metrics(
        self,
        flow: Identifier,
        *,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[dict[str, Any]]:
        """Retrieves paginated metrics for a flow's versions.

        Results can be filtered by time interval, metric type, and key.

        GET /api/v1/flows/{flow}/version-metrics

        Returns:
            A paginator of JSON objects: await it for one page, iterate over it for all.
        """
        return self._list(
            _LIST_METRICS,
            (flow,),
            page=page,
            per_page=per_page,
            query=query,
            prefetch=prefetch,
            on_progress=on_progress,
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    def list_schedules(
        self,
        flow_version: Identifier,
        *,
        filter: FlowVersionsListSchedulesFilter | None = None,
        include: FlowVersionsListSchedulesInclude | Sequence[FlowVersionsListSchedulesInclude] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[FlowVersionSchedule]:
        """Retrieves a paginated list of all schedules for a specific flow version.

        GET /api/v1/flow-versions/{flow_version}/schedules

        Returns:
            A paginator of `FlowVersionSchedule`: await it for one page, iterate over it for all.
        """
        return self._list(
            _LIST_SCHEDULES,
            (flow_version,),
            filter=filter,
            include=include,
            page=page,
            per_page=per_page,
            query=query,
            prefetch=prefetch,
            on_progress=on_progress,
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def update(
        self,
        flow: Identifier,
        version: Identifier,
        *,
        deployed_at: datetime | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersion:
        """Updates an existing flow version.

        Accepts a `deployed_at` timestamp.

        PUT /api/v1/flows/{flow}/versions/{version}

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _UPDATE,
            (flow, version),
            body={"deployed_at": deployed_at},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def update_graph_step(
        self,
        flow_version: Identifier,
        step: Identifier,
        *,
        body: Any,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Updates a specific canvas step for a specific flow version.

        PATCH /api/v1/flow-versions/{flow_version}/graph/steps/{step}

        Args:
            body: The whole body.

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _UPDATE_GRAPH_STEP,
            (flow_version, step),
            body=body,
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def update_schedule(
        self,
        flow_version: Identifier,
        schedule: Identifier,
        *,
        cron_string: str | Unset = UNSET,
        deployed_at: datetime | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersionSchedule:
        """Updates the `cron_string` for an existing flow version schedule.

        PUT /api/v1/flow-versions/{flow_version}/schedules/{schedule}

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _UPDATE_SCHEDULE,
            (flow_version, schedule),
            body={"cron_string": cron_string, "deployed_at": deployed_at},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def upload(
        self,
        flow_version: Identifier,
        *,
        private: str | Unset = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Uploads a given flow version to your `private` marketplace.

        This operation requires `administrator` permissions. If you are authorising requests with an API key, this
        request won't work (company-level API keys are associated with manager-level permissions). If you are an
        `administrator`, you can use OAuth 2 credentials to complete this operation. For more information please see our
        [Authentication](https://doc.wearepatchworks.com/product-documentation/api-reference/getting-started/authentication#oauth-2-client-credentials)
        section.

        POST /api/v1/flow-versions/{flow_version}/upload

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _UPLOAD,
            (flow_version,),
            body={"private": private},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )
