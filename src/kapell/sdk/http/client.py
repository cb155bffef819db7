"""One request and its answer, streamed. Each has a connection of its own: what a task opens ends with the task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from io import RawIOBase
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin, urlsplit

from kapell.errors import KapellError
from kapell.sdk.http import digest
from kapell.sdk.http.body import Body
from kapell.sdk.http.options import AuthOptions, HttpOptions
from kapell.sdk.login import without_login

if TYPE_CHECKING:
    from ssl import SSLContext

    from typing_extensions import Buffer
    from urllib3 import BaseHTTPResponse, PoolManager

AGENT = "kapell"
REDIRECTS = 20
SHOWN_BYTES = 64_000


class HttpFailed(KapellError):
    """There is no answer: no connection, a time that ran out, an address that is none."""


class HttpRefused(KapellError):
    """The answer's status is a failure; the text is Kestra's sentence with the beginning of the body."""

    def __init__(self, answer: Answer) -> None:
        body = answer.read(SHOWN_BYTES).decode(errors="replace")
        super().__init__(
            f"Failed http request with response code '{answer.status}'" + (f" and body:\n{body}" if body else "")
        )
        self.status = answer.status
        self.reason = answer.reason


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None

    def with_query(self, query: Mapping[str, object]) -> Call:
        """The same with more in its query."""
        if not query:
            return self
        base, mark, fragment = self.url.partition("#")
        joint = "&" if "?" in base else "?"
        return replace(self, url=f"{base}{joint}{urlencode(query, doseq=True)}{mark}{fragment}")


class Answer:
    """A response whose body has not been read: `read` gives the next bytes of it, decompressed."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response
        self.status: int = response.status
        self.reason: str = response.reason or _phrase(response.status)

    @property
    def headers(self) -> dict[str, list[str]]:
        """By name in small letters, each with all its values."""
        found: dict[str, list[str]] = {}
        for name, value in self._response.headers.iteritems():
            found.setdefault(name.lower(), []).append(value)
        return found

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next(iter(self.headers.get(name.lower(), ())), None)

    def read(self, size: int | None = None) -> bytes:
        """Up to `size` bytes more, all that is left without it; empty at the end."""
        with _told():
            return self._response.read(size) or b""

    def read_some(self, size: int) -> bytes:
        """What has come, at most `size` bytes, as soon as there is any; empty at the end."""
        with _told():
            return self._response.read1(size) or b""

    def stop(self) -> None:
        """Give up what is being read, from another thread."""
        self._response.shutdown()


@contextmanager
def perform(call: Call, options: HttpOptions) -> Iterator[Answer]:
    """Make a request; raises `HttpFailed`, or `HttpRefused` for a status that counts as a failure."""
    with _told():
        manager = _manager(options)
        response = _followed(manager, call, options)
    try:
        answer = Answer(response)
        if options.fails(answer.status):
            raise HttpRefused(answer)
        yield answer
    finally:
        response.close()
        manager.clear()


def _followed(manager: PoolManager, call: Call, options: HttpOptions) -> BaseHTTPResponse:
    """The answer at the end of all redirects."""
    login = options.login()
    for _ in range(REDIRECTS):
        if urlsplit(call.url).scheme not in ("http", "https"):
            raise HttpFailed(f"`{without_login(call.url)}` is not an address that begins with http:// or https://")
        response = _authorized(manager, call, options, login)
        place = response.get_redirect_location() if options.follow_redirects else None
        if not place:
            return response
        response.close()
        to = _redirected(call, response.status, urljoin(call.url, place))
        login = login if _origin(to.url) == _origin(call.url) else None
        call = to
    raise HttpFailed(f"More than {REDIRECTS} redirects")


def _redirected(call: Call, status: int, url: str) -> Call:
    """What is asked at another place: what tells who asks goes to no other server."""
    secret = () if _origin(url) == _origin(call.url) else ("authorization", "cookie", "proxy-authorization")
    headers = {name: value for name, value in call.headers.items() if name.lower() not in secret}
    if status == 303 or (status in (301, 302) and call.method == "POST"):
        kept = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
        return Call(url, "HEAD" if call.method == "HEAD" else "GET", kept)
    return replace(call, url=url, headers=headers)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2]


def _authorized(manager: PoolManager, call: Call, options: HttpOptions, login: AuthOptions | None) -> BaseHTTPResponse:
    if login is None:
        return _send(manager, call, options)
    if login.type != "DIGEST":
        return _send(manager, _with_header(call, "Authorization", _authorization(login)), options)
    response = _send(manager, call, options)
    parts = digest.challenge(response.headers.get("WWW-Authenticate", "")) if response.status == 401 else None
    if parts is None:
        return response
    response.close()
    url = urlsplit(call.url)
    target = f"{url.path or '/'}{f'?{url.query}' if url.query else ''}"
    said = digest.authorization(parts, call.method, target, login.username or "", login.password or "")
    return _send(manager, _with_header(call, "Authorization", said), options)


def _authorization(login: AuthOptions) -> str:
    from base64 import b64encode

    if login.type == "BEARER":
        return f"Bearer {login.token or ''}"
    pair = f"{login.username or ''}:{login.password or ''}"
    return f"Basic {b64encode(pair.encode()).decode()}"


def _with_header(call: Call, name: str, value: str) -> Call:
    return replace(call, headers={**call.headers, name: value})


def _send(manager: PoolManager, call: Call, options: HttpOptions) -> BaseHTTPResponse:
    from urllib3 import Timeout

    headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate", **call.headers}
    if call.body is not None:
        headers["Content-Length"] = str(call.body.length)
    # A body that is read while it is sent can't be sent again by the library: redirects are followed here.
    return manager.request(
        call.method,
        call.url,
        body=call.body.pieces() if call.body is not None else None,
        headers=headers,
        redirect=False,
        preload_content=False,
        timeout=Timeout(connect=options.connect_seconds, read=options.read_seconds),
        retries=False,
    )


def _manager(options: HttpOptions) -> PoolManager:
    import urllib3

    context = _unchecked() if options.trusts_all else None
    proxy = options.way()
    if proxy is None:
        return urllib3.PoolManager(ssl_context=context)
    login = f"{proxy.username}:{proxy.password or ''}" if proxy.username else None
    place = f"{proxy.address}:{proxy.port}" if proxy.port else f"{proxy.address}"
    if proxy.type == "HTTP":
        said = urllib3.make_headers(proxy_basic_auth=login) if login else None
        return urllib3.ProxyManager(f"http://{place}", proxy_headers=said, ssl_context=context)
    try:
        from urllib3.contrib.socks import SOCKSProxyManager
    except ImportError as error:
        raise HttpFailed("A SOCKS proxy needs the library PySocks: pip install PySocks") from error
    return SOCKSProxyManager(f"socks5h://{place}", proxy.username, proxy.password, ssl_context=context)


def _unchecked() -> SSLContext:
    """Takes any certificate, which has been asked for: the library need not warn of it."""
    import ssl

    import urllib3

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _told() -> Iterator[None]:
    """Errors of the library as `HttpFailed`, in words."""
    from urllib3 import exceptions

    try:
        yield
    except exceptions.ReadTimeoutError as error:
        raise HttpFailed("Read timed out") from error
    except (exceptions.HTTPError, UnicodeError, ValueError, OSError) as error:
        raise HttpFailed(_words(error)) from error


def _words(error: BaseException) -> str:
    cause = getattr(error, "reason", None)
    if isinstance(cause, BaseException):
        return _words(cause)
    return str(error) or type(error).__name__


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


class Reading(RawIOBase):
    """An answer's body as a file to copy from; `length` is what has been read of it."""

    def __init__(self, answer: Answer) -> None:
        self.length = 0
        self._answer = answer

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """The next bytes."""
        view = memoryview(buffer)
        piece = self._answer.read(len(view))
        view[: len(piece)] = piece
        self.length += len(piece)
        return len(piece)
