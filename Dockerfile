# Build and run:
#   docker build -t goblin .
#   docker run -d --name goblin --restart unless-stopped -p 6543:6543 -v goblin:/data goblin
# `docker logs goblin` shows the address that makes the first account.
ARG BASE=python:3.13-slim
FROM ${BASE}

WORKDIR /goblin
# What changes seldom comes first: the libraries, and an ffmpeg a third the size of a distribution's.
COPY requirements requirements
COPY goblin/__init__.py goblin/__init__.py
COPY goblin/setup goblin/setup
RUN python3 -m goblin.setup core ffmpeg
COPY . .
RUN .venv/bin/python -m compileall -q goblin && mkdir /data && chown 1000:1000 /data

USER 1000:1000
ENV GOBLIN_SITE_DATA=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 6543
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s \
    CMD ["python3", "-c", "import os, urllib.request as r; \
r.urlopen('http://127.0.0.1:' + os.environ.get('GOBLIN_SERVER_PORT', '6543') + '/healthz', timeout=8)"]
CMD ["python3", "goblin.py", "serve"]
