import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { locationFrom } from './location.js';
import { positive, present } from './values.js';

type Event = Extract<MessageContent, { kind: 'event' }>;

export function eventFrom(event: proto.Message.IEventMessage): Event {
  const place = event.location ? locationFrom(event.location) : null;
  const { kind: _, ...where } = place ?? { kind: null };
  return {
    kind: 'event',
    name: event.name ?? '',
    startsAt: isoOf(event.startTime) ?? new Date(0).toISOString(),
    ...present({ description: event.description, endsAt: isoOf(event.endTime), joinLink: event.joinLink }),
    ...(place ? { place: where } : {}),
    ...(event.isCanceled ? { cancelled: true as const } : {}),
  };
}

export function eventProto(content: Event, secret: Uint8Array): proto.IMessage {
  const { name, description, startsAt, endsAt, place, joinLink, cancelled } = content;
  return {
    eventMessage: {
      name,
      startTime: secondsOf(startsAt),
      isCanceled: cancelled === true,
      extraGuestsAllowed: false,
      ...present({ description, joinLink }),
      ...(endsAt ? { endTime: secondsOf(endsAt) } : {}),
      ...(place
        ? {
            location: {
              degreesLatitude: place.latitude,
              degreesLongitude: place.longitude,
              ...present({ name: place.name, address: place.address }),
            },
          }
        : {}),
    },
    messageContextInfo: { messageSecret: secret },
  };
}

function isoOf(seconds: Parameters<typeof positive>[0]): string | undefined {
  const value = positive(seconds);
  return value === undefined ? undefined : new Date(value * 1000).toISOString();
}

const secondsOf = (iso: string): number => Math.floor(Date.parse(iso) / 1000);
