# The traced backend, from the checkout's root; docs/image.md says what is in it and how it is run.
# CPython 3.11 as CI tests with. Tag and digest, which is the index of all processors, are changed together.
FROM python:3.11.16-slim-trixie@sha256:e41613d42d4891e4930f79523f93f81bbc7632584ec65e36ab055f41a800b41e AS base

FROM base AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore
COPY backend-flask/requirements.txt /build/requirements.txt
# Wheels of known hashes alone: nothing is compiled, and nothing of a package runs. Bytecode that isn't
# compared with its source lasts: nobody can write a newer one.
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --quiet --no-compile --no-deps \
        --only-binary=:all: --require-hashes --requirement /build/requirements.txt \
    && python -m pip --python /opt/venv/bin/python check \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/venv
COPY backend-flask/ /app/backend-flask/
COPY xray/ /app/xray/
# A checkout's permissions are its user's own; here everybody may read and nobody may write.
RUN python -m compileall -q --invalidation-mode unchecked-hash /app \
    && chmod -R a=rX /app

FROM base
LABEL org.opencontainers.image.title="cruddur backend-flask" \
      org.opencontainers.image.description="Flask API, traced to AWS X-Ray and Honeycomb" \
      org.opencontainers.image.licenses="Apache-2.0"
# What installs packages has nothing to do where the backend runs.
RUN rm -rf /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/ensurepip \
        /usr/local/bin/pip* /usr/local/bin/wheel \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin backend
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BIND=0.0.0.0 \
    PORT=4567
USER 10001:10001
WORKDIR /app/backend-flask
EXPOSE 4567
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "/app/backend-flask/healthcheck.py"]
CMD ["gunicorn"]
