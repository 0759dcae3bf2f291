"""`python -m data.founding_case FOLDER` writes the founding case's files into a folder."""

import argparse
from pathlib import Path

from data.founding_case.write import write

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m data.founding_case", description="Write the founding case's files."
    )
    parser.add_argument("folder", type=Path, help="where to; made if need be")
    write(parser.parse_args().folder)
