"""How a notice reads: the one rule for the text of every message.

E-mail gets a subject and lines of text, programs get the same facts as a
JSON object. The topics they go to are the notice's own business.
"""

import json
from typing import NamedTuple

import msgspec

from shared.domain.notices import Notice, NoticeEvent, NoticeType

SUBJECT_CHARACTERS = 100
_IN_WORDS = {
    NoticeEvent.DRS_LAUNCH_FAILED: "launch failed",
    NoticeEvent.DRS_REPLICATION_STALLED: "replication stalled",
    NoticeEvent.DRS_REPLICATION_RECOVERED: "replication recovered",
}
# Subscriptions that programs read; all others get the text.
_PROGRAMS = ("email-json", "sqs", "lambda", "http", "https")


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as a topic takes it.

    Attributes:
        subject: At most 100 printable ASCII characters.
        text: For people, a line for each fact.
        document: For programs, the same facts.
    """

    subject: str
    text: str
    document: str

    @property
    def by_protocol(self) -> str:
        """Return what each kind of subscription gets, as SNS takes it."""
        programs = dict.fromkeys(_PROGRAMS, self.document)
        return json.dumps({"default": self.text, **programs})


class Published(NamedTuple):
    """A message that went out: its id and its topic."""

    message_id: str
    topic_arn: str


def message_of(
    notice: Notice, kind: NoticeType, console_url: str = ""
) -> Message:
    """Return a notice in words.

    Args:
        notice: What is told.
        kind: The kind of topic it goes to.
        console_url: Where the console is; without one, none is named.
    """
    page = _page(notice, console_url)
    resume = _resume_command(notice)
    facts = {
        "notificationType": str(kind),
        **msgspec.to_builtins(notice),
        "resumeCommand": resume,
        "consoleUrl": page,
    }
    said = {name: fact for name, fact in facts.items() if fact != ""}
    return Message(
        subject=_subject(notice),
        text="\n".join(_lines(notice, resume, page)),
        document=json.dumps(said),
    )


def _subject(notice: Notice) -> str:
    words = _IN_WORDS.get(notice.event, notice.event.value.replace("_", " "))
    return _ascii(f"{_about(notice)}: {words}")


def _about(notice: Notice) -> str:
    if not notice.execution_id:
        first = ", ".join(notice.source_server_ids[:1]) or "a server"
        more = len(notice.source_server_ids) - 1
        return f"DRS {first}" + (f" and {more} more" if more > 0 else "")
    kind = "Drill" if notice.execution_type == "DRILL" else "Recovery"
    return f"{kind} {notice.plan_name}"


def _lines(notice: Notice, resume: str, page: str) -> list[str]:
    """Return a line for each fact that is known."""
    facts = [
        ("Plan", notice.plan_name),
        ("Execution", notice.execution_id),
        ("Type", notice.execution_type),
        ("Status", notice.status),
        ("Wave", notice.wave),
        ("Servers", notice.servers),
        ("Launched", notice.launched),
        ("Failed", notice.failed),
        ("Not started", notice.not_started),
        ("Source servers", ", ".join(notice.source_server_ids)),
        ("Account", notice.account_id),
        ("Region", notice.region),
        ("Reason", notice.reason),
        ("Resume with", resume),
        ("Console", page),
    ]
    return [
        f"{name}: {fact}" for name, fact in facts if fact not in ("", None)
    ]


def _resume_command(notice: Notice) -> str:
    """Return the way on from a pause; it asks for the reader's sign-in."""
    if notice.event is not NoticeEvent.PAUSE:
        return ""
    return f"dro resume {notice.execution_id}"


def _page(notice: Notice, console_url: str) -> str:
    if not console_url or not notice.execution_id:
        return ""
    return f"{console_url.rstrip('/')}/executions/{notice.execution_id}"


def _ascii(text: str) -> str:
    """Return the text as a topic takes it: one line, printable, short."""
    plain = text.encode("ascii", "replace").decode("ascii")
    line = "".join(one if one.isprintable() else " " for one in plain)
    return " ".join(line.split())[:SUBJECT_CHARACTERS]
