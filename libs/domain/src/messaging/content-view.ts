import { type ContentView, type MediaFacts, type MessageContent, missingMedia } from '#contracts';

/** Presents what a message says. */
export function contentView(messageId: string, content: MessageContent): ContentView {
  const { mentions, forwardingScore, viewOnce, disappearsInSeconds } = content;
  // Fields behind a spread are a hundred times as slow as these (V8), and this is part of every webhook call.
  return given(
    Object.assign(wordsOf(messageId, content), { mentions, forwardingScore, viewOnce, disappearsInSeconds }),
  );
}

function wordsOf(messageId: string, content: MessageContent): ContentView {
  switch (content.kind) {
    case 'text': {
      const { url, title, description } = content.preview ?? {};
      return { text: content.text, ...(url && title ? { preview: { url, title, ...given({ description }) } } : {}) };
    }
    case 'audio':
      return { ...mediaView(messageId, content.media), ptt: content.voice };
    case 'image':
    case 'document':
      return { caption: content.caption, ...mediaView(messageId, content.media) };
    case 'video': {
      const { caption, gif, round } = content;
      return { caption, ...mediaView(messageId, content.media), gif, round };
    }
    case 'sticker':
      return { ...mediaView(messageId, content.media), animated: content.animated };
    case 'location': {
      const { latitude, longitude, name, address, url } = content;
      return { latitude, longitude, name, address, locationUrl: url };
    }
    case 'live_location': {
      const { latitude, longitude, caption, accuracyMeters, speedMetersPerSecond, headingDegrees } = content;
      return { latitude, longitude, caption, accuracyMeters, speedMetersPerSecond, headingDegrees };
    }
    case 'carousel': {
      const { text, footer, cards } = content;
      return { text, footer, cards: cards.map(({ media, ...card }) => ({ ...card, mimetype: media?.media.mimeType })) };
    }
    case 'unsupported':
      return { unsupportedType: content.type };
    case 'undecryptable':
      return { reason: content.reason };
    case 'contacts':
      return { contacts: content.contacts };
    case 'poll': {
      const { question, options, selectable } = content;
      return { question, options, selectable };
    }
    case 'event': {
      const { name, description, startsAt, endsAt, place, joinLink, cancelled } = content;
      return { name, description, startsAt, endsAt, place, joinLink, cancelled };
    }
    case 'group_invite': {
      const { groupId, groupName, code, caption, expiresAt } = content;
      return { groupId, groupName, code, caption, expiresAt };
    }
    case 'album':
      return { imageCount: content.imageCount, videoCount: content.videoCount };
    case 'choice':
      return { id: content.id, title: content.title, description: content.description };
    case 'buttons': {
      const { text, header, footer, buttons } = content;
      return { text, header, footer, buttons };
    }
    case 'list': {
      const { text, header, footer, buttonTitle, sections } = content;
      return { text, header, footer, buttonTitle, sections };
    }
  }
}

function mediaView(messageId: string, media: MediaFacts): ContentView {
  const { mediaId, mimeType, sizeBytes, sha256, fileName, missing, ...shown } = media;
  const canBeFetched = mediaId !== null || missing === 'on_demand';
  return {
    url: canBeFetched ? `/api/v1/messages/${messageId}/media` : null,
    mediaState: mediaId === null ? (missing ?? 'waiting') : 'stored',
    mediaProblem: mediaId === null && missing ? missingMedia[missing] : undefined,
    mimetype: mimeType,
    filename: fileName,
    sizeBytes,
    sha256,
    ...shown,
  };
}

/** Without the fields that are not there. */
function given<T extends object>(fields: T): T {
  const found: Partial<T> = {};
  for (const name of Object.keys(fields) as (keyof T)[]) if (fields[name] !== undefined) found[name] = fields[name];
  return found as T;
}
