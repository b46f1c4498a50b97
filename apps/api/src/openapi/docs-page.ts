import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type Request, type Response } from 'express';
import { openApiDocument } from './document.js';

const DOCS = '/api/docs';
const DOCS_JSON = '/api/docs-json';
const ASYNC_JSON = '/api/asyncapi.json';

/** Folder of the Swagger UI that is installed with us. Nothing is loaded from elsewhere. */
const assets = createRequire(import.meta.url)('swagger-ui-dist/absolute-path.js')() as string;

/** Where the AsyncAPI document of sockets and webhooks is (`npm run generate`). A file, so that nothing holds it in memory. */
const asyncApiFolder = fileURLToPath(new URL('../asyncapi/generated', import.meta.url));

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Waypost API</title>
    <link rel="stylesheet" href="${DOCS}/swagger-ui.css">
    <link rel="icon" href="${DOCS}/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${DOCS}/swagger-ui-bundle.js"></script>
    <script src="${DOCS}/start.js"></script>
  </body>
</html>
`;

const start = `window.ui = SwaggerUIBundle({
  url: '${DOCS_JSON}',
  dom_id: '#swagger-ui',
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'none',
  filter: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
});
`;

/** Serves the document with Swagger UI, and the one of sockets and webhooks. The document is made at the first request, when all routes are known. */
export function serveDocs(app: NestExpressApplication, publicUrl: string | undefined): void {
  let json: string | undefined;
  app.use(DOCS_JSON, (_request: Request, response: Response) => {
    json ??= JSON.stringify(openApiDocument(app, publicUrl));
    response.type('application/json').send(json);
  });
  app.use(ASYNC_JSON, (_request: Request, response: Response) => {
    response.sendFile('asyncapi.json', { root: asyncApiFolder });
  });
  const docs = express.Router();
  docs.get('/', (_request, response) => {
    response.type('html').send(page);
  });
  docs.get('/start.js', (_request, response) => {
    response.type('js').send(start);
  });
  docs.use(express.static(assets, { index: false, maxAge: '1h' }));
  app.use(DOCS, docs);
}
