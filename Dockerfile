# One image for every role: SERVICES says what a container runs. Every base is an ARG, so that a mirror or a stand-in can take its place.
# Registry settings and a private authority stay out of the image:
#   docker build --secret id=npmrc,src=$HOME/.npmrc --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt -t valence:local .
ARG NODE_IMAGE=node:24-slim
ARG BUILD_IMAGE=${NODE_IMAGE}

FROM ${BUILD_IMAGE} AS front-end
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    npm ci --prefer-offline --ignore-scripts --no-audit --no-fund --no-update-notifier
COPY scripts/bundle-packages.ts ./scripts/
RUN node scripts/bundle-packages.ts
COPY tsconfig.json ./
COPY contract ./contract
COPY services ./services
COPY public ./public
RUN node node_modules/vite/bin/vite.js build public --logLevel warn \
  && node node_modules/vite/bin/vite.js build public --ssr src/server/render.ts --logLevel warn

FROM front-end AS packages
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier \
  && find node_modules -type f \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -exec rm -f {} +

FROM ${NODE_IMAGE} AS store
# Nothing in the image can install or download anything.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn* /opt/yarn* /usr/bin/apt* /usr/bin/dpkg* /usr/sbin/dpkg* /usr/lib/apt /usr/lib/dpkg \
    /etc/apt /var/lib/apt /var/cache/apt
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json moleculer.config.ts ./
COPY config ./config
COPY contract ./contract
COPY middlewares ./middlewares
COPY mixins ./mixins
COPY services ./services
COPY tracing ./tracing
COPY scripts ./scripts
COPY --from=front-end /app/public/dist ./public/dist
COPY --from=front-end /app/public/dist-server ./public/dist-server
RUN mkdir /data compiled && chown 10001:10001 /data compiled
# The root file system may be read-only: the store writes to DATA_DIR and /tmp alone.
USER 10001:10001
# Compiled once here, under the user that runs it, so that a container starts in half the time.
ENV NODE_COMPILE_CACHE=/app/compiled
RUN node --max-semi-space-size=32 --min-semi-space-size=32 --preserve-symlinks --preserve-symlinks-main --import ./scripts/bundled-packages.mjs scripts/warm-up.ts
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    METRICS_PORT=9100 \
    DATA_DIR=/data \
    MALLOC_ARENA_MAX=1 \
    UV_THREADPOOL_SIZE=8
EXPOSE 3000 9100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "scripts/healthcheck.mjs", "http://127.0.0.1:9100/ready"]
CMD ["node", "--max-semi-space-size=32", "--min-semi-space-size=32", "--preserve-symlinks", "--preserve-symlinks-main", "--import", "./scripts/bundled-packages.mjs", "scripts/start-store.ts"]
