import { CalendarDays, Contact, Eye, FileText, MapPin, Mic } from 'lucide-react';
import { useState } from 'react';
import { paths } from '../api/phones.ts';
import type { Chat, ChatMessage, Media, Person } from '../api/types.ts';
import { duration, fileSize } from '../ui/format.ts';
import { Poll } from './poll.tsx';
import { kindLine } from './preview.ts';

interface ContentProps {
  person: Person;
  chat: Chat;
  message: ChatMessage;
  nameOf(number: string): string;
}

/** What is in a message, by its kind. */
export function Content({ person, chat, message, nameOf }: ContentProps) {
  const { media, poll, event, location, contacts, choices, invite, text } = message;
  if (poll) return <Poll person={person} chat={chat} message={message} poll={poll} nameOf={nameOf} />;
  if (event) {
    return (
      <Block icon={<CalendarDays aria-hidden />} title={event.canceled ? `${event.name} (cancelled)` : event.name}>
        <p>{new Date(event.startsAt).toLocaleString()}</p>
        {event.description && <p>{event.description}</p>}
        {event.going.length > 0 && <p>Coming: {event.going.map(nameOf).join(', ')}</p>}
        {event.notGoing.length > 0 && <p>Not coming: {event.notGoing.map(nameOf).join(', ')}</p>}
      </Block>
    );
  }
  if (location) {
    return (
      <Block icon={<MapPin aria-hidden />} title={location.name ?? (location.live ? 'Live location' : 'Location')}>
        {location.address && <p>{location.address}</p>}
        <p className="font-mono text-xs">
          {location.latitude.toFixed(5)}, {location.longitude.toFixed(5)}
        </p>
      </Block>
    );
  }
  if (contacts) return <Block icon={<Contact aria-hidden />} title={contacts.join(', ')} />;
  if (invite) return <Block icon={<Contact aria-hidden />} title={`Invitation to ${invite.name ?? invite.group}`} />;
  return (
    <>
      {message.viewOnce && (
        <p className="mb-1 flex items-center gap-1 text-xs text-soft">
          <Eye className="size-3.5" aria-hidden /> To be seen once
        </p>
      )}
      {media && <File path={paths.file(person.number, chat.id, message.index)} media={media} text={text} />}
      {text && <p className="whitespace-pre-wrap break-words">{text}</p>}
      {choices && (
        <ul className="mt-2 space-y-1">
          {choices.options.map(({ id, text: label }) => (
            <li key={id + label} className="rounded-lg border border-plum/30 px-3 py-1.5 text-center text-plum">
              {label || id}
            </li>
          ))}
        </ul>
      )}
      {!media && !text && !choices && <p className="text-soft italic">{kindLine(message.kind)}</p>}
    </>
  );
}

function Block({ icon, title, children }: { icon: React.ReactNode; title: string; children?: React.ReactNode }) {
  return (
    <div className="flex gap-2 [&>svg]:mt-0.5 [&>svg]:size-5 [&>svg]:shrink-0 [&>svg]:text-plum">
      {icon}
      <div className="min-w-0">
        <p className="font-medium break-words">{title}</p>
        <div className="text-soft">{children}</div>
      </div>
    </div>
  );
}

/** A file, fetched from the media host and decrypted by the phone when it is shown. */
function File({ path, media, text }: { path: string; media: Media; text?: string }) {
  const [gone, setGone] = useState(false);
  const onError = (): void => setGone(true);
  if (gone) {
    return (
      <p className="mb-1 text-soft italic">
        {kindLine(media.kind)} of {fileSize(media.fileLength)} that this browser cannot show, or that is gone.{' '}
        <a className="text-plum underline" href={path} download={media.fileName ?? true}>
          Download
        </a>
      </p>
    );
  }
  const label = text ?? media.fileName ?? kindLine(media.kind);
  switch (media.kind) {
    case 'image':
    case 'sticker':
      return (
        <a href={path} target="_blank" rel="noreferrer">
          <img
            src={path}
            alt={label}
            width={media.width}
            height={media.height}
            onError={onError}
            className={`mb-1 h-auto w-auto rounded-xl ${media.kind === 'sticker' ? 'max-h-36' : 'max-h-80'} max-w-full`}
          />
        </a>
      );
    case 'video':
      return (
        // biome-ignore lint/a11y/useMediaCaption: it comes from a stranger and has no captions
        <video
          src={path}
          controls
          preload="metadata"
          onError={onError}
          className="mb-1 max-h-80 max-w-full rounded-xl"
        />
      );
    case 'audio':
      return (
        <div className="mb-1 flex items-center gap-2">
          {media.voice && <Mic className="size-5 shrink-0 text-plum" aria-label="Voice message" />}
          {/* biome-ignore lint/a11y/useMediaCaption: it comes from a stranger and has no captions */}
          <audio src={path} controls preload="metadata" onError={onError} className="h-10 w-56 max-w-full" />
          {media.seconds ? <span className="sr-only">{duration(media.seconds)}</span> : null}
        </div>
      );
    case 'document':
      return (
        <a
          href={path}
          download={media.fileName ?? true}
          className="mb-1 flex items-center gap-3 rounded-xl bg-ink/5 p-2.5 hover:bg-ink/10"
        >
          <FileText className="size-6 shrink-0 text-plum" aria-hidden />
          <span className="min-w-0">
            <span className="block truncate font-medium">{media.fileName ?? 'Document'}</span>
            <span className="block text-xs text-soft">
              {fileSize(media.fileLength)} · {media.mimetype}
            </span>
          </span>
        </a>
      );
  }
}
