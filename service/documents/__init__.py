"""Files that hang on records: papers, drawings, letters, with a kind and a title."""
