"""The one door to rows: every session sees with its actor's eyes."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import Alias, ColumnElement, Executable, Select, event, false, inspect, orm, true
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlmodel import SQLModel

from service.core.actor import Actor, Role

Scope = Callable[[Actor, date], ColumnElement[bool]]
Q = TypeVar("Q", bound=Executable)
_SCOPES: dict[tuple[type, Role], Scope] = {}


class NotThroughTheDoor(RuntimeError):
    """A mistake in the program: it reads without an actor, or past the mapped tables."""


def scope_of(model: type[SQLModel], *roles: Role) -> Callable[[Scope], Scope]:
    """Register which rows of `model` actors of these roles see on a day. What nobody registers, nobody sees."""

    def register(scope: Scope) -> Scope:
        for role in roles:
            if _SCOPES.setdefault((model, role), scope) is not scope:
                raise ValueError(f"{model.__name__} already has a scope for {role}")
        return scope

    return register


def everything(actor: Actor, as_of: date) -> ColumnElement[bool]:
    """Every row, on every day."""
    return true()


def nothing(actor: Actor, as_of: date) -> ColumnElement[bool]:
    """No row."""
    return false()


@cache
def unscoped(model: type[SQLModel], use: str) -> Alias[Any]:
    """Return the table itself, for the subqueries of scopes: a scope that were narrowed again would never end.

    Made once for each `use`, since making an alias takes longer than a small query. Never use one inside itself.
    """
    table: Alias[Any] = inspect(model).local_table.alias(f"{inspect(model).local_table.name}_{use}")
    return table


def among(value: Any, ids: Select[Any]) -> ColumnElement[bool]:
    """Keep the rows whose `value` is one of the ids that a scope selects, each looked up by its own index.

    Never `in_`: that makes the whole list first, and a hundred thousand ids for a page of ten rows.
    """
    (key,) = ids.selected_columns
    return ids.where(key == value).correlate_except(*ids.get_final_froms()).exists()


def visible(query: Q, *, as_of: date) -> Q:
    """Ask for what the session's actor may see on a day. A query that does not say so sees today's."""
    return query.execution_options(as_of=as_of)


@event.listens_for(orm.Session, "do_orm_execute")
def _narrow(state: orm.ORMExecuteState) -> None:
    """Add every table's scope to every statement: entities, columns, counts, joins, aliases, subqueries, get."""
    info = state.session.info
    if not info.get("actor") or not state.is_orm_statement:
        raise NotThroughTheDoor
    as_of: date = state.execution_options.get("as_of") or info["today"]
    scopes = info.setdefault("scopes", {})
    if as_of not in scopes:
        scopes[as_of] = list(_scopes(info["actor"], as_of))
    state.statement = state.statement.options(*scopes[as_of])


def _scopes(actor: Actor, as_of: date) -> Iterator[LoaderCriteriaOption]:
    for mapper in SQLModel._sa_registry.mappers:
        seen = _SCOPES.get((mapper.class_, actor.role), nothing)
        if seen is not everything:
            yield _narrowing(mapper, seen, actor, as_of)


@lru_cache(maxsize=4096)
def _narrowing(mapper: orm.Mapper[Any], scope: Scope, actor: Actor, as_of: date) -> LoaderCriteriaOption:
    """Return how a table is narrowed: it is built once for an actor and a day, for that takes longer than a query."""
    criteria = scope(actor, as_of)
    return orm.with_loader_criteria(mapper.class_, criteria, include_aliases=True, propagate_to_loaders=False)
