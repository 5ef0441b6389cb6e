"""Runs Python functions under the real runtime client, as AWS does.

The emulator's own workers call a handler through a private protocol and
report every exception as one error type, so that a state machine's Retry and
Catch by name never match. It has a full Runtime API for custom runtimes: here
the Python runtimes are served by that, with `awslambdaric` as the client, an
environment that holds what AWS gives a function and nothing of this machine,
and the function's layers. A layer whose content is missing fails.
"""

import hashlib
import io
import os
import queue
import shlex
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_cloud.emulator import engine

_FROM_THE_EMULATOR = (
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
)
_FROM_THE_HOST = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_DRS",
    "AWS_ENDPOINT_URL_SERVICE_QUOTAS",
    "TMPDIR",
)
_FIXED = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.12",
    "LANG": "en_US.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONUNBUFFERED": "1",
    "TZ": ":UTC",
}
# What a layer puts before site-packages; AWS searches both.
_LAYER_FOLDERS = ("python/lib/python3.12/site-packages", "python")


class MissingLayer(Exception):
    """A function names a layer version whose content the emulator lacks."""

    error_type = "Runtime.InvalidLayer"


class RicWorker(engine.lambda_runtime.ProvidedWorker):  # type: ignore[misc]
    """An execution environment whose process is `awslambdaric`."""

    def _build_handler_class(
        self, generation: int, pending: "queue.Queue[Any]"
    ) -> Any:
        stock = super()._build_handler_class(generation, pending)

        class Whole(stock):  # type: ignore[misc,valid-type]
            """Takes no answer that was cut off by the process's end."""

            def _read_body(self) -> bytes:
                body: bytes = super()._read_body()
                if len(body) < int(self.headers.get("Content-Length", 0)):
                    raise ConnectionResetError("The answer was cut off.")
                return body

        handler = Whole
        # A small answer on a kept connection would wait 40 ms otherwise.
        handler.disable_nagle_algorithm = True
        handler.wbufsize = -1
        return handler

    def _await_init(self, init_timeout: float | None = None) -> None:
        try:
            super()._await_init(init_timeout)
        except engine.lambda_runtime.ProvidedInitTimeout:
            # Stock waits for it once more, as AWS does.
            raise
        except RuntimeError as error:
            # Stock reports a failed start without the type AWS gives it.
            raise engine.lambda_runtime.ProvidedRuntimeError(
                *self._why(error)
            ) from error

    def _why(self, error: RuntimeError) -> tuple[str, str]:
        told = self._init_error
        if isinstance(told, dict):
            return (
                str(told.get("errorMessage", "")),
                str(told.get("errorType", "Runtime.Unknown")),
            )
        if told is None:
            return str(error), "Runtime.ExitError"
        return str(error), "Runtime.Unknown"

    def invoke(
        self,
        event: object,
        request_id: str,
        *,
        trace_id: str | None = None,
        invoked_function_arn: str | None = None,
        **_stock_only: object,
    ) -> Any:
        """Run one invocation; what only the stock workers take is dropped."""
        return super().invoke(
            event,
            request_id,
            trace_id=trace_id,
            invoked_function_arn=invoked_function_arn,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """The layers' content on disk, unpacked once per sha256."""

    root: Path

    def python_path(self, references: Sequence[object]) -> str:
        """Answer the search path of a function's layers, the last first.

        Raises:
            MissingLayer: The content of a layer is not there.
        """
        folders = [self._unpacked(reference) for reference in references]
        return os.pathsep.join(
            str(folder / name)
            for folder in reversed(folders)
            for name in _LAYER_FOLDERS
        )

    def _unpacked(self, reference: object) -> Path:
        content = engine.lambda_svc._resolve_layer_zip(reference)
        if not content:
            raise MissingLayer(
                f"Layer {_arn_of(reference)} has no content: publish the "
                "layer version before the function is invoked."
            )
        folder = self.root / hashlib.sha256(content).hexdigest()
        if not folder.is_dir():
            _unpack(content, folder)
        return folder


def install(*, runtime_python: Path, state: Path, layers: Path) -> None:
    """Serve every Python runtime with `awslambdaric` from now on.

    Args:
        runtime_python: Interpreter of an environment that holds
            `awslambdaric` and nothing else, so that what a function or its
            layers do not bring is missing here as it is on AWS.
        state: Directory for the start script.
        layers: Directory for unpacked layers, which outlives the emulator:
            it takes seconds to write or remove one.
    """
    state.mkdir(parents=True, exist_ok=True)
    _start_with(_bootstrap(state, runtime_python))
    _give_environment(Layers(root=layers))
    _choose_workers()


def function_environment(
    proposed: Mapping[str, str],
    own: Mapping[str, str],
    host: Mapping[str, str],
    layers: str,
) -> dict[str, str]:
    """Answer the whole environment of a function's process.

    Args:
        proposed: What the emulator would give it, this machine's included.
        own: The variables that the function's configuration names.
        host: The emulator's environment.
        layers: The search path of the function's layers.
    """
    log_group = f"/aws/lambda/{proposed['AWS_LAMBDA_FUNCTION_NAME']}"
    return {
        **_FIXED,
        "AWS_LAMBDA_LOG_GROUP_NAME": log_group,
        **({"PYTHONPATH": layers} if layers else {}),
        **own,
        **{key: host[key] for key in _FROM_THE_HOST if key in host},
        **{k: proposed[k] for k in _FROM_THE_EMULATOR if k in proposed},
    }


def _bootstrap(state: Path, runtime_python: Path) -> Path:
    script = state / "ric-bootstrap"
    script.write_text(
        '#!/bin/sh\ncd "$LAMBDA_TASK_ROOT" && exec '
        f'{shlex.quote(str(runtime_python))} -m awslambdaric "$_HANDLER"\n'
    )
    script.chmod(0o700)
    return script


def _start_with(bootstrap: Path) -> None:
    unpack_code = engine.lambda_svc._provided_runtime_code_dir

    def code_dir(code_zip: bytes) -> str:
        folder: str = unpack_code(code_zip)
        link = Path(folder, "bootstrap")
        if not link.is_symlink() and not link.exists():
            link.symlink_to(bootstrap)
        return folder

    engine.lambda_svc._provided_runtime_code_dir = code_dir


def _give_environment(layers: Layers) -> None:
    stock = engine.lambda_svc._provided_worker_env

    def environment(
        config: Mapping[str, Any], code_dir: str, port: int
    ) -> dict[str, str]:
        proposed: dict[str, str] = stock(config, code_dir, port)
        if not _is_python(config):
            return proposed
        own = (config.get("Environment") or {}).get("Variables") or {}
        path = layers.python_path(config.get("Layers") or ())
        return function_environment(proposed, own, os.environ, path)

    engine.lambda_svc._provided_worker_env = environment


def _choose_workers() -> None:
    stock_class = engine.lambda_runtime._worker_class_for
    stock_execute = engine.lambda_svc._execute_function_warm

    def worker_class(config: Mapping[str, Any]) -> Any:
        return RicWorker if _is_python(config) else stock_class(config)

    def execute(func: Mapping[str, Any], event: Any, request_id: str) -> Any:
        if _is_python(func.get("config") or func):
            # This path keeps the error payload that the runtime posted.
            run = engine.lambda_svc._execute_function_provided_warm
        else:
            run = stock_execute
        return run(func, event, request_id)

    engine.lambda_runtime._worker_class_for = worker_class
    engine.lambda_svc._execute_function_warm = execute


def _is_python(config: Mapping[str, Any]) -> bool:
    return str(config.get("Runtime", "")).startswith("python")


def _arn_of(reference: object) -> object:
    return reference.get("Arn") if isinstance(reference, dict) else reference


def _unpack(content: bytes, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(scratch)
    try:
        scratch.rename(folder)
    except OSError:
        # Another environment of the same function was first.
        if not folder.is_dir():
            raise
        shutil.rmtree(scratch)
