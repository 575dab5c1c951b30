"""What importing costs, in fresh processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from .measure import OPENAI, OPENAPI_GENERATOR, OURS, STOCK, Row, Target, hand_over, interleave, quick_asked
from .peers import OPENAPI_GENERATOR_MODULE, STOCK_MODULE, peer

HTTPX = "import httpx"
USED = f"{OURS}, client + resource + model"

SUBJECTS = {
    HTTPX: ("httpx", "import httpx"),
    "import httpx, httpx.AsyncClient()": ("httpx", "import httpx; httpx.AsyncClient()"),
    f"import {OURS}": (OURS, f"import {OURS}"),
    f"{OURS}, the client class": (OURS, f"from {OURS} import PatchworksClient"),
    USED: (OURS, f"from {OURS} import PatchworksClient, Package; PatchworksClient(api_key='k').packages"),
    f"import {STOCK}": (STOCK_MODULE, f"import {STOCK_MODULE}"),
    f"{STOCK}, client + operation + model": (
        STOCK_MODULE,
        (
            f"from {STOCK_MODULE} import AuthenticatedClient; from {STOCK_MODULE}.api.packages import packages_list; "
            f"from {STOCK_MODULE}.models import Packages; "
            "AuthenticatedClient(base_url='http://127.0.0.1', token='k').get_async_httpx_client()"
        ),
    ),
    f"import {OPENAPI_GENERATOR}": (OPENAPI_GENERATOR_MODULE, f"import {OPENAPI_GENERATOR_MODULE}"),
    f"{OPENAPI_GENERATOR}, client + resource + model": (
        OPENAPI_GENERATOR_MODULE,
        f"from {OPENAPI_GENERATOR_MODULE} import ApiClient, PackagesApi, Packages; PackagesApi(ApiClient())",
    ),
    f"import {OPENAI}": ("openai", "import openai"),
    f"{OPENAI}, client + resource": ("openai", "import openai; openai.AsyncOpenAI(api_key='k').files"),
    "import httpx2": ("httpx2", "import httpx2"),
    "import aiohttp": ("aiohttp", "import aiohttp"),
    "import pydantic.BaseModel": ("pydantic", "from pydantic import BaseModel"),
}
_SCRIPT = "from time import process_time as now; started = now(); {}; print((now() - started) * 1000)"


def fresh_import(statement: str) -> Callable[[], float]:
    """Milliseconds of processor time that a statement takes in a new process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PATCHWORKS_")}

    def run() -> float:
        command = [sys.executable, "-c", _SCRIPT.format(statement)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment)
        return float(done.stdout)

    return run


def main() -> None:
    rounds = 7 if quick_asked() else 11
    there = {name: statement for name, (module, statement) in SUBJECTS.items() if peer(module)}
    timed = {name: fresh_import(statement) for name, statement in there.items()}
    for run in timed.values():
        run()  # writes the byte code
    found = interleave(timed, rounds)
    targets = [Target(f"import {OURS}", HTTPX, "<=", 1.25), Target(USED, HTTPX, "<=", 2.1)]
    notes = [
        "Each figure is a process of its own; counted is the processor time of the statement, not Python's start.",
        (
            "`import patchworks_core_client` imports nothing else: the client's module, with httpx, comes with the "
            "first name that is taken from it."
        ),
    ]
    hand_over([Row("import", "Import, over import httpx", "ms", found, HTTPX, targets, notes)])


if __name__ == "__main__":
    main()
