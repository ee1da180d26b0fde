# syntax=docker/dockerfile:1

# Paceboard for production: PostgreSQL is elsewhere (DATABASE_URL), and so is TLS.
#   docker build -t paceboard .
#   docker run --rm -e DATABASE_URL=… paceboard \
#     deno run --cached-only --allow-net --allow-env --allow-read tools/migrate.ts up
#   docker run -p 8080:8080 -e DATABASE_URL=… -e JWT_SECRETS=… -e PUBLIC_URL=… paceboard

ARG DENO_VERSION=2.9.6

FROM denoland/deno:${DENO_VERSION} AS build
WORKDIR /app
ENV DENO_DIR=/deno-dir
# Dependencies change less often than the code, so they are a layer of their own.
COPY deno.json deno.lock ./
RUN deno install --frozen
COPY . .
# The islands are bundled here, so that the app needs neither esbuild nor a place to write.
# Programs of the embedded PostgreSQL and of esbuild stay behind: two thirds of the cache.
RUN deno task build \
  && deno cache --frozen main.ts tools/migrate.ts tools/health_check.ts \
  && rm -rf /deno-dir/npm/registry.npmjs.org/@embedded-postgres/*/*/native \
    /deno-dir/npm/registry.npmjs.org/@esbuild/*/*/bin

FROM denoland/deno:${DENO_VERSION}
# Where it is missing, the loader says so and the C library's own malloc serves.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libjemalloc2 \
  && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 paceboard \
  && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin paceboard \
  && install -d -o paceboard -g paceboard /var/lib/paceboard
WORKDIR /app
COPY --from=build /deno-dir /deno-dir
COPY --from=build /app /app
# Under load a sixth of the server's time was malloc's, of which jemalloc leaves a third.
ENV LD_PRELOAD=libjemalloc.so.2 \
  DENO_DIR=/deno-dir \
  DENO_NO_UPDATE_CHECK=1 \
  APP_ENV=production \
  HOST=0.0.0.0 \
  PORT=8080 \
  DATA_DIR=/var/lib/paceboard
# By number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["deno", "run", "--no-config", "--no-lock", "--cached-only", "--allow-net=127.0.0.1", "--allow-env=PORT", "tools/health_check.ts"]
ENTRYPOINT []
# What a request allocates lives as long as its commit, which V8 takes for a reason to allocate it
# among old objects.
CMD ["deno", "run", "--cached-only", "--v8-flags=--no-allocation-site-pretenuring", "--allow-net", "--allow-env", "--allow-read", "--allow-sys=uid,gid,hostname,homedir,osRelease,cpus,systemMemoryInfo", "--allow-write=/var/lib/paceboard", "main.ts"]
