import { ChartColumn, Mic, Paperclip, SendHorizontal, X } from 'lucide-react';
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { edit, sendFile, sendText, startTyping } from '../api/phones.ts';
import type { Chat, ChatMessage, Person } from '../api/types.ts';
import { useAct } from '../ui/act.ts';
import { IconButton } from '../ui/button.tsx';
import { fileSize } from '../ui/format.ts';
import { PollDialog } from './poll-dialog.tsx';
import { contentLine } from './preview.ts';
import { type Recording, VoiceRecorder } from './voice-recorder.tsx';

interface ComposerProps {
  person: Person;
  chat: Chat;
  /** The message that is answered. */
  reply?: ChatMessage;
  /** The own message that is changed. */
  editing?: ChatMessage;
  /** Sent, or given up. */
  onDone(): void;
}

/** Others are told again that somebody types after this long; a phone forgets it a little later. */
const TYPING_AGAIN_MS = 8_000;
const TYPING_PAUSE_MS = 3_000;

export function Composer({ person, chat, reply, editing, onDone }: ComposerProps) {
  const [text, setText] = useState('');
  const [file, setFile] = useState<File>();
  const [recording, setRecording] = useState(false);
  const [polling, setPolling] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const typing = useTypingNotice(person, chat);

  useEffect(() => {
    if (editing) setText(editing.text ?? '');
    if (editing || reply) input.current?.focus();
  }, [editing, reply]);

  const send = useAct(async () => {
    if (editing) await edit(person.number, chat.id, editing, text);
    else if (file)
      await sendFile(person.number, chat, {
        file,
        fileName: file.name,
        media: mediaOf(file),
        caption: text,
        quote: reply,
      });
    else await sendText(person.number, chat, text, reply);
    setText('');
    setFile(undefined);
    onDone();
    input.current?.focus();
  });
  const sendVoice = useAct(async ({ blob, seconds }: Recording) => {
    setRecording(false);
    await sendFile(person.number, chat, { file: blob, media: 'audio', ptt: true, seconds, quote: reply });
    onDone();
  });
  const busy = send.busy || sendVoice.busy;
  const error = send.error ?? sendVoice.error;
  const ready = (text.trim() !== '' || file !== undefined) && !busy;

  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (!ready) return;
    typing.stop();
    void send.run();
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      submit();
    }
    if (event.key === 'Escape') cancel();
  };
  const cancel = (): void => {
    if (editing) setText('');
    setFile(undefined);
    onDone();
  };
  const paste = (event: ClipboardEvent): void => {
    const [pasted] = event.clipboardData.files;
    if (!pasted) return;
    event.preventDefault();
    setFile(pasted);
  };
  const about = editing
    ? `Change: ${editing.text ?? ''}`
    : reply
      ? `${reply.senderName}: ${contentLine(reply)}`
      : undefined;

  return (
    <form onSubmit={submit} className="border-t bg-card px-2 py-2 sm:px-4" aria-label={`Write as ${person.name}`}>
      {!person.isOnline && (
        <p className="px-2 pb-1 text-xs text-warn">
          {person.name}'s phone is offline: what it gets waits, and appears when it is back.
        </p>
      )}
      {error && (
        <p role="alert" className="px-2 pb-1 text-sm text-bad">
          {error.message}
        </p>
      )}
      {(about || file) && (
        <div className="mb-2 flex items-center gap-2 rounded-xl border-l-3 border-plum bg-wash px-3 py-1.5 text-sm">
          <p className="min-w-0 flex-1 truncate">{file ? `${file.name} · ${fileSize(file.size)}` : about}</p>
          <IconButton label="Leave it" className="size-8" onClick={cancel}>
            <X aria-hidden />
          </IconButton>
        </div>
      )}
      {recording ? (
        <VoiceRecorder
          onStart={() => typing.tell('recording')}
          onSend={(made) => {
            typing.stop();
            void sendVoice.run(made);
          }}
          onCancel={() => {
            typing.stop();
            setRecording(false);
          }}
        />
      ) : (
        <div className="flex items-end gap-1">
          <IconButton label="Attach a file" disabled={busy || Boolean(editing)} onClick={() => picker.current?.click()}>
            <Paperclip aria-hidden />
          </IconButton>
          <input
            ref={picker}
            type="file"
            className="hidden"
            aria-label="File to send"
            onChange={(event) => {
              setFile(event.target.files?.[0]);
              event.target.value = '';
              input.current?.focus();
            }}
          />
          <IconButton label="Ask with a poll" disabled={busy || Boolean(editing)} onClick={() => setPolling(true)}>
            <ChartColumn aria-hidden />
          </IconButton>
          <textarea
            ref={input}
            rows={1}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              if (event.target.value) typing.tell('composing');
            }}
            onKeyDown={keys}
            onPaste={paste}
            aria-label={file ? 'Caption' : 'Message'}
            placeholder={file ? 'Caption' : `Write as ${person.name}`}
            className="field-sizing-content max-h-40 min-h-10 min-w-0 flex-1 resize-none rounded-2xl border bg-paper px-3.5 py-2 text-base outline-none focus:border-plum sm:text-sm"
          />
          {ready ? (
            <IconButton type="submit" label={editing ? 'Save the change' : 'Send'} look="solid">
              <SendHorizontal aria-hidden />
            </IconButton>
          ) : (
            <IconButton
              label="Record a voice message"
              disabled={busy || Boolean(editing)}
              onClick={() => setRecording(true)}
            >
              <Mic aria-hidden />
            </IconButton>
          )}
        </div>
      )}
      <PollDialog person={person} chat={chat} open={polling} onOpenChange={setPolling} />
    </form>
  );
}

/** What a phone would send a file as. */
function mediaOf({ type }: File): 'image' | 'video' | 'audio' | 'document' {
  if (/^image\/(jpeg|png|webp)$/.test(type)) return 'image';
  if (type === 'video/mp4') return 'video';
  return /^audio\/(ogg|mpeg|mp4|aac|amr)/.test(type) ? 'audio' : 'document';
}

/** Lets the other side see that somebody types or records, no oftener than a phone does. */
function useTypingNotice(person: Person, chat: Chat) {
  const told = useRef({ at: 0, timer: 0 });
  const announce = (state: 'composing' | 'recording' | 'paused'): void => {
    if (chat.kind === 'direct') startTyping(person.number, chat.id, state).catch(() => undefined);
  };
  const stop = (): void => {
    window.clearTimeout(told.current.timer);
    if (told.current.at > 0) announce('paused');
    told.current.at = 0;
  };
  const tell = (state: 'composing' | 'recording'): void => {
    window.clearTimeout(told.current.timer);
    if (Date.now() - told.current.at > TYPING_AGAIN_MS) {
      told.current.at = Date.now();
      announce(state);
    }
    if (state === 'composing') told.current.timer = window.setTimeout(stop, TYPING_PAUSE_MS);
  };
  return { tell, stop };
}
