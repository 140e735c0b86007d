"""What benchmarks and training share: the shared data as typed rows, its splits, and stores made of it; not installed.

Everything reads a folder by its path, `--data`, and copies nothing into the repository. Hugging Face has a library of
this name: neither this project nor what it depends on needs it, and here it is hidden.
"""
