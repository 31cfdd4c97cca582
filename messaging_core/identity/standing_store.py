"""The tables of an enterprise's standing: requests to be verified, the terms and who accepted them."""

from __future__ import annotations

from functools import cache
from importlib import resources

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, Table, Text, func, insert, select, update

from kefu.base.texts import Lang
from messaging_core.identity.store import accounts
from messaging_core.kernel.schema import AnyRow, Id, metadata

SHIPPED = 1
"""The version of the terms that comes with the program; later ones are published by the operator."""

verification_requests = Table(
    "verification_requests",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("enterprise_id", Id, ForeignKey("accounts.id"), nullable=False),
    # JSON: the names of the documents that were handed in.
    Column("documents", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("requested_by", Id, nullable=False),
    Column("requested_at", Id, nullable=False),
    # pending, approved, refused
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reviewer_id", Id, nullable=True),
    Column("reviewed_at", Id, nullable=True),
    Index(None, "enterprise_id", "id"),
    Index(None, "state", "id"),
)
terms = Table(
    "terms",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text_zh", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("published_by", Id, nullable=False),
    Column("published_at", Id, nullable=False),
)
terms_acceptances = Table(
    "terms_acceptances",
    metadata,
    Column("enterprise_id", Id, ForeignKey("accounts.id"), primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    # None: the program itself, when it set the enterprise up.
    Column("accepted_by", Id, nullable=True),
    Column("accepted_at", Id, nullable=False),
)

RequestRow = AnyRow
_with_name = select(verification_requests, accounts.c.name).join(
    accounts, accounts.c.id == verification_requests.c.enterprise_id
)


def insert_request(connection: Connection, **values: object) -> None:
    """Add a request to be verified."""
    connection.execute(insert(verification_requests).values(**values))


def find_request(connection: Connection, request_id: int) -> RequestRow | None:
    """Return a request with the enterprise's name, locked until the transaction ends, or None."""
    query = _with_name.where(verification_requests.c.id == request_id)
    return connection.execute(query.with_for_update(of=verification_requests)).one_or_none()


def find_pending(connection: Connection, enterprise_id: int) -> RequestRow | None:
    """Return an enterprise's request that waits, or None."""
    query = _with_name.where(
        verification_requests.c.enterprise_id == enterprise_id, verification_requests.c.state == "pending"
    )
    return connection.execute(query.limit(1)).one_or_none()


def update_request(connection: Connection, request_id: int, **values: object) -> None:
    """Change a request."""
    connection.execute(update(verification_requests).where(verification_requests.c.id == request_id).values(**values))


def list_requests_of(connection: Connection, enterprise_id: int, *, limit: int) -> list[RequestRow]:
    """Return an enterprise's requests, newest first."""
    query = _with_name.where(verification_requests.c.enterprise_id == enterprise_id)
    return list(connection.execute(query.order_by(verification_requests.c.id.desc()).limit(limit)))


def list_requests(connection: Connection, state: str, *, after_id: int, limit: int) -> list[RequestRow]:
    """Return the requests of a state in order of arrival."""
    query = _with_name.where(verification_requests.c.state == state, verification_requests.c.id > after_id)
    return list(connection.execute(query.order_by(verification_requests.c.id).limit(limit)))


def current_version(connection: Connection) -> int:
    """Return the version of the terms that is in force."""
    return max(SHIPPED, connection.execute(select(func.max(terms.c.version))).scalar_one() or 0)


def find_terms(connection: Connection, lang: Lang) -> tuple[int, str]:
    """Return the terms in force: version and text in the reader's language."""
    row = connection.execute(select(terms).order_by(terms.c.version.desc()).limit(1)).one_or_none()
    if row is None:
        return SHIPPED, shipped_terms(lang)
    return row.version, row.text_zh if lang == "zh" else row.text_en


@cache
def shipped_terms(lang: Lang) -> str:
    """Return the terms that come with the program."""
    return resources.files("messaging_core.identity").joinpath(f"terms/{SHIPPED}.{lang}.md").read_text("utf-8")


def insert_terms(connection: Connection, **values: object) -> None:
    """Publish a version of the terms."""
    connection.execute(insert(terms).values(**values))


def insert_acceptance(connection: Connection, *, enterprise_id: int, version: int, by: int | None, at_us: int) -> None:
    """Write that an enterprise has accepted a version, unless it has already."""
    known = select(terms_acceptances.c.version).where(
        terms_acceptances.c.enterprise_id == enterprise_id, terms_acceptances.c.version == version
    )
    if connection.execute(known).one_or_none() is None:
        connection.execute(
            insert(terms_acceptances).values(
                enterprise_id=enterprise_id, version=version, accepted_by=by, accepted_at=at_us
            )
        )


def find_acceptance(connection: Connection, enterprise_id: int) -> RequestRow | None:
    """Return an enterprise's newest acceptance, or None."""
    query = select(terms_acceptances).where(terms_acceptances.c.enterprise_id == enterprise_id)
    return connection.execute(query.order_by(terms_acceptances.c.version.desc()).limit(1)).one_or_none()


def read_accepted(connection: Connection, enterprise_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Return, by enterprise, the version it has accepted and the one in force; one statement."""
    newest = select(func.max(terms.c.version)).scalar_subquery()
    query = select(accounts.c.id, accounts.c.terms_version, newest.label("newest")).where(
        accounts.c.id.in_(enterprise_ids)
    )
    return {row.id: (row.terms_version, max(SHIPPED, row.newest or 0)) for row in connection.execute(query)}
