"""Builds patchworks_core_client from the documentation: page -> snippet -> spec -> overlay -> package."""
