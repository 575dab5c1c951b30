from tests.sandbox.fixtures import api, running_sandbox, sandbox

__all__ = ["api", "running_sandbox", "sandbox"]
