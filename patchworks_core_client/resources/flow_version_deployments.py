# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The calls of `client.flow_version_deployments`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypedDict

from .._call import Operation, Resource
from .._types import UNSET, ExtraHeaders, ExtraQuery, Identifier, ProgressCallback, Timeout, Unset
from ..models.flow_version_deployment import FlowVersionDeployment
from ..models.message import Message
from ..pagination import Paginator
from ..query import FilterValue, Query

FlowVersionDeploymentsListFilter = TypedDict(
    "FlowVersionDeploymentsListFilter",
    {
        "package_id": FilterValue,
        "virtual_environment_id": FilterValue,
        "global": FilterValue,
        "flowVersion.flow": FilterValue,
        "name": FilterValue,
    },
    total=False,
)
FlowVersionDeploymentsListInclude: TypeAlias = Literal[
    "enabledBy", "flowVersion", "virtualEnvironment", "package", "user"
]
FlowVersionDeploymentsListSort: TypeAlias = Literal[
    "created_at",
    "-created_at",
    "enabled_at",
    "-enabled_at",
    "flow_name",
    "-flow_name",
    "flow_version_iteration",
    "-flow_version_iteration",
]

_CREATE: Operation[FlowVersionDeployment] = Operation(
    "flow_version_deployments.create",
    "POST",
    "/api/v1/flow-versions/{flow_version}/deployments",
    kind="model",
    result=FlowVersionDeployment,
)
_DELETE: Operation[Message] = Operation(
    "flow_version_deployments.delete",
    "DELETE",
    "/api/v1/flow-versions/{flow_version}/deployments/{deployment}",
    kind="message",
    result=Message,
)
_DISABLE: Operation[Any] = Operation(
    "flow_version_deployments.disable",
    "POST",
    "/api/v1/flow-versions/{flow_version}/deployments/{deployment}/disable",
    kind="any",
)
_ENABLE: Operation[Any] = Operation(
    "flow_version_deployments.enable",
    "POST",
    "/api/v1/flow-versions/{flow_version}/deployments/{deployment}/enable",
    kind="any",
)
_GET: Operation[FlowVersionDeployment] = Operation(
    "flow_version_deployments.get",
    "GET",
    "/api/v1/flow-versions/{flow_version}/deployments/{deployment}",
    kind="model",
    result=FlowVersionDeployment,
)
_LIST: Operation[FlowVersionDeployment] = Operation(
    "flow_version_deployments.list",
    "GET",
    "/api/v1/flow-version-deployments",
    kind="list",
    result=FlowVersionDeployment,
    filters=FlowVersionDeploymentsListFilter,
    includes=FlowVersionDeploymentsListInclude,
    sorts=FlowVersionDeploymentsListSort,
)
_LIST_FOR_FLOW_VERSION: Operation[FlowVersionDeployment] = Operation(
    "flow_version_deployments.list_for_flow_version",
    "GET",
    "/api/v1/flow-versions/{flow_version}/deployments",
    kind="list",
    result=FlowVersionDeployment,
)
_UPDATE: Operation[FlowVersionDeployment] = Operation(
    "flow_version_deployments.update",
    "PUT",
    "/api/v1/flow-versions/{flow_version}/deployments/{deployment}",
    kind="model",
    result=FlowVersionDeployment,
)


class FlowVersionDeployments(Resource):
    """`client.flow_version_deployments`.

    Every method also takes `timeout`, `max_retries`, `extra_query` and `extra_headers`, for this call alone.
    """

    __slots__ = ()

    async def create(
        self,
        flow_version: Identifier,
        *,
        virtual_environment_id: Identifier | Unset | None = UNSET,
        flow_version_id: Identifier | Unset = UNSET,
        priority: int | Unset | None = UNSET,
        deploy_disabled: bool | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersionDeployment:
        """Creates a new deployment for a flow version.

        Accepts an optional virtual environment and priority level.

        POST /api/v1/flow-versions/{flow_version}/deployments

        Args:
            flow_version_id: Defaults to `flow_version`.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _CREATE,
            (flow_version,),
            body={
                "virtual_environment_id": virtual_environment_id,
                "flow_version_id": flow_version if flow_version_id is UNSET else flow_version_id,
                "priority": priority,
                "deploy_disabled": deploy_disabled,
            },
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def delete(
        self,
        flow_version: Identifier,
        deployment: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Message:
        """Permanently deletes a specific flow version deployment.

        DELETE /api/v1/flow-versions/{flow_version}/deployments/{deployment}
        """
        return await self._call(
            _DELETE,
            (flow_version, deployment),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def disable(
        self,
        flow_version: Identifier,
        deployment: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Disables a specific flow version deployment, preventing it from processing runs.

        POST /api/v1/flow-versions/{flow_version}/deployments/{deployment}/disable

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _DISABLE,
            (flow_version, deployment),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def enable(
        self,
        flow_version: Identifier,
        deployment: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Enables a specific flow version deployment, allowing it to process runs.

        POST /api/v1/flow-versions/{flow_version}/deployments/{deployment}/enable

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _ENABLE,
            (flow_version, deployment),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def get(
        self,
        flow_version: Identifier,
        deployment: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersionDeployment:
        """Retrieves the details of a specific flow version deployment.

        GET /api/v1/flow-versions/{flow_version}/deployments/{deployment}
        """
        return await self._call(
            _GET,
            (flow_version, deployment),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    def list(
        self,
        *,
        filter: FlowVersionDeploymentsListFilter | None = None,
        include: FlowVersionDeploymentsListInclude | Sequence[FlowVersionDeploymentsListInclude] | None = None,
        sort: FlowVersionDeploymentsListSort | Sequence[FlowVersionDeploymentsListSort] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[FlowVersionDeployment]:
        """Retrieves a paginated list of all flow version deployments.

        Can be filtered by `package_id`, `virtual_environment_id`, `name`, and other criteria.

        GET /api/v1/flow-version-deployments

        Returns:
            A paginator of `FlowVersionDeployment`: await it for one page, iterate over it for all.
        """
        return self._list(
            _LIST,
            (),
            filter=filter,
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

    def list_for_flow_version(
        self,
        flow_version: Identifier,
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
    ) -> Paginator[FlowVersionDeployment]:
        """Retrieves a paginated list of all deployments for a specific flow version.

        GET /api/v1/flow-versions/{flow_version}/deployments

        Returns:
            A paginator of `FlowVersionDeployment`: await it for one page, iterate over it for all.
        """
        return self._list(
            _LIST_FOR_FLOW_VERSION,
            (flow_version,),
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
        flow_version: Identifier,
        deployment: Identifier,
        *,
        virtual_environment_id: Identifier | Unset | None = UNSET,
        priority: int | Unset | None = UNSET,
        enabled_at: datetime | Unset | None = UNSET,
        deploy_disabled: bool | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersionDeployment:
        """Updates an existing deployment.

        Accepts a virtual environment, priority, and enabled timestamp.

        PUT /api/v1/flow-versions/{flow_version}/deployments/{deployment}

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _UPDATE,
            (flow_version, deployment),
            body={
                "virtual_environment_id": virtual_environment_id,
                "priority": priority,
                "enabled_at": enabled_at,
                "deploy_disabled": deploy_disabled,
            },
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )
