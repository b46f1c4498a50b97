import { defineConfig } from 'prisma/config';

/** For the Prisma CLI only. The processes read DATABASE_URL through libs/config and pass it to the driver. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
