"""Small programs to supervise, and a command that brings them up."""

import sys
import time
from pathlib import Path

from local_cloud.processes import Program
from local_cloud.supervisor import Places, Running, free_ports

SERVES = """
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"])
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(child.pid).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), H).serve_forever()
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open("deaf", "w").close()
time.sleep(99)
"""
BROKEN = "raise SystemExit('the port is on fire')"


def a_program(
    places: Places, source: str, *arguments: str, name: str = "toy"
) -> Program:
    """Answer a Python program of this source."""
    return Program(
        name=name,
        argv=[sys.executable, "-c", source, *arguments],
        env={"TMPDIR": str(places.run / "tmp")},
        cwd=str(places.run),
        log=str(places.logs / f"{name}.log"),
    )


def serve(home: Path) -> tuple[Running, str]:
    """Start a serving toy; answer what holds it and its address."""
    places = Places(state_dir=home)
    [port] = free_ports(1)
    running = Running.start(places, [a_program(places, SERVES, str(port))])
    url = f"http://127.0.0.1:{port}"
    running.wait_for({"toy": url})
    return running, url


def main(home: Path, detach: bool) -> None:
    """Be a command that serves a toy until it is interrupted."""
    running, url = serve(home)
    if detach:
        running.detach()
    print(url, flush=True)
    if not detach:
        time.sleep(99)


if __name__ == "__main__":
    main(Path(sys.argv[1]), "detach" in sys.argv)
