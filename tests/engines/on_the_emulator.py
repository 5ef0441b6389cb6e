"""The local cloud's engine: a real emulator, and a real Lambda function."""

from pathlib import Path

from local_cloud.programs import ACCOUNT_ID, REGION
from tests.engines import script
from tests.engines.on_an_api import OnAnApi
from tests.local_cloud.world import Emulator


def emulator_engine(emulator: Emulator, folder: Path) -> OnAnApi:
    """Answer a running emulator as an engine."""
    function = emulator.a_function(
        Path(script.__file__).read_text(),
        Environment={"Variables": {script.FOLDER: str(folder)}},
    )
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{function}"
    role = emulator.a_role(
        ("lambda:InvokeFunction", arn), ("states:StartExecution", "*")
    )
    return OnAnApi(
        emulator.client("stepfunctions"), folder, role=role, function=arn
    )
