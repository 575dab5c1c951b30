"""What the client costs beside its peers, measured in one run: `make bench`, or `make bench-quick` without peers."""
