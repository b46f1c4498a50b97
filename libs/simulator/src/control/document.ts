import type { ControlOperation } from './operation.js';

/** The OpenAPI document of the control interface, made from the same list that serves it. */
export function openApiDocument(operations: ControlOperation[], url: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    paths[operation.path] ??= {};
    paths[operation.path]![operation.method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'WhatsApp network simulator',
      version: '1',
      description: 'Drives the simulated network: people with phones, linking, messages, faults and what was observed.',
    },
    servers: [{ url }],
    paths,
  };
}

function describe(operation: ControlOperation): object {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(operation.query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'integer' },
  }));
  const [operationId = operation.name] = operation.name.split(',');
  return {
    operationId,
    summary: operation.summary,
    parameters: [...inPath, ...inQuery],
    ...(operation.body ? { requestBody: requestBody(operation.body) } : {}),
    responses: {
      200: { description: 'Done' },
      400: { description: 'The request is wrong; `error` says how' },
      404: { description: 'There is no such person, device or message' },
    },
  };
}

function requestBody(fields: Record<string, string>): object {
  const entries = Object.entries(fields);
  const properties = Object.fromEntries(entries.map(([name, description]) => [name.replace('?', ''), { description }]));
  const required = entries.map(([name]) => name).filter((name) => !name.endsWith('?'));
  return { content: { 'application/json': { schema: { type: 'object', properties, required } } } };
}

/** A page for people: the routes and what they do. */
export function htmlPage(operations: ControlOperation[]): string {
  const rows = operations.map(({ method, path, summary, body = {}, query = {} }) => {
    const fields = Object.entries({ ...query, ...body }).map(
      ([name, text]) => `<li><code>${name}</code> ${escapeHtml(text)}</li>`,
    );
    return `<tr><td><code>${method} ${path}</code></td><td>${escapeHtml(summary)}<ul>${fields.join('')}</ul></td></tr>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>WhatsApp network simulator</title>
<style>body{font:15px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}td{vertical-align:top;padding:.4rem 1rem .4rem 0;border-top:1px solid #ddd}ul{margin:0;color:#555}code{white-space:nowrap}</style>
<h1>WhatsApp network simulator</h1><p>The same list as a document: <a href="/openapi.json">/openapi.json</a></p>
<table>${rows.join('')}</table></html>`;
}

const escapeHtml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
