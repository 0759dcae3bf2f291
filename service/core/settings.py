"""What an operator can set, by environment variables that begin with GREENKEEP_."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one installation."""

    model_config = SettingsConfigDict(env_prefix="GREENKEEP_")
    folder: Path = Path("var/greenkeep")  # the database file and the evidence store; nobody else may read it
    database_url: str = ""  # PostgreSQL; empty: SQLite in the folder
    basemap_url: str = ""  # tiles in Web Mercator; empty: none, and nothing is asked of any other host
    basemap_credit: str = ""
    tls: bool = False  # serve https with the certificate that `greenkeep tls init` made
    proxy: str = ""  # addresses, with commas, of the proxies that end TLS; nobody else is let in, and they are believed
    insecure_http: bool = False  # serve plain http on more than loopback; every page says so
    writes_a_minute: int = Field(default=600, ge=0)  # of one sign-in; five times as many of one address; 0: no limit
    reads_a_minute: int = Field(default=1200, ge=0)
    public_a_minute: int = Field(default=120, ge=0)  # of one address, without a sign-in

    @property
    def url(self) -> str:
        """The database's address."""
        return self.database_url or f"sqlite:///{self.folder / 'greenkeep.db'}"

    @property
    def context(self) -> Path:
        """Where the operator's own streets.geojson and water.geojson may lie, drawn below the plots."""
        return self.folder / "context"

    @property
    def certificates(self) -> Path:
        """Where the certificates of `greenkeep tls` lie; an operator's own may take their place."""
        return self.folder / "tls"

    @property
    def store(self) -> Path:
        """Where files are kept, by their SHA-256."""
        return self.folder / "files"

    @property
    def quarantine(self) -> Path:
        """Where uploads lie until they are imported or dropped."""
        return self.folder / "uploads"
