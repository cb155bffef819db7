"""The HTTP client of tasks and expressions: blocking, streaming, with Kestra's options."""

from kapell.sdk.http.body import Body, Upload, form, multipart
from kapell.sdk.http.client import Answer, Call, HttpFailed, HttpRefused, Reading, perform
from kapell.sdk.http.options import HttpOptions, SslOptions

__all__ = [
    "Answer",
    "Body",
    "Call",
    "HttpFailed",
    "HttpOptions",
    "HttpRefused",
    "Reading",
    "SslOptions",
    "Upload",
    "form",
    "multipart",
    "perform",
]
