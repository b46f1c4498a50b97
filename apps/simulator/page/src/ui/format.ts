const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });

export const clockTime = (at: number): string => CLOCK.format(at);

/** The hour of today, the day of what is older. */
export function shortTime(at: number): string {
  return sameDay(at, Date.now()) ? clockTime(at) : DAY.format(at);
}

export const dayOf = (at: number): string => (sameDay(at, Date.now()) ? 'Today' : DAY.format(at));

export const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

export function fileSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export const phoneNumber = (number: string): string => (/^\d+$/.test(number) ? `+${number}` : number);

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
