import { buffer } from 'node:stream/consumers';
import { Parser } from 'htmlparser2';
import type { LinkPreview } from '#contracts';
import { thumbnailOf } from '../media/preparation/thumbnail.js';
import type { OutboundClient } from './outbound-client.js';

/** Whether pages are looked at: never; when a message asks for it; unless a message says no. */
export type LinkPreviewPolicy = 'off' | 'asked' | 'always';

/** What a page says about itself stands at its beginning; more of it is not read. */
const readBytes = 512 * 1024;
const largestPageBytes = 20 * 1024 * 1024;
const largestImageBytes = 5 * 1024 * 1024;
const pageTimeoutMs = 3_000;
const imageTimeoutMs = 2_000;
const longestTitle = 256;
const longestDescription = 512;

/** How many pages are remembered, and for how long: a campaign with one link looks once. */
const keptPages = 500;
const keptForMs = 10 * 60_000;
const failureKeptForMs = 60_000;

interface Kept {
  /** Without the link itself, which is the text's. */
  page: Promise<Omit<LinkPreview, 'url'> | null>;
  until: number;
}

/** What a page says about itself. */
interface PageFacts {
  title?: string;
  description?: string;
  image?: string;
}

/**
 * Looks at the first link of a text, through the guard for addresses that users give, as WhatsApp's own clients do when
 * somebody types one. It is done when the message is accepted, and only for who asks: what goes out is then written in
 * its row, a repeat is the same message, and a slow page holds up its own request and no profile's queue. A page that
 * fails costs the preview, never the message.
 */
export class LinkPreviews {
  private readonly kept = new Map<string, Kept>();

  constructor(
    private readonly outbound: Pick<OutboundClient, 'fetchGuarded'>,
    private readonly policy: LinkPreviewPolicy,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The content with a preview, when the text has a link and one is wanted. `asked`: what the caller says about it. */
  async addTo<Content extends { kind: string }>(
    content: Content & { text?: string; preview?: LinkPreview },
    asked: boolean | undefined,
  ): Promise<Content & { preview?: LinkPreview }> {
    if (content.kind !== 'text' || content.preview || !this.isWanted(asked)) return content;
    const preview = await this.of(content.text ?? '');
    return preview ? { ...content, preview } : content;
  }

  /** Null when there is no link, or its page says nothing. Never rejects. */
  async of(text: string): Promise<LinkPreview | null> {
    const url = firstLink(text);
    const page = url && (await this.page(url));
    return page ? { url, ...page } : null;
  }

  private isWanted(asked: boolean | undefined): boolean {
    if (this.policy === 'off') return false;
    return asked ?? this.policy === 'always';
  }

  private page(url: string): Promise<Omit<LinkPreview, 'url'> | null> {
    const known = this.kept.get(url);
    if (known && known.until > this.now()) return known.page;
    const kept: Kept = { page: this.look(url), until: this.now() + keptForMs };
    this.kept.delete(url);
    this.kept.set(url, kept);
    if (this.kept.size > keptPages) this.kept.delete(this.kept.keys().next().value!);
    void kept.page.then((page) => {
      if (!page) kept.until = this.now() + failureKeptForMs;
    });
    return kept.page;
  }

  private async look(url: string): Promise<Omit<LinkPreview, 'url'> | null> {
    try {
      const { title, description, image } = await this.factsOf(url);
      if (!title) return null;
      const thumbnail = image && (await this.thumbnail(new URL(image, url).href));
      return { title, ...(description ? { description } : {}), ...(thumbnail ? { thumbnail } : {}) };
    } catch {
      return null;
    }
  }

  private async factsOf(url: string): Promise<PageFacts> {
    const limits = { maxBytes: largestPageBytes, timeoutMs: pageTimeoutMs };
    const { stream, contentType } = await this.outbound.fetchGuarded(url, limits);
    if (!/^(text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? '')) {
      stream.destroy();
      return {};
    }
    return readFacts(stream, charsetOf(contentType!));
  }

  /** A page without its picture is shown all the same. */
  private async thumbnail(url: string): Promise<string | null> {
    try {
      const limits = { maxBytes: largestImageBytes, timeoutMs: imageTimeoutMs };
      const { stream } = await this.outbound.fetchGuarded(url, limits);
      return await thumbnailOf(await buffer(stream));
    } catch {
      return null;
    }
  }
}

/** The first http(s) link as it stands in the text, without what belongs to the sentence around it. */
export function firstLink(text: string): string | null {
  const found = /\bhttps?:\/\/[^\s<>"]+/i.exec(text)?.[0].replace(/[.,;:!?)\]}'*_~]+$/, '');
  return found && URL.canParse(found) ? found : null;
}

async function readFacts(stream: AsyncIterable<Buffer>, charset: string): Promise<PageFacts> {
  const reader = new HeadReader();
  const decoder = new TextDecoder(charset);
  let read = 0;
  for await (const chunk of stream) {
    reader.write(decoder.decode(chunk, { stream: true }));
    read += chunk.length;
    if (reader.isDone || read >= readBytes) break;
  }
  return reader.facts();
}

function charsetOf(contentType: string): string {
  const charset = /charset=["']?([\w-]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    return 'utf-8';
  }
}

/** Takes what is wanted out of the head of a page, and stops where the body begins. */
class HeadReader {
  isDone = false;
  private readonly said = new Map<string, string>();
  private title = '';
  private inTitle = false;
  private readonly parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === 'body') this.isDone = true;
      if (this.isDone) return;
      if (name === 'title') this.inTitle = this.title === '';
      if (name !== 'meta') return;
      const key = (attributes.property ?? attributes.name)?.toLowerCase();
      if (key && attributes.content && !this.said.has(key)) this.said.set(key, attributes.content);
    },
    ontext: (text) => {
      if (this.inTitle) this.title += text;
    },
    onclosetag: (name) => {
      if (name === 'title') this.inTitle = false;
      if (name === 'head') this.isDone = true;
    },
  });

  write(text: string): void {
    this.parser.write(text);
  }

  facts(): PageFacts {
    const title = shortened(this.said.get('og:title') ?? this.title, longestTitle);
    const described = this.said.get('og:description') ?? this.said.get('description') ?? '';
    const description = shortened(described, longestDescription);
    const image = this.said.get('og:image') ?? this.said.get('og:image:url');
    return { ...(title ? { title } : {}), ...(description ? { description } : {}), ...(image ? { image } : {}) };
  }
}

/** One line that PostgreSQL can hold, cut between characters. */
function shortened(text: string, length: number): string {
  const line = text
    .replace(/\0|\p{Surrogate}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return [...line].slice(0, length).join('');
}
