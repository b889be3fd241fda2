# Builds with everything, runs with what production needs and nothing else.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY prisma prisma
COPY scripts scripts
COPY src src
RUN npm run build && node scripts/prune.mjs

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma/migrations prisma/migrations
COPY --from=build /app/dist dist
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1 and hears SIGTERM; see src/server.ts. The first two flags are for the wave of requests after a quiet
# moment. Room for what is new is not given back: they would find 1 MB of it, and what they work on would be kept as if it were
# old. And nothing is collected for want of other work: with it goes what was compiled, and the first seconds take twice as long.
# The third collects sooner when there is work, so that memory stays as low as it was.
CMD ["node", "--min-semi-space-size=16", "--no-memory-reducer", "--heap-growing-percent=50", "dist/server.js"]
