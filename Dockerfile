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
# What jails are made with: perl-base for the launcher that puts every layer on, libc-bin for ldd, which tells what Node
# is linked against, bubblewrap for namespaces where they are allowed. util-linux has setpriv, by which children without
# a jail die with their parent. All but bubblewrap are part of Debian's base, and named so that a smaller base has them.
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap libatomic1 libc-bin perl-base util-linux \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --user-group --no-create-home --no-log-init --shell /usr/sbin/nologin ringfence
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# By number: Kubernetes cannot tell whether a user with a name is root, and refuses to start one under runAsNonRoot.
USER 10001:10001
# Healthy means: the strongest tier can be opened here, and a program comes back from it.
HEALTHCHECK --interval=60s --timeout=20s --start-period=5s --retries=3 \
  CMD echo 'export default () => 6 * 7' | node dist/cli/main.js run - --trust hostile --json > /dev/null
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["--help"]
