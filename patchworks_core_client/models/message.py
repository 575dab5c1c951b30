# Generated from openapi/patchworks-core.json by `python -m codegen generate`; do not edit.
"""The model Message."""

from __future__ import annotations

from attrs import frozen

from ..model import Model, model


@model
@frozen(slots=False, eq=False, repr=False, kw_only=True)
class Message(Model):
    """From the schema `MessageResponse`."""

    __slots__ = ()

    message: str | None = None
