import type { Button, InteractiveContent } from '#contracts';

/** The same words without anything to tap on: what everybody can read for certain. */
export function interactiveText(content: InteractiveContent): string {
  const parts =
    content.kind === 'carousel' ? carouselParts(content) : [bold(content.header), content.text, ...choices(content)];
  return [...parts, italic(content.footer)].filter((part) => part !== '').join('\n\n');
}

function choices(content: Exclude<InteractiveContent, { kind: 'carousel' }>): string[] {
  if (content.kind === 'buttons') return [content.buttons.map(line).join('\n')];
  return content.sections.map(({ title, rows }) =>
    [bold(title), ...rows.map((row) => `• ${row.title}${row.description ? `: ${row.description}` : ''}`)]
      .filter((part) => part !== '')
      .join('\n'),
  );
}

function carouselParts({ text, cards }: Extract<InteractiveContent, { kind: 'carousel' }>): string[] {
  const shown = cards.map(({ title, text: words, footer, buttons }) =>
    [bold(title), words, ...buttons.map(line), italic(footer)].filter((part) => part !== '').join('\n'),
  );
  return [text, ...shown];
}

function line(button: Button): string {
  switch (button.type) {
    case 'reply':
      return `• ${button.title}`;
    case 'url':
      return `• ${button.title}: ${button.url}`;
    case 'call':
      return `• ${button.title}: ${button.phone}`;
    case 'copy':
      return `• ${button.title}: ${button.code}`;
  }
}

const bold = (text: string | undefined): string => (text ? `*${text}*` : '');
const italic = (text: string | undefined): string => (text ? `_${text}_` : '');
