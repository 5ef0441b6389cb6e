"""Finds or makes the emulator's and the functions' Python environments.

Under Pants the two pex files lie in the sandbox; elsewhere the environments
are made from the locks, once, beside the checkout's other local-cloud files.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from local_cloud.programs import Pythons

_CHECKOUT = Path.cwd()
_LOCKS = _CHECKOUT / "3rdparty/python"
_PEXES = _CHECKOUT / "local_cloud"


def pythons() -> Pythons:
    """Answer interpreters that hold MiniStack and awslambdaric."""
    if (_PEXES / "emulator.pex").exists():
        return Pythons(
            emulator=_from_pex(_PEXES / "emulator.pex"),
            runtime=_from_pex(_PEXES / "lambda-runtime.pex"),
        )
    return Pythons(
        emulator=_from_lock(_LOCKS / "local-cloud.lock"),
        runtime=_from_lock(_LOCKS / "lambda-runtime.lock"),
        search_path=str(_CHECKOUT / "src"),
    )


def _from_lock(lock: Path) -> Path:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    folder = _CHECKOUT / ".local-cloud/test-envs" / f"{lock.stem}-{digest}"
    python = folder / "bin/python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        install = "-m pip install -q --no-deps --require-hashes -r".split()
        subprocess.run([str(python), *install, str(lock)], check=True)
        (folder / "ready").touch()
    return python


def _from_pex(pex: Path) -> Path:
    folder = pex.with_suffix(".venv")
    if not folder.exists():
        subprocess.run(
            [sys.executable, str(pex), "venv", str(folder)],
            env={**os.environ, "PEX_TOOLS": "1"},
            check=True,
        )
    return folder / "bin/python"
