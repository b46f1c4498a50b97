/** Words with which people say that they want no more campaigns, in several languages. A message must be the word alone. */
export const defaultOptOutKeywords = [
  'stop',
  'stop all',
  'unsubscribe',
  'opt out',
  'berhenti',
  'stop promo',
  'henti',
  'stopp',
  'abmelden',
  'baja',
  'parar',
  'sair',
  'arrêt',
  'désabonner',
  'توقف',
  'إلغاء الاشتراك',
  'रोकें',
  '退订',
] as const;

/** Words with which they come back. */
export const defaultReturnKeywords = [
  'start',
  'unstop',
  'subscribe',
  'opt in',
  'mulai',
  'lanjut',
  'anmelden',
  'alta',
  'iniciar',
  'volver',
  'reprendre',
  'اشتراك',
  '订阅',
] as const;

export const optOutLimits = { keywords: 50, keywordCharacters: 40, confirmationCharacters: 1000 } as const;

/**
 * Words as they are compared: without case, signs and blanks around, so that `STOP!`, `Stop.` and `opt-out` are what
 * people mean by them.
 */
export function spokenWord(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}
