import type { Button, CarouselCard } from '#contracts';
import { type SendableContent, whatsAppCapabilities } from '#engine';
import { mediaContent } from '../messaging/message-draft.js';
import { plainSaying, type Saying } from '../messaging/saying.js';
import { readSource } from './media-source.js';
import { type Fields, given } from './message-fields.js';
import { assertWords } from './message-words.js';

/** Messages with things to choose from. */
export const interactiveTypes: readonly string[] = ['buttons', 'list', 'carousel'];

/** What phones show of one message. */
const MAX_BUTTONS = 10;
const MAX_SECTIONS = 10;
const MAX_ROWS = 10;
const { maxCarouselCards } = whatsAppCapabilities.content;

/** Reads one of them, by the names of a single send. @throws validation */
export function readInteractive(type: string, said: Fields): Saying {
  if (type === 'carousel') return readCarousel(said);
  const content = type === 'list' ? readList(said) : readButtons(said);
  assertWords(content, said.path);
  return plainSaying(content);
}

function readButtons(said: Fields): SendableContent {
  const buttons = said.each('buttons', 1, MAX_BUTTONS, readButton);
  return { kind: 'buttons', ...headed(said), buttons, fallback: said.truth('fallback') };
}

function readList(said: Fields): SendableContent {
  const sections = said.each('sections', 1, MAX_SECTIONS, (section) => ({
    title: section.text('title'),
    rows: section.each('rows', 1, MAX_ROWS, (row) => ({
      ...{ id: row.text('id'), title: row.text('title') },
      ...given({ description: row.maybe('description') }),
    })),
  }));
  const buttonTitle = said.text('buttonTitle');
  return { kind: 'list', ...headed(said), buttonTitle, sections, fallback: said.truth('fallback') };
}

function readCarousel(said: Fields): Saying {
  const files: Saying['files'] = [];
  const cards = said.each('cards', 1, maxCarouselCards, (card, index) => {
    const media = card.within('media');
    if (media) files.push({ ...readSource(media), form: formOf(media), at: `cards.${index}.media` });
    const words = { text: card.text('text'), ...given({ title: card.maybe('title'), footer: card.maybe('footer') }) };
    return {
      ...words,
      file: media ? files.length - 1 : null,
      buttons: card.each('buttons', 0, MAX_BUTTONS, readButton),
    };
  });
  const around = {
    text: said.text('text'),
    ...given({ footer: said.maybe('footer') }),
    fallback: said.truth('fallback'),
  };
  const bare = cards.map(({ file, ...card }): CarouselCard => card);
  assertWords({ kind: 'carousel', ...around, cards: bare }, said.path);
  return {
    files,
    say: (taken) => ({
      kind: 'carousel',
      ...around,
      cards: cards.map(({ file, ...card }): CarouselCard => {
        if (file === null) return card;
        const kind = files[file]!.form as 'image' | 'video';
        const shown = mediaContent(kind, taken[file]!) as { media: NonNullable<CarouselCard['media']>['media'] };
        return { ...card, media: { kind, media: shown.media } };
      }),
    }),
  };
}

function formOf(media: Fields): 'image' | 'video' {
  const type = media.text('type');
  if (type !== 'image' && type !== 'video') throw media.wrong('type', 'must be image or video');
  return type;
}

function headed(said: Fields) {
  return { text: said.text('text'), ...given({ header: said.maybe('header'), footer: said.maybe('footer') }) };
}

function readButton(said: Fields): Button {
  const type = said.text('type');
  const title = said.text('title');
  switch (type) {
    case 'reply':
      return { type, title, id: said.text('id') };
    case 'url':
      return { type, title, url: said.text('url') };
    case 'copy':
      return { type, title, code: said.text('code') };
    case 'call': {
      const phone = said.text('phone').replace(/\D/g, '');
      if (!/^[1-9]\d{6,14}$/.test(phone)) throw said.wrong('phone', 'must be a phone number with country code');
      return { type, title, phone };
    }
    default:
      throw said.wrong('type', 'must be one of: reply, url, call, copy');
  }
}
