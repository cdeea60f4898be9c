"""Static files: style sheets, scripts and pictures, served under an address that holds the hash of their content.

All of them share one hash, so a style sheet or a script module may name its neighbours by relative addresses, and a
browser may keep each of them for a year: whatever changes gets a new address.
"""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.routing import Route

STATIC_DIR: Final = Path(__file__).parent / "static"
# One year, in seconds: the longest time RFC 9111 caches are asked to keep anything.
KEPT_SECONDS: Final = 365 * 24 * 60 * 60
# Python asks the operating system for these; Windows may say text/plain for scripts, which `nosniff` then blocks.
_MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".md": "text/markdown",
}


class Assets:
    """The static files below one folder, read once at start."""

    def __init__(self, folder: Path = STATIC_DIR) -> None:
        """List and hash all files below ``folder``."""
        self._files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        digest = hashlib.sha256()
        for name, path in self._files.items():
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
        self.version = digest.hexdigest()[:16]

    def url(self, name: str) -> str:
        """Address of the file with this path below the folder.

        Raises:
            KeyError: there is no such file; a page that names one is broken and should not be shown.
        """
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    def route(self) -> Route:
        """The route that serves them."""
        return Route(
            "/static/{version}/{name:path}",
            lambda request: self._serve(**request.path_params),
            name="static",
            include_in_schema=False,
        )

    def _serve(self, version: str, name: str) -> Response:
        path = self._files.get(name)
        if path is None:
            raise HTTPException(404)
        kept = (
            f"public, max-age={KEPT_SECONDS}, immutable" if version == self.version else "no-cache"
        )
        media_type = _MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        return FileResponse(path, media_type=media_type, headers={"Cache-Control": kept})
