import type { proto } from '@whiskeysockets/baileys';
import type { Button, CarouselCard, InteractiveContent, ListSection } from '#contracts';
import type { UploadedMedia } from '../media-upload.js';
import { imageFrom, imageProto } from './image.js';
import { present } from './values.js';
import { videoFrom, videoProto } from './video.js';

type Interactive = proto.Message.IInteractiveMessage;
type NativeButton = proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton;
type Of<Kind extends InteractiveContent['kind']> = Extract<InteractiveContent, { kind: Kind }>;

/**
 * Things to choose from, as businesses and automated senders make them, in all forms that WhatsApp had: buttons, lists,
 * templates, and native flows, whose buttons are named and have their parameters in JSON.
 */
export function interactiveFrom(message: proto.IMessage): InteractiveContent | null {
  const { buttonsMessage, listMessage, interactiveMessage } = message;
  const template = message.templateMessage?.hydratedTemplate ?? message.templateMessage?.hydratedFourRowTemplate;
  if (buttonsMessage) return fromButtons(buttonsMessage);
  if (template) return fromTemplate(template);
  if (listMessage) return fromList(listMessage);
  const inTemplate = message.templateMessage?.interactiveMessageTemplate;
  const flow = interactiveMessage ?? inTemplate;
  return flow ? fromFlow(flow) : null;
}

/**
 * Built as a native flow, the form that public senders use over Baileys 7 (for one `Angxlllll/itachi-Bot`,
 * plugins/_botones.js). Whether a phone shows it is WhatsApp's to decide.
 */
export function interactiveProto(
  content: InteractiveContent,
  cardMedia: (UploadedMedia | null)[] = [],
): proto.IMessage {
  return { interactiveMessage: flowOf(content, cardMedia) };
}

/** The node beside the ciphertext without which phones do not draw native flows (as above). */
export const nativeFlowNode = {
  tag: 'biz',
  attrs: {},
  content: [
    {
      tag: 'interactive',
      attrs: { type: 'native_flow', v: '1' },
      content: [{ tag: 'native_flow', attrs: { v: '9', name: 'mixed' } }],
    },
  ],
};

function flowOf(content: InteractiveContent, cardMedia: (UploadedMedia | null)[]): Interactive {
  const shown = { body: { text: content.text }, ...(content.footer ? { footer: { text: content.footer } } : {}) };
  if (content.kind === 'carousel') {
    const cards = content.cards.map((card, index) => cardOf(card, cardMedia[index] ?? null));
    return { ...shown, carouselMessage: { cards, messageVersion: 1 } };
  }
  const header = content.header ? { header: { title: content.header, hasMediaAttachment: false } } : {};
  const buttons = content.kind === 'buttons' ? content.buttons.map(nativeButton) : [nativeList(content)];
  return { ...header, ...shown, nativeFlowMessage: { buttons, messageVersion: 1 } };
}

function cardOf({ title, text, footer, media, buttons }: CarouselCard, uploaded: UploadedMedia | null): Interactive {
  const file =
    media && uploaded
      ? media.kind === 'image'
        ? { imageMessage: imageProto({ kind: 'image', media: media.media }, uploaded) }
        : { videoMessage: videoProto({ kind: 'video', media: media.media }, uploaded) }
      : {};
  return {
    header: { title: title ?? '', hasMediaAttachment: uploaded !== null, ...file },
    body: { text },
    ...(footer ? { footer: { text: footer } } : {}),
    nativeFlowMessage: { buttons: buttons.map(nativeButton), messageVersion: 1 },
  };
}

function nativeButton(button: Button): NativeButton {
  const named = (name: string, parameters: object) => ({
    name,
    buttonParamsJson: JSON.stringify({ display_text: button.title, ...parameters }),
  });
  switch (button.type) {
    case 'reply':
      return named('quick_reply', { id: button.id });
    case 'url':
      return named('cta_url', { url: button.url, merchant_url: button.url });
    case 'call':
      return named('cta_call', { phone_number: button.phone });
    case 'copy':
      return named('cta_copy', { copy_code: button.code });
  }
}

const nativeList = ({ buttonTitle, sections }: Of<'list'>): NativeButton => ({
  name: 'single_select',
  buttonParamsJson: JSON.stringify({ title: buttonTitle, sections }),
});

function fromButtons(message: proto.Message.IButtonsMessage): Of<'buttons'> {
  const buttons = (message.buttons ?? []).map(({ buttonId, buttonText }): Button => {
    return { type: 'reply', id: buttonId ?? '', title: buttonText?.displayText ?? '' };
  });
  const { contentText, text: header, footerText: footer } = message;
  return { kind: 'buttons', text: contentText ?? '', ...present({ header, footer }), buttons, fallback: false };
}

function fromTemplate(template: proto.Message.TemplateMessage.IHydratedFourRowTemplate): Of<'buttons'> {
  const buttons = (template.hydratedButtons ?? []).flatMap(({ quickReplyButton, urlButton, callButton }): Button[] => {
    if (quickReplyButton) {
      return [{ type: 'reply', id: quickReplyButton.id ?? '', title: quickReplyButton.displayText ?? '' }];
    }
    if (urlButton) return [{ type: 'url', title: urlButton.displayText ?? '', url: urlButton.url ?? '' }];
    if (!callButton) return [];
    return [{ type: 'call', title: callButton.displayText ?? '', phone: callButton.phoneNumber ?? '' }];
  });
  const { hydratedTitleText: header, hydratedFooterText: footer } = template;
  const text = template.hydratedContentText ?? '';
  return { kind: 'buttons', text, ...present({ header, footer }), buttons, fallback: false };
}

function fromList(list: proto.Message.IListMessage): Of<'list'> {
  const sections = (list.sections ?? []).map(
    ({ title, rows }): ListSection => ({
      title: title ?? '',
      rows: (rows ?? []).map((row) => ({
        id: row.rowId ?? '',
        title: row.title ?? '',
        ...present({ description: row.description }),
      })),
    }),
  );
  const { title: header, footerText: footer } = list;
  const shown = { text: list.description ?? '', ...present({ header, footer }) };
  return { kind: 'list', ...shown, buttonTitle: list.buttonText ?? '', sections, fallback: false };
}

function fromFlow(flow: Interactive): InteractiveContent {
  const text = flow.body?.text ?? '';
  const footer = flow.footer?.text;
  const header = flow.header?.title;
  if (flow.carouselMessage) {
    const cards = (flow.carouselMessage.cards ?? []).map(cardFrom);
    return { kind: 'carousel', text, ...present({ footer }), cards, fallback: false };
  }
  const native = flow.nativeFlowMessage?.buttons ?? [];
  const list = native.find(({ name }) => name === 'single_select');
  if (list) {
    const { title, sections } = parameters(list);
    const shown = { text, ...present({ header, footer }) };
    return { kind: 'list', ...shown, buttonTitle: words(title), sections: sectionsOf(sections), fallback: false };
  }
  return { kind: 'buttons', text, ...present({ header, footer }), buttons: buttonsOf(native), fallback: false };
}

function cardFrom({ header, body, footer, nativeFlowMessage }: Interactive): CarouselCard {
  const { imageMessage, videoMessage } = header ?? {};
  const media = imageMessage
    ? { kind: 'image' as const, media: imageFrom(imageMessage).media }
    : videoMessage && { kind: 'video' as const, media: videoFrom(videoMessage).media };
  return {
    ...present({ title: header?.title }),
    text: body?.text ?? '',
    ...present({ footer: footer?.text }),
    ...(media ? { media } : {}),
    buttons: buttonsOf(nativeFlowMessage?.buttons ?? []),
  };
}

function buttonsOf(native: NativeButton[]): Button[] {
  return native.flatMap((button): Button[] => {
    const { display_text, id, url, phone_number, copy_code } = parameters(button);
    const title = words(display_text);
    switch (button.name) {
      case 'quick_reply':
        return [{ type: 'reply', id: words(id), title }];
      case 'cta_url':
        return [{ type: 'url', title, url: words(url) }];
      case 'cta_call':
        return [{ type: 'call', title, phone: words(phone_number) }];
      case 'cta_copy':
        return [{ type: 'copy', title, code: words(copy_code) }];
      default:
        return [];
    }
  });
}

function sectionsOf(value: unknown): ListSection[] {
  return listOf(value).map(({ title, rows }) => ({
    title: words(title),
    rows: listOf(rows).map((row) => ({
      id: words(row.id),
      title: words(row.title),
      ...present({ description: words(row.description) }),
    })),
  }));
}

/** Written by whoever sends: nothing in it is taken on trust. */
function parameters({ buttonParamsJson }: NativeButton): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(buttonParamsJson ?? '');
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const words = (value: unknown): string => (typeof value === 'string' ? value : '');

const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
