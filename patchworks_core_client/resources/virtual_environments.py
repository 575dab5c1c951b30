# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The calls of `client.virtual_environments`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Required, TypeAlias, TypedDict

from .._call import Operation, Resource
from .._types import UNSET, ExtraHeaders, ExtraQuery, Identifier, ProgressCallback, Timeout, Unset
from ..models.message import Message
from ..models.virtual_environment import VirtualEnvironment
from ..models.virtual_environment_version import VirtualEnvironmentVersion
from ..pagination import Paginator
from ..query import FilterValue, Query


class VirtualEnvironmentsCreateLabel(TypedDict, total=False):
    """An object in the body of `virtual_environments.create`."""

    id: Required[Identifier]


VirtualEnvironmentsGetInclude: TypeAlias = Literal[
    "versions",
    "firstVersion",
    "firstVersion.user",
    "deployments",
    "deployedVersion",
    "deployedVersion.variables",
    "deployments.flowVersion",
    "deployments.flowVersion.flow",
    "deployments.enabledBy",
    "deployments.user",
    "deployments.package",
    "packageDeployments",
    "packageDeployments.user",
    "packageDeployments.package",
    "labels",
]


class VirtualEnvironmentsListFilter(TypedDict, total=False):
    """Filters of `virtual_environments.list`."""

    name: FilterValue
    type: FilterValue
    status: FilterValue
    hasDeployedVersion: FilterValue
    labelled: FilterValue


VirtualEnvironmentsListInclude: TypeAlias = VirtualEnvironmentsGetInclude
VirtualEnvironmentsListSort: TypeAlias = Literal["name", "-name"]


class VirtualEnvironmentsListDeployedFilter(TypedDict, total=False):
    """Filters of `virtual_environments.list_deployed`."""

    name: FilterValue
    type: FilterValue
    status: FilterValue
    hasDeployedVersion: FilterValue
    labelled: FilterValue


VirtualEnvironmentsListDeployedInclude: TypeAlias = VirtualEnvironmentsGetInclude
VirtualEnvironmentsListDeployedSort: TypeAlias = VirtualEnvironmentsListSort
VirtualEnvironmentsListVersionsInclude: TypeAlias = Literal["virtualEnvironment"]
VirtualEnvironmentsListVersionsSort: TypeAlias = Literal["id", "-id", "created_at", "-created_at"]


class VirtualEnvironmentsUpdateLabel(TypedDict, total=False):
    """An object in the body of `virtual_environments.update`."""

    id: Required[Identifier]


_COPY: Operation[Any] = Operation(
    "virtual_environments.copy", "POST", "/api/v1/virtual-environments/{virtual_environment}/copy", kind="any"
)
_COPY_VERSION: Operation[Any] = Operation(
    "virtual_environments.copy_version",
    "POST",
    "/api/v1/virtual-environments/{virtual_environment}/versions/{version}/copy",
    kind="any",
)
_CREATE: Operation[VirtualEnvironment] = Operation(
    "virtual_environments.create", "POST", "/api/v1/virtual-environments", kind="model", result=VirtualEnvironment
)
_CREATE_VERSION: Operation[VirtualEnvironmentVersion] = Operation(
    "virtual_environments.create_version",
    "POST",
    "/api/v1/virtual-environments/{virtual_environment}/versions",
    kind="model",
    result=VirtualEnvironmentVersion,
)
_DELETE: Operation[Message] = Operation(
    "virtual_environments.delete",
    "DELETE",
    "/api/v1/virtual-environments/{virtual_environment}",
    kind="message",
    result=Message,
)
_DELETE_VERSION: Operation[Message] = Operation(
    "virtual_environments.delete_version",
    "DELETE",
    "/api/v1/virtual-environments/{virtual_environment}/versions/{version}",
    kind="message",
    result=Message,
)
_DEPLOY_VERSION: Operation[Any] = Operation(
    "virtual_environments.deploy_version",
    "POST",
    "/api/v1/virtual-environments/{virtual_environment}/versions/{version}/deploy",
    kind="any",
)
_GET: Operation[VirtualEnvironment] = Operation(
    "virtual_environments.get",
    "GET",
    "/api/v1/virtual-environments/{virtual_environment}",
    kind="model",
    result=VirtualEnvironment,
    includes=VirtualEnvironmentsGetInclude,
)
_GET_VERSION: Operation[VirtualEnvironmentVersion] = Operation(
    "virtual_environments.get_version",
    "GET",
    "/api/v1/virtual-environments/{virtual_environment}/versions/{version}",
    kind="model",
    result=VirtualEnvironmentVersion,
)
_LIST: Operation[VirtualEnvironment] = Operation(
    "virtual_environments.list",
    "GET",
    "/api/v1/virtual-environments",
    kind="list",
    result=VirtualEnvironment,
    filters=VirtualEnvironmentsListFilter,
    includes=VirtualEnvironmentsListInclude,
    sorts=VirtualEnvironmentsListSort,
)
_LIST_DEPLOYED: Operation[VirtualEnvironment] = Operation(
    "virtual_environments.list_deployed",
    "GET",
    "/api/v1/flow-version-deployments/virtual-environments",
    kind="list",
    result=VirtualEnvironment,
    filters=VirtualEnvironmentsListDeployedFilter,
    includes=VirtualEnvironmentsListDeployedInclude,
    sorts=VirtualEnvironmentsListDeployedSort,
)
_LIST_VERSIONS: Operation[VirtualEnvironmentVersion] = Operation(
    "virtual_environments.list_versions",
    "GET",
    "/api/v1/virtual-environments/{virtual_environment}/versions",
    kind="list",
    result=VirtualEnvironmentVersion,
    includes=VirtualEnvironmentsListVersionsInclude,
    sorts=VirtualEnvironmentsListVersionsSort,
)
_UPDATE: Operation[VirtualEnvironment] = Operation(
    "virtual_environments.update",
    "PUT",
    "/api/v1/virtual-environments/{virtual_environment}",
    kind="model",
    result=VirtualEnvironment,
)
_UPDATE_VERSION: Operation[VirtualEnvironmentVersion] = Operation(
    "virtual_environments.update_version",
    "PUT",
    "/api/v1/virtual-environments/{virtual_environment}/versions/{version}",
    kind="model",
    result=VirtualEnvironmentVersion,
)


class VirtualEnvironments(Resource):
    """`client.virtual_environments`.

    Every method also takes `timeout`, `max_retries`, `extra_query` and `extra_headers`, for this call alone.
    """

    __slots__ = ()

    async def copy(
        self,
        virtual_environment: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Creates a copy of a specific virtual environment.

        POST /api/v1/virtual-environments/{virtual_environment}/copy

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _COPY,
            (virtual_environment,),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def copy_version(
        self,
        virtual_environment: Identifier,
        version: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Creates a copy of a specific version for a specific virtual environment.

        POST /api/v1/virtual-environments/{virtual_environment}/versions/{version}/copy

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _COPY_VERSION,
            (virtual_environment, version),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def create(
        self,
        *,
        name: str,
        labels: Sequence[VirtualEnvironmentsCreateLabel],
        description: str | Unset | None = UNSET,
        type: str | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> VirtualEnvironment:
        """Creates a new virtual environment.

        POST /api/v1/virtual-environments

        Args:
            name: At most 245 characters.
            description: At most 255 characters.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _CREATE,
            (),
            body={"description": description, "type": type, "name": name, "labels": labels},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def create_version(
        self,
        virtual_environment: Identifier,
        *,
        notes: str | Unset = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> VirtualEnvironmentVersion:
        """Creates a new version for a specific virtual environment.

        POST /api/v1/virtual-environments/{virtual_environment}/versions

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _CREATE_VERSION,
            (virtual_environment,),
            body={"notes": notes},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def delete(
        self,
        virtual_environment: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Message:
        """Permanently deletes a specific virtual environment.

        DELETE /api/v1/virtual-environments/{virtual_environment}
        """
        return await self._call(
            _DELETE,
            (virtual_environment,),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def delete_version(
        self,
        virtual_environment: Identifier,
        version: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Message:
        """Permanently deletes a specific version for a specific virtual environment.

        DELETE /api/v1/virtual-environments/{virtual_environment}/versions/{version}
        """
        return await self._call(
            _DELETE_VERSION,
            (virtual_environment, version),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def deploy_version(
        self,
        virtual_environment: Identifier,
        version: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Deploys a specific version of a specific virtual environment.

        POST /api/v1/virtual-environments/{virtual_environment}/versions/{version}/deploy

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _DEPLOY_VERSION,
            (virtual_environment, version),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def get(
        self,
        virtual_environment: Identifier,
        *,
        include: VirtualEnvironmentsGetInclude | Sequence[VirtualEnvironmentsGetInclude] | None = None,
        query: Query | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> VirtualEnvironment:
        """Retrieves the details of a specific virtual environment.

        GET /api/v1/virtual-environments/{virtual_environment}
        """
        return await self._call(
            _GET,
            (virtual_environment,),
            include=include,
            query=query,
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def get_version(
        self,
        virtual_environment: Identifier,
        version: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> VirtualEnvironmentVersion:
        """Retrieves the details of a specific version for a specific virtual environment.

        GET /api/v1/virtual-environments/{virtual_environment}/versions/{version}
        """
        return await self._call(
            _GET_VERSION,
            (virtual_environment, version),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    def list(
        self,
        *,
        filter: VirtualEnvironmentsListFilter | None = None,
        include: VirtualEnvironmentsListInclude | Sequence[VirtualEnvironmentsListInclude] | None = None,
        sort: VirtualEnvironmentsListSort | Sequence[VirtualEnvironmentsListSort] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[VirtualEnvironment]:
        """Retrieves a paginated list of virtual environments.

        GET /api/v1/virtual-environments

        Returns:
            A paginator of `VirtualEnvironment`: await it for one page, iterate over it for all.
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

    def list_deployed(
        self,
        *,
        filter: VirtualEnvironmentsListDeployedFilter | None = None,
        include: VirtualEnvironmentsListDeployedInclude
        | Sequence[VirtualEnvironmentsListDeployedInclude]
        | None = None,
        sort: VirtualEnvironmentsListDeployedSort | Sequence[VirtualEnvironmentsListDeployedSort] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[VirtualEnvironment]:
        """Retrieves a list of virtual environments that have at least one flow version deployment.

        Can be filtered by `name`, `type`, `status`, `hasDeployedVersion`, and `labelled`.

        GET /api/v1/flow-version-deployments/virtual-environments

        Returns:
            A paginator of `VirtualEnvironment`: await it for one page, iterate over it for all.
        """
        return self._list(
            _LIST_DEPLOYED,
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

    def list_versions(
        self,
        virtual_environment: Identifier,
        *,
        include: VirtualEnvironmentsListVersionsInclude
        | Sequence[VirtualEnvironmentsListVersionsInclude]
        | None = None,
        sort: VirtualEnvironmentsListVersionsSort | Sequence[VirtualEnvironmentsListVersionsSort] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[VirtualEnvironmentVersion]:
        """Retrieves a paginated list of versions for a specific virtual environment.

        GET /api/v1/virtual-environments/{virtual_environment}/versions

        Returns:
            A paginator of `VirtualEnvironmentVersion`: await it for one page, iterate over it for all.
        """
        return self._list(
            _LIST_VERSIONS,
            (virtual_environment,),
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

    async def update(
        self,
        virtual_environment: Identifier,
        *,
        name: str,
        labels: Sequence[VirtualEnvironmentsUpdateLabel],
        description: str | Unset | None = UNSET,
        type: str | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> VirtualEnvironment:
        """Updates an existing virtual environment.

        PUT /api/v1/virtual-environments/{virtual_environment}

        Args:
            name: At most 255 characters.
            description: At most 255 characters.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _UPDATE,
            (virtual_environment,),
            body={"description": description, "type": type, "name": name, "labels": labels},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def update_version(
        self,
        virtual_environment: Identifier,
        version: Identifier,
        *,
        notes: str | Unset = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> VirtualEnvironmentVersion:
        """Updates an existing version for a specific virtual environment.

        PUT /api/v1/virtual-environments/{virtual_environment}/versions/{version}

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _UPDATE_VERSION,
            (virtual_environment, version),
            body={"notes": notes},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )
