"""What `drift serve` and `drift keys` call: settings read, server run, keys handled."""

import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from api.settings import PREFIX, Settings, default_database, read
from drift.errors import BackendError, InputError
from drift.pipeline import Tools

MOST = 65_535
MISSING = "the web door's libraries are missing; install tweet-drift again"


def serve(chosen: Mapping[str, str], tools: Callable[[str], Tools]) -> None:
    """Serve until told to stop; what was chosen on the command line goes before the environment."""
    try:
        import uvicorn

        from api import logs
        from api.app import create_app
    except ImportError as error:
        raise BackendError(MISSING) from error
    named = {PREFIX + name.upper(): value for name, value in chosen.items()}
    settings = read({**os.environ, **named})
    logs.install()
    with _open(settings) as door:
        app = create_app(settings, partial(tools, settings.models))
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # the guard writes one without addresses of reports
            server_header=False,
            proxy_headers=bool(settings.proxies),
            forwarded_allow_ips=settings.proxies or None,
            limit_concurrency=1000,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=65_536,
        )
        shown = f"[{settings.host}]" if ":" in settings.host else settings.host
        sys.stdout.write(f"Drift is at http://{shown}:{settings.port} (Ctrl-C stops it)\n")
        sys.stdout.flush()
        # Having shut down, uvicorn raises the signal again; being told to stop is no failure.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        uvicorn.Server(config).run(sockets=[door])


def _open(settings: Settings) -> socket.socket:
    """Open the port, or say why not before anything is loaded."""
    if settings.port > MOST:
        raise InputError(f"there is no port {settings.port}; the highest is {MOST}")
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        told = f"cannot listen on {settings.host} port {settings.port}: {error}"
        raise InputError(told) from error


class Keys:
    """The key ring of one database."""

    def __init__(self, database: str | None) -> None:
        try:
            from api.secrets import server_secret
            from api.store.engine import Store
        except ImportError as error:
            raise BackendError(MISSING) from error
        named = {PREFIX + "DATABASE": database} if database else {}
        settings = read({**os.environ, **named})
        self._store = Store(settings.database or default_database())
        self._secret = server_secret(settings)

    def create(self, name: str, scopes: Sequence[str]) -> tuple[str, str]:
        """Make a key; give it and the secret that its webhooks are signed with."""
        from api.store import keys
        from api.webhooks import secret_of

        key = keys.create(self._store, name, scopes)
        return key, secret_of(self._secret, keys.owner_of(key))

    def listing(self) -> Sequence[object]:
        """List the keys without what would let somebody use them."""
        from api.store import keys

        return keys.listing(self._store)

    def revoke(self, prefix: str) -> str:
        """End a key at once."""
        from api.store import keys

        return keys.revoke(self._store, prefix).name

    def rotate(self, prefix: str) -> str:
        """Change the webhook secret of a key, and give the new one."""
        from api.store import keys
        from api.webhooks import secret_of

        return secret_of(self._secret, keys.owner_of(prefix), keys.rotate(self._store, prefix))

    def resend(self, prefix: str) -> int:
        """Send the messages again that a key's receivers never heard; count them."""
        from api.store import keys, outbox

        return outbox.resend(self._store, keys.owner_of(prefix))


def keys(database: str | None) -> Keys:
    """Open the key ring of a database."""
    return Keys(database)
