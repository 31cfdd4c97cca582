"""The peer that stores every message: Debian's ejabberd with its archive in PostgreSQL, shapers off."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from eval.load.postgres import Postgres
from eval.load.processes import free_port, listens, spawn, stop, wait_until
from eval.load.server import Target
from eval.load.world import World
from eval.load.xmpp_wire import DOMAIN, XmppWire

PACKAGES = ("ejabberd", "erlang-p1-pgsql")
_SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
_REGISTER_AT_ONCE = 20

# The listener's default backlog of 5 would drop connections that come twenty at a time, a second's wait for each.
_CONFIG = """\
hosts: [{domain}]
loglevel: warning
log_rotate_size: infinity
certfiles: []
listen:
  - {{port: {port}, ip: "127.0.0.1", module: ejabberd_c2s, backlog: 1000, max_stanza_size: 262144, shaper: none,
     access: all}}
auth_method: internal
auth_password_format: plain
shaper: {{}}
acl: {{local: {{user_regexp: ""}}}}
access_rules: {{register: {{allow: all}}}}
trusted_proxies: []
registration_timeout: infinity
sql_type: pgsql
sql_server: "{sql_host}"
sql_port: {sql_port}
sql_database: {database}
sql_username: {sql_user}
sql_password: "{sql_password}"
sql_pool_size: 10
default_db: mnesia
modules:
  mod_disco: {{}}
  mod_roster: {{}}
  mod_ping: {{}}
  mod_register: {{access: all, ip_access: all, password_strength: 0, captcha_protected: false}}
  mod_stream_mgmt: {{resend_on_timeout: false, max_ack_queue: infinity}}
  mod_offline: {{}}
  mod_mam: {{db_type: sql, default: always, assume_mam_usage: true, cache_size: 100000}}
  mod_muc:
    access: all
    access_create: all
    access_persistent: all
    access_mam: all
    max_users: 2000
    max_users_admin_threshold: 5
    min_message_interval: 0
    max_user_conferences: 100
    default_room_options:
      mam: true
      persistent: true
      max_users: 2000
      presence_broadcast: []
"""


class PeerAbsent(RuntimeError):
    """ejabberd is not installed; the text names what is missing."""


def config(*, port: int, postgres: Postgres, database: str) -> str:
    """Return the text of ejabberd.yml."""
    return _CONFIG.format(
        domain=DOMAIN,
        port=port,
        sql_host=postgres.host,
        sql_port=postgres.port,
        sql_user=postgres.user,
        sql_password=postgres.password or "x",
        database=database,
    )


def _library_folder() -> Path:
    """Return the folder of ejabberd's Erlang applications; raise PeerAbsent with what is missing."""
    if shutil.which("erl") is None or shutil.which("dpkg-query") is None:
        raise PeerAbsent("no Erlang here")
    listed = subprocess.run(["dpkg-query", "-L", *PACKAGES], capture_output=True, text=True, check=False)
    apps = {Path(line).name: Path(line) for line in listed.stdout.splitlines() if line.endswith(".app")}
    missing = [name for name in ("ejabberd.app", "p1_pgsql.app") if name not in apps]
    if missing or not _SCHEMA.exists():
        raise PeerAbsent(f"{', '.join(missing) or _SCHEMA} not found")
    return apps["ejabberd.app"].parents[2]


def install() -> None:
    """Install the Debian packages (root, apt); the packaged service is stopped, we start our own process."""
    subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", *PACKAGES], check=True)
    if (systemctl := shutil.which("systemctl")) is not None:
        subprocess.run([systemctl, "stop", "ejabberd"], check=False)


@contextmanager
def ejabberd(folder: Path, postgres: Postgres, *, users: int) -> Iterator[Target]:
    """Run ejabberd on the server's core with a fresh database and `users` accounts.

    Raises:
        PeerAbsent: the packages are not installed.
    """
    libraries = _library_folder()
    database = postgres.create("ejabberd")
    postgres.run(database, _SCHEMA.read_text())
    port = free_port()
    settings = folder / "ejabberd.yml"
    settings.write_text(config(port=port, postgres=postgres, database=database))
    log = folder / "ejabberd.out"
    environ = {"EJABBERD_CONFIG_PATH": str(settings), "ERL_LIBS": str(libraries), "HOME": str(folder)}
    process = spawn(["erl", "-noinput", "+S", "1", "-s", "ejabberd"], log=log, environ=environ, cwd=folder)
    try:
        wait_until(lambda: listens(port), process, log=log)
        uvloop.run(_register(port, users))
        managed, plain = XmppWire(port=port), XmppWire(port=port, managed=False)
        yield Target(
            name="ejabberd",
            direct=managed,
            groups=plain,
            archive=plain,
            watched=postgres.watch(process.pid, database),
            stores=f"PostgreSQL {postgres.version}",
        )
    finally:
        # The Erlang machine passes SIGTERM to ejabberd, which takes its time to say goodbye.
        stop(process, timeout_s=5)


async def _register(port: int, users: int) -> None:
    world = World()
    wire = XmppWire(port=port)
    for first in range(0, users, _REGISTER_AT_ONCE):
        last = min(users, first + _REGISTER_AT_ONCE)
        await asyncio.gather(*[wire.register(world, index) for index in range(first, last)])
