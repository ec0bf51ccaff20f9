"""The forms of the desk: where they come from, and the text that a person typed."""

import asyncio
import secrets
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from responders.desk.problems import Problem
from responders.store.desk.typed_text import normalised
from responders.web import BODY_SECONDS
from schemas.base import clean_text

TOKEN_COOKIE: Final = "rapport_desk"
"""The cookie with the form token of a browser."""

TEXT_LENGTH: Final = 20_000
"""Most characters of a reply. Chosen by hand: several times the longest reply of a person."""

_OTHER_NAME: Final = (
    "The desk was reached under another name",
    "The address in your browser differs from the name that reached the desk, so nothing was recorded. "
    "If a proxy is in front of the desk, it must pass the Host header on (nginx: proxy_set_header Host "
    "$http_host;), or send X-Forwarded-Host from an address in RAPPORT_TRUSTED_PROXIES.",
)


async def checked_form(request: Request) -> FormData:
    """Return the form of a request that a page of this desk sent.

    The token in the form must equal the token in the cookie, and the Origin, if the browser sends one,
    must be this host. Raises HTTPException 403 otherwise, 400 for an unreadable form, 408 for a form
    that arrives too slowly; Problem 403 if a proxy does not pass the host name on.
    """
    form = await _read_form(request)
    cookie, token = request.cookies.get(TOKEN_COOKIE, ""), form.get("token", "")
    same = isinstance(token, str) and secrets.compare_digest(cookie.encode(), token.encode())
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    if not cookie or not same or site not in ("same-origin", "none") or origin == "null":
        raise HTTPException(403)
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Problem(403, *_OTHER_NAME)
    return form


async def _read_form(request: Request) -> FormData:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.form(max_files=0, max_fields=20, max_part_size=256 * 1024)
    except TimeoutError:
        raise HTTPException(408) from None


def field(form: FormData, name: str, *, max_length: int) -> str:
    """Return a text field without blank edges, "" if it is missing; raises HTTPException 413 if too long."""
    value = form.get(name, "")
    if not isinstance(value, str):
        raise HTTPException(400)
    if len(value) > max_length:
        raise HTTPException(413)
    return clean_text(value.strip())


def typed_text(form: FormData) -> str:
    """Return the reply in a form; raises Problem 422 if it is empty, HTTPException 413 if it is too long."""
    # Browsers send each line end as two characters, so a text of the greatest length arrives longer.
    text = normalised(field(form, "text", max_length=2 * TEXT_LENGTH))
    if not text:
        raise Problem(
            422, "There is nothing to send", "Write a reply first, or dismiss the draft with a reason."
        )
    if len(text) > TEXT_LENGTH:
        raise HTTPException(413)
    return text
