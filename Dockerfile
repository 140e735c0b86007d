# The bot, the watcher and the command line, for the built-in model: without PyTorch, which that does not need.
#
#     docker build -t communique .
#     docker build -t communique --build-arg MODELS=sentence-transformers --build-arg TORCH_INDEX=… .
#
# MODELS are extras of pyproject.toml. TORCH_INDEX is the index that PyTorch's CPU builds are on, as its own installation
# page names it; without it pip takes the usual build, with gigabytes for GPUs. The hashes of what every image holds are
# checked, by a pip that takes them from constraints; of the extras, whose packages are not all in a lock file, only the
# versions are.
FROM python:3.12-slim AS builder
ARG MODELS=""
ARG TORCH_INDEX=""
WORKDIR /src
COPY pyproject.toml requirements.lock requirements-models.lock README.md LICENSE ./
COPY deploy/requirements.py deploy/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir "pip>=26.3" \
    && python deploy/requirements.py > base.txt \
    && python deploy/requirements.py --extras "$MODELS" > wanted.txt \
    && python deploy/requirements.py --versions > versions.txt \
    && /venv/bin/pip install --no-cache-dir --constraint requirements.lock --requirement base.txt \
    && if [ -n "$TORCH_INDEX" ]; then \
           /venv/bin/pip install --no-cache-dir --index-url "$TORCH_INDEX" --constraint versions.txt torch; \
       fi \
    && /venv/bin/pip install --no-cache-dir --constraint versions.txt --requirement wanted.txt
COPY vectorstore vectorstore
COPY ingest ingest
COPY bot bot
COPY communique communique
RUN /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data communique && install --directory --owner communique --mode 0700 /data
COPY --from=builder /venv /venv
ENV PATH=/venv/bin:$PATH COMMUNIQUE_HOME=/data PYTHONUNBUFFERED=1
USER communique
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["communique", "--log", "json"]
CMD ["discord", "run"]
