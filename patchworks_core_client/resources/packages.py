# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The calls of `client.packages`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from .._call import Operation, Resource
from .._types import UNSET, ExtraHeaders, ExtraQuery, Identifier, ProgressCallback, Timeout, Unset
from ..models.flow_version import FlowVersion
from ..models.message import Message
from ..models.package import Package
from ..pagination import Paginator
from ..query import FilterValue, Query

PackagesGetInclude: TypeAlias = Literal[
    "createdBy",
    "flowVersions",
    "flowVersions.deployments",
    "virtualEnvironments",
    "deployments",
    "deployments.virtualEnvironment",
    "deployments.virtualEnvironment.deployedVersion",
    "deployments.user",
    "package",
    "flowVersionDeployments",
]


class PackagesListFilter(TypedDict, total=False):
    """Filters of `packages.list`."""

    name: FilterValue


PackagesListInclude: TypeAlias = PackagesGetInclude
PackagesListSort: TypeAlias = Literal["name", "-name"]


class PackagesListDeployedFilter(TypedDict, total=False):
    """Filters of `packages.list_deployed`."""

    name: FilterValue


PackagesListDeployedInclude: TypeAlias = PackagesGetInclude
PackagesListDeployedSort: TypeAlias = PackagesListSort

_ADD_FLOW_VERSION: Operation[FlowVersion] = Operation(
    "packages.add_flow_version",
    "POST",
    "/api/v1/packages/{package}/flow-versions/{flow_version}",
    kind="model",
    result=FlowVersion,
)
_COMPARE: Operation[Any] = Operation(
    "packages.compare", "GET", "/api/v1/packages/{package}/compare/{virtual_environment}", kind="any"
)
_CREATE: Operation[Package] = Operation("packages.create", "POST", "/api/v1/packages", kind="model", result=Package)
_DELETE: Operation[Message] = Operation(
    "packages.delete", "DELETE", "/api/v1/packages/{package}", kind="message", result=Message
)
_DEPLOY: Operation[Any] = Operation(
    "packages.deploy", "POST", "/api/v1/packages/{package}/deploy/{virtual_environment}", kind="any"
)
_GET: Operation[Package] = Operation(
    "packages.get", "GET", "/api/v1/packages/{package}", kind="model", result=Package, includes=PackagesGetInclude
)
_LIST: Operation[Package] = Operation(
    "packages.list",
    "GET",
    "/api/v1/packages",
    kind="list",
    result=Package,
    filters=PackagesListFilter,
    includes=PackagesListInclude,
    sorts=PackagesListSort,
)
_LIST_DEPLOYED: Operation[Package] = Operation(
    "packages.list_deployed",
    "GET",
    "/api/v1/flow-version-deployments/packages",
    kind="list",
    result=Package,
    filters=PackagesListDeployedFilter,
    includes=PackagesListDeployedInclude,
    sorts=PackagesListDeployedSort,
)
_REMOVE_FLOW_VERSION: Operation[Message] = Operation(
    "packages.remove_flow_version",
    "DELETE",
    "/api/v1/packages/{package}/flow-versions/{flow_version}",
    kind="message",
    result=Message,
)
_REMOVE_VIRTUAL_ENVIRONMENT: Operation[Message] = Operation(
    "packages.remove_virtual_environment",
    "DELETE",
    "/api/v1/packages/{package}/virtual-environments/{virtual_environment}",
    kind="message",
    result=Message,
)
_UPDATE: Operation[Package] = Operation(
    "packages.update", "PUT", "/api/v1/packages/{package}", kind="model", result=Package
)


class Packages(Resource):
    """`client.packages`.

    Every method also takes `timeout`, `max_retries`, `extra_query` and `extra_headers`, for this call alone.
    """

    __slots__ = ()

    async def add_flow_version(
        self,
        package: Identifier,
        flow_version: Identifier,
        *,
        priority: int | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> FlowVersion:
        """Adds a specific flow version to a specific package.

        POST /api/v1/packages/{package}/flow-versions/{flow_version}

        Args:
            priority: At least 1, at most 100.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _ADD_FLOW_VERSION,
            (package, flow_version),
            body={"priority": priority},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def compare(
        self,
        package: Identifier,
        virtual_environment: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Compares a specific package against the current state of a specific virtual environment.

        GET /api/v1/packages/{package}/compare/{virtual_environment}

        Returns:
            The JSON as sent, or None for an empty answer.
        """
        return await self._call(
            _COMPARE,
            (package, virtual_environment),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def create(
        self,
        *,
        name: str,
        notes: str | Unset | None = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Package:
        """Creates a new package.

        POST /api/v1/packages

        Args:
            name: At most 255 characters.
            notes: At most 255 characters.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _CREATE,
            (),
            body={"notes": notes, "name": name},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def delete(
        self,
        package: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Message:
        """Permanently deletes a specific package.

        DELETE /api/v1/packages/{package}
        """
        return await self._call(
            _DELETE,
            (package,),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def deploy(
        self,
        package: Identifier,
        virtual_environment: Identifier,
        *,
        notes: str | Unset = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Any:
        """Deploys a specific package to a specific virtual environment.

        POST /api/v1/packages/{package}/deploy/{virtual_environment}

        Returns:
            The JSON as sent, or None for an empty answer.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _DEPLOY,
            (package, virtual_environment),
            body={"notes": notes},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def get(
        self,
        package: Identifier,
        *,
        include: PackagesGetInclude | Sequence[PackagesGetInclude] | None = None,
        query: Query | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Package:
        """Retrieves the details of a specific package.

        GET /api/v1/packages/{package}
        """
        return await self._call(
            _GET,
            (package,),
            include=include,
            query=query,
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    def list(
        self,
        *,
        filter: PackagesListFilter | None = None,
        include: PackagesListInclude | Sequence[PackagesListInclude] | None = None,
        sort: PackagesListSort | Sequence[PackagesListSort] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[Package]:
        """Retrieves a paginated list of packages.

        GET /api/v1/packages

        Returns:
            A paginator of `Package`: await it for one page, iterate over it for all.
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
        filter: PackagesListDeployedFilter | None = None,
        include: PackagesListDeployedInclude | Sequence[PackagesListDeployedInclude] | None = None,
        sort: PackagesListDeployedSort | Sequence[PackagesListDeployedSort] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        query: Query | None = None,
        prefetch: int = 4,
        on_progress: ProgressCallback | None = None,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Paginator[Package]:
        """Retrieves a paginated list of packages that have been deployed to at least one virtual environment.

        GET /api/v1/flow-version-deployments/packages

        Returns:
            A paginator of `Package`: await it for one page, iterate over it for all.
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

    async def remove_flow_version(
        self,
        package: Identifier,
        flow_version: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Message:
        """Removes a specific flow version from a specific package.

        DELETE /api/v1/packages/{package}/flow-versions/{flow_version}
        """
        return await self._call(
            _REMOVE_FLOW_VERSION,
            (package, flow_version),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def remove_virtual_environment(
        self,
        package: Identifier,
        virtual_environment: Identifier,
        *,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Message:
        """Removes a specific virtual environment from a specific package.

        DELETE /api/v1/packages/{package}/virtual-environments/{virtual_environment}
        """
        return await self._call(
            _REMOVE_VIRTUAL_ENVIRONMENT,
            (package, virtual_environment),
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )

    async def update(
        self,
        package: Identifier,
        *,
        notes: str | Unset | None = UNSET,
        name: str | Unset = UNSET,
        timeout: Timeout = UNSET,
        max_retries: int | Unset = UNSET,
        extra_query: ExtraQuery | None = None,
        extra_headers: ExtraHeaders | None = None,
    ) -> Package:
        """Updates an existing package.

        PUT /api/v1/packages/{package}

        Args:
            notes: At most 255 characters.
            name: At most 255 characters.

        Raises:
            UnprocessableEntityError: The server rejected fields; `.errors` has the messages by field.
        """
        return await self._call(
            _UPDATE,
            (package,),
            body={"notes": notes, "name": name},
            timeout=timeout,
            max_retries=max_retries,
            extra_query=extra_query,
            extra_headers=extra_headers,
        )
