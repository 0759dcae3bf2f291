"""The peer of the listing, in a process of its own: python -m tests.benchmarks.plain DATABASE PORT."""

import sys
from typing import Any

import shapely
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.orm import registry
from sqlmodel import Field, Session, SQLModel, create_engine, select


class Plain(SQLModel, registry=registry()):
    """Tables of the peer: none of ours, so they stand outside of our metadata."""


class Version(Plain, table=True):
    """What is shown of a plot."""

    __tablename__ = "plot_version"
    id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    kind: str
    grade: str | None
    measured_area_m2: float
    area_method: str
    shape: bytes


class Properties(BaseModel):
    """What is shown of a plot."""

    name_zh: str
    name_en: str
    kind: str
    grade: str | None
    measured_area_m2: float
    area_method: str


class Feature(BaseModel):
    """A plot with its shape."""

    type: str = "Feature"
    id: str
    geometry: dict[str, Any]
    properties: Properties


class Collection(BaseModel):
    """Some plots."""

    type: str = "FeatureCollection"
    features: list[Feature]


def main(database: str, port: int) -> None:
    """Serve the first thousand rows, as a tutorial would."""
    engine, app = create_engine(f"sqlite:///{database}"), FastAPI()

    @app.get("/plots", response_model=Collection)
    def plots() -> Collection:
        with Session(engine) as session:
            rows = session.exec(select(Version).limit(1000)).all()
        features = [
            Feature(
                id=row.id,
                geometry=shapely.geometry.mapping(shapely.from_wkb(row.shape)),
                properties=Properties(**row.model_dump(exclude={"id", "shape"})),
            )
            for row in rows
        ]
        return Collection(features=features)

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
