"""What the browser tests need, found or brought in: ``python -m tests.browser_setup``, run by ``make test``.

Chromium and Chinese fonts come from the system's packages: as root on Debian and its relatives they are installed,
anywhere else it is said what to install. Without them the browser tests skip with that sentence; where ``CI`` is set
they fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Final

# In order of preference; the last ones are what Google's and other packages call it.
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PACKAGES: Final = ("chromium", "fonts-noto-cjk")
HOW_TO_INSTALL: Final = (
    "The browser tests need Chromium and Chinese fonts. Debian, Ubuntu: apt-get install chromium fonts-noto-cjk. "
    "Fedora: dnf install chromium google-noto-sans-cjk-fonts. macOS: brew install --cask chromium. "
    "Or set CHROMIUM to the path of a Chromium or Chrome."
)


def chromium() -> str | None:
    """Path of a Chromium or Chrome; None when there is none. The variable ``CHROMIUM`` wins."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def main() -> None:
    """Bring Chromium in where that may be done here; else say what to do. Never fails: the tests decide."""
    if chromium():
        return
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        print(HOW_TO_INSTALL, file=sys.stderr)
        return
    print(f"Installing {' and '.join(_PACKAGES)} for the browser tests …", file=sys.stderr)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *_PACKAGES],
    ):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{' '.join(command)} failed:\n{done.stderr}\n{HOW_TO_INSTALL}", file=sys.stderr)
            return


if __name__ == "__main__":
    main()
