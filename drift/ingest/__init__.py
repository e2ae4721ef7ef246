"""Where posts and retweets come from: files, links, feeds and networks.

Only `drift.ingest.fetch` opens a socket, and every library beyond the standard one is imported
inside the function that needs it, so that `import drift.ingest` stays light.
"""
