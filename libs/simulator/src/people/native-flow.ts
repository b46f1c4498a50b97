import type { proto, WireMessage } from '../baileys.js';

interface Offer {
  kind: 'buttons' | 'list';
  text: string;
  options: { id: string; text: string }[];
}

type NativeButton = proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton;

/**
 * What an interactive message offers: buttons or the rows of a list, whose parameters stand in JSON, also on the cards of a
 * carousel. The names of the buttons are those that public senders use (`quick_reply`, `cta_url`, `cta_call`, `cta_copy`,
 * `single_select`; for one Angxlllll/itachi-Bot, plugins/_botones.js).
 */
export function nativeFlowOf({ interactiveMessage }: WireMessage): Offer | undefined {
  if (!interactiveMessage) return undefined;
  const cards = interactiveMessage.carouselMessage?.cards ?? [];
  const buttons = [interactiveMessage, ...cards].flatMap((one) => one.nativeFlowMessage?.buttons ?? []);
  return {
    kind: buttons.some(({ name }) => name === 'single_select') ? 'list' : 'buttons',
    text: interactiveMessage.body?.text ?? '',
    options: buttons.flatMap(optionsOf),
  };
}

/** How a phone answers to a tap. */
export function nativeFlowAnswer(
  { id, text }: { id: string; text: string },
  contextInfo: proto.IContextInfo,
): WireMessage {
  const nativeFlowResponseMessage = { name: 'quick_reply', paramsJson: JSON.stringify({ id }), version: 3 };
  return { interactiveResponseMessage: { body: { text }, nativeFlowResponseMessage, contextInfo } };
}

function optionsOf({ name, buttonParamsJson }: NativeButton): Offer['options'] {
  const given = JSON.parse(buttonParamsJson ?? '{}');
  if (name === 'single_select') {
    const rows: { id: string; title: string }[] = given.sections.flatMap((section: { rows: object[] }) => section.rows);
    return rows.map(({ id, title }) => ({ id, text: title }));
  }
  return [{ id: given.id ?? given.url ?? given.phone_number ?? given.copy_code ?? '', text: given.display_text ?? '' }];
}
