"""From settings to a database and a broker."""

from __future__ import annotations

from kefu.base.errors import ConfigError
from messaging_core.kernel.broker import Broker, InProcessBroker
from messaging_core.kernel.database import Database
from messaging_core.kernel.nats_broker import NatsBroker
from messaging_core.kernel.postgres import PostgresDatabase
from messaging_core.kernel.sqlite import SqliteDatabase
from messaging_core.settings import Settings


def open_database(settings: Settings) -> Database:
    """Return the database that the settings name; raise ConfigError for one we do not know."""
    url = settings.database_url
    if settings.is_sqlite:
        return SqliteDatabase(url, synchronous=settings.sqlite_synchronous)
    if url.split("://")[0] in ("postgres", "postgresql", "postgresql+asyncpg"):
        return PostgresDatabase(url, pool_size=settings.postgres_pool)
    raise ConfigError(
        f"KEFU_DATABASE: 只能是 sqlite 或 postgresql · {url.split('://')[0]!r} is neither sqlite nor postgresql"
    )


def open_broker(settings: Settings, *, node: int) -> Broker:
    """Return the broker that the settings name."""
    if not settings.broker:
        return InProcessBroker()
    if not settings.broker.startswith("nats://"):
        raise ConfigError(
            "KEFU_BROKER: 写成 nats://主机:端口，单机留空 · must be nats://host:port, or empty for one node"
        )
    if settings.is_sqlite:
        raise ConfigError(
            "KEFU_BROKER: 多台机器要用 PostgreSQL · many nodes need PostgreSQL; SQLite serves one process"
        )
    return NatsBroker(settings.broker, node=node)
