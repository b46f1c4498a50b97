import { SendHorizontal, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { IconButton } from '../ui/button.tsx';
import { duration } from '../ui/format.ts';
import { oggFromWebm } from './ogg-opus.ts';

export interface Recording {
  blob: Blob;
  seconds: number;
}

interface VoiceRecorderProps {
  onStart(): void;
  onSend(recording: Recording): void;
  onCancel(): void;
}

/** What phones record, and how they name it. */
const VOICE = 'audio/ogg; codecs=opus';
/** In the order of how near they are to it: Opus in Ogg, the same in WebM, anything else. */
const CONTAINERS = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4'];

/** Records from the microphone at once; sends what was recorded, or throws it away. */
export function VoiceRecorder({ onStart, onSend, onCancel }: VoiceRecorderProps) {
  const [seconds, setSeconds] = useState(0);
  const [error, setError] = useState<string>();
  const recorder = useRef<MediaRecorder>(undefined);
  const begun = useRef(0);
  const announce = useRef(onStart);

  useEffect(() => {
    let gone = false;
    let stream: MediaStream | undefined;
    const begin = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (gone) return stop(stream);
      const mimeType = CONTAINERS.find((one) => MediaRecorder.isTypeSupported(one));
      recorder.current = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 24_000 });
      recorder.current.start();
      begun.current = performance.now();
      announce.current();
    };
    begin().catch(() => setError('There is no microphone, or the browser may not use it.'));
    const timer = window.setInterval(() => {
      if (begun.current > 0) setSeconds((performance.now() - begun.current) / 1_000);
    }, 200);
    return () => {
      gone = true;
      window.clearInterval(timer);
      if (stream) stop(stream);
    };
  }, []);

  const finish = (): void => {
    const { current } = recorder;
    if (!current) return;
    const length = (performance.now() - begun.current) / 1_000;
    current.ondataavailable = ({ data }) => {
      asVoice(data).then(
        (blob) => onSend({ blob, seconds: Math.max(1, Math.round(length)) }),
        (problem: Error) => setError(problem.message),
      );
    };
    current.stop();
  };

  return (
    <div className="flex items-center gap-3">
      <IconButton label="Throw the recording away" onClick={onCancel}>
        <Trash2 aria-hidden />
      </IconButton>
      <p className="flex flex-1 items-center gap-2 text-sm" role="status">
        {error ?? (
          <>
            <span className="size-3 animate-pulse rounded-full bg-bad" aria-hidden />
            Recording <span className="font-mono">{duration(seconds)}</span>
          </>
        )}
      </p>
      <IconButton
        label="Send the voice message"
        look="solid"
        disabled={Boolean(error) || seconds === 0}
        onClick={finish}
      >
        <SendHorizontal aria-hidden />
      </IconButton>
    </div>
  );
}

async function asVoice(recorded: Blob): Promise<Blob> {
  if (recorded.type.startsWith('audio/ogg')) return new Blob([recorded], { type: VOICE });
  if (!recorded.type.startsWith('audio/webm')) return recorded;
  return new Blob([oggFromWebm(new Uint8Array(await recorded.arrayBuffer()))], { type: VOICE });
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
