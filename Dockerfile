# The image of the server and of the clock. It has the packages of requirements.txt, with their hashes, and no others.
FROM python:3.13-slim-trixie AS packages
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt

FROM python:3.13-slim-trixie
# For backups of PostgreSQL up to version 17. Debian repairs faults of a version in its place, so none is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin rekindle \
    && install --directory --owner=rekindle --mode=700 /data /backups
COPY --from=packages /venv /venv
WORKDIR /app
COPY wsgi.py pyproject.toml ./
COPY api ./api
COPY planner ./planner
COPY seeds ./seeds
RUN python -m compileall -q .
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    REKINDLE_HOST=0.0.0.0 \
    REKINDLE_DATABASE_URL=sqlite:////data/rekindle.sqlite3
USER 10001
VOLUME ["/data", "/backups"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
CMD ["python", "wsgi.py"]
