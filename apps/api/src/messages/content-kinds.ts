import type { ClassConstructor } from 'class-transformer';
import type { Button, CarouselCard } from '#contracts';
import {
  fileSaying,
  type MediaForm,
  type MediaGiven,
  plainSaying,
  recipientOf,
  type Saying,
  textContent,
} from '#domain';
import type { SendableContent } from '#engine';
import {
  ClipIn,
  ContactsIn,
  cardsOf,
  EventIn,
  GifIn,
  GroupInviteIn,
  LiveLocationIn,
  LocationIn,
  PollIn,
  StickerIn,
} from './content-sends.dto.js';
import { type ButtonIn, ButtonsIn, type CardIn, CarouselIn, ListIn } from './interactive.dto.js';
import { AudioIn, DocumentIn, ImageIn, TextIn, VideoIn } from './send.dto.js';

/** A kind of content as callers give it: the class that checks it, and what it says. */
interface ContentKind<Body extends object> {
  body: ClassConstructor<Body>;
  saying(body: Body): Saying;
}

const kind = <Body extends object>(
  body: ClassConstructor<Body>,
  saying: (body: Body) => Saying,
): ContentKind<Body> => ({
  body,
  saying,
});

/** Where the bytes of a file come from, as callers give it. */
type SourceIn = Partial<Pick<DocumentIn, 'url' | 'base64' | 'uploadId' | 'mimetype' | 'filename' | 'caption'>> & {
  viewOnce?: boolean | null;
};

const file =
  (form: MediaForm) =>
  (body: SourceIn): Saying => {
    const saying = fileSaying(givenOf(form, body), body.caption ?? undefined);
    return body.viewOnce ? { ...saying, say: (taken) => ({ ...saying.say(taken), viewOnce: true }) } : saying;
  };

/** Every kind that can be said, by the word that callers know it by. To add one: a class, a line here, a route. */
export const contentKinds = {
  text: kind(TextIn, ({ text, background, font }) =>
    plainSaying({ ...textContent(text), ...present({ background, font }) } as SendableContent),
  ),
  image: kind(ImageIn, file('image')),
  video: kind(VideoIn, file('video')),
  audio: kind(AudioIn, (body) => file(body.ptt ? 'voice' : 'audio')(body)),
  document: kind(DocumentIn, file('document')),
  sticker: kind(StickerIn, file('sticker')),
  gif: kind(GifIn, file('gif')),
  'round-video': kind(ClipIn, file('round_video')),
  location: kind(LocationIn, ({ latitude, longitude, name, address }) =>
    plainSaying({ kind: 'location', latitude, longitude, ...present({ name, address }) }),
  ),
  'live-location': kind(LiveLocationIn, ({ latitude, longitude, ...more }) =>
    plainSaying({ kind: 'live_location', latitude, longitude, ...present(more) }),
  ),
  contact: kind(ContactsIn, ({ contacts }) => plainSaying({ kind: 'contacts', contacts: cardsOf(contacts) })),
  poll: kind(PollIn, ({ question, options, allowMultipleAnswers = false, selectable }) =>
    plainSaying({ kind: 'poll', question, options, selectable: selectable ?? (allowMultipleAnswers ? 0 : 1) }),
  ),
  event: kind(EventIn, ({ name, startsAt, endsAt, description, place, joinLink }) =>
    plainSaying({
      kind: 'event',
      name,
      startsAt: new Date(startsAt).toISOString(),
      ...(endsAt ? { endsAt: new Date(endsAt).toISOString() } : {}),
      ...present({ description, joinLink }),
      ...(place ? { place: { name: place } } : {}),
    }),
  ),
  'group-invite': kind(GroupInviteIn, ({ groupJid, groupName, code, expiresAt, caption }) =>
    plainSaying({
      kind: 'group_invite',
      groupId: groupJid.split('@')[0]!,
      ...{ groupName, code },
      ...(expiresAt ? { expiresAt: new Date(expiresAt).toISOString() } : {}),
      ...present({ caption }),
    }),
  ),
  buttons: kind(ButtonsIn, ({ text, header, footer, buttons, fallback }) =>
    plainSaying({ kind: 'buttons', text, ...present({ header, footer }), buttons: buttons.map(buttonOf), fallback }),
  ),
  list: kind(ListIn, ({ text, header, footer, buttonTitle, sections, fallback }) =>
    plainSaying({ kind: 'list', text, ...present({ header, footer }), buttonTitle, sections, fallback }),
  ),
  carousel: kind(CarouselIn, carouselSaying),
} as const;

export type ContentType = keyof typeof contentKinds;
export const contentTypes = Object.keys(contentKinds) as ContentType[];

/** What a checked body of this type says. */
export function sayingOf(type: ContentType, body: object): Saying {
  return (contentKinds[type] as ContentKind<object>).saying(body);
}

function givenOf(form: MediaForm, { url, base64, uploadId, mimetype, filename }: SourceIn): MediaGiven {
  return {
    form,
    url: url ?? undefined,
    base64: base64 ?? undefined,
    uploadId: uploadId ?? undefined,
    mimeType: mimetype ?? undefined,
    fileName: filename ?? undefined,
  };
}

function carouselSaying({ text, footer, cards, fallback }: CarouselIn): Saying {
  const withFiles = cards.filter((card) => card.media !== undefined);
  return {
    files: withFiles.map((card) => ({
      ...givenOf(card.media!.type, card.media!),
      at: `cards.${cards.indexOf(card)}.media`,
    })),
    say: (taken) => {
      const fileOf = (card: CardIn) => {
        const [taking] = card.media ? [taken[withFiles.indexOf(card)]!] : [];
        const said = taking && fileSaying(givenOf(card.media!.type, {})).say([taking]);
        return said && 'media' in said ? { media: { kind: card.media!.type, media: said.media } } : {};
      };
      const shown = cards.map(
        (card): CarouselCard => ({
          ...present({ title: card.title, footer: card.footer }),
          text: card.text,
          ...fileOf(card),
          buttons: card.buttons.map(buttonOf),
        }),
      );
      return { kind: 'carousel', text, ...present({ footer }), cards: shown, fallback };
    },
  };
}

/** The fields that the type of a button has, and no others. */
function buttonOf({ type, title, id, url, phone, code }: ButtonIn, index: number): Button {
  switch (type) {
    case 'reply':
      return { type, title, id: id! };
    case 'url':
      return { type, title, url: url! };
    case 'copy':
      return { type, title, code: code! };
    case 'call': {
      const to = recipientOf(phone!, `buttons.${index}.phone`);
      return { type, title, phone: (to.kind === 'user' && to.phone) || phone! };
    }
  }
}

/** Without what was not given; empty texts are not given. */
function present<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return Object.fromEntries(given) as { [K in keyof T]?: NonNullable<T[K]> };
}
