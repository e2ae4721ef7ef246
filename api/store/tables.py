"""The tables, one schema for both databases; times are seconds of the database's own clock."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("state", String(12), nullable=False),  # queued running done failed cancelled
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, default=0),
    Column("post_text", Text, nullable=False),  # empty until a link is fetched
    Column("post_url", Text),
    Column("post_author", Text),
    Column("post_created_at", Text),
    Column("signature", Text),
    Column("error", Text),
    Column("created_at", Float, nullable=False),
    Column("finished_at", Float),
    Column("turn_at", Float, nullable=False),  # who waited longest has the next turn
    Column("lease_until", Float, nullable=False, default=0.0),
    Column("fence", Integer, nullable=False, default=0),  # a late writer is told by it
    Column("webhook", Text),
)
Index("jobs_by_turn", jobs.c.state, jobs.c.turn_at)
Index("jobs_by_owner", jobs.c.owner, jobs.c.state)
Index("jobs_by_age", jobs.c.created_at)

items = Table(
    "items",
    metadata,
    Column("job", String(64), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("text", Text, nullable=False),  # empty until a link is fetched
    Column("url", Text),
    Column("author", Text),
    Column("created_at", Text),
    Column("verdict", String(16)),  # none: not judged yet; "failed": could not be
    Column("row", Text),  # the result, as JSON
    Column("aside", Text),  # what a report needs beside it, as JSON
    Column("tries", Integer, nullable=False, default=0),
)

repeats = Table(
    "repeats",
    metadata,
    Column("owner", String(80), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("job", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("prefix", String(16), primary_key=True),  # shown in lists, tells nothing of the rest
    Column("digest", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("revoked_at", Float),
)

owners = Table(  # whoever has jobs or asks for checks; forgotten when both times are past
    "owners",
    metadata,
    Column("owner", String(80), primary_key=True),
    Column("free_at", Float, nullable=False, default=0.0),  # when all that was asked for is paid
    Column("turn_at", Float, nullable=False, default=0.0),  # when a job of theirs was last taken
)

rotations = Table(  # keys whose webhook secret was changed
    "rotations",
    metadata,
    Column("prefix", String(16), primary_key=True),
    Column("number", Integer, nullable=False),  # how often
    Column("rotated_at", Float, nullable=False),
)

receivers = Table(  # addresses where the last webhook failed
    "receivers",
    metadata,
    Column("digest", String(64), primary_key=True),  # of the two that follow
    Column("owner", String(80), nullable=False),
    Column("url", Text, nullable=False),
    Column("failures", Integer, nullable=False),  # in a row
    Column("rest_until", Float, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("url", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("due_at", Float),  # none: over, one way or the other
    Column("outcome", String(40)),
    Column("created_at", Float, nullable=False),
)
Index("deliveries_by_due", deliveries.c.due_at)
