"""Jobs, keys and deliveries in one database: SQLite by default, PostgreSQL by its URL."""
