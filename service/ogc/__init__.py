"""The register for maps and geographic systems: vector tiles."""
