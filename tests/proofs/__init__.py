"""Proofs that take a while, each a command that prints its figures: `python -m tests.proofs.soak`, `….quota`.

What each shows, and the figures of the last run, is in docs/reliability.md. Shorter versions run with the other tests.
"""
