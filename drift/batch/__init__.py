"""Judges rows by the million: streaming, on several processes, safe against any crash.

The input is cut into chunks of a fixed size, each named by a hash of its rows. A finished chunk is
a file in a folder beside the output, written whole (temporary file, fsync, rename, fsync of the
folder). Whoever starts again with the same arguments takes the finished chunks as they are and does
the rest; when all are there they are joined, in order, into the output, which appears whole or not
at all. What a row's result is depends on the row alone, so an interrupted run ends byte for byte as
an undisturbed one, on one process, on several, or on the workers of a cluster.

`given` cuts the input; `engine` and `cluster` have chunks judged by `judging`; `running` keeps what
comes in a `journal` (on this machine) or on a `shelf` (in any store); `forms` writes the output and
`summing` adds it up. Where the input lies in a store, `partitions` has the workers of a cluster
read it themselves.
"""
