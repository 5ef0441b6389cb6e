"""Small plans of their own for tests, so that no two share a server."""

from pathlib import Path

_TEMPLATE = """\
apiVersion: dr-orchestration/v1
estate:
  region: us-east-1
  servers:
    - hostname: {name}-db-{{n}}
      count: 2
      tags: {{Application: {name}, Tier: db}}
      launchSeconds: 300
    - hostname: {name}-web-{{n}}
      count: 2
      tags: {{Application: {name}, Tier: web}}
      launchSeconds: 300
protectionGroups:
  - groupName: {name}-db
    serverSelectionTags: {{Application: {name}, Tier: db}}
  - groupName: {name}-web
    serverSelectionTags: {{Application: {name}, Tier: web}}
recoveryPlan:
  planName: {name}
  waves:
    - waveName: Database
      protectionGroups: [{name}-db]
    - waveName: Web
      protectionGroups: [{name}-web]
      dependsOnWaves: [Database]
"""


def two_waves(folder: Path, name: str) -> Path:
    """Write a plan of two waves with two servers each."""
    path = folder / f"{name}.yaml"
    path.write_text(_TEMPLATE.format(name=name))
    return path


def paused(folder: Path, name: str) -> Path:
    """Write the plan of two waves with a pause before the second."""
    path = two_waves(folder, name)
    later = "      dependsOnWaves: [Database]\n"
    path.write_text(
        path.read_text().replace(
            later, f"{later}      pauseBeforeWave: true\n"
        )
    )
    return path
