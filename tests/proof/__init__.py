"""The named checks: one file each in checks/, short in `make test`, at full size with `make proof`."""
