import type { IncomingMessage } from 'node:http';
import { ControlError, type UploadedFile } from './input.js';

const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** What a request carries: the fields of a JSON object or of a form. A body that is neither is refused. */
export async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const content = await bytesOf(request);
  if (content.length === 0) return {};
  const type = request.headers['content-type'] ?? '';
  return type.startsWith('multipart/form-data') ? formOf(content, type) : objectOf(content);
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request) {
    sizeBytes += part.length;
    if (sizeBytes > MAX_BODY_BYTES) throw new ControlError(413, 'the body is larger than 256 MiB');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function objectOf(content: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(content.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through to the complaint.
  }
  throw new ControlError(400, 'the body is not a JSON object');
}

async function formOf(content: Buffer, type: string): Promise<Record<string, unknown>> {
  const form = await new Response(new Uint8Array(content), { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined);
  if (!form) throw new ControlError(400, 'the body is not a multipart/form-data form');
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form) fields[name] = typeof value === 'string' ? value : await uploaded(value);
  return fields;
}

async function uploaded(part: File): Promise<UploadedFile> {
  const bytes = Buffer.from(await part.arrayBuffer());
  return { bytes, mimetype: part.type || undefined, fileName: part.name || undefined };
}
