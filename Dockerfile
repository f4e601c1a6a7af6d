# syntax=docker/dockerfile:1
FROM node:26-bookworm-slim AS build
WORKDIR /app
# Node 26 needs libatomic, which slim images lack; so does the Node that npm installs for the scripts.
RUN apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:26-bookworm-slim
LABEL org.opencontainers.image.title="ringfence" org.opencontainers.image.licenses="MIT"
# What the process tier locks a child down with: bubblewrap for namespaces, util-linux for setpriv and prlimit,
# perl-base (part of Debian's base) for the seccomp and Landlock launcher where namespaces are refused.
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap libatomic1 perl-base util-linux \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ringfence
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER ringfence
# Healthy means: the strongest tier can be opened here, and a program comes back from it.
HEALTHCHECK --interval=60s --timeout=20s --start-period=5s --retries=3 \
  CMD echo 'export default () => 6 * 7' | node dist/cli/main.js run - --trust hostile --json > /dev/null
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["--help"]
