"""The API itself: what the suite's tests of this SIG ask for."""

FLAGS = ["--nodes", "3"]
WORKERS = 8
