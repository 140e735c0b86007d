# The bot, the watcher and the command line, for the built-in model: without PyTorch, which that does not need.
#
#     docker build -t communique .
#     docker build -t communique --build-arg SENTENCE_TRANSFORMERS=yes --build-arg TORCH_INDEX=… .
#
# The second is for other models. TORCH_INDEX is the index that PyTorch's CPU builds are on, as its own installation page
# names it; without it pip takes the usual build, with gigabytes for GPUs.
FROM python:3.12-slim AS builder
ARG SENTENCE_TRANSFORMERS=no
ARG MODELS=""
ARG TORCH_INDEX=""
WORKDIR /src
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY deploy/requirements.py deploy/
RUN python -m venv /venv \
    && python deploy/requirements.py --sentence-transformers "$SENTENCE_TRANSFORMERS" --extras "$MODELS" > wanted.txt \
    && if [ "$SENTENCE_TRANSFORMERS" = yes ]; then \
           /venv/bin/pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} \
               "$(grep '^torch==' requirements.lock)"; \
       fi \
    && /venv/bin/pip install --no-cache-dir --constraint requirements.lock --requirement wanted.txt
COPY vectorstore vectorstore
COPY ingest ingest
COPY bot bot
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
