"""Catalogues, example schemes, the founding case and the layouts of one real city; every README names the source."""
