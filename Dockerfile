# docker build -t tls-trace . && docker run --rm tls-trace example.com
#
# .ci/run image runs what is run here, without a daemon.
FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo install --locked --path . --root /opt/tls-trace

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/tls-trace/bin/tls-trace /usr/local/bin/tls-trace
USER 65534:65534
ENTRYPOINT ["tls-trace"]
