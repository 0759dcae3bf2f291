"""Server-rendered pages: one module per menu entry, templates, and our own style and scripts."""
