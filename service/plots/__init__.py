"""The register: zones, plots and their versions."""
