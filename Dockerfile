# One image for every role: SERVICES says what a container runs.
# Every base is an ARG, so that a mirror or a stand-in can take its place.
ARG NODE_IMAGE=node:24-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund \
  && find node_modules -type f \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.mts' \) -delete

FROM ${NODE_IMAGE} AS front-end
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY contract ./contract
COPY services ./services
COPY public ./public
RUN node node_modules/vite/bin/vite.js build public --logLevel warn \
  && node node_modules/vite/bin/vite.js build public --ssr src/server/render.ts --logLevel warn

FROM ${NODE_IMAGE} AS store
# Nothing in the image can install or download anything.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn* /opt/yarn* /usr/bin/apt* /usr/bin/dpkg* /usr/lib/apt /var/cache/apt
WORKDIR /app
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    METRICS_PORT=9100 \
    DATA_DIR=/data \
    NODE_COMPILE_CACHE=/tmp/compile-cache
COPY --from=packages /app/node_modules ./node_modules
COPY package.json moleculer.config.ts ./
COPY config ./config
COPY contract ./contract
COPY middlewares ./middlewares
COPY mixins ./mixins
COPY services ./services
COPY scripts ./scripts
COPY --from=front-end /app/public/dist ./public/dist
COPY --from=front-end /app/public/dist-server ./public/dist-server
RUN mkdir /data && chown 10001:10001 /data
# The root file system may be read-only: the store writes to DATA_DIR and /tmp alone.
USER 10001:10001
EXPOSE 3000 9100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["node", "scripts/healthcheck.mjs", "http://127.0.0.1:9100/ready"]
CMD ["node", "scripts/start-store.ts"]
