"""Judges rows by the million: streaming, on several processes, safe against any crash.

The input is cut into chunks of a fixed size. A finished chunk is a file in a folder beside the
output, written whole (temporary file, fsync, rename, fsync of the folder). Whoever starts again
with the same arguments takes the finished chunks as they are and does the rest; when all are there
they are joined, in order, into the output, which appears whole or not at all. What a row's result
is depends on the row alone, so an interrupted run ends byte for byte as an undisturbed one.
"""
